"""A tenant in, the definitions out that it was last given: its release, or the working tree where it is not known."""

from collections.abc import Iterator
from contextlib import contextmanager

from deployer.promotion.recording import load_release, running_release
from deployer.promotion.workspace import release_project
from deployer.rendering.project import Project
from deployer.store.store import Store


@contextmanager
def baseline(project: Project, store: Store, tenant: str) -> Iterator[tuple[Project, str | None]]:
    """The project to compare the tenant with, and the digest of its release (None for the working tree).

    A change in the working tree that is not deployed yet is therefore no drift.
    """
    identity = running_release(store, tenant)
    if identity is None or identity not in store.releases.list():
        yield project, None
        return
    identity, release = load_release(store, identity)
    with release_project(release, project, tenant) as bundle:
        yield bundle, identity
