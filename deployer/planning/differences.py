"""Compares two states of a resource, attribute by attribute, only for what is managed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from deployer.config.tree import REMOVE
from deployer.resources.changes import AttributeChange
from deployer.resources.server_completed import Path

__all__ = ["AttributeChange", "Path", "all_differences", "managed_differences", "value_at"]


def managed_differences(
    desired: Mapping[str, Any], live: Mapping[str, Any], removed_by_write: Sequence[Path] = ()
) -> list[AttributeChange]:
    """Find what a write of `desired` changes in `live`: other things the tenant has, its defaults above all, are none.

    A desired null is how a request takes something away: a tenant that has nothing there has what is desired.

    `removed_by_write` names attributes that go with the write although they are not in `desired`.
    """
    shown, changes = _project(desired, live, ())
    kept = _without_markers(desired, live)
    if shown != kept:
        changes += _compare(shown, kept)
    for path in removed_by_write:
        before = value_at(live, path)
        if before is not None:
            changes.append(AttributeChange(path=path, action="remove", before=before))
    return sorted(changes, key=lambda change: change.path)


def all_differences(before: Any, after: Any) -> list[AttributeChange]:
    """Find every difference between two states, managed or not."""
    return sorted(_compare(before, after), key=lambda change: change.path)


def _project(desired: Any, live: Any, path: Path) -> tuple[Any, list[AttributeChange]]:
    """Cut `live` down to the keys of `desired`, and find the keys that are there although they must not be."""
    removals: list[AttributeChange] = []
    if not (isinstance(desired, Mapping) and isinstance(live, Mapping)):
        return live, removals
    shown = {}
    for key, value in desired.items():
        if key not in live:
            continue
        if value is REMOVE:
            removals.append(AttributeChange(path=(*path, key), action="remove", before=live[key]))
        else:
            shown[key], below = _project(value, live[key], (*path, key))
            removals += below
    return shown, removals


def _without_markers(value: Any, live: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    there = live if isinstance(live, Mapping) else {}
    return {
        key: _without_markers(item, there.get(key)) if isinstance(item, Mapping) else item
        for key, item in value.items()
        if item is not REMOVE and (item is not None or key in there)
    }


def _compare(before: Any, after: Any) -> list[AttributeChange]:
    from deepdiff import DeepDiff

    from deployer.planning.whole_values import WholeValues

    # Keys such as `__typename` are the tenant's own and count like any other. Maps are always compared key by key,
    # however little they have in common: what is said of a plan depends on the paths in it.
    tree = DeepDiff(
        before,
        after,
        view="tree",
        custom_operators=[WholeValues()],
        ignore_private_variables=False,
        threshold_to_diff_deeper=0,
    )
    return [leaf for report, items in tree.items() for item in items for leaf in _leaves(_change(report, item))]


_ACTIONS: Mapping[str, Literal["add", "change", "remove"]] = {
    "dictionary_item_added": "add",
    "dictionary_item_removed": "remove",
    "values_changed": "change",
}
"""What DeepDiff reports of maps and of the values in them. It is asked about nothing else."""


def _change(report: str, item: Any) -> AttributeChange:
    """Turn a difference of DeepDiff's tree view into one of ours."""
    action = _ACTIONS[report]
    return AttributeChange(
        path=tuple(item.path(output_format="list")),
        action=action,
        before=item.t1 if action != "add" else None,
        after=item.t2 if action != "remove" else None,
    )


def _leaves(change: AttributeChange) -> Iterator[AttributeChange]:
    """Split an added or removed map into its keys; leave everything else as it is."""
    value = change.after if change.action == "add" else change.before
    if change.action == "change" or not isinstance(value, dict) or not value:
        yield change
        return
    side = "after" if change.action == "add" else "before"
    for key, item in value.items():
        below = AttributeChange.model_validate({"path": (*change.path, key), "action": change.action, side: item})
        yield from _leaves(below)


def value_at(value: Any, path: Sequence[Any], default: Any = None) -> Any:
    """Return what a nested map has at a path."""
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return default
        value = value[part]
    return value
