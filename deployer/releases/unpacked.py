"""Unpacks a release as a project that reads nothing else but tenants' own files: the working tree plays no part.

What the file says since then of templates that the release does not have is left out of the project, and named.
"""

import shutil
import tempfile
import threading
import weakref
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deployer.config.loader import TenantFiles
from deployer.errors import DeployerError, RefusedError
from deployer.project import Project
from deployer.releases.missing_templates import (
    inherited_by,
    later_variables,
    reduced,
    without_definition,
    without_templates,
)
from deployer.releases.release import Release
from deployer.rendering.templates import Templates
from deployer.state.releases import short_id

_KEPT = 4
"""Releases whose templates stay unpacked: hundreds of tenants run the same one."""

_unpacked: dict[str, Templates] = {}
_lock = threading.Lock()


class ReleaseProject(Project):
    """The project of a release. `left_out` says of each tenant what its own file defines by templates that the release
    does not have, by address, and which these are; `inherited` what of it the release defines as well."""

    def __init__(
        self,
        root: Path,
        release: Release,
        values: Project,
        templates: Templates,
        left_out: Mapping[str, Mapping[str, str]],
        inherited: Mapping[str, Collection[str]],
    ) -> None:
        super().__init__(
            root,
            secrets_from=values.root,
            templates=templates,
            deployed=True,
            without_secrets=values.without_secrets,
        )
        self.release = release
        self.left_out = left_out
        self.inherited = inherited

    def check_inherited(self, tenant: str) -> None:
        """Refuse a tenant whose own file changes what is a part of the release so that it cannot be made of it.

        Raises:
            RefusedError: naming the file, what it changes, and what the release lacks.
        """
        for address, lacking in self.left_out.get(tenant, {}).items():
            if address in self.inherited.get(tenant, ()):
                raise RefusedError(
                    f"{address} is part of the release {short_id(self.release.id)}, and this file makes it of "
                    f"{lacking}, which that release does not have",
                    where=f"tenants/{tenant}.yaml",
                    hint="Nothing was changed. Take that out of the file for now, or use a release that has it.",
                )


@contextmanager
def release_project(release: Release, values: Project, *tenants: str) -> Iterator[ReleaseProject]:
    """Open the project of a release with the values of these tenants, in a temporary folder that is gone afterwards.

    Args:
        release: definitions and templates.
        values: the project that the tenants' own files, and files that secrets are in, come from.
        tenants: whose files are taken from it.
    """
    with tempfile.TemporaryDirectory(prefix="deployer-release-") as folder:
        root = Path(folder)
        _write(root, "tenants", release.files)
        templates = _templates(release)
        left_out: dict[str, Mapping[str, str]] = {}
        inherited: dict[str, Collection[str]] = {}
        for tenant in tenants:
            own, *bases = values.tenants.chain(tenant)
            if f"tenants/{own.name}" in release.files:
                raise DeployerError(
                    f"the release holds tenants/{own.name}, which is a tenant's own file",
                    hint="A tenant that others extend cannot be promoted to: move what is shared into a base file.",
                )
            _check_base(release, own, bases, tenants)
            written = root / "tenants" / own.name
            written.write_bytes(own.read_bytes())
            node, files = values.tenants.values(tenant), TenantFiles(root / "tenants")
            known = inherited_by(files, tenant)
            lacking = {**without_definition(node, known), **without_templates(node, release)}
            later = later_variables(files, tenant, templates, values.templates)
            if lacking or later:
                left_out[tenant] = lacking
                inherited[tenant] = known & lacking.keys()
                extends = bases[0].stem if bases else None
                written.write_text(reduced(node, extends, lacking, inherited[tenant], later), encoding="utf-8")
        yield ReleaseProject(root, release, values, templates, left_out, inherited)


def _templates(release: Release) -> Templates:
    """Unpack the templates of a release into a folder that goes when nobody uses them any more."""
    with _lock:
        templates = _unpacked.pop(release.id, None)
        if templates is None:
            root = Path(tempfile.mkdtemp(prefix="deployer-release-"))
            folder = root / "templates"
            templates = Templates(folder, folder)
            weakref.finalize(templates, shutil.rmtree, root, ignore_errors=True)
            _write(root, "templates", release.files)
        _unpacked[release.id] = templates
        while len(_unpacked) > _KEPT:
            del _unpacked[next(iter(_unpacked))]
        return templates


def _write(root: Path, part: str, files: Mapping[str, str]) -> None:
    """Write what a release has below one of its two folders."""
    try:
        (root / part).mkdir()
        for name, text in files.items():
            if name.startswith(f"{part}/"):
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise DeployerError(f"the release cannot be unpacked: {why}") from None


def _check_base(release: Release, own: Path, bases: list[Path], tenants: Collection[str]) -> None:
    """Refuse a tenant that extends a file which the release does not have.

    Raises:
        DeployerError: naming the file.
    """
    # What that file extends is the release's business.
    for base in bases[:1]:
        if f"tenants/{base.name}" not in release.files and base.stem not in tenants:
            raise DeployerError(
                f"{own.stem} extends tenants/{base.name}, which the release does not have",
                where=f"tenants/{own.name}",
                hint="What tenants share is part of a release: let the tenant that the release comes from extend it as "
                "well and apply to it, or move these values into the tenant's own file.",
            )
