"""Shows how two values of an attribute differ, in short text, also where both begin alike."""

import json
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from deployer.reporting.format_values import SHORTEST_CUT, show_value
from deployer.text import one_line

_MOST_ELEMENTS = 10


@dataclass(frozen=True, slots=True)
class ElementDifference:
    """What differs between two lists: in one line, and element by element (`+ "word40"`, `- "word39"`)."""

    summary: str
    lines: tuple[str, ...]


def show_both(before: Any, after: Any, limit: int = SHORTEST_CUT) -> tuple[str, str]:
    """Write both values on one line each, of `limit` characters around the first difference where they begin alike."""
    old, new = show_value(before, limit), show_value(after, limit)
    if not _alike(old, new):
        return old, new
    for ascii_only in (False, True):
        old, new = (_whole(value, ascii_only=ascii_only) for value in (before, after))
        start = max(0, _first_difference(old, new) - limit // 3)
        old, new = _cut(old, start, limit), _cut(new, start, limit)
        if not _alike(old, new):
            break
    return old, new


def element_difference(before: Any, after: Any, *, verbose: bool = False) -> ElementDifference | None:
    """Find which elements of a list were added and removed; `verbose` names them all.

    None for what is no pair of lists, and for lists that fit on the line with both their sides.
    """
    if not (isinstance(before, list) and isinstance(after, list)):
        return None
    if max(len(_whole(before)), len(_whole(after))) <= SHORTEST_CUT:
        return None
    old, new = {_key(item): item for item in before}, {_key(item): item for item in after}
    old_keys, new_keys = [_key(item) for item in before], [_key(item) for item in after]
    added = list((Counter(new_keys) - Counter(old_keys)).elements())
    removed = list((Counter(old_keys) - Counter(new_keys)).elements())
    shown = _shown([old[key] for key in removed], [new[key] for key in added])
    sides = [[f"{sign} {text}" for text in texts] for sign, texts in zip("-+", shown, strict=True)]
    lines = [line for side in sides for line in _bounded(side, verbose=verbose)]
    number = f"{len(before):,}" if len(before) == len(after) else f"{len(before):,} -> {len(after):,}"
    parts = [f"{len(added):,} added", f"{len(removed):,} removed"] if added or removed else []
    stayed = _without(old_keys, removed), _without(new_keys, added)
    if stayed[0] != stayed[1]:
        at = _first_difference(*stayed)
        parts.append(f"{'the others ' if parts else ''}in another order from {show_value(old[stayed[0][at]], 60)} on")
    return ElementDifference(f"{number} elements: {', '.join(parts)}", tuple(lines))


def _shown(removed: list[Any], added: list[Any]) -> tuple[list[str], list[str]]:
    """Write every element on one line; two that would look alike are cut where they differ."""
    old, new = [show_value(item) for item in removed], [show_value(item) for item in added]
    places = {text: index for index, text in reversed(list(enumerate(new)))}
    for index, text in enumerate(old):
        if (other := places.pop(text, None)) is not None:
            old[index], new[other] = show_both(removed[index], added[other])
    return old, new


def _bounded(lines: list[str], *, verbose: bool) -> list[str]:
    if verbose or len(lines) <= _MOST_ELEMENTS + 1:
        return lines
    return [*lines[:_MOST_ELEMENTS], f"{lines[0][0]} and {len(lines) - _MOST_ELEMENTS:,} more"]


def _without(keys: list[str], taken: list[str]) -> list[str]:
    """Drop the keys taken, each as often as it was taken, the last first: what is new stands at the end."""
    still_to_drop = Counter(taken)
    kept = []
    for key in reversed(keys):
        if still_to_drop[key]:
            still_to_drop[key] -= 1
        else:
            kept.append(key)
    return kept[::-1]


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _whole(value: Any, *, ascii_only: bool = False) -> str:
    text = json.dumps(value, ensure_ascii=ascii_only, sort_keys=True)
    return one_line(text, len(text) * 10)


def _alike(one: str, other: str) -> bool:
    """Tell whether two texts look the same: letters may be composed in more than one way."""
    return one == other or unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)


def _first_difference(one: "str | list[str]", other: "str | list[str]") -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _cut(text: str, start: int, limit: int) -> str:
    head = "…" if start else ""
    return head + one_line(text[start:], limit - len(head))
