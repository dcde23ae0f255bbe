"""Tells which tenant files lead to the same tenant, so that no two of them deploy to it, each past the other.

Addresses that are written out are compared, and those behind different references that are set: the same reference in
several files is filled in by the environment of each run, and says nothing until then. Nothing is asked of a tenant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deployer.config.addresses import host_of
from deployer.config.problems import ConfigError, Position, Problem
from deployer.config.tree import SecretReference
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.text import one_line


@dataclass(frozen=True, slots=True)
class Address:
    """Where one tenant file says that its tenant is: by which reference, if by any, and the host, where that is known.

    `base_url` decides where requests go; without one, it is the `domain`.
    """

    tenant: str
    position: Position | None
    reference: str | None
    host: str | None


def addresses_of(project: Project, names: Iterable[str] | None = None) -> list[Address]:
    """Find the address of every tenant file that can be read, or of those named; what is wrong in others, they say."""
    if names is None:
        try:
            names = project.tenants.names()
        except DeployerError:
            return []
    found = []
    for name in names:
        try:
            found.append(_address(project, name))
        except DeployerError:
            continue
    return found


def shared_hosts(addresses: Sequence[Address]) -> dict[str, Problem]:
    """Find, by tenant, what is wrong where another file leads to the same host as its own."""
    by_host: dict[str, list[Address]] = {}
    for one in addresses:
        if one.host is not None:
            by_host.setdefault(one.host, []).append(one)
    found = {}
    for together in by_host.values():
        for one in together:
            others = [each for each in together if each.tenant != one.tenant and not _same_reference(one, each)]
            if others:
                found[one.tenant] = Problem(
                    one.position,
                    f"it leads to the same tenant as {_named(others)}: each would change what the other has deployed",
                    "Keep one file for a tenant, and let others that share its definitions extend a base.",
                )
    return found


def check_together(addresses: Sequence[Address]) -> None:
    """Refuse one run of several files that lead to the same host, be it by one and the same reference.

    Raises:
        ConfigError: naming each file.
    """
    by_host: dict[str, list[Address]] = {}
    for one in addresses:
        if one.host is not None:
            by_host.setdefault(one.host, []).append(one)
    problems = [
        Problem(
            one.position,
            f"it leads to the same tenant as {_named([each for each in together if each is not one])}, "
            "and one run would deploy to it more than once",
            "Give each file an address of its own (of references: one that no other has), or run one tenant at a time.",
        )
        for together in by_host.values()
        if len(together) > 1
        for one in together
    ]
    if problems:
        raise ConfigError(problems)


def _same_reference(one: Address, other: Address) -> bool:
    return one.reference is not None and one.reference == other.reference


def _named(addresses: Sequence[Address]) -> str:
    return ", ".join(f"tenant {one_line(one.tenant, 60)}" for one in addresses[:3])


def _address(project: Project, name: str) -> Address:
    node = project.tenants.address(name, project.templates)
    value, position = node.value, node.position
    if not isinstance(value, SecretReference):
        return Address(name, position, None, _host(str(value)))
    try:
        host = _host(project.secrets.resolve(value)) if value.scheme == "env" else None
    except DeployerError:
        host = None
    return Address(name, position, str(value), host)


def _host(text: str) -> str | None:
    """Find the host that an address leads to, with its port where it has one."""
    url = text if "://" in text else f"https://{text}"
    host = host_of(url.rstrip("/").lower())
    port = url.rstrip("/").rpartition(":")[2] if host is not None else ""
    return None if host is None else f"{host.rstrip('.')}:{port}" if port.isdigit() else host.rstrip(".")
