"""Tells the options of a live connection that somebody chose from those that a tenant gives by itself."""

from collections.abc import Mapping
from typing import Any

from deployer.auth0_defaults import OLD_DEFAULT_POLICY
from deployer.resources.connection_defaults import DEFAULT_OPTIONS, OLD_PASSWORD_FIELDS, SERVER_COMPLETED

_OURS = frozenset({"customScripts", "configuration", "enabledDatabaseCustomization", "import_mode"})


def chosen_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Find the options that somebody chose, without those that are defined elsewhere than under `options`.

    Of two families of password fields only the one that is in force is taken, and that only where it says something
    else than a new connection gets in tenants of any age: a definition then takes what each tenant has.
    """
    left_out = _OURS | {path[1] for path in ignored_options(options)}
    if {key: options[key] for key in OLD_PASSWORD_FIELDS if options.get(key) is not None} == _OLD_DEFAULT:
        left_out |= OLD_PASSWORD_FIELDS
    chosen = _differing({key: value for key, value in options.items() if key not in left_out}, DEFAULT_OPTIONS)
    # Wanting `attributes` alone would take `requires_username` away where the tenant has both.
    if chosen.get("attributes") is not None and "requires_username" in options:
        chosen["requires_username"] = options["requires_username"]
    return chosen


def ignored_options(options: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Find the paths of the options that have no effect beside others that the connection has."""
    return sorted(SERVER_COMPLETED.ignored({"options": options}))


_OLD_DEFAULT = {"passwordPolicy": OLD_DEFAULT_POLICY}


def _differing(value: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """Find the keys whose value is no default; of maps, what differs in them."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        usual = default.get(key)
        if isinstance(item, Mapping) and isinstance(usual, Mapping):
            if below := _differing(item, usual):
                found[key] = below
        elif item is not None and (item != usual or type(item) is not type(usual)):
            found[key] = item
    return found
