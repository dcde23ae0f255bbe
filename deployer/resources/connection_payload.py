"""Builds what is sent of a custom database connection, and reads what the tenant answers of one.

`PATCH /connections/{id}` replaces `options` as a whole (https://auth0.com/docs/api/management/v2/connections/
patch-connections-by-id), so every write carries the tenant's own options with ours laid over them, all scripts, and
the value of every secret.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from deployer.config.models import Connection
from deployer.config.tree import REMOVE
from deployer.resources.connection_defaults import PASSWORD_FAMILIES, SERVER_COMPLETED
from deployer.resources.marker import OwnershipMarker, addition_digest, is_note
from deployer.resources.model import Desired, Live, Saved, SecretSource
from deployer.resources.overlay import overlay
from deployer.resources.server_completed import Alternatives, Path

KIND = "connection"

_CLIENTS = "clients"
_TOP_LEVEL = ("display_name", "realms", "is_domain_connection", "authentication")
_READ_ONLY = {"id", "name", "strategy", "options", "enabled_clients", "metadata", "provisioning_ticket_url"}


def desired_state(
    name: str,
    definition: Connection,
    scripts: Mapping[str, str],
    depends_on: tuple[str, ...] = (),
    configuration: Mapping[str, SecretSource] | None = None,
    owners: tuple[str, ...] = (),
) -> Desired:
    """Build what a definition and its rendered scripts ask of the connection `name`.

    `configuration` is that of the definition with what others add to it.
    """
    options: dict[str, Any] = {
        **definition.options,
        "enabledDatabaseCustomization": True,
        "import_mode": definition.import_mode,
        "customScripts": dict(scripts),
    }
    attributes: dict[str, Any] = {"options": options}
    for key in _TOP_LEVEL:
        if (value := getattr(definition, key)) is not None:
            attributes[key] = value
    if definition.metadata:
        attributes["metadata"] = dict(definition.metadata)
    lookup = {}
    if definition.clients is not None:
        attributes["clients"] = sorted(set(definition.clients))
        lookup[_CLIENTS] = json.dumps(attributes["clients"])
    secrets = definition.configuration if configuration is None else configuration
    return Desired(KIND, name, attributes, dict(secrets), depends_on, lookup, owners)


def defined_clients(desired: Desired) -> list[str]:
    """Return how the definition calls its enabled applications: also of a resource that is only read, never written."""
    return [str(name) for name in json.loads(desired.lookup.get(_CLIENTS, "[]"))]


def live_state(raw: Mapping[str, Any], clients: list[str] | None = None) -> Live:
    """Read the comparable state out of the tenant's answer; `clients` are the enabled applications, where read."""
    options = dict(raw.get("options") or {})
    ciphertexts = options.pop("configuration", None) or {}
    if options.get("enabledDatabaseCustomization"):
        options.setdefault("import_mode", False)  # absent until somebody has set it, and the same
    metadata = raw.get("metadata") or {}
    attributes: dict[str, Any] = {key: value for key, value in raw.items() if key not in _READ_ONLY}
    attributes["options"] = options
    attributes["metadata"] = {key: value for key, value in metadata.items() if not is_note(key)}
    if clients is not None:
        attributes["clients"] = sorted(clients)
    return Live(
        kind=KIND,
        name=str(raw.get("name")),
        id=str(raw.get("id")),
        attributes=attributes,
        raw=raw,
        ciphertexts={key: str(value) for key, value in ciphertexts.items()},
        notes={key: str(value) for key, value in metadata.items() if is_note(key)},
    )


def removed_by_write(desired: Desired, live: Live) -> list[tuple[str, ...]]:
    """Find live attributes that go although nobody named them, since the tenant takes only one of two families.

    Where the definition names neither, a family that Auth0 ignores beside the other one goes.
    """
    ours, theirs = desired.attributes["options"], live.attributes["options"]
    gone: list[Path] = [
        ("options", "customScripts", name)
        for name in theirs.get("customScripts") or {}
        if name not in (ours.get("customScripts") or {})
    ]
    for each in SERVER_COMPLETED.alternatives:
        if family := _displaced_family(each, desired, live):
            gone += [path for path in each.paths(live.attributes, family) if path[1] not in ours]
    return gone


def tenants_own(desired: Desired, live: Live, *, just_written: bool = False) -> frozenset[Path]:
    """Find those `removed_by_write` that the tenant added by itself to what we wrote, or that Auth0 ignores."""
    families = PASSWORD_FAMILIES
    going = _displaced_family(families, desired, live)
    paths = [path for path in families.paths(live.attributes, going) if path[1] not in desired.attributes["options"]]
    if going == families.new:
        noted = OwnershipMarker.read(live.notes)
        beside = _as_wanted(desired, live, families.old)
        known = all(SERVER_COMPLETED.adds(path, live.attributes["options"][path[1]]) for path in paths)
        is_noted = noted is not None and noted.added is not None and noted.added == _digest_of(live, paths)
        if not (beside and (just_written or known or is_noted)):
            return frozenset()
    elif not families.paths(live.attributes, families.new):
        return frozenset()
    return frozenset(paths)


def addition(desired: Desired, now: Live) -> str | None:
    """Digest what the tenant added to what was just written, where it is not what tenants are known to add."""
    if tenants_own(desired, now):
        return None
    paths = sorted(tenants_own(desired, now, just_written=True))
    return _digest_of(now, paths) if paths else None


def _digest_of(live: Live, paths: Sequence[Path]) -> str:
    return addition_digest({path[1]: live.attributes["options"][path[1]] for path in paths})


def _displaced_family(each: Alternatives, desired: Desired, live: Live) -> frozenset[str]:
    """Find which of two families a write drops: the one that `desired` does not name, or the one without effect."""
    ours = desired.attributes[each.parent]
    old, new = _names(ours, each.old), _names(ours, each.new)
    if old != new:
        return each.new if old else each.old
    ignored = (
        not old and each.new_decides and each.has(live.attributes, each.new) and each.has(live.attributes, each.old)
    )
    return each.old if ignored else frozenset()


def _names(options: Mapping[str, Any], family: frozenset[str]) -> bool:
    """Return whether a definition names one of a family."""
    if family.isdisjoint(options):
        return False
    return any(options.get(key) is not None and options[key] is not REMOVE for key in family)


def _as_wanted(desired: Desired, live: Live, family: frozenset[str]) -> bool:
    """Return whether everything of a family that the definition names is as it is there."""
    ours = {
        key: REMOVE if value is None else value for key, value in desired.attributes["options"].items() if key in family
    }
    theirs = {key: value for key, value in live.attributes["options"].items() if key in family}
    return overlay(theirs, ours) == theirs


def payload(desired: Desired, live: Live | None, values: Mapping[str, str], marker: OwnershipMarker) -> dict[str, Any]:
    """Build the body of the one request that writes everything.

    Args:
        desired: what to write.
        live: the live state that it is laid over, None for a new connection.
        values: the value of every secret of the definition.
        marker: what to note with the connection.
    """
    base = dict(live.attributes) if live else {}
    options = written_options(desired, live)
    if values:
        options["configuration"] = dict(values)
    metadata = overlay(base.get("metadata", {}), desired.attributes.get("metadata", {}))
    body: dict[str, Any] = {"options": options, "metadata": {**metadata, **marker.write()}}
    body |= {key: desired.attributes[key] for key in _TOP_LEVEL if key in desired.attributes}
    return body if live else {"name": desired.name, "strategy": "auth0", **body}


def written_options(desired: Desired, live: Live | None) -> dict[str, Any]:
    """Build the options that a write sends, but for secrets: the live ones without what it removes, ours over them."""
    options = dict(live.attributes.get("options", {})) if live else {}
    options.pop("customScripts", None)
    for path in removed_by_write(desired, live) if live else []:
        options.pop(path[1], None)
    return overlay(options, desired.attributes["options"])


def restoring(before: Saved, live: Live, values: Mapping[str, str], marker: OwnershipMarker | None) -> dict[str, Any]:
    """Build the body of the one request that makes a connection what it was."""
    options = dict(before.attributes["options"])
    for path in SERVER_COMPLETED.ignored(before.attributes):
        options.pop(path[1], None)  # Auth0 takes no request with both
    if live.attributes["options"].get("enable_script_context") is True:
        options["enable_script_context"] = True
    if values:
        options["configuration"] = dict(values)
    metadata = {**before.attributes.get("metadata", {}), **(marker.write() if marker else {})}
    body = {"options": options, "metadata": metadata}
    return body | {key: before.attributes[key] for key in _TOP_LEVEL if key in before.attributes}


def irrevocable(before: Saved, live: Live) -> list[str]:
    """Say what the tenant does not let anybody take back."""
    found = []
    if live.attributes["options"].get("enable_script_context") and not before.attributes["options"].get(
        "enable_script_context"
    ):
        found.append("enable_script_context stays on")
    if "display_name" in live.attributes and "display_name" not in before.attributes:
        found.append("display_name stays set")
    return found
