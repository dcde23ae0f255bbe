"""Chooses tenants by name and tag, for every command that takes several."""

import fnmatch
from collections.abc import Iterable

from deployer.errors import DeployerError
from deployer.project import Project
from deployer.text import did_you_mean, one_line


def select_tenants(project: Project, *, every: bool, globs: Iterable[str], tags: Iterable[str]) -> list[str]:
    """Choose the tenants that `--all`, `--tenant GLOB` and `--tag TAG` name, sorted; glob and tag narrow each other.

    Raises:
        DeployerError: where nothing fits.
    """
    names = project.tenants.names()
    globs, tags = list(globs), list(tags)
    for pattern in globs:
        if not fnmatch.filter(names, pattern):
            near = did_you_mean(pattern, names) or f"There are: {', '.join(names[:10]) or 'none'}."
            raise DeployerError(f"no tenant fits '{one_line(pattern)}'", where="--tenant", hint=near)
    if globs:
        names = [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in globs)]
    if tags:
        names = [name for name in names if set(tags) & set(project.tenants.tags(name))]
    if not names and (every or globs or tags):
        raise DeployerError("no tenant fits", hint="Look at the files in tenants/, their names and their `tags`.")
    return names
