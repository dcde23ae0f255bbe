"""A plan and its file: versioned JSON with a digest over everything in it, so that a damaged file is never applied."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deployer.digests import digest
from deployer.errors import DeployerError
from deployer.planning.model import Plan
from deployer.text import one_line

FORMAT = "deployer-plan"
VERSION = 2
"""2: plans of promotions and roll-backs, which say where their release comes from. 1 is read as well."""
_MAX_BYTES = 200_000_000


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan so that the file is there whole or not at all, readable by its owner only.

    Raises:
        DeployerError: where it cannot be written.
    """
    text = json.dumps(to_json(plan), indent=1, ensure_ascii=False)
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


def read_plan(path: Path, make: str = "deployer plan TENANT --out FILE") -> Plan:
    """Read a plan file; `make` is the command that makes such a file, for messages.

    Raises:
        DeployerError: where it cannot be read, is damaged, is no plan, or has a newer format.
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
    version = data.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise DeployerError(
            f"the plan file has format {one_line(str(version), 20)}, and this deployer reads up to {VERSION}",
            where=where,
            hint="Apply it with the version of deployer that made it, or plan again with this one.",
        )
    try:
        computed = digest({key: value for key, value in data.items() if key != "digest"})
    except (ValueError, RecursionError):  # NaN, half a character: JSON for Python's reader, but nothing that we write
        computed = None
    if computed is None or data.get("digest") != computed:
        raise DeployerError("the plan file is damaged: its digest does not match", where=where, hint=again)
    try:
        return Plan.model_validate(data["plan"])
    except (ValidationError, KeyError) as error:
        raise DeployerError("the plan file is damaged: it does not hold a plan", where=where, hint=again) from error


def plan_digest(plan: Plan) -> str:
    """The digest of everything in a plan."""
    return digest(plan.model_dump(mode="json"))


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values, with format, version and digest."""
    body = {"format": FORMAT, "version": VERSION, "plan": plan.model_dump(mode="json")}
    return {**body, "digest": digest(body)}
