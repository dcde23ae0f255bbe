"""Finds, reads, extends, merges, renders and checks the files of the folder `tenants/`. Only reads files."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from deployer.config.addresses import base_url_problem, domain_problem
from deployer.config.expressions import Renderer, expand, is_expression, without_references
from deployer.config.former_keys import with_names_of
from deployer.config.merge import leftover_markers, merge
from deployer.config.models import Tenant
from deployer.config.option_checks import option_problems
from deployer.config.partial_tenant import partial_tenant
from deployer.config.problems import ConfigError, Position, Problem
from deployer.config.secrets import unfit_address, without_line_end
from deployer.config.tree import Entry, Node, SecretReference, plain
from deployer.config.validation import validate
from deployer.config.yaml_source import MAX_BYTES, parse_all
from deployer.errors import DeployerError
from deployer.text import did_you_mean, one_line

TENANT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
# What a file may say that no tenant extends (yet) without being taken for a tenant with a mistake in it.
_OF_BASES = frozenset({"connections", "actions", "variables", "tags", "lint"})
_SUFFIXES = (".yaml", ".yml")
_MAX_NAME = 100
_NO_NAME = "the file's name is no name of a tenant: letters, digits, `.`, `_` and `-`"
_MAX_CHAIN = 10


class TenantFiles:
    """The tenant files of one project. `folder` is its `tenants/`; positions name files relative to its parent.

    `deployed` says that they are those of a release: what a tenant took once is not called misspelt.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None, *, deployed: bool = False) -> None:
        self.folder = folder
        self._deployed = deployed
        self._environment = os.environ if environment is None else environment

    def names(self) -> list[str]:
        """Find every tenant, sorted: each file that has a `domain`; the others are bases, or parts of one.

        Raises:
            ConfigError: for a file that cannot be read, or that is neither a tenant nor a base; none is ever skipped.
            DeployerError: where there is no folder.
        """
        self._check_folder()
        found: list[str] = []
        bases: set[str] = set()
        unclear: dict[str, Position] = {}
        problems: list[Problem] = []
        for path in self._files():
            start = Position(self._label(path), 1, 1)
            if not TENANT_NAME.fullmatch(path.stem):
                problems.append(Problem(start, _NO_NAME, "Rename it."))
                continue
            try:
                layers = [name for name, _ in self._layers(path.stem)]
                merged = self._chain(path.stem)
            except ConfigError as error:
                problems.extend(error.problems)
                continue
            bases.update(layers[1:])
            if merged.get("domain") is not None:
                found.append(path.stem)
            elif merged.value.keys() - _OF_BASES:
                unclear[path.stem] = start
        hint = "Give it one, or let a tenant extend it."
        problems += [
            Problem(position, "this is neither a tenant nor a base: it has no `domain`, and no file extends it", hint)
            for name, position in unclear.items()
            if name not in bases and not problems
        ]
        if problems:
            raise ConfigError(problems)
        return found

    def load(self, name: str, renderer: Renderer) -> Tenant:
        """Load one tenant.

        Raises:
            ConfigError: every mistake of the file and of those it extends, together.
            DeployerError: where there is no such tenant.
        """
        tenant, problems = self.read(name, renderer)
        if problems or tenant is None:
            raise ConfigError(problems)
        return tenant

    def read(self, name: str, renderer: Renderer) -> tuple[Tenant | None, list[Problem]]:
        """Read one tenant without mistakes; or its mistakes and the rest of it, to look for more in, not to deploy.

        Raises:
            ConfigError: where a file cannot even be parsed or merged.
            DeployerError: where there is no such tenant.
        """
        problems: list[Problem] = []
        root = self._chain(name, problems)
        root = expand(root, self._visible(name, root, renderer), renderer, problems)
        leftover_markers(root, problems)
        path = self._label(self._path(name))
        tenant = validate(root, name, path, problems)
        problems += self._unfit_addresses(root)
        if not self._deployed:
            option_problems(root, problems)
        return (partial_tenant(root, name, path, problems) if problems else tenant), problems

    def _unfit_addresses(self, root: Node) -> list[Problem]:
        """Find the addresses whose variable is set to something else, without telling to what."""
        found = []
        for key, problem_of in (("domain", domain_problem), ("base_url", base_url_problem)):
            node = root.get(key)
            reference = node.value if node else None
            if not isinstance(reference, SecretReference) or reference.scheme != "env":
                continue
            value = self._environment.get(reference.target)
            if value and (problem := problem_of(without_line_end(value))):
                found.append(unfit_address(reference, problem))
        return found

    def visible_domain(self, reference: SecretReference) -> str | None:
        """Return the domain behind a reference as far as the environment alone tells it, else None.

        Nor is it told where the value is no host name: whatever else a variable holds is kept from templates.
        """
        value = self._environment.get(reference.target) if reference.scheme == "env" else None
        value = without_line_end(value) if value is not None else None
        return value if value is not None and domain_problem(value) is None else None

    def _visible(self, name: str, root: Node, renderer: Renderer) -> dict[str, object]:
        """Build what expressions and templates see as `tenant`. An unset `!env` leaves the domain undefined there."""
        tags = root.get("tags")
        visible: dict[str, object] = {"name": name, "tags": without_references(plain(tags)) if tags else []}
        domain = root.get("domain")
        value = domain.value if domain else None
        if isinstance(value, SecretReference):
            value = self.visible_domain(value)
        elif isinstance(value, str) and is_expression(value):
            try:
                value = renderer.text(value, {"tenant": visible})
            except DeployerError:  # reported with its position where the whole file is rendered
                value = None
        return {**visible, "domain": value} if isinstance(value, str) else visible

    def tags(self, name: str) -> list[str]:
        """Read the tags of a tenant; the rest of its file is not checked."""
        tags = self._chain(name).get("tags")
        return [str(tag) for tag in plain(tags)] if tags and isinstance(tags.value, list) else []

    def address(self, name: str, renderer: Renderer) -> Node:
        """Read where requests to a tenant go, its `base_url` or else its `domain`; the rest of its file is not checked.

        Raises:
            ConfigError: where its files cannot be read.
            DeployerError: where it has no address, or one that cannot be rendered.
        """
        root = self._chain(name)
        found = root.get("base_url") or root.get("domain")
        if found is None:
            raise DeployerError(f"'{one_line(name)}' is no tenant: it has no `domain`")
        if isinstance(found.value, str) and is_expression(found.value):
            return Node(renderer.text(found.value, {"tenant": self._visible(name, root, renderer)}), found.position)
        return found

    def promotes_from(self, name: str) -> str | None:
        """Read the `promote_from` of a tenant, None where none is written out; the rest of its file is not checked.

        Raises:
            ConfigError: where its files cannot be read.
            DeployerError: where there is no such tenant.
        """
        root = self._chain(name)
        if root.get("domain") is None:
            raise DeployerError(f"'{one_line(name)}' is no tenant: it has no `domain`")
        source = root.get("promote_from")
        value = source.value if source is not None else None
        return value if isinstance(value, str) and not is_expression(value) else None

    def chain(self, name: str) -> list[Path]:
        """List the tenant's file and every file that it extends, the farthest base last."""
        return [self._path(layer) for layer, _ in self._layers(name)]

    def values(self, name: str) -> Node:
        """Read what the tenant's own file says, without the files that it extends."""
        return next(node for _, node in self._layers(name))

    def _chain(self, name: str, problems: list[Problem] | None = None) -> Node:
        """Merge the file and everything that it extends. Raises ConfigError, unless `problems` takes the mistakes."""
        found: list[Problem] = []
        layers = [node for _, node in self._layers(name, found)]
        merged = layers.pop()
        while layers:
            override = layers.pop()
            merged = merge(with_names_of(override, merged), override, found)
        if found and problems is None:
            raise ConfigError(found)
        if problems is not None:
            problems += found
        return merged

    def _layers(self, name: str, problems: list[Problem] | None = None) -> Iterator[tuple[str, Node]]:
        """Read the file and everything that it extends: their names and contents."""
        seen: list[str] = []
        current, position = name, None
        while True:
            if current in seen:
                circle = " extends ".join([*seen[seen.index(current) :], current])
                raise ConfigError([Problem(position, f"`extends` goes in a circle: {circle}")])
            if len(seen) == _MAX_CHAIN:
                raise ConfigError([Problem(position, f"`extends` chains more than {_MAX_CHAIN} files")])
            seen.append(current)
            node = self._read(current, position, problems)
            yield current, _without(node, "extends")
            parent = node.get("extends")
            if parent is None:
                return
            if not isinstance(parent.value, str):
                raise ConfigError([Problem(parent.position, "`extends` names one other file of this folder")])
            current, position = parent.value, parent.position

    def _read(self, name: str, position: Position | None, problems: list[Problem] | None) -> Node:
        path = self._path(name, position)
        label = self._label(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ConfigError([Problem(Position(label, 1, 1), f"the file is larger than {MAX_BYTES:,} bytes")])
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError([Problem(Position(label, 1, 1), "the file is not UTF-8 text")]) from error
        except OSError as error:
            raise ConfigError([Problem(Position(label, 1, 1), f"the file cannot be read: {error.strerror}")]) from error
        node, found = parse_all(text, label)
        if found and problems is None:
            raise ConfigError(found)
        if problems is not None:
            problems += found
        if not isinstance(node.value, dict):
            raise ConfigError([Problem(node.position, "a tenant file is a mapping (key: value)")])
        return node

    def _path(self, name: str, position: Position | None = None) -> Path:
        if _is_name(name):
            paths = [path for suffix in _SUFFIXES if (path := self.folder / f"{name}{suffix}").is_file()]
            if len(paths) > 1:
                both = " and ".join(self._label(path) for path in paths)
                raise ConfigError([Problem(position, f"{both} are two files for one tenant", "Remove one of them.")])
            if paths:
                return paths[0]
            self._check_no_file(name, position)
        self._check_folder()
        # A base is no tenant, and one that cannot be read may be either; who names a file by `extends` wants a base.
        stems = self._stems()
        if name in stems:
            raise ConfigError([Problem(position, f"'{one_line(name)}': {_NO_NAME}", "Rename it.")])
        named = [each for each in stems if _is_name(each)]
        known = [each for each in named if position is not None or self._may_be_tenant(each)]
        near = did_you_mean(name, known) or (f"There are: {', '.join(known)}." if known else None)
        what = f"there is no tenant file '{one_line(name)}.yaml' in {self._label(self.folder)}"
        raise DeployerError(what, where=str(position) if position else None, hint=near)

    def _check_no_file(self, name: str, position: Position | None) -> None:
        """Refuse what has a tenant's name and is no file."""
        for path in (self.folder / f"{name}{suffix}" for suffix in _SUFFIXES):
            if path.is_dir():
                raise ConfigError([Problem(position, f"{self._label(path)} is a folder, and no tenant's file")])
            if path.is_symlink():
                raise ConfigError([Problem(position, f"{self._label(path)} is a link that leads nowhere")])

    def _may_be_tenant(self, name: str) -> bool:
        try:
            return self._chain(name).get("domain") is not None
        except DeployerError:
            return True

    def _stems(self) -> list[str]:
        return sorted({path.stem for path in self._files()})

    def _files(self) -> list[Path]:
        """List every file that can be a tenant's, sorted; hidden ones are the editor's, and folders are nobody's."""
        found = (path for path in self.folder.iterdir() if path.suffix in _SUFFIXES and not path.is_dir())
        return sorted(path for path in found if not path.name.startswith("."))

    def _check_folder(self) -> None:
        if not self.folder.is_dir():
            raise DeployerError(
                f"there is no folder {self._label(self.folder)}",
                hint="Change to the project's folder, use --chdir, or run `deployer init`.",
            )

    def _label(self, path: Path) -> str:
        return path.relative_to(self.folder.parent).as_posix()


def _without(node: Node, key: str) -> Node:
    entries: dict[str, Entry] = {name: entry for name, entry in node.value.items() if name != key}
    return Node(entries, node.position)


def _is_name(name: str) -> bool:
    return TENANT_NAME.fullmatch(name) is not None and len(name) <= _MAX_NAME
