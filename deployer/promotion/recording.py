"""The working tree or a store in, the release that a tenant is given or runs out."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from deployer.config.models import Tenant
from deployer.digests import digest
from deployer.errors import DeployerError
from deployer.promotion.release import Release, build_release
from deployer.rendering.project import Project
from deployer.rendering.scripts import RenderedConnection
from deployer.store.store import Store
from deployer.text import one_line

_COMMANDS = ("apply", "promote", "rollback", "recover")


def keep_release(project: Project, tenant: Tenant, rendered: Mapping[str, RenderedConnection], store: Store) -> str:
    """Put the release of the working tree into the store, with a note on who made it; its digest."""
    release = build_release(project, tenant)
    known = release.id in store.releases.list()
    identity = store.releases.put(release.to_bytes())
    if not known:
        modules = {name: version for one in rendered.values() for name, version in one.modules.items()}
        store.notes.add(identity, commit=commit_of(project.root), modules=modules, modules_digest=digest(modules))
    return identity


def running_release(store: Store, tenant: str) -> str | None:
    """The digest of the release that a tenant runs: that of its last deployment that succeeded."""
    return next(_deployed(store, tenant), None)


def previous_release(store: Store, tenant: str) -> str:
    """The release that a tenant ran before the one that it runs now.

    Raises:
        DeployerError: where there is none.
    """
    releases = _deployed(store, tenant)
    current = next(releases, None)
    for release in releases:
        if release != current:
            return release
    raise DeployerError(
        "there is no earlier release to go back to",
        where=f"tenant {tenant}",
        hint=f"`deployer history {tenant}` shows what was deployed.",
    )


def _deployed(store: Store, tenant: str) -> Iterator[str]:
    """The releases that a tenant was given, newest first, without those that `recover` has taken back."""
    taken_back = set()
    for record in store.history.list(tenant):
        if record.result == "succeeded":
            if record.command in _COMMANDS and record.release_to and record.journal not in taken_back:
                yield record.release_to
        elif record.command == "recover" and record.journal:
            taken_back.add(record.journal)


def load_release(store: Store, name: str) -> tuple[str, Release]:
    """A release by its digest or the beginning of it, verified.

    Raises:
        DeployerError: where the store has no such release, or it was changed.
    """
    identity = store.releases.find(name)
    return identity, Release.from_bytes(store.releases.get(identity))


def commit_of(root: Path) -> str | None:
    """The commit of the working tree (`+` behind it: with changes since), None where git does not tell."""
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
