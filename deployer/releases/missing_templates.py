"""Finds what of a tenant's own file a release has no templates for, and takes it out.

A release takes the tenant's own file as it is today. What was put into that file since can need templates that came
later, or a variable that they have since: the release knows nothing of it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from deployer.config.expressions import is_expression
from deployer.config.loader import TenantFiles
from deployer.config.tree import REMOVE, Node, plain
from deployer.config.yaml_text import to_yaml
from deployer.errors import DeployerError
from deployer.releases.release import Release
from deployer.rendering.families import SCRIPT_SUFFIX, Families, ReleaseManifests
from deployer.rendering.templates import Templates
from deployer.resources.registry import KINDS
from deployer.text import one_line

_PARTS = {kind.section: kind.name for kind in KINDS.values() if kind.section is not None and kind.template_keys}
"""The kinds that are made of templates, by the section of the tenant file."""


def without_templates(own: Node, release: Release) -> dict[str, str]:
    """Find the connections and Actions that the file gives templates which the release lacks: these, by address."""
    found = {}
    families = Families(ReleaseManifests(release.files))
    for part, kind in _PARTS.items():
        for name, node in _items(own, part):
            lacking = [what for what in _needed(kind, node) if not _has(release, families, *what)]
            if lacking:
                found[f"{kind}.{name}"] = " and ".join(f"{what} {one_line(path, 100)}" for what, path in lacking)
    return found


def without_definition(own: Node, inherited: Collection[str]) -> dict[str, str]:
    """Find the connections and Actions that the file only adds values to, and that no file of the release defines.

    Args:
        own: the tenant's own file.
        inherited: the addresses that the release's files define for the tenant.
    """
    return {
        address: "the definition that it adds values to"
        for part, kind in _PARTS.items()
        for name, node in _items(own, part)
        if (address := f"{kind}.{name}") not in inherited
        and not any(node.get(key) for key in KINDS[kind].template_keys)
    }


def later_variables(files: TenantFiles, name: str, then: Templates, today: Templates) -> dict[str, frozenset[str]]:
    """Find, by connection, the variables of a tenant's file that today's templates know and those of then did not.

    They mean nothing to a release. What neither of them knows is a mistake, which is not found here.
    """
    given = {
        connection: frozenset(variables.value)
        for connection, node in _items(files.values(name), "connections")
        if (variables := node.get("variables")) is not None and isinstance(variables.value, dict)
    }
    layers = [files.values(path.stem) for path in files.chain(name)] if given else []
    found = {}
    for connection, names in given.items():
        store = _store(layers, connection)
        if store is None:
            continue
        try:
            known, later = then.manifest(store).variables, today.manifest(store).variables
        except DeployerError:
            continue
        # A manifest without variables takes any.
        if known and (new := names & (later.keys() - known.keys())):
            found[connection] = new
    return found


def reduced(
    own: Node,
    extends: str | None,
    left_out: Collection[str],
    inherited: Collection[str],
    variables: Mapping[str, Collection[str]],
) -> str:
    """Take some addresses out of the text of a file, also where it inherits them, and some variables."""
    values = plain(own)
    for connection, names in variables.items():
        for name in names:
            del values["connections"][connection]["variables"][name]
    for address in left_out:
        kind, _, name = address.partition(".")
        part = next(part for part, one in _PARTS.items() if one == kind)
        if address in inherited:
            values[part][name] = REMOVE
        else:
            del values[part][name]
    return to_yaml({**({"extends": extends} if extends else {}), **values})


def defined_in(files: TenantFiles, name: str) -> frozenset[str]:
    """List the connections and Actions that one file names, without those that it extends, by address."""
    own = files.values(name)
    return frozenset(f"{kind}.{item}" for part, kind in _PARTS.items() for item, _ in _items(own, part))


def inherited_by(files: TenantFiles, name: str) -> frozenset[str]:
    """List the connections and Actions that the files name which a tenant extends, by address."""
    bases = files.chain(name)[1:]
    return frozenset(address for base in bases for address in defined_in(files, base.stem))


def _items(own: Node, part: str) -> Iterator[tuple[str, Node]]:
    """List the definitions of one part of the file that are maps."""
    node = own.get(part)
    if node is not None and isinstance(node.value, dict):
        for name, entry in node.value.items():
            if isinstance(entry.value.value, dict):
                yield name, entry.value


def _store(layers: Iterable[Node], connection: str) -> str | None:
    """Find the store of a connection, by the nearest file that says it; None for an expression."""
    for layer in layers:
        for name, node in _items(layer, "connections"):
            store = node.get("store") if name == connection else None
            if store is not None and isinstance(store.value, str):
                return None if is_expression(store.value) else store.value
    return None


def _needed(kind: str, node: Node) -> Iterator[tuple[str, str]]:
    """List the templates that a definition says it is made of; an expression says nothing before it is rendered."""
    found = [("the store" if key == "store" else "the template", node.get(key)) for key in KINDS[kind].template_keys]
    scripts = node.get("scripts")
    if scripts is not None and isinstance(scripts.value, dict):
        found += [("the template", scripts.get(name)) for name in scripts.value]
    for what, value in found:
        if value is not None and isinstance(value.value, str) and not is_expression(value.value):
            yield what, value.value


def _has(release: Release, families: Families, what: str, path: str) -> bool:
    """Tell whether the release has a store with scripts, or a template, of its own or from a family that it extends."""
    family, _, name = (f"{path}/" if what == "the store" else path.removeprefix("templates/")).rpartition("/")
    try:
        chain = families.chain(family)
    except DeployerError:
        chain = (family,)
    folders = [f"templates/{each}/" if each else "templates/" for each in chain]
    if what == "the store":
        return any(file.startswith(tuple(folders)) and file.endswith(SCRIPT_SUFFIX) for file in release.files)
    return any(f"{folder}{name}" in release.files for folder in folders)
