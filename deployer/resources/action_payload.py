"""Builds what is sent of an Action, and reads what the tenant answers of one.

https://auth0.com/docs/api/management/v2/actions
"""

from collections.abc import Mapping
from typing import Any

from deployer.digests import digest
from deployer.resources.code_marker import signed, unsigned
from deployer.resources.marker import OwnershipMarker
from deployer.resources.model import Desired, Live, SecretSource

KIND = "action"
# The current version of each trigger (https://auth0.com/docs/customize/actions/explore-triggers).
TRIGGER_VERSIONS = {
    "post-login": "v3",
    "credentials-exchange": "v2",
    "pre-user-registration": "v2",
    "post-user-registration": "v2",
    "post-change-password": "v2",
    "send-phone-message": "v2",
}


def desired_state(
    name: str,
    code: str,
    trigger: str,
    *,
    runtime: str = "node22",
    dependencies: Mapping[str, str] | None = None,
    secrets: Mapping[str, SecretSource] | None = None,
    depends_on: tuple[str, ...] = (),
    owners: tuple[str, ...] = (),
) -> Desired:
    """Build what is desired of the Action `name`: this code, built and deployed."""
    packages = [{"name": package, "version": version} for package, version in sorted((dependencies or {}).items())]
    attributes = {
        "code": code if code.endswith("\n") else code + "\n",
        "runtime": runtime,
        "dependencies": packages,
        "trigger": trigger,
        "deployed": True,
    }
    return Desired(KIND, name, attributes, dict(secrets or {}), depends_on, owners=owners)


def live_state(raw: Mapping[str, Any]) -> Live:
    """Read the comparable state out of the tenant's answer.

    `deployed` says whether exactly this code runs; where other code does, `running` is the digest of what runs. Of a
    secret the tenant shows when it was written last: that stands for its ciphertext.
    """
    code, notes = unsigned(str(raw.get("code") or ""))
    version = raw.get("deployed_version")
    running = content_digest(version) if isinstance(version, Mapping) else None
    is_deployed = running == content_digest(raw) and raw.get("all_changes_deployed") is True
    triggers = raw.get("supported_triggers") or [{}]
    attributes: dict[str, Any] = {
        "code": code,
        "runtime": raw.get("runtime"),
        "dependencies": _dependencies(raw),
        "trigger": triggers[0].get("id"),
        "deployed": is_deployed,
    }
    if running is not None and not is_deployed:
        attributes["running"] = running
    return Live(
        kind=KIND,
        name=str(raw.get("name")),
        id=str(raw.get("id")),
        attributes=attributes,
        raw=raw,
        ciphertexts={str(secret.get("name")): str(secret.get("updated_at")) for secret in raw.get("secrets") or []},
        notes=notes,
    )


def payload(
    name: str, attributes: Mapping[str, Any], values: Mapping[str, str], marker: OwnershipMarker | None
) -> dict[str, Any]:
    """Build the draft as it is sent, with the value of every secret."""
    code = str(attributes["code"])
    trigger = str(attributes["trigger"])
    version = TRIGGER_VERSIONS.get(trigger)
    return {
        "name": name,
        "supported_triggers": [{"id": trigger, **({"version": version} if version else {})}],
        "code": signed(code, marker.write()) if marker else code,
        "dependencies": attributes["dependencies"],
        "runtime": attributes["runtime"],
        "secrets": [{"name": secret, "value": value} for secret, value in values.items()],
    }


def content_digest(raw: Mapping[str, Any]) -> str:
    """Digest what runs: code, runtime and dependencies."""
    return digest({"code": raw.get("code"), "runtime": raw.get("runtime"), "dependencies": _dependencies(raw)})


def _dependencies(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    packages = [{"name": one.get("name"), "version": one.get("version")} for one in raw.get("dependencies") or []]
    return sorted(packages, key=lambda package: str(package["name"]))
