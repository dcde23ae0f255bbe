"""Gives tenants a `secrets_key` of their own, with which plans are made and applied by different credentials."""

import re
from pathlib import Path

from deployer.errors import DeployerError
from deployer.pipelines.pipeline import Stage
from deployer.project import Project

_COMMENT = (
    b"# Keys the digests that tell whether a secret has changed: `openssl rand -hex 32`, kept wherever it is read.\n"
)


def key_line(tenant: str) -> str:
    """Write the line of a tenant's file: a variable of its own, named after it."""
    return f"secrets_key: !env {re.sub(r'[^A-Z0-9]', '_', tenant.upper())}_SECRETS_KEY"


def add_keys(project: Project, stages: list[Stage]) -> tuple[list[str], list[str]]:
    """Add it at the end of each tenant's file that has none; return these files, and those where it is to be done by
    hand.

    Raises:
        DeployerError: for a file that cannot be written.
    """
    added: list[str] = []
    by_hand: list[str] = []
    for stage in stages:
        if stage.has_key:
            continue
        path = project.tenants.chain(stage.name)[0]
        before = path.read_bytes()
        end = b"" if before.endswith(b"\n") else b"\n"
        _write(path, before + end + _COMMENT + key_line(stage.name).encode() + b"\n")
        try:
            fits = Project(project.root).tenant(stage.name).secrets_key is not None
        except DeployerError:
            fits = False
        if not fits:
            _write(path, before)
        (added if fits else by_hand).append(path.relative_to(project.root).as_posix())
    return added, by_hand


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise DeployerError(f"the file cannot be written: {error.strerror}", where=str(path)) from None
