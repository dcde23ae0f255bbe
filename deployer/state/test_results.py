"""Keeps how the contract tests went, by the digest of the scripts that they ran on.

Each run is an object of its own, `tests/DIGEST/TIME-RANDOM.json`; nothing is ever changed.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from deployer.state.dated_notes import add_note, read_notes
from deployer.state.objects import Objects
from deployer.state.process_identity import pipeline_run, utc_now, whoami

FORMAT = 1

_FOLDER = "tests"


class TestResult(BaseModel):
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


class TestResults:
    """The runs of the contract tests on all scripts."""

    __test__ = False

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def add(self, content: str, **facts: Any) -> TestResult:
        """Note a run on scripts of this digest; who, when and in which pipeline are filled in."""
        result = TestResult(at=utc_now(), who=whoami(), run=pipeline_run(), content=content, **facts)
        add_note(self._objects, _FOLDER, content, result, result.at)
        return result

    def last(self, content: str) -> TestResult | None:
        """Read the newest run on scripts of this digest. Raises StateCorruptError if one cannot be read."""
        found = read_notes(self._objects, _FOLDER, content, TestResult)
        return found[-1] if found else None
