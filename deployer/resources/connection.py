"""Custom database connections: from definition and scripts to `Desired`, from the tenant's answer to `Live`, and the
payloads that are written.

`PATCH /connections/{id}` replaces `options` as a whole (https://auth0.com/docs/api/management/v2/connections/
patch-connections-by-id), so every write carries the tenant's own options with ours laid over them, all scripts, and
the value of every secret.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from deployer.config.models import Connection
from deployer.config.tree import KEEP, REMOVE
from deployer.resources.connection_defaults import PASSWORD_FAMILIES, SERVER_COMPLETED
from deployer.resources.marker import OwnershipMarker, addition_digest, is_note
from deployer.resources.model import Desired, Live, Saved, SecretSource
from deployer.resources.server_completed import Alternatives, Path

KIND = "connection"

_CLIENTS = "clients"
_TOP_LEVEL = ("display_name", "realms", "is_domain_connection", "authentication")
_READ_ONLY = {"id", "name", "strategy", "options", "enabled_clients", "metadata", "provisioning_ticket_url"}


def desired(
    name: str,
    definition: Connection,
    scripts: Mapping[str, str],
    depends_on: tuple[str, ...] = (),
    configuration: Mapping[str, SecretSource] | None = None,
) -> Desired:
    """What a definition and its rendered scripts want of the connection `name`.

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
    return Desired(KIND, name, attributes, dict(secrets), depends_on, lookup)


def called(wanted: Desired) -> list[str]:
    """How the definition calls its enabled applications: also of a resource that is only read, never written."""
    return [str(name) for name in json.loads(wanted.lookup.get(_CLIENTS, "[]"))]


def live(raw: Mapping[str, Any], clients: list[str] | None = None) -> Live:
    """The comparable state behind an answer of the tenant; `clients` are the enabled applications, where read."""
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


def removed_by_write(wanted: Desired, have: Live) -> list[tuple[str, ...]]:
    """Paths of live attributes that go although nobody named them, since the tenant takes only one of two families.

    Where the definition names neither, a family that Auth0 ignores beside the other one goes.
    """
    ours, theirs = wanted.attributes["options"], have.attributes["options"]
    gone: list[Path] = [
        ("options", "customScripts", name)
        for name in theirs.get("customScripts") or {}
        if name not in (ours.get("customScripts") or {})
    ]
    for each in SERVER_COMPLETED.alternatives:
        if family := _displaced_family(each, wanted, have):
            gone += [path for path in each.paths(have.attributes, family) if path[1] not in ours]
    return gone


def tenants_own(wanted: Desired, have: Live, *, just_written: bool = False) -> frozenset[Path]:
    """Those of the `removed_by_write` paths that the tenant added by itself to what we wrote, or that Auth0 ignores."""
    families = PASSWORD_FAMILIES
    going = _displaced_family(families, wanted, have)
    paths = [path for path in families.paths(have.attributes, going) if path[1] not in wanted.attributes["options"]]
    if going == families.new:
        noted = OwnershipMarker.read(have.notes)
        beside = _as_wanted(wanted, have, families.old)
        known = all(SERVER_COMPLETED.adds(path, have.attributes["options"][path[1]]) for path in paths)
        is_noted = noted is not None and noted.added is not None and noted.added == _digest_of(have, paths)
        if not (beside and (just_written or known or is_noted)):
            return frozenset()
    elif not families.paths(have.attributes, families.new):
        return frozenset()
    return frozenset(paths)


def addition(wanted: Desired, now: Live) -> str | None:
    """The digest of what the tenant added to what was just written, where it is not what tenants are known to add."""
    if tenants_own(wanted, now):
        return None
    paths = sorted(tenants_own(wanted, now, just_written=True))
    return _digest_of(now, paths) if paths else None


def _digest_of(have: Live, paths: Sequence[Path]) -> str:
    return addition_digest({path[1]: have.attributes["options"][path[1]] for path in paths})


def _displaced_family(each: Alternatives, wanted: Desired, have: Live) -> frozenset[str]:
    """Which of two families a write of `wanted` drops: the one that it does not name, or the one without effect."""
    ours = wanted.attributes[each.parent]
    old, new = _names(ours, each.old), _names(ours, each.new)
    if old != new:
        return each.new if old else each.old
    ignored = (
        not old and each.new_decides and each.has(have.attributes, each.new) and each.has(have.attributes, each.old)
    )
    return each.old if ignored else frozenset()


def _names(options: Mapping[str, Any], family: frozenset[str]) -> bool:
    """Whether a definition names one of a family."""
    if family.isdisjoint(options):
        return False
    return any(options.get(key) is not None and options[key] is not REMOVE for key in family)


def _as_wanted(wanted: Desired, have: Live, family: frozenset[str]) -> bool:
    """Whether everything of a family that the definition names is as it is there."""
    ours = {
        key: REMOVE if value is None else value for key, value in wanted.attributes["options"].items() if key in family
    }
    theirs = {key: value for key, value in have.attributes["options"].items() if key in family}
    return overlay(theirs, ours) == theirs


def payload(wanted: Desired, have: Live | None, values: Mapping[str, str], notes: OwnershipMarker) -> dict[str, Any]:
    """The body of the one request that writes everything.

    Args:
        wanted: what to write.
        have: the live state that it is laid over, None for a new connection.
        values: the value of every secret of the definition.
        notes: what to note with the connection.
    """
    base = dict(have.attributes) if have else {}
    options = written_options(wanted, have)
    if values:
        options["configuration"] = dict(values)
    metadata = overlay(base.get("metadata", {}), wanted.attributes.get("metadata", {}))
    body: dict[str, Any] = {"options": options, "metadata": {**metadata, **notes.write()}}
    body |= {key: wanted.attributes[key] for key in _TOP_LEVEL if key in wanted.attributes}
    return body if have else {"name": wanted.name, "strategy": "auth0", **body}


def written_options(wanted: Desired, have: Live | None) -> dict[str, Any]:
    """The options that a write sends, but for secrets: the live ones without what it removes, ours laid over them."""
    options = dict(have.attributes.get("options", {})) if have else {}
    options.pop("customScripts", None)
    for path in removed_by_write(wanted, have) if have else []:
        options.pop(path[1], None)
    return overlay(options, wanted.attributes["options"])


def restoring(before: Saved, now: Live, values: Mapping[str, str], notes: OwnershipMarker | None) -> dict[str, Any]:
    """The body of the one request that makes a connection what it was."""
    options = dict(before.attributes["options"])
    for path in SERVER_COMPLETED.ignored(before.attributes):
        options.pop(path[1], None)  # Auth0 takes no request with both
    if now.attributes["options"].get("enable_script_context") is True:
        options["enable_script_context"] = True
    if values:
        options["configuration"] = dict(values)
    metadata = {**before.attributes.get("metadata", {}), **(notes.write() if notes else {})}
    body = {"options": options, "metadata": metadata}
    return body | {key: before.attributes[key] for key in _TOP_LEVEL if key in before.attributes}


def irrevocable(before: Saved, now: Live) -> list[str]:
    """What the tenant does not let anybody take back."""
    found = []
    if now.attributes["options"].get("enable_script_context") and not before.attributes["options"].get(
        "enable_script_context"
    ):
        found.append("enable_script_context stays on")
    if "display_name" in now.attributes and "display_name" not in before.attributes:
        found.append("display_name stays set")
    return found


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`: maps merge, everything else replaces, a `REMOVE` marker drops the key."""
    merged = dict(base)
    for key, value in over.items():
        if value is REMOVE:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = overlay(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def written_secrets(wanted: Desired) -> dict[str, Any]:
    """The secrets whose values are sent: all that are neither kept nor removed."""
    return {name: source for name, source in wanted.secrets.items() if source not in (KEEP, REMOVE)}
