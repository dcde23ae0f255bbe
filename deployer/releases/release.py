"""Builds releases: the definitions that tenants share, and every template that they can use, named by their content.

A release has no tenant's values and no secrets: the tenant's own file is not in it. It is named by the SHA-256 of its
content, so that the same name always means the same bytes.
"""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from deployer.cache import Turns
from deployer.config.models import Tenant
from deployer.digests import canonical_json, digest_bytes
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.rendering.families import MANIFEST, Families, ReleaseManifests
from deployer.rendering.templates import Templates
from deployer.text import one_line

FORMAT = 1
MAX_BYTES = 20_000_000

_turns = Turns()

# Of the templates that come with this tool, these folders are parts of every store's scripts.
_SHARED = ("shared", "guards")

# What Windows does not take in a name, or takes for a separator.
_FOREIGN = frozenset('\\:*?"<>|')


@dataclass(frozen=True)
class Release:
    """The files of a release by their path in a project (`tenants/base.yaml`, `templates/postgres/login.js.j2`)."""

    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """Encode it as the bytes whose digest names it."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        return canonical_json({"format": FORMAT, "files": dict(self.files)})

    @cached_property
    def id(self) -> str:
        """`sha256:` and the digest of its bytes."""
        return digest_bytes(self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Release":
        """Read what `to_bytes` wrote. Raises DeployerError for anything else."""
        try:
            value = json.loads(data)
            if value["format"] != FORMAT:
                raise ValueError(value["format"])
            files = {str(path): str(text) for path, text in value["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DeployerError(
                "the release cannot be read by this version of deployer", hint="Use the version that made it."
            ) from error
        for path in files:
            if not _is_inside(path):
                raise DeployerError(f"the release has a file that leads out of it: {one_line(path)}")
        return cls(files)


def build_release(project: Project, tenant: Tenant) -> Release:
    """Build the release that the working tree holds for a tenant.

    Raises:
        DeployerError: for a file that cannot be read, or a release that is too large.
    """
    files: dict[str, str] = {}
    for path in project.tenants.chain(tenant.name)[1:]:
        files[f"tenants/{path.name}"] = _read(path)
    stores = frozenset(_folders_of(tenant))
    with _turns.turn(f"{id(project.templates)}"):
        return _release_of(project.templates, tuple(files.items()), stores)


@lru_cache(maxsize=16)
def _release_of(templates: Templates, definitions: tuple[tuple[str, str], ...], stores: frozenset[str]) -> Release:
    """Build a release once for tenants that share definitions, stores and templates."""
    files = dict(definitions)
    files |= {f"templates/{name}": text for name, text in _templates(templates, stores).items()}
    files |= _copies(templates, files)
    release = Release(dict(sorted(files.items())))
    if len(release.to_bytes()) > MAX_BYTES:
        raise DeployerError(f"the release is larger than {MAX_BYTES:,} bytes", where="templates/")
    return release


def _folders_of(tenant: Tenant) -> Iterator[str]:
    """List the folders of templates that the definitions of a tenant name."""
    for connection in tenant.connections.values():
        yield connection.store
        yield from (_folder(source) for source in connection.scripts.values() if isinstance(source, str))
    yield from (_folder(action.code) for action in tenant.actions.values())


def _folder(template: str) -> str:
    return template.removeprefix("templates/").split("/")[0]


def _templates(templates: Templates, named: frozenset[str]) -> dict[str, str]:
    """Read every template of the project, and this tool's in folders that something names; a project's own go first.

    A template that includes another one names its folder (`"mysql/store.js.j2"`), so the folders that texts speak of
    are taken as well, and so are those of the families that a family extends: better one too many than a release that
    cannot be rendered.
    """
    own, shipped = templates.folders
    files = {name: _read(path) for name, path in _files(own)}
    by_folder: dict[str, dict[str, Path]] = {}
    for name, path in _files(shipped):
        by_folder.setdefault(_folder(name), {})[name] = path
    texts = list(files.values())
    wanted = named | set(_SHARED) | _parents(templates, named | {name.rpartition("/")[0] for name in files})
    while True:
        wanted |= {folder for folder in by_folder if any(f"{folder}/" in text for text in texts)}
        taken = sorted(wanted & by_folder.keys())
        if not taken:
            return files
        texts = []
        for folder in taken:
            for name, path in by_folder.pop(folder).items():
                if name not in files:
                    files[name] = _read(path)
                    texts.append(files[name])
        wanted |= _parents(templates, frozenset(taken))


def _parents(templates: Templates, families: AbstractSet[str]) -> frozenset[str]:
    """List the folders of the families that these extend; what is wrong with one is said where it is used."""
    found: set[str] = set()
    for family in families:
        with suppress(DeployerError):
            found |= {_folder(parent) for parent in templates.families.chain(family)[1:]}
    return frozenset(found)


def _copies(templates: Templates, files: Mapping[str, str]) -> dict[str, str]:
    """Copy what a family inherits here and would not in the release, as its own, by the path in a project.

    A project's `template.yaml` that extends nothing leaves the family that comes with deployer its parent; a release
    has one `template.yaml` of each family.
    """
    released = Families(ReleaseManifests(files))
    copies = {}
    for path in files:
        family = path.removeprefix("templates/").removesuffix(f"/{MANIFEST}")
        if path != f"templates/{family}/{MANIFEST}":
            continue
        with suppress(DeployerError):
            if templates.families.chain(family) != released.chain(family):
                for name in templates.template_names(family):
                    if f"templates/{name}" not in files and templates.file_of(name) in files:
                        copies[f"templates/{name}"] = files[templates.file_of(name)]
    return copies


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix not in (".j2", ".yaml", ".yml"):
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            raise DeployerError("the template is a link that leads out of templates/", where=f"templates/{name}")
        if not _is_inside(f"templates/{name}"):
            raise DeployerError("no other machine may be able to store this name", where=f"templates/{one_line(name)}")
        yield name, path


def _is_inside(path: str) -> bool:
    """Tell whether a path stays inside of a release, and means the same on every system."""
    parts = path.split("/")
    return (
        parts[0] in ("tenants", "templates")
        and len(parts) > 1
        and all(part.strip(". ") for part in parts)
        and not any(character in _FOREIGN or character < " " for character in path)
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeployerError(f"the file cannot be read: {error}", where=path.name) from error
