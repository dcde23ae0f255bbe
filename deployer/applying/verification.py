"""Verifies that the tenant has what was written to it."""

from deployer.config.tree import KEEP, REMOVE
from deployer.errors import DeployerError
from deployer.planning.attributes import attribute_changes
from deployer.resources.model import Desired, Live
from deployer.text import one_line


class VerificationError(DeployerError):
    """The tenant took a write and does not have what was written."""


def mismatches(desired: Desired, live: Live) -> list[str]:
    """Find the managed attributes and secrets that are not as desired right after they were written, by name."""
    paths = [".".join(change.path) for change in attribute_changes(desired, live, just_written=True)]
    for name, source in desired.secrets.items():
        if (source is REMOVE) == (name in live.ciphertexts) and source is not KEEP:
            paths.append(f"secret {name}")
    return paths


def verify(desired: Desired, live: Live | None) -> Live:
    """Return the live state, if it is what was written.

    Raises:
        VerificationError: naming what differs.
    """
    if live is None:
        raise VerificationError("it is not there after the write", where=desired.address)
    if wrong := mismatches(desired, live):
        raise VerificationError(
            f"the tenant did not keep what was written: {one_line(', '.join(wrong))}",
            where=desired.address,
            hint="Look at `deployer plan`: the tenant changes or refuses these attributes by itself, or somebody else "
            "wrote at the same moment.",
        )
    return live
