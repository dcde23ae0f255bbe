"""`history prune`: what is old and needed by nothing goes; what rollback or a running release needs stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployer.state.history import HistoryRecord
from deployer.state.state_store import StateStore

DAYS = 200


@pytest.fixture
def aged(deployed: Any) -> tuple[Any, StateStore, list[str]]:
    """A tenant with 40 old deployments of as many releases, and one of today; every object is as old as its record."""
    store = StateStore.open(None, deployed.root)
    digests = []
    for number in range(40):
        digest = store.releases.put(f"release {number}".encode())
        digests.append(digest)
        journal = store.journal("local", "apply", "sha256:0", [], store.snapshots.put({"number": number}))
        journal.finished("succeeded")
        at = datetime.now(UTC) - timedelta(days=DAYS - number)
        record = HistoryRecord(
            format=1,
            at=at,
            who="me",
            command="apply",
            tenant="local",
            result="succeeded",
            release_to=digest,
            journal=journal.id,
        )
        store.history.append(record)
    old = datetime.now(UTC).timestamp() - DAYS * 86_400
    import os

    for path in (deployed.root / ".deployer").rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))
    return deployed, store, digests


def files(root: Path, folder: str) -> int:
    return sum(path.is_file() for path in (root / ".deployer" / folder).rglob("*"))


def test_without_delete_nothing_goes(aged: Any) -> None:
    project, _, _ = aged
    before = {path for path in (project.root / ".deployer").rglob("*") if path.is_file()}
    ran = project.run("history", "prune", "--records", "5")
    assert ran.code == 0, ran.all
    assert ran.out.startswith("Can go: 30 records, ")
    assert "add --delete" in ran.out
    assert {path for path in (project.root / ".deployer").rglob("*") if path.is_file()} == before


def test_what_rollback_and_the_running_release_need_stays(aged: Any) -> None:
    project, store, digests = aged
    ran = project.run("history", "prune", "--records", "5", "--releases", "10", "--delete", "--json")
    assert ran.code == 0, ran.all
    assert ran.json["deleted"] is True
    assert (ran.json["records"], ran.json["releases"], ran.json["snapshots"]) == (30, 30, 30)
    assert [store.releases.get(digest) for digest in digests[-10:]]
    assert len(store.history.list("local")) == 11
    assert files(project.root, "snapshots") == 11
    assert project.run("drift", "local").code == 0
    assert project.run("rollback", "local", "--plan", digests[0].removeprefix("sha256:")[:12]).code == 1
    again = project.run("history", "prune", "--records", "5", "--delete")
    assert "Deleted: 0 records, 0 journals, 0 snapshots, 0 releases." in again.out


def test_what_is_young_stays(aged: Any) -> None:
    project, _, _ = aged
    ran = project.run("history", "prune", "--records", "1", "--releases", "1", "--days", "365", "--json")
    assert (ran.json["records"], ran.json["releases"]) == (0, 0)
    assert project.run("history", "prune", "--days", "1").code != 0


def test_an_interrupted_apply_is_recovered_first(aged: Any) -> None:
    project, store, _ = aged
    store.journal("local", "apply", "sha256:0", [{"address": "connection.x", "action": "create"}])
    ran = project.run("history", "prune", "--delete")
    assert ran.code == 3
    assert "deployer recover local" in ran.err


def test_a_tenant_of_that_name_has_a_history(deployed: Any) -> None:
    (deployed.root / "tenants/prune.yaml").write_bytes((deployed.root / "tenants/local.yaml").read_bytes())
    assert "nothing" in deployed.run("history", "--", "prune").all.lower()
    assert deployed.run("history", "local").code == 0
