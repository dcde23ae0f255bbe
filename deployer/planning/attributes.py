"""Tells what of a resource is not as desired, without what its tenant does by itself: for plans and read-backs."""

from deployer.planning.differences import AttributeChange, managed_differences
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS


def attribute_changes(wanted: Desired, have: Live, *, just_written: bool = False) -> list[AttributeChange]:
    """Find what makes a write of `wanted` necessary; or, right after one (`just_written`), what it did not do."""
    kind = KINDS[wanted.kind]
    removed_by_write = kind.removed_by_write(wanted, have)
    if removed_by_write:
        own = kind.tenants_own(wanted, have, just_written=just_written)
        removed_by_write = [path for path in removed_by_write if path not in own]
    return managed_differences(wanted.attributes, have.attributes, removed_by_write)
