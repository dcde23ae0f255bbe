"""A release and a tenant's own file in, a project out that reads nothing else: the working tree plays no part."""

import tempfile
from collections.abc import Iterator
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
        (root / "tenants").mkdir()
        (root / "templates").mkdir()
        for name, text in release.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for tenant in tenants:
            source = values.tenants.chain(tenant)[0]
            if f"tenants/{source.name}" in release.files:
                raise DeployerError(
                    f"the release holds tenants/{source.name}, which is a tenant's own file",
                    hint="A tenant that others extend cannot be promoted to: move what is shared into a base file.",
                )
            (root / "tenants" / source.name).write_bytes(source.read_bytes())
        yield Project(root, secrets_from=values.root, shipped=root / "templates")
