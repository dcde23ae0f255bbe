"""Writes and reads plan files: versioned JSON, authenticated with the tenant's key, so that only that is applied.

The digest of the plan is what people compare: it is in the log, in what an approver sees, and in the history. The file
holds besides it a keyed digest of it (HMAC-SHA256), which nobody can make who has not the tenant's key.
"""

import hmac
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deployer.digests import digest
from deployer.errors import DeployerError, RefusedError
from deployer.planning.model import Plan
from deployer.resources.marker import DigestKey
from deployer.text import one_line

FORMAT = "deployer-plan"
VERSION = 3
"""3: authenticated with the tenant's key, and with what was accepted. Older ones are refused: anybody can have written
them."""
_MAX_BYTES = 200_000_000


@dataclass(frozen=True)
class SavedPlan:
    """What a plan file holds. Nothing of it is to be trusted before `verify`.

    Attributes:
        plan: the plan.
        digest: its digest, `sha256:...`.
        mac: what the file has as its authentication, in hexadecimal digits.
        where: the file, for messages.
        again: the command that makes a new one, as a sentence.
    """

    plan: Plan
    digest: str
    mac: str
    where: str
    again: str

    def verify(self, key: DigestKey) -> None:
        """Refuse a plan that was not saved with this key, or was changed since.

        Raises:
            RefusedError: nothing was changed.
        """
        if not key.id or not hmac.compare_digest(self.mac.encode(), _mac(self.digest, key).encode()):
            raise RefusedError(
                "the plan file is not what was saved with the tenant's key: somebody has changed it, or made it",
                where=self.where,
                hint=f"Nothing was changed. {self.again}",
            )


def write_plan(plan: Plan, path: Path, key: DigestKey) -> None:
    """Write the plan so that the file is there whole or not at all, readable by its owner only.

    Raises:
        DeployerError: where it cannot be written, or was made without the key.
    """
    if not plan.key_id:
        raise DeployerError(
            "a plan that is made without the tenant's secrets_key cannot be applied",
            where=f"tenant {one_line(plan.tenant.name)}",
            hint="Set the variable that its `secrets_key` names, or leave --out away.",
        )
    body = to_json(plan)
    text = json.dumps({**body, "mac": _mac(body["digest"], key)}, indent=1, ensure_ascii=False)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise DeployerError(f"the plan cannot be written: {error.strerror}", where=one_line(str(path))) from error


def read_plan(path: Path, make: str = "deployer plan TENANT --out FILE") -> SavedPlan:
    """Read a plan file; `make` is the command that makes such a file, for messages.

    Raises:
        DeployerError: where it cannot be read, is damaged, is no plan, or has a newer format.
        RefusedError: where it has an older format.
    """
    again = f"Make a new one with `{make}`."
    where = one_line(str(path))
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DeployerError("this is too large for a plan file", where=where, hint=again)
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeployerError(f"the plan file cannot be read: {error.strerror}", where=where, hint=again) from error
    except (ValueError, RecursionError) as error:
        raise DeployerError("the plan file is damaged: it is not JSON", where=where, hint=again) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DeployerError("this is no plan file", where=where, hint=again)
    _check_version(data.get("version"), where, again)
    try:
        computed = digest(data.get("plan"))
    except (ValueError, RecursionError):  # NaN, half a character: JSON for Python's reader, but nothing that we write
        computed = None
    if computed is None or data.get("digest") != computed:
        raise DeployerError("the plan file is damaged: its digest does not match", where=where, hint=again)
    try:
        plan = Plan.model_validate(data["plan"])
    except (ValidationError, KeyError) as error:
        raise DeployerError("the plan file is damaged: it does not hold a plan", where=where, hint=again) from error
    mac = data.get("mac")
    # A number of the kind that JSON does not tell apart, a default that is left out: what is applied is authenticated.
    return SavedPlan(plan, plan_digest(plan), mac if isinstance(mac, str) else "", where, again)


def plan_digest(plan: Plan) -> str:
    """Digest everything in a plan."""
    return digest(plan.model_dump(mode="json"))


def to_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON values, with format, version and digest."""
    body = plan.model_dump(mode="json")
    return {"format": FORMAT, "version": VERSION, "plan": body, "digest": digest(body)}


def _mac(plan: str, key: DigestKey) -> str:
    return key.sign("plan file", f"{FORMAT} {VERSION} {plan}")


def _check_version(version: object, where: str, again: str) -> None:
    if not isinstance(version, int) or version > VERSION:
        raise DeployerError(
            f"the plan file has format {one_line(str(version), 20)}, and this deployer reads up to {VERSION}",
            where=where,
            hint="Apply it with the version of deployer that made it, or plan again with this one.",
        )
    if version < VERSION:
        raise RefusedError(
            f"the plan file has format {version}, which is not authenticated with the tenant's key: "
            "what it shows need not be what it writes",
            where=where,
            hint=f"Nothing was changed. {again}",
        )
