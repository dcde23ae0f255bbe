"""Reports in, a small file out that says which scripts were tested, when, and with what result: for plans to show.

The file is `.deployer/tested.json` in the project. It is keyed by content digest and holds no secret.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from deployer.errors import DeployerError
from deployer.runtime.contract.results import CheckOutcome, ContractReport

_KEPT = 500


@dataclass(frozen=True, slots=True)
class TestRecord:
    """The last contract tests of one script set. `at` is ISO 8601 in UTC; the counts are of checks."""

    __test__ = False
    at: str
    connection: str
    passed: int
    failed: int
    skipped: int


def write_record(root: Path, report: ContractReport) -> None:
    """Note a report of a whole run. Raises DeployerError where the project's folder cannot be written."""
    record = TestRecord(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        connection=report.connection,
        passed=report.count(CheckOutcome.PASSED),
        failed=report.count(CheckOutcome.FAILED),
        skipped=report.count(CheckOutcome.SKIPPED),
    )
    path = _path(root)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=10):
            known = {digest: old for digest, old in _read(path).items() if digest != report.digest}
            known[report.digest] = asdict(record)
            _replace(path, json.dumps(dict(list(known.items())[-_KEPT:]), indent=1))
    except OSError as error:
        raise DeployerError(
            f"The result of the tests cannot be noted: {error.strerror}.", where=str(path), hint="Check the folder."
        ) from None


def last_tested(root: Path, digest: str) -> TestRecord | None:
    """The last record of that script set (`RenderedConnection.digest`), None where it was never tested here."""
    found = _read(_path(root)).get(digest, {})
    try:
        return TestRecord(
            at=str(found["at"]),
            connection=str(found["connection"]),
            passed=int(found["passed"]),
            failed=int(found["failed"]),
            skipped=int(found["skipped"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _path(root: Path) -> Path:
    return root / ".deployer" / "tested.json"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """What is noted; nothing where the file is missing or damaged, since it can be made again by testing."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, dict)} if isinstance(found, dict) else {}


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="tested-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
