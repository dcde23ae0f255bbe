"""Describes a live connection as a definition and scripts. Names and texts of the tenant are untrusted."""

import re
from collections.abc import Container, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from deployer.config.models import MAX_METADATA_LENGTH, MAX_METADATA_PAIRS
from deployer.config.option_checks import option_mistakes
from deployer.config.tree import SecretReference
from deployer.errors import DeployerError
from deployer.linting.inputs import ScriptInput
from deployer.linting.platform import package_of
from deployer.rendering.scripts import without_header
from deployer.resources.connection_chosen_options import chosen_options, ignored_options
from deployer.resources.importable import Imported
from deployer.resources.marker import is_note
from deployer.scripts import MIGRATION_SCRIPTS, SCRIPT_KINDS
from deployer.text import one_line

_EXACT_VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NO_OP = re.compile(r"(async)?function\w*\([\w,]*\){(return)?callback\(null(,(null|undefined))?\);?(return;?)?}")


@dataclass(frozen=True)
class LiveConnection:
    """A connection as the tenant answers, with the names of its applications (None: they could not be read)."""

    raw: Mapping[str, Any]
    clients: list[str] | None

    @property
    def name(self) -> str:
        return str(self.raw.get("name"))

    @property
    def options(self) -> Mapping[str, Any]:
        return self.raw.get("options") or {}

    @property
    def scripts(self) -> dict[str, str]:
        """Every script that is text, of whatever kind."""
        found = self.options.get("customScripts") or {}
        return {str(kind): source for kind, source in found.items() if isinstance(source, str)}

    @property
    def is_custom(self) -> bool:
        """Whether its scripts run."""
        return self.options.get("enabledDatabaseCustomization") is True and bool(self.scripts)


def define(live: LiveConnection, tenant: str, used_variables: AbstractSet[str]) -> Imported:
    """Describe a live connection.

    Raises:
        DeployerError: for a connection that no definition can describe.
    """
    notes: list[str] = []
    sources = _known_scripts(live, notes)
    had_header = any(without_header(source) != source for source in sources.values())
    scripts = {kind: without_header(source) for kind, source in sources.items()}
    if had_header:
        notes.append("its scripts begin with deployer's comment, and the next deploy changes what that says")
    variables = _variables(live, tenant, used_variables)
    definition: dict[str, Any] = {"migration": _migration(live, scripts)}
    definition["configuration"] = {key: SecretReference("env", name) for name, key in variables.items()}
    definition["modules"] = _modules(scripts, notes)
    definition["options"] = chosen_options(live.options)
    if ignored := [".".join(path) for path in ignored_options(live.options)]:
        notes.append(f"Auth0 ignores {', '.join(ignored)} beside `password_options`, so the definition leaves them out")
    definition["unchecked_options"] = _unchecked(definition["options"], notes)
    definition["clients"] = sorted(live.clients or [])
    definition["metadata"] = _metadata(live, notes)
    definition |= _top_level(live)
    if live.clients is None:
        notes.append("its applications could not be read (scope read:clients), so `clients` is left out")
    if not live.is_custom:
        notes.append("its scripts do not run today (enabledDatabaseCustomization is off); a deploy turns them on")
    definition = {key: value for key, value in definition.items() if value not in ({}, [])}
    return Imported(live.name, definition, scripts, had_header, variables, notes)


def _known_scripts(live: LiveConnection, notes: list[str]) -> dict[str, str]:
    scripts = live.scripts
    notes += [
        f"its script '{one_line(kind, 60)}' is of no known kind; a deploy removes it"
        for kind in scripts
        if kind not in SCRIPT_KINDS
    ]
    known = {kind: scripts[kind] for kind in SCRIPT_KINDS if kind in scripts}
    if not known:
        raise DeployerError(
            "it has no action scripts",
            where=f"connection {one_line(live.name, 60)}",
            hint="Only custom databases can be imported.",
        )
    for kind, source in known.items():
        try:
            source.encode()
        except UnicodeEncodeError:
            raise DeployerError(
                f"the script {kind} holds half of a surrogate pair, which no file can hold",
                where=f"connection {one_line(live.name, 60)}",
                hint="Mend it in the Dashboard, or name the connections to import, without this one.",
            ) from None
    return known


def _migration(live: LiveConnection, scripts: Mapping[str, str]) -> str:
    """Tell the migration: `import_mode` is on during a trickle one and stays on after it, with no-op scripts."""
    if live.options.get("import_mode") is not True:
        return "off"
    return "complete" if all(_is_no_op(scripts.get(kind, "")) for kind in MIGRATION_SCRIPTS) else "trickle"


def _is_no_op(source: str) -> bool:
    return _NO_OP.fullmatch(re.sub(r"\s+", "", _COMMENTS.sub("", source))) is not None


def _modules(scripts: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """Find the npm modules that scripts require by an exact version."""
    found: dict[str, set[str]] = {}
    for source in scripts.values():
        for _, name, version in ScriptInput(source).script.requires:
            if version and _EXACT_VERSION.fullmatch(version):
                found.setdefault(package_of(name), set()).add(version)
    for name, versions in found.items():
        if len(versions) > 1:
            shown = ", ".join(sorted(versions))
            notes.append(f"its scripts require {one_line(name, 60)} in several versions ({one_line(shown, 60)})")
    return {name: next(iter(versions)) for name, versions in sorted(found.items()) if len(versions) == 1}


def _variables(live: LiveConnection, tenant: str, used: AbstractSet[str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for key in live.options.get("configuration") or {}:
        variables[variable_name(tenant, live.name, str(key), used | variables.keys())] = str(key)
    return variables


def variable_name(tenant: str, connection: str, key: str, used: Container[str]) -> str:
    """Name the environment variable for a key of `configuration`: `PROD_LEGACY_USERS_PG_URL`.

    It begins with the tenant's file name, which is ours: a key's name, which is not, can never make it the name of
    another variable that happens to hold a secret.
    """
    text = re.sub(r"[^A-Za-z0-9]+", "_", f"{tenant}_{connection}_{key}").upper().strip("_")[:200]
    text = f"_{text}" if text[:1].isdigit() else text
    candidates = [text, *(f"{text}_{n}" for n in range(2, 1000))]
    return next(name for name in candidates if name not in used)


def _unchecked(options: Mapping[str, Any], notes: list[str]) -> list[str]:
    """Find the options that no check knows: somebody's mistakes, or newer than this."""
    found = list(dict.fromkeys(".".join(mistake.path) for mistake in option_mistakes(options)))
    if found:
        shown = ", ".join(one_line(name, 60) for name in found)
        notes.append(f"nobody knows what its options {shown} do: `!remove` takes one out of the tenant")
    return found


def _metadata(live: LiveConnection, notes: list[str]) -> dict[str, str]:
    own = {str(k): str(v) for k, v in (live.raw.get("metadata") or {}).items() if not is_note(str(k)) and v is not None}
    kept = {
        key: value
        for key, value in own.items()
        if not key.startswith("deployer") and max(len(key), len(value)) <= MAX_METADATA_LENGTH
    }
    if len(kept) > MAX_METADATA_PAIRS:
        notes.append(
            f"its {len(own)} pairs of metadata stay as they are, outside the definition: a connection can have 10, and "
            "deployer needs up to 4"
        )
        return {}
    if len(kept) < len(own):
        notes.append("some of its metadata stay as they are, outside the definition: their names begin with 'deployer'")
    return kept


def _top_level(live: LiveConnection) -> dict[str, Any]:
    raw = live.raw
    found: dict[str, Any] = {}
    if isinstance(raw.get("display_name"), str):
        found["display_name"] = raw["display_name"]
    if raw.get("realms") not in (None, [], [live.name]):
        found["realms"] = raw["realms"]
    if raw.get("is_domain_connection") is True:
        found["is_domain_connection"] = True
    if raw.get("authentication") == {"active": False}:
        found["authentication"] = {"active": False}
    return found


def why_not(raw: Mapping[str, Any], defined: Container[str]) -> str | None:
    """Say why a connection is not imported unless it is named; None where nothing is against it."""
    live = LiveConnection(raw, None)
    if live.name in defined:
        return "it is defined already"
    if not live.scripts:
        return "it is no custom database"
    return None if live.is_custom else "its scripts are switched off (name it to import it all the same)"
