"""Tells what of a resource is not as desired, without what its tenant does by itself: for plans and read-backs."""

from deployer.planning.differences import AttributeChange, managed_differences
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS


def attribute_changes(desired: Desired, live: Live, *, just_written: bool = False) -> list[AttributeChange]:
    """Find what makes a write of `desired` necessary; or, right after one (`just_written`), what it did not do."""
    kind = KINDS[desired.kind]
    removed_by_write = kind.removed_by_write(desired, live)
    if removed_by_write:
        own = kind.tenants_own(desired, live, just_written=just_written)
        removed_by_write = [path for path in removed_by_write if path not in own]
    return managed_differences(desired.attributes, live.attributes, removed_by_write)
