"""What is known of a release beside its content: who made it, when, from which commit, with which modules.

Each note is an object of its own, `release-notes/DIGEST/TIME-RANDOM.json`; nothing is ever changed.
"""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from deployer.state.names import make_key
from deployer.state.objects import Objects
from deployer.state.process_identity import pipeline_run, time_id, utc_now, whoami
from deployer.state.records import decode, encode

FORMAT = 1


class ReleaseNote(BaseModel):
    """Who built a release. `modules` maps each npm module to its pinned version, `modules_digest` names the set."""

    model_config = ConfigDict(extra="allow", frozen=True)

    format: int = Field(FORMAT, ge=1)
    at: datetime
    who: str
    run: str | None = None
    commit: str | None = None
    modules: dict[str, str] = Field(default_factory=dict)
    modules_digest: str | None = None


class TestRecord(BaseModel):
    """One run of the contract tests on the scripts of a connection. `content` is the digest of scripts and modules."""

    __test__ = False
    model_config = ConfigDict(extra="allow", frozen=True)

    format: int = Field(FORMAT, ge=1)
    at: datetime
    who: str
    run: str | None = None
    tenant: str
    connection: str
    content: str
    passed: bool
    results: dict[str, str] = Field(default_factory=dict)


_Note = TypeVar("_Note", ReleaseNote, TestRecord)


class ReleaseNotes:
    """The notes of all releases, and the tests of all scripts."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def add(self, release: str, **facts: Any) -> ReleaseNote:
        """Note that a release was built; who, when and in which pipeline are filled in."""
        note = ReleaseNote(at=utc_now(), who=whoami(), run=pipeline_run(), **facts)
        self._put("release-notes", release, note)
        return note

    def of(self, release: str) -> list[ReleaseNote]:
        """The notes of a release, oldest first. Raises StoreCorruptError for one that cannot be read."""
        return self._all("release-notes", release, ReleaseNote)

    def add_test(self, content: str, **facts: Any) -> TestRecord:
        """Note a run of the contract tests on scripts of this digest."""
        record = TestRecord(at=utc_now(), who=whoami(), run=pipeline_run(), content=content, **facts)
        self._put("tests", content, record)
        return record

    def last_test(self, content: str) -> TestRecord | None:
        """The newest run on scripts of this digest."""
        found = self._all("tests", content, TestRecord)
        return found[-1] if found else None

    def _put(self, folder: str, digest: str, note: ReleaseNote | TestRecord) -> None:
        while not self._objects.put_if_absent(_key(folder, digest, time_id(note.at)), encode(note)):
            continue

    def _all(self, folder: str, digest: str, kind: type[_Note]) -> list[_Note]:
        keys = self._objects.list(make_key(folder, digest.removeprefix("sha256:")))
        return [
            decode(kind, stored.data, what="note in the store", where=f"{self._objects.location}/{key}")
            for key, stored in self._objects.get_many(keys)
            if stored is not None
        ]


def _key(folder: str, digest: str, id: str) -> str:
    return make_key(folder, digest.removeprefix("sha256:"), f"{id}.json")
