"""Custom database connections: from definition and scripts to `Desired`, from the tenant's answer to `Live`, and the
payloads that are written.

`PATCH /connections/{id}` replaces `options` as a whole (https://auth0.com/docs/api/management/v2/connections/
patch-connections-by-id), so every write carries the tenant's own options with ours laid over them, all scripts, and
the value of every secret.
"""

import json
from collections.abc import Mapping
from typing import Any

from deployer.config.models import Connection
from deployer.config.tree import KEEP, REMOVE
from deployer.resources.model import Desired, Live, Saved, SecretSource
from deployer.resources.notes import Notes, is_note

KIND = "connection"

# Each of the two groups makes the tenant refuse the other: what is wanted pushes out what is there.
_EXCLUSIVE = (
    (
        {"password_options"},
        {
            "passwordPolicy",
            "password_complexity_options",
            "password_dictionary",
            "password_history",
            "password_no_personal_info",
        },
    ),
    ({"attributes"}, {"requires_username", "validation"}),
)
_CLIENTS = "clients"
_TOP_LEVEL = ("display_name", "realms", "is_domain_connection")
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


def displaced(wanted: Desired, have: Live) -> list[tuple[str, ...]]:
    """Paths of live attributes that go although nobody named them, since the tenant takes only one of two ways."""
    ours, theirs = wanted.attributes["options"], have.attributes["options"]
    gone: list[tuple[str, ...]] = [
        ("options", "customScripts", name)
        for name in theirs.get("customScripts") or {}
        if name not in ours["customScripts"]
    ]
    for one, other in _EXCLUSIVE:
        for mine, foreign in ((one, other), (other, one)):
            if any(ours.get(key, REMOVE) is not REMOVE for key in mine):
                gone += [("options", key) for key in sorted(foreign) if key in theirs and key not in ours]
    return gone


def payload(wanted: Desired, have: Live | None, values: Mapping[str, str], notes: Notes) -> dict[str, Any]:
    """The body of the one request that writes everything.

    Args:
        wanted: what to write.
        have: the live state that it is laid over, None for a new connection.
        values: the value of every secret of the definition.
        notes: what to note with the connection.
    """
    base = dict(have.attributes) if have else {}
    options = dict(base.get("options", {}))
    options.pop("customScripts", None)
    for path in displaced(wanted, have) if have else []:
        options.pop(path[1], None)
    options = overlay(options, wanted.attributes["options"])
    if values:
        options["configuration"] = dict(values)
    metadata = overlay(base.get("metadata", {}), wanted.attributes.get("metadata", {}))
    body: dict[str, Any] = {"options": options, "metadata": {**metadata, **notes.write()}}
    body |= {key: wanted.attributes[key] for key in _TOP_LEVEL if key in wanted.attributes}
    return body if have else {"name": wanted.name, "strategy": "auth0", **body}


def restoring(before: Saved, now: Live, values: Mapping[str, str], notes: Notes | None) -> dict[str, Any]:
    """The body of the one request that makes a connection what it was."""
    options = dict(before.attributes["options"])
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
