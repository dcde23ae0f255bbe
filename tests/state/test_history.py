"""Who did what to which tenant: newest first, filtered, and no record lost."""

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from deployer.state.errors import StateError
from deployer.state.history import UNREADABLE, HistoryRecord
from deployer.state.state_store import StateStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def add(store: StateStore, hours: int, result: str = "succeeded", **more: object) -> HistoryRecord:
    record = HistoryRecord(
        at=NOON + timedelta(hours=hours), who="ada@laptop", command="apply", tenant="prod", result=result
    )
    return store.history.append(record.model_copy(update=more))


def test_a_deployment_is_remembered_with_who_when_and_what(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_JOB_URL", "https://gitlab.example/acme/logins/-/jobs/7")
    monkeypatch.delenv("GITHUB_RUN_ID", raising=False)
    before = datetime.now(UTC)
    written = store.history.record(
        "prod",
        "promote",
        "succeeded",
        release_from="sha256:aa",
        release_to="sha256:bb",
        plan_digest="sha256:cc",
        changes={"create": 1, "update": 2, "delete": 0},
        addresses=["connection.legacy-users"],
        reason="hot fix",
        journal="20261123T000000.000000Z-00000000",
    )
    (found,) = store.history.list("prod")
    assert found == written
    assert store.history.get("prod", written.id) == written
    assert before <= found.at <= datetime.now(UTC)
    assert "@" in found.who
    assert found.run == "https://gitlab.example/acme/logins/-/jobs/7"
    assert (found.release_from, found.release_to, found.changes["update"]) == ("sha256:aa", "sha256:bb", 2)
    with pytest.raises(StateError, match="has no record"):
        store.history.get("prod", "20261123T000000.000000Z-00000000")


def test_newest_first_and_filtered(store: StateStore) -> None:
    records = [
        add(store, hours, "failed" if hours % 2 else "succeeded", release_to=f"sha256:{hours:064x}")
        for hours in (3, 0, 4, 1, 2)
    ]
    by_hour = {(record.at - NOON) // timedelta(hours=1): record for record in records}
    add_elsewhere = records[0].model_copy(update={"tenant": "prod-2"})
    store.history.append(add_elsewhere)

    def hours(**filters: object) -> list[int]:
        found = store.history.list("prod", **filters)  # type: ignore[arg-type]
        assert all(record == by_hour[(record.at - NOON) // timedelta(hours=1)] for record in found)
        return [(record.at - NOON) // timedelta(hours=1) for record in found]

    assert hours() == [4, 3, 2, 1, 0]
    assert hours(limit=2) == [4, 3]
    assert hours(limit=0) == []
    assert hours(since=NOON + timedelta(hours=2)) == [4, 3, 2]
    assert hours(until=NOON + timedelta(hours=2)) == [1, 0]
    assert hours(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=3)) == [2, 1]
    in_tokyo = (NOON + timedelta(hours=2)).astimezone(timezone(timedelta(hours=9)))
    assert hours(since=in_tokyo) == [4, 3, 2]
    assert hours(since=(NOON + timedelta(hours=2)).replace(tzinfo=None)) == [4, 3, 2]
    assert hours(result="failed") == [3, 1]
    assert hours(result="failed", limit=1) == [3]
    assert hours(command="rollback") == []
    assert hours(release=f"{4:064x}") == [4]
    assert hours(release="sha256:" + "0" * 60) == [4, 3, 2, 1, 0]
    assert hours(release="") == []
    assert store.history.tenants() == ["prod", "prod-2"]
    assert store.history.list("unknown") == []


def test_newer_and_damaged_records_are_listed_not_skipped(store: StateStore) -> None:
    known = add(store, 0)
    extra = json.loads(known.model_dump_json()) | {"format": 2, "approved_by": ["ada"], "result": "postponed"}
    store.objects.put("history/prod/20261123T130000.000000Z-00000001.json", json.dumps(extra).encode())
    other = {"format": 3, "when": "in another shape"}
    store.objects.put("history/prod/20261123T140000.000000Z-00000002.json", json.dumps(other).encode())
    store.objects.put("history/prod/20261123T150000.000000Z-00000003.json", b'{"format": 1, "id"')
    store.objects.put("history/prod/not-a-time.json", b"[" * 100_000)
    strange, damaged, newer, readable, first = store.history.list("prod")
    assert first == known
    assert (readable.result, readable.model_extra) == ("postponed", {"approved_by": ["ada"]})
    assert readable.id == "20261123T130000.000000Z-00000001"
    assert (newer.result, newer.at) == (UNREADABLE, datetime(2026, 11, 23, 14, tzinfo=UTC))
    assert "newer version" in (newer.reason or "")
    assert (damaged.result, damaged.reason) == (UNREADABLE, "the record is damaged")
    assert (strange.id, strange.result) == ("not-a-time", UNREADABLE)


def test_where_a_record_lies_decides_whose_it_is(store: StateStore) -> None:
    record = add(store, 0)
    store.objects.put(f"history/other/{record.id}.json", record.model_dump_json().encode())
    assert [found.tenant for found in store.history.list("other")] == ["other"]


def test_threads_lose_nothing(store: StateStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda number: add(store, 0, reason=str(number)), range(64)))
    found = store.history.list("prod")
    assert sorted(record.id for record in found) == sorted(record.id for record in written)
    assert {record.reason for record in found} == {str(number) for number in range(64)}


def _write(url: str, me: int) -> None:
    store = StateStore.open(url)
    for number in range(20):
        store.history.record("prod", "apply", "succeeded", reason=f"{me}-{number}")


def test_processes_lose_nothing(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(url, me)) for me in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    found = [record.reason for record in StateStore.open(url).history.list("prod")]
    assert sorted(str(reason) for reason in found) == sorted(f"{me}-{n}" for me in range(3) for n in range(20))
    for me in range(3):
        mine = [reason for reason in found if str(reason).startswith(f"{me}-")]
        assert mine == [f"{me}-{number}" for number in reversed(range(20))]
