"""Verifies that the tenant has what was written to it."""

from deployer.config.tree import KEEP, REMOVE
from deployer.errors import DeployerError
from deployer.planning.attributes import attribute_changes
from deployer.resources.model import Desired, Live
from deployer.text import one_line


class VerificationError(DeployerError):
    """The tenant took a write and does not have what was written."""


def mismatches(wanted: Desired, have: Live) -> list[str]:
    """Find the managed attributes and secrets that are not as desired right after they were written, by name."""
    paths = [".".join(change.path) for change in attribute_changes(wanted, have, just_written=True)]
    for name, source in wanted.secrets.items():
        if (source is REMOVE) == (name in have.ciphertexts) and source is not KEEP:
            paths.append(f"secret {name}")
    return paths


def verify(wanted: Desired, have: Live | None) -> Live:
    """Return the live state, if it is what was written.

    Raises:
        VerificationError: naming what differs.
    """
    if have is None:
        raise VerificationError("it is not there after the write", where=wanted.address)
    if wrong := mismatches(wanted, have):
        raise VerificationError(
            f"the tenant did not keep what was written: {one_line(', '.join(wrong))}",
            where=wanted.address,
            hint="Look at `deployer plan`: the tenant changes or refuses these attributes by itself, or somebody else "
            "wrote at the same moment.",
        )
    return have
