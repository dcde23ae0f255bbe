"""Keeps releases in the state, and tells which of them a tenant runs."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from deployer.config.models import Tenant
from deployer.digests import digest
from deployer.errors import DeployerError, RefusedError
from deployer.planning.drift import Given
from deployer.planning.next_commands import deploying, one_after_another
from deployer.project import Project
from deployer.releases.release import Release, build_release
from deployer.rendering.scripts import RenderedConnection
from deployer.state.deployed_release import DeployedRelease, find_deployed, whole_releases
from deployer.state.state_store import StateStore
from deployer.text import one_line


def keep_release(
    project: Project, tenant: Tenant, rendered: Mapping[str, RenderedConnection], store: StateStore
) -> str:
    """Put the release of the working tree into the store, with a note on who made it; its digest."""
    release = build_release(project, tenant)
    known = release.id in store.releases.list()
    identity = store.releases.put(release.to_bytes())
    if not known:
        modules = {name: version for one in rendered.values() for name, version in one.modules.items()}
        store.release_metadata.add(
            identity, commit=commit_of(project.root), modules=modules, modules_digest=digest(modules)
        )
    return identity


def running(store: StateStore, tenant: str) -> DeployedRelease:
    """Find what a tenant runs: the release that it was last given whole, and the parts of others given since."""
    return find_deployed(store.history.newest_first(tenant))


def given_to(store: StateStore, tenant: str) -> Given:
    """Read from the state what a tenant was given."""
    return Given(running(store, tenant), store.inventory.known(tenant))


def running_release(store: StateStore, tenant: str) -> str | None:
    """Find the release (its digest) that a tenant was last given whole, by a deployment that succeeded."""
    return running(store, tenant).release


def check_whole(tenant: Tenant, store: StateStore) -> None:
    """Refuse a tenant as a source of releases that was given parts of others since it was given a whole one.

    Raises:
        RefusedError: naming the releases, and what is of which.
    """
    known = running(store, tenant.name)
    if known.parts:
        raise RefusedError(
            f"{tenant.name} does not run one whole release: it runs {known.words} (applied with --target)",
            where=f"tenant {tenant.name}",
            hint=f"Give it the whole release first: {one_after_another(deploying(tenant))}",
        )


def previous_release(store: StateStore, tenant: str) -> str:
    """Find the release that a tenant ran before what it runs now; before parts of others, the one that it ran whole.

    Raises:
        DeployerError: where there is none.
    """
    now = running(store, tenant)
    if now.parts and now.release is not None:
        return now.release
    for release in whole_releases(store.history.newest_first(tenant)):
        if release != now.release:
            return release
    raise DeployerError(
        "there is no earlier release to go back to",
        where=f"tenant {tenant}",
        hint=f"`deployer history {tenant}` shows what was deployed.",
    )


def load_release(store: StateStore, name: str) -> tuple[str, Release]:
    """Load a release by its digest or the beginning of it, verified.

    Raises:
        DeployerError: where the store has no such release, or it was changed.
    """
    identity = store.releases.find(name)
    return identity, Release.from_bytes(store.releases.get(identity))


def commit_of(root: Path) -> str | None:
    """Ask git for the commit of the working tree (`+` behind it: with changes since); None where it does not tell."""
    try:
        head = _git(root, "rev-parse", "HEAD")
        return one_line(head, 64) + ("+" if _git(root, "status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    return done.stdout.strip()
