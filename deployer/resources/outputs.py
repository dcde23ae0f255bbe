"""Reads the values that resources take from each other, such as the secret of an application."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from deployer.concurrency import gather_or_cancel
from deployer.management.errors import NotFound
from deployer.resources.model import Desired, Live, Output
from deployer.resources.registry import KINDS

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway


async def read_outputs(
    gateway: "Gateway", desired: Iterable[Desired], live: Mapping[str, Live]
) -> dict[str, dict[str, str]]:
    """Read the values by address and name of secret; none for an output whose resource does not exist.

    The values are secrets: they are handed to the digests and the writes, and go nowhere else.
    """
    places = [
        (resource.address, name, source)
        for resource in desired
        for name, source in resource.secrets.items()
        if isinstance(source, Output) and source.address in live
    ]
    distinct = list({source for _, _, source in places})
    read = await gather_or_cancel(*(_read(gateway, live[source.address], source) for source in distinct))
    known = dict(zip(distinct, read, strict=True))
    values: dict[str, dict[str, str]] = {}
    for address, name, source in places:
        if (value := known[source]) is not None:
            values.setdefault(address, {})[name] = value
    return values


async def _read(gateway: "Gateway", have: Live, source: Output) -> str | None:
    try:
        return await KINDS[have.kind].output(gateway, have, source.field)
    except NotFound:  # somebody else has deleted it since it was read
        return None


def merge_values(*groups: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Merge values by address and name from several places."""
    found: dict[str, dict[str, str]] = {}
    for group in groups:
        for address, values in group.items():
            found.setdefault(address, {}).update(values)
    return found
