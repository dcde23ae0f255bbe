"""Writes the files that say what was imported.

They are new, or text at the end of the tenant's own file: nothing that is there is ever replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deployer.config.models import Tenant
from deployer.config.tree import Node, SecretReference, plain
from deployer.config.yaml_source import parse
from deployer.config.yaml_text import to_yaml
from deployer.errors import DeployerError
from deployer.importing.stores import Stores
from deployer.project import Project
from deployer.rendering.escape_template import escape_template
from deployer.resources.importable import Imported
from deployer.text import one_line

_COMMENT = """\
# Written by `deployer import {tenant}`: what the tenant had. No value of `configuration` can be read back from Auth0,
# so each is a reference to a variable that you set.
"""


@dataclass(frozen=True)
class ImportFiles:
    """What an import writes: `new` files by their path in the project, `added` text at the end of `tenant_file`.

    `to_merge` is the new file that nothing reads until a person merges it, where there is one. `stores` are the folders
    of the scripts, by connection.
    """

    new: dict[str, str]
    tenant_file: str
    added: str | None = None
    to_merge: str | None = None
    stores: dict[str, str] = field(default_factory=dict)


def import_files(project: Project, tenant: Tenant, imported: Sequence[Imported]) -> ImportFiles:
    """Decide on every file, and make sure that what will be written reads back the same.

    Raises:
        DeployerError: where a resource cannot be written down, or a file that would be new is there.
    """
    stores = Stores(project.root / "templates")
    chosen = {one.name: stores.place(one, tenant.name) for one in imported if one.scripts}
    sections: dict[str, dict[str, Any]] = {}
    for one in imported:
        definition = _with_store(one, chosen[one.name]) if one.scripts else one.definition
        sections.setdefault(one.section, {})[one.name] = definition
    text = _COMMENT.format(tenant=tenant.name) + to_yaml(_literal(sections))
    _check(project, sections, text)
    old = _read(project.root / tenant.path)
    added = _joint(old, text)
    if not _clashes(project, tenant, imported) and _extends(old, added, tenant.path):
        return ImportFiles(stores.files, tenant.path, added, stores=chosen)
    merge = f"tenants/{tenant.name}.imported.yaml"
    return ImportFiles({**stores.files, merge: text}, tenant.path, to_merge=merge, stores=chosen)


def write_files(root: Path, files: ImportFiles) -> None:
    """Write them; the tenant's file comes last, when everything that it names is there.

    Raises:
        DeployerError: for a file that is there already, before anything is written, or one that cannot be written.
    """
    for name in files.new:
        if (root / name).exists() or (root / name).is_symlink():
            raise DeployerError("there is such a file already", where=name, hint="Merge it or move it away first.")
    name = files.tenant_file
    try:
        for name, text in files.new.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            with (root / name).open("xb") as file:
                file.write(text.encode())
        if files.added is not None:
            name = files.tenant_file
            with (root / name).open("ab") as file:
                file.write(files.added.encode())
    except OSError as error:
        raise DeployerError(f"the file cannot be written: {error.strerror}", where=name) from error


def referenced_variables(project: Project, tenant: Tenant) -> set[str]:
    """Find the environment variables that the tenant's files name already."""
    found: set[str] = set()
    queue: list[Any] = [plain(parse(_read(path), path.name)) for path in project.tenants.chain(tenant.name)]
    while queue:
        value = queue.pop()
        if isinstance(value, SecretReference) and value.scheme == "env":
            found.add(value.target)
        elif isinstance(value, Mapping | list):
            queue.extend(value.values() if isinstance(value, Mapping) else value)
    return found


def _with_store(imported: Imported, store: str) -> dict[str, Any]:
    definition = {"store": store, **imported.definition}
    if "change_username" in imported.scripts:
        # Left out of the set for users without usernames, unless it is named.
        definition["scripts"] = {"change_username": f"templates/{store}/change_username.js.j2"}
    return definition


def _literal(value: Any) -> Any:
    """Escape texts that look like expressions, so that they are rendered to what they are."""
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return escape_template(value) if isinstance(value, str) and ("{{" in value or "{%" in value) else value


def _check(project: Project, sections: Mapping[str, Mapping[str, Any]], text: str) -> None:
    """Make sure that every definition is one that the loader takes, and reads back as what was meant."""
    for section, definitions in sections.items():
        adapter: TypeAdapter[Any] = TypeAdapter(Tenant.model_fields[section].annotation or Any)
        for name, definition in definitions.items():
            try:
                adapter.validate_python({name: definition})
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = one_line(".".join(str(part) for part in first["loc"][1:]))
                raise DeployerError(
                    f"it has something that no definition can say, at {place}: {one_line(first['msg'])}",
                    where=f"{section.removesuffix('s')} {one_line(name, 60)}",
                    hint=f"Name the {section} to import, without this one.",
                ) from None
    read = _rendered(project, plain(parse(text, "imported")))
    if read != sections:
        raise AssertionError("what was written does not read back as what was meant")


def _rendered(project: Project, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rendered(project, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(project, item) for item in value]
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        return project.templates.text(value, {})
    return value


def _clashes(project: Project, tenant: Tenant, imported: Sequence[Imported]) -> bool:
    """Return whether the tenant's file has such a section of its own, or one of the same name comes from a base."""
    own: Node = project.tenants.values(tenant.name)
    return any(own.get(one.section) is not None or one.name in getattr(tenant, one.section) for one in imported)


def _joint(old: str, text: str) -> str:
    """Build the text as it is put behind the old one."""
    joint = ("" if old.endswith("\n") or not old else "\n") + "\n" + text
    return joint.replace("\n", "\r\n") if "\r\n" in old else joint


def _extends(old: str, added: str, label: str) -> bool:
    """Return whether the text can stand behind the old one: not behind `{...}` or `...`, for example."""
    before = plain(parse(old, label))
    try:
        after = plain(parse(old + added, label))
    except DeployerError:
        return False
    return bool(after == {**before, **plain(parse(added, label))})


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DeployerError(f"the file cannot be read: {type(error).__name__}", where=path.name) from error
