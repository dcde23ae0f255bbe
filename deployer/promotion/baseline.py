"""A tenant in, what it was last given out, resource by resource: its release, parts of others, or the working tree."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from deployer.planning.compute import in_order
from deployer.planning.preparation import Prepared, prepare
from deployer.promotion.recording import load_release, running
from deployer.promotion.workspace import release_project
from deployer.rendering.project import Project
from deployer.resources.connection import KIND as CONNECTION
from deployer.store.running import Running
from deployer.store.store import Store


@dataclass(frozen=True)
class Baseline:
    """What to compare a tenant with.

    `ready` wants of every resource what the release says that it was last given with; of a resource that was never
    given, nothing. `running` has no release where the working tree stands in for it.
    """

    ready: Prepared
    running: Running


def baseline(project: Project, store: Store, tenant: str) -> Baseline:
    """The definitions that a tenant was last given; the working tree where they are not known.

    A change in the working tree that is not deployed yet is therefore no drift.
    """
    known = running(store, tenant)
    kept = store.releases.list() if known != Running() else []
    if not known.parts:
        ready = _prepared(project, store, known.release, kept, tenant)
        return Baseline(ready, known if known.release in kept else Running())
    return Baseline(_together(project, store, known, kept, tenant), known)


def _together(project: Project, store: Store, known: Running, kept: Collection[str], tenant: str) -> Prepared:
    """What the parts of several releases want: of each release only what it was the last to give."""
    releases = dict.fromkeys([*([known.release] if known.release else []), *known.parts.values()])
    by_release = {release: _prepared(project, store, release, kept, tenant) for release in releases}
    origin = {
        resource.address: ready
        for release, ready in by_release.items()
        for resource in ready.desired
        if known.release_of(resource.address) == release
    }
    first = next(iter(by_release.values()))
    return replace(
        first,
        desired=in_order(
            [one for ready in by_release.values() for one in ready.desired if origin.get(one.address) is ready]
        ),
        values={address: ready.values[address] for address, ready in origin.items() if address in ready.values},
        rendered={
            name: rendered
            for ready in by_release.values()
            for name, rendered in ready.rendered.items()
            if origin.get(f"{CONNECTION}.{name}") is ready
        },
    )


def _prepared(project: Project, store: Store, release: str | None, kept: Collection[str], tenant: str) -> Prepared:
    if release is None or release not in kept:
        return prepare(project, tenant)
    _, content = load_release(store, release)
    with release_project(content, project, tenant) as bundle:
        return prepare(bundle, tenant)
