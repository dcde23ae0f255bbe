"""Reads a folder of plain `.js` files for linting, that of Auth0's Deploy CLI (`database-connections/NAME/`) included.

Which action script a file is, its name tells (`login.js`, `getUser.js`), else the name of its function. Beside a
`database.json` the files are one connection, with the options that stand there, and with the scripts that it names; a
database that has no scripts of its own (`enabledDatabaseCustomization`) is left alone.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployer.errors import DeployerError
from deployer.linting.engine import MAX_PARSED
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.scripts import SCRIPT_KINDS
from deployer.text import one_line

DEFINITION = "database.json"
MAX_FILES = 20_000
_SKIPPED_FOLDERS = frozenset({"node_modules", "bower_components", "dist", "coverage"})

_KINDS = {
    re.sub(r"[^a-z]", "", name.lower()): kind.name
    for kind in SCRIPT_KINDS.values()
    for name in (kind.name, kind.function)
}
_KINDS |= {
    "getbyemail": "get_user",
    "loginbyemail": "get_user",
    "remove": "delete",
    "changeemailaddress": "change_email",
}


@dataclass(frozen=True, slots=True)
class FolderInputs:
    """What a folder holds: connections, scripts that belong to none, and files that are no action script as far as
    anybody can tell."""

    connections: tuple[ConnectionInput, ...]
    scripts: tuple[ScriptInput, ...]
    skipped: tuple[str, ...]


def folder_inputs(path: Path) -> FolderInputs:
    """Read a file or a folder with all below it. Raises DeployerError where it cannot be read."""
    if path.is_file():
        folders = {path.parent: [path]}
    elif path.is_dir():
        folders = _script_files(path)
    else:
        raise DeployerError("there is no such file or folder", where=str(path), hint="Name a folder of .js files.")
    connections: list[ConnectionInput] = []
    scripts: list[ScriptInput] = []
    skipped: list[str] = []
    for folder, files in folders.items():
        definition = _definition(folder) if path.is_dir() else None
        if definition is not None:
            if _is_custom(definition):
                connections.append(_defined(path, folder, files, definition))
            continue
        found = [_script(file, named=False) for file in files]
        known = [script for script in found if script.kind is not None]
        skipped += [script.label for script in found if script.kind is None]
        kinds = {str(script.kind): script for script in known}
        if len(kinds) == len(known) > 1:
            connections.append(ConnectionInput(folder.resolve().name, kinds, str(folder)))
        else:
            scripts += known
    if path.is_file() and skipped:
        skipped = []
        scripts = [_script(path, named=False)]
    return FolderInputs(tuple(connections), tuple(scripts), tuple(skipped))


def kind_of_name(name: str) -> str | None:
    """Return the kind that a file's or function's name stands for: `get-user` and `getByEmail` are get_user."""
    return _KINDS.get(re.sub(r"[^a-z]", "", name.lower()))


def _script_files(root: Path) -> dict[Path, list[Path]]:
    folders: dict[Path, list[Path]] = {}
    count = definitions = 0
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        files = [Path(folder, name) for name in sorted(names) if name.endswith((".js", ".cjs"))]
        count += len(files)
        if count > MAX_FILES:
            raise DeployerError(
                f"the folder holds more than {MAX_FILES:,} .js files", where=str(root), hint="Name a smaller folder."
            )
        definitions += DEFINITION in names
        if files or DEFINITION in names:
            folders[Path(folder)] = files
    if not count and not definitions:
        raise DeployerError("the folder holds no .js files", where=str(root), hint="Name a folder of action scripts.")
    return folders


def _script(file: Path, *, named: bool, kind: str | None = None) -> ScriptInput:
    try:
        with file.open("rb") as opened:
            source = opened.read(MAX_PARSED * 4 + 1).decode("utf-8-sig", "replace")
    except OSError as error:
        raise DeployerError(f"cannot be read: {error.strerror}", where=str(file)) from None
    kind = kind or kind_of_name(file.stem) or next(iter(_named_in(source)), None)
    if kind is None and named:
        kind = file.stem  # beside a definition every script belongs to the connection: DB107 says that this one cannot
    return ScriptInput(source, kind, address=str(file), label=str(file))


def _named_in(source: str) -> Iterator[str]:
    """Yield the kinds that the names of the functions at the beginning of lines stand for."""
    for match in re.finditer(
        r"^(?:module\.exports\s*=\s*|exports\.)?\s*(?:async\s+)?function\s+(\w+)", source, re.MULTILINE
    ):
        kind = kind_of_name(match.group(1))
        if kind is not None:
            yield kind


def _definition(folder: Path) -> dict[str, Any] | None:
    file = folder / DEFINITION
    if not file.is_file():
        return None
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DeployerError(
            f"the definition cannot be read: {one_line(str(error))}",
            where=str(file),
            hint="It must be one JSON object.",
        ) from None
    if not isinstance(data, dict):
        raise DeployerError("the definition is no JSON object", where=str(file))
    return data


def _options(definition: dict[str, Any]) -> dict[str, Any]:
    given = definition.get("options")
    return given if isinstance(given, dict) else {}


def _is_custom(definition: dict[str, Any]) -> bool:
    """Return whether Auth0 runs scripts for this database; the files of others are what was exported with them."""
    return _options(definition).get("enabledDatabaseCustomization") is True


def _named(root: Path, folder: Path, definition: dict[str, Any]) -> tuple[dict[str, Path], dict[str, str]]:
    """Return by kind the files that the definition names for its scripts, and the names of those that are not there."""
    scripts = _options(definition).get("customScripts")
    found: dict[str, Path] = {}
    missing_files: dict[str, str] = {}
    for kind, name in scripts.items() if isinstance(scripts, dict) else ():
        if not isinstance(name, str) or not name.endswith((".js", ".cjs")) or "\n" in name or "\0" in name:
            continue  # the script itself, or nothing
        file = folder / name
        if file.resolve().is_relative_to(root.resolve()) and file.is_file():
            found[str(kind)] = file
        else:
            missing_files[str(kind)] = name
    return found, missing_files


def _defined(root: Path, folder: Path, files: list[Path], definition: dict[str, Any]) -> ConnectionInput:
    options = _options(definition)
    named, missing_files = _named(root, folder, definition)
    scripts = {kind: _script(file, named=True, kind=kind) for kind, file in named.items()}
    others = [_script(file, named=True) for file in files if file not in named.values()]
    scripts |= {
        str(one.kind): one for one in others if str(one.kind) not in scripts and str(one.kind) not in missing_files
    }
    configuration = options.get("configuration")
    with_context = options.get("enable_script_context") is True
    return ConnectionInput(
        name=one_line(str(definition.get("name", folder.name)), 100),
        scripts={
            kind: ScriptInput(script.source, script.kind, with_context, script.address, script.label)
            for kind, script in scripts.items()
        },
        address=str(folder),
        label=str(folder / DEFINITION),
        import_mode=options.get("import_mode") is True,
        signup_open=options.get("disable_signup") is not True,
        reset_open=options.get("disable_self_service_change_password") is not True,
        missing_files=missing_files,
        enable_script_context=with_context,
        requires_username=options.get("requires_username") is True,
        configuration=frozenset(map(str, configuration)) if isinstance(configuration, dict) else None,
    )
