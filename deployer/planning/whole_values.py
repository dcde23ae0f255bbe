"""Tells DeepDiff what is one value to whoever reads a plan: everything that is not a map on both sides."""

from collections.abc import Mapping
from typing import Any

from deepdiff.operator import BaseOperator
from typing_extensions import override


class WholeValues(BaseOperator):
    """Compares values as JSON does, and lists as a whole: aligning two takes long, and says less than both of them."""

    @override
    def match(self, level: Any) -> bool:
        """Return whether the comparison ends here: maps alone are compared key by key."""
        return not (isinstance(level.t1, Mapping) and isinstance(level.t2, Mapping))

    @override
    def give_up_diffing(self, level: Any, diff_instance: Any) -> bool:
        """Report the two values where they are not the same."""
        if not same_json(level.t1, level.t2):
            diff_instance.custom_report_result("values_changed", level)
        return True


def same_json(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same: `true` is not 1, as Python has it, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(item, other[key]) for key, item in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)
