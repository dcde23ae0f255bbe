"""Finds the parts of line differences that are the same in several scripts, so that each is read once.

One partial that many scripts include changes all of them alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from deployer.planning.differences import AttributeChange
from deployer.planning.model import Change
from deployer.reporting.format_values import line_difference, show_path
from deployer.text import count, one_line

_LISTED = 20
Hunk = tuple[str, ...]
"""Its lines, without the line of numbers before them."""


@dataclass
class SharedHunks:
    """The hunks of a plan's changed texts, each with the places (`connection.users options.customScripts.login`)."""

    places: dict[Hunk, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[Change]) -> "SharedHunks":
        """Collect the hunks of these changes, in the order in which they are shown."""
        found = cls()
        for change in changes:
            for attribute in change.attributes:
                if attribute.is_text and attribute.action == "change":
                    for _, body in _split(_lines(attribute)):
                        places = found.places.setdefault(body, [])
                        if (place := place_of(change.address, attribute)) not in places:
                            places.append(place)
        return found

    def note(self, body: Hunk, place: str) -> tuple[str, bool]:
        """Say where else a hunk of a place is, empty if nowhere; and tell whether it is shown at this place."""
        places = self.places.get(body, [])
        if len(places) < 2:
            return "", True
        if place != places[0]:
            return f"the same as in {places[0]}", False
        others = places[1:]
        more = f" and in {count(len(others) - _LISTED, 'other')}" if len(others) > _LISTED else ""
        return f"the same in {', '.join(others[:_LISTED])}{more}", True

    def hunks(self, address: str, attribute: AttributeChange) -> list[str] | None:
        """List the lines of a text's difference; what was shown already is only named. None for any other change."""
        if attribute.action != "change":
            return None
        shown: list[str] = []
        place = place_of(address, attribute)
        for header, body in _split(_lines(attribute)):
            remark, here = self.note(body, place)
            shown += [header, *([f"= {remark}"] if remark else []), *(body if here else ())]
        return shown


def place_of(address: str, attribute: AttributeChange) -> str:
    """Name a text in a plan: `connection.users options.customScripts.login`."""
    return f"{one_line(address)} {show_path(attribute.path)}"


def _lines(attribute: AttributeChange) -> list[str]:
    before, after = (str(side or "") for side in (attribute.before, attribute.after))
    return line_difference(before, after, "", ("", ""))[2:]


def _split(lines: Sequence[str]) -> Iterator[tuple[str, Hunk]]:
    """Split a difference into hunks: the line of numbers that each begins with, and its lines."""
    starts = [number for number, line in enumerate(lines) if line.startswith("@@")]
    for start, end in zip(starts, (*starts[1:], len(lines)), strict=False):  # no hunk at all has no end either
        yield lines[start], tuple(lines[start + 1 : end])
