"""Keeps what is known of a release beside its content: who made it, when, from which commit, with which modules.

Each note is an object of its own, `release-notes/DIGEST/TIME-RANDOM.json`; nothing is ever changed.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from deployer.state.dated_notes import add_note, read_notes
from deployer.state.objects import Objects
from deployer.state.process_identity import pipeline_run, utc_now, whoami

FORMAT = 1

_FOLDER = "release-notes"


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


class ReleaseMetadata:
    """The notes of all releases."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def add(self, release: str, **facts: Any) -> ReleaseNote:
        """Note that a release was built; who, when and in which pipeline are filled in."""
        note = ReleaseNote(at=utc_now(), who=whoami(), run=pipeline_run(), **facts)
        add_note(self._objects, _FOLDER, release, note, note.at)
        return note

    def of(self, release: str) -> list[ReleaseNote]:
        """Read the notes of a release, oldest first. Raises StateCorruptError for one that cannot be read."""
        return read_notes(self._objects, _FOLDER, release, ReleaseNote)
