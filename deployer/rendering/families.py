"""Finds the families of templates that a family extends, whose scripts and manifest entries it has beside its own.

A family is a folder of templates. Its `template.yaml` may say `extends: shared/sql`: a template that is not in the
folder is then that of the parent, or of the parent's parent, and so is what the manifest does not say.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from deployer.config.merge import leftover_markers, merge
from deployer.config.problems import ConfigError, Position, Problem
from deployer.config.tree import Entry, Node
from deployer.config.yaml_source import parse
from deployer.errors import DeployerError
from deployer.text import one_line

MANIFEST = "template.yaml"
SCRIPT_SUFFIX = ".js.j2"
MAX_YAML_BYTES = 100_000
MAX_CHAIN = 8

MAX_NAME = 200

_EXTENDS = "extends"
_NO_FAMILY = "`extends` names one family by its folder below templates/, such as shared/sql"
_OUTSIDE = "`extends` leads out of templates/"


def is_inside(path: str) -> bool:
    """Tell whether a path below templates/ stays there on every system: nothing absolute, no `..`, no backslash."""
    parts = path.split("/")
    return not ("\\" in path or "\0" in path or ":" in parts[0] or any(part in {"", ".", ".."} for part in parts))


class ManifestSource(Protocol):
    """Where families stand: folders of templates, or the files of a release."""

    def manifests(self, family: str) -> Sequence[str]:
        """Read the text of each `template.yaml` of a family, that which counts first. Raises DeployerError."""

    def has_templates(self, family: str) -> bool:
        """Tell whether templates of scripts stand in the family's folder."""


class Families:
    """The families of one source, and how they extend each other; each manifest is parsed once."""

    def __init__(self, source: ManifestSource) -> None:
        self._source = source
        self._manifests: dict[str, list[Node]] = {}
        self._chains: dict[str, tuple[str, ...]] = {}

    def is_family(self, name: str) -> bool:
        """Tell whether something stands in the folder of this name that makes it a family."""
        return bool(self._roots(name)) or self._source.has_templates(name)

    def chain(self, family: str) -> tuple[str, ...]:
        """List the families that a template of this one is looked for in: itself, its parent, that one's parent.

        A project's `template.yaml` that extends nothing takes no parent away from the family that comes with deployer:
        the templates that it does not have are still found.

        Raises:
            ConfigError: for a parent that is not there, a circle, or more than `MAX_CHAIN` families.
        """
        if family not in self._chains:
            self._chains[family] = self._walk(family)
        return self._chains[family]

    def manifest(self, family: str) -> Node | None:
        """Merge the family's manifest over those that it extends, as tenant files are: maps merge, all else replaces.

        None for a family without a manifest of its own.

        Raises:
            ConfigError: for what `chain` refuses, and for a `!remove` of what is not inherited.
        """
        layers = self.manifest_families(family)
        if not layers:
            return None
        problems: list[Problem] = []
        merged, *rest = [_without_extends(self._roots(name)[0]) for name in reversed(layers)]
        leftover_markers(merged, problems)
        for layer in rest:
            merged = merge(merged, layer, problems)
        if problems:
            raise ConfigError(problems)
        return merged

    def manifest_families(self, family: str) -> tuple[str, ...]:
        """List the families whose manifests make up this one's, itself first. Raises ConfigError as `chain` does."""
        found = []
        for name in self.chain(family):
            roots = self._roots(name)
            if roots:
                found.append(name)
            if not roots or roots[0].get(_EXTENDS) is None:
                break
        return tuple(found)

    def _walk(self, family: str) -> tuple[str, ...]:
        seen = [family]
        while (parent := self._parent(seen[-1])) is not None:
            name = parent.value
            if not isinstance(name, str) or not name or len(name) > MAX_NAME:
                raise ConfigError([Problem(parent.position, _NO_FAMILY)])
            if not is_inside(name):
                raise ConfigError([Problem(parent.position, _OUTSIDE, "It names a folder below it: shared/sql.")])
            if name in seen:
                circle = " extends ".join([*map(_shown, seen[seen.index(name) :]), _shown(name)])
                hint = "A family of another name, in a folder of its own, can extend it." if name == seen[-1] else None
                raise ConfigError([Problem(parent.position, f"`extends` goes in a circle: {circle}", hint)])
            if len(seen) == MAX_CHAIN:
                raise ConfigError([Problem(parent.position, f"`extends` chains more than {MAX_CHAIN} families")])
            if not self.is_family(name):
                hint = f"It would be in templates/{_shown(name)}/."
                raise ConfigError([Problem(parent.position, f"there is no family '{_shown(name)}' to extend", hint)])
            seen.append(name)
        return tuple(seen)

    def _parent(self, family: str) -> Node | None:
        return next((parent for root in self._roots(family) if (parent := root.get(_EXTENDS)) is not None), None)

    def _roots(self, family: str) -> list[Node]:
        if family not in self._manifests:
            label = f"templates/{family}/{MANIFEST}"
            self._manifests[family] = [_parsed(text, label) for text in self._source.manifests(family)]
        return self._manifests[family]


class FolderManifests:
    """The manifests, and other YAML files, in folders of templates: those of the first folder before the next one's."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self._read: dict[str, str] = {}
        self._absent: set[str] = set()

    def manifests(self, family: str) -> list[str]:
        """Read each manifest of the family. Raises DeployerError for one that is not to be read."""
        return list(dict.fromkeys(self.texts(f"{family}/{MANIFEST}")))

    def texts(self, name: str) -> Iterator[str]:
        """Read the YAML files of this name, one in each folder that has it. Raises DeployerError."""
        found = (self._text(folder, name) for folder in self._folders)
        return (text for text in found if text is not None)

    def has_templates(self, family: str) -> bool:
        """Tell whether one of the folders has templates of scripts under this name."""
        return any(
            path.resolve().is_relative_to(folder)
            for folder in self._folders
            for path in (folder / family).glob(f"*{SCRIPT_SUFFIX}")
        )

    def has_read(self, contents: Mapping[str, str]) -> bool:
        """Tell whether all that was read, and found absent, is as in `contents`: SHA-256 of each file by its path."""
        same = all(contents.get(path) == digest for path, digest in self._read.items())
        return same and self._absent.isdisjoint(contents)

    def _text(self, folder: Path, name: str) -> str | None:
        path, where = folder / name, f"templates/{one_line(name)}"
        if not path.is_file():
            self._absent.add(str(path))
            return None
        if not path.resolve().is_relative_to(folder):
            raise DeployerError("the file is a link that leads out of templates/", where=where)
        try:
            if path.stat().st_size > MAX_YAML_BYTES:
                raise DeployerError(f"the file is larger than {MAX_YAML_BYTES:,} bytes", where=where)
            data = path.read_bytes()
        except OSError as error:
            raise DeployerError(f"the file cannot be read: {error.strerror}", where=where) from None
        self._read[str(path)] = hashlib.sha256(data).hexdigest()
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DeployerError(f"the file is not UTF-8 at byte {error.start}", where=where) from None


class ReleaseManifests:
    """The manifests among the files of a release, by their path in a project (`templates/postgres/template.yaml`)."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def manifests(self, family: str) -> list[str]:
        """Read the family's one manifest, if there is one."""
        text = self._files.get(f"templates/{family}/{MANIFEST}")
        return [] if text is None else [text]

    def has_templates(self, family: str) -> bool:
        """Tell whether templates of scripts have this folder."""
        folder = f"templates/{family}"
        return any(path.rpartition("/")[0] == folder and path.endswith(SCRIPT_SUFFIX) for path in self._files)


def _shown(family: str) -> str:
    return one_line(family, 120)


def _parsed(text: str, label: str) -> Node:
    root = parse(text, label)
    if not isinstance(root.value, dict):
        raise ConfigError([Problem(Position(label, 1, 1), "a manifest is a mapping (key: value)")])
    return root


def _without_extends(root: Node) -> Node:
    entries: dict[str, Entry] = root.value
    return Node({key: entry for key, entry in entries.items() if key != _EXTENDS}, root.position)
