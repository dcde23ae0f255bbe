"""Finds out by its history what a tenant runs: a release, and parts of others that it was given since."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from deployer.state.history import HistoryRecord
from deployer.state.releases import short_id
from deployer.text import one_line

_COMMANDS = ("apply", "promote", "rollback", "recover")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DeployedRelease:
    """What a tenant runs.

    `release` is the one that it was last given whole, None where it never was. `parts` says by address what it was
    given of another release since then.
    """

    release: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    def release_of(self, address: str) -> str | None:
        """Return the release that a resource was last given with, None where it never was."""
        return self.parts.get(address, self.release)

    @property
    def words(self) -> str:
        """`release 1a2b3c4d5e6f, and of release 6f5e4d3c2b1a connection.users`."""
        by_release: dict[str, list[str]] = {}
        for address, release in self.parts.items():
            by_release.setdefault(release, []).append(one_line(address, 100))
        texts = [f"release {_short(self.release)}"] if self.release else []
        for release, addresses in by_release.items():
            more = f" and {len(addresses) - _SHOWN:,} more" if len(addresses) > _SHOWN else ""
            texts.append(f"of release {_short(release)} {', '.join(addresses[:_SHOWN])}{more}")
        return ", and ".join(texts) or "no release that is known"


def find_deployed(records: Iterable[HistoryRecord]) -> DeployedRelease:
    """Find what a tenant runs, by its records, newest first; read none beyond the last release that was given whole."""
    parts: dict[str, str] = {}
    whole: str | None = None
    for record in _deployments(records):
        if not record.targets:
            whole = record.release_to
            break
        for address in record.given:
            parts.setdefault(address, str(record.release_to))
    return DeployedRelease(whole, {address: release for address, release in parts.items() if release != whole})


def whole_releases(records: Iterable[HistoryRecord]) -> Iterator[str]:
    """List the releases that a tenant was given whole, newest first, as often as it was given them."""
    for record in _deployments(records):
        if not record.targets:
            yield str(record.release_to)


def _deployments(records: Iterable[HistoryRecord]) -> Iterator[HistoryRecord]:
    """Choose the records that gave the tenant something of a release, without those that `recover` has taken back."""
    taken_back = set()
    for record in records:
        if record.result == "succeeded":
            if record.command in _COMMANDS and record.release_to and record.journal not in taken_back:
                yield record
        elif record.command == "recover" and record.journal:
            taken_back.add(record.journal)


def _short(release: str | None) -> str:
    return one_line(short_id(release or ""), 12)
