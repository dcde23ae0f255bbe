"""Writes the commands by which a tenant is changed: what it takes and what it refuses is in its own file. Pure."""

import shlex
from collections.abc import Callable

from deployer.config.models import Tenant
from deployer.errors import DeployerError
from deployer.state.releases import short_id
from deployer.text import one_line


def deploying(tenant: Tenant) -> list[str]:
    """Write the commands that give a tenant the newest of what it takes: the working tree, or another one's release."""
    name = _word(tenant.name)
    if tenant.promote_from is not None:
        promote = f"deployer promote {_word(tenant.promote_from)} {name}"
        return [f"{promote} --out FILE", f"{promote} FILE"] if tenant.protect else [promote]
    apply = f"deployer apply {name}"
    return [f"deployer plan {name} --out FILE", f"{apply} FILE"] if tenant.protect else [apply]


def from_the_beginning(tenant: Tenant, load: Callable[[str], Tenant]) -> list[str]:
    """Write the commands that bring the working tree to a tenant, through every tenant that its releases come from.

    Args:
        tenant: the last of them.
        load: reads a tenant by its name; one that cannot be read is where it begins.
    """
    commands, seen = deploying(tenant), {tenant.name}
    while tenant.promote_from is not None and tenant.promote_from not in seen:
        try:
            tenant = load(tenant.promote_from)
        except DeployerError:
            break
        seen.add(tenant.name)
        commands = [*deploying(tenant), *commands]
    return commands


def setting_back(tenant: Tenant, release: str | None) -> list[str]:
    """Write the commands that make a tenant what it was given again.

    `release` is what it runs, where that is one and known. A tenant that takes only releases is not given the working
    tree for that.
    """
    if tenant.promote_from is None or release is None:
        return deploying(tenant)
    name = _word(tenant.name)
    rollback = f"deployer rollback {name} {_word(short_id(release))}"
    if tenant.protect:
        return [f"{rollback} --out FILE", f"deployer rollback {name} --plan-file FILE"]
    return [rollback]


def in_words(commands: list[str]) -> str:
    """Join commands for a sentence: `` `one` and then `two` ``."""
    return " and then ".join(f"`{command}`" for command in commands)


def one_after_another(commands: list[str]) -> str:
    """Join commands for the end of a hint: `one, then two`."""
    return ", then ".join(commands)


def _word(text: str) -> str:
    return shlex.quote(one_line(text))
