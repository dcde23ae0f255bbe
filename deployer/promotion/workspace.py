"""A release and a tenant's own file in, a project out that reads nothing else: the working tree plays no part."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from deployer.errors import DeployerError
from deployer.promotion.release import Release
from deployer.rendering.project import Project


@contextmanager
def release_project(release: Release, values: Project, *tenants: str) -> Iterator[Project]:
    """The project of a release with the values of these tenants, in a temporary folder that is gone afterwards.

    Args:
        release: definitions and templates.
        values: the project that the tenants' own files, and files that secrets are in, come from.
        tenants: whose files are taken from it.
    """
    with tempfile.TemporaryDirectory(prefix="deployer-release-") as folder:
        root = Path(folder)
        try:
            _write(root, release)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else type(error).__name__
            raise DeployerError(f"the release cannot be unpacked: {why}") from None
        for tenant in tenants:
            own, *bases = values.tenants.chain(tenant)
            if f"tenants/{own.name}" in release.files:
                raise DeployerError(
                    f"the release holds tenants/{own.name}, which is a tenant's own file",
                    hint="A tenant that others extend cannot be promoted to: move what is shared into a base file.",
                )
            _check_base(release, own, bases, tenants)
            (root / "tenants" / own.name).write_bytes(own.read_bytes())
        yield Project(root, secrets_from=values.root, shipped=root / "templates")


def _write(root: Path, release: Release) -> None:
    for name in ("tenants", "templates"):
        (root / name).mkdir()
    for name, text in release.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


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
