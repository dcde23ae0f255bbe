"""A journal tells, after a kill at any moment, what had been done."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployer.digests import digest_bytes
from deployer.errors import ExitCode
from deployer.state.errors import JournalTakenOverError, StateCorruptError, StateError, StateUnreachableError
from deployer.state.journal import Journal, replay_contents
from deployer.state.replay import InvalidRecordError, JournalState
from deployer.state.state_store import StateStore

STEPS = [
    {"address": "connection.legacy-users", "operation": "update"},
    {"address": "action.restrict-audience", "operation": "create"},
    {"address": "action.old", "operation": "delete", "before": None, "nested": {"also": None}},
]


def begin(store: StateStore, tenant: str = "prod", steps: int = 3) -> Journal:
    return store.journal(tenant, f"apply {tenant}", "sha256:plan", STEPS[:steps], "sha256:snapshot")


def contents(store: StateStore, journal: Journal) -> list[bytes]:
    keys = store.objects.list(f"journals/{journal.state.tenant}/{journal.id}")
    return [stored.data for _, stored in store.objects.get_many(keys) if stored]


def test_a_journal_that_ends_well(store: StateStore) -> None:
    journal = begin(store)
    (seen,) = store.journals.open_journals("prod")
    assert seen == journal.state
    assert (seen.tenant, seen.command, seen.plan_digest, seen.snapshot) == (
        "prod",
        "apply prod",
        "sha256:plan",
        "sha256:snapshot",
    )
    assert [step.step for step in seen.steps] == STEPS
    for number in range(3):
        journal.step_started(number)
        assert store.journals.read("prod", journal.id).uncertain[0].number == number
        journal.step_done(number, {"id": f"con_{number}"})
    assert [step.result for step in store.journals.read("prod", journal.id).steps] == [
        {"id": "con_0"},
        {"id": "con_1"},
        {"id": "con_2"},
    ]
    journal.finished("succeeded")
    assert store.journals.open_journals("prod") == []
    state = store.journals.read("prod", journal.id)
    assert state == journal.state
    assert (state.phase, state.outcome, state.is_open) == ("finished", "succeeded", False)
    assert store.journals.list("prod") == [journal.id]


def test_a_journal_that_is_rolled_back(store: StateStore) -> None:
    journal = begin(store)
    journal.step_started(0)
    journal.step_done(0, "id")
    journal.step_started(1)
    journal.rollback_started("the tenant answered 500")
    assert [step.number for step in journal.state.to_undo] == [1, 0]
    journal.undo_started(1)
    journal.step_undone(1)
    with pytest.raises(InvalidRecordError, match="step 0 is not undone"):
        journal.rolled_back()
    journal.undo_started(0)
    journal.undo_failed(0, "no answer")
    journal.undo_started(0)
    journal.step_undone(0, {"restored": True})
    journal.rolled_back()
    state = store.journals.read("prod", journal.id)
    assert state.phase == "rolled_back"
    assert state.reason == "the tenant answered 500"
    assert [step.status for step in state.steps] == ["undone", "undone", "pending"]
    assert state.steps[0].undo_result == {"restored": True}
    assert store.journals.open_journals("prod") == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda journal: journal.step_done(0),
        lambda journal: journal.undo_started(0),
        lambda journal: journal.step_started(3),
        lambda journal: journal.step_started(-1),
        Journal.rolled_back,
    ],
    ids=["done", "undo", "beyond", "negative", "rolled-back"],
)
def test_records_that_cannot_follow_are_refused_and_not_written(
    store: StateStore, wrong: Callable[[Journal], None]
) -> None:
    journal = begin(store)
    with pytest.raises(ValueError, match=r"."):
        wrong(journal)
    assert len(contents(store, journal)) == 1


def test_a_finished_journal_takes_no_records(store: StateStore) -> None:
    journal = begin(store)
    journal.finished()
    with pytest.raises(InvalidRecordError):
        journal.step_started(0)
    with pytest.raises(StateError, match="is closed"):
        store.journals.resume("prod", journal.id)


def test_whoever_resumes_shuts_the_other_out(store: StateStore) -> None:
    first = begin(store)
    first.step_started(0)
    second = store.journals.resume("prod", first.id)
    with pytest.raises(JournalTakenOverError) as stopped:
        first.step_done(0)
    assert stopped.value.exit_code == ExitCode.REFUSED
    with pytest.raises(JournalTakenOverError):
        first.step_started(1)
    second.step_done(0)
    second.finished("recovered")
    state = store.journals.read("prod", first.id)
    assert state.taken_over_by
    assert (state.steps[0].status, state.outcome) == ("done", "recovered")


def test_of_two_that_resume_one_goes_on(store: StateStore) -> None:
    begin(store)
    id = store.journals.list("prod")[0]
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def resume() -> None:
        start.wait()
        try:
            journal = store.journals.resume("prod", id)
            journal.step_started(0)
            outcomes.append("went on")
        except JournalTakenOverError:
            outcomes.append("stopped")

    threads = [threading.Thread(target=resume) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Both may have resumed one after the other; what is written then is one row all the same.
    assert "went on" in outcomes
    assert store.journals.read("prod", id).steps[0].status == "started"


def test_open_journals_are_those_of_the_tenant_oldest_first(store: StateStore) -> None:
    ids = [begin(store).id for _ in range(3)]
    begin(store, "prod-2")
    assert [state.id for state in store.journals.open_journals("prod")] == ids
    store.journals.dismiss("prod", ids[0])
    assert [state.id for state in store.journals.open_journals("prod")] == ids[1:]


def test_a_mark_that_outlived_its_journal_is_cleared(store: StateStore) -> None:
    journal = begin(store)
    journal.finished()
    marker = f"open-journals/prod/{journal.id}.json"
    store.objects.put(marker, b"{}")
    assert store.journals.open_journals("prod") == []
    assert store.objects.get(marker) is None


@pytest.mark.parametrize(
    "torn", [lambda _: b"", lambda _: b"\0" * 200, lambda record: record[:50]], ids=["empty", "zeros", "cut"]
)
def test_a_torn_last_record_is_as_if_it_were_not_there(store: StateStore, torn: Callable[[bytes], bytes]) -> None:
    journal = begin(store)
    journal.step_started(0)
    store.objects.put(f"journals/prod/{journal.id}/000001.json", torn(contents(store, journal)[1]))
    (state,) = store.journals.open_journals("prod")
    assert state.incomplete
    assert [step.status for step in state.steps] == ["pending"] * 3
    recovered = store.journals.resume("prod", journal.id)
    recovered.step_started(1)
    state = store.journals.read("prod", journal.id)
    assert [step.status for step in state.steps] == ["pending", "started", "pending"]


def test_damage_is_found(store: StateStore) -> None:
    journal = begin(store)
    for number in range(3):
        journal.step_started(number)
        journal.step_done(number)
    good = contents(store, journal)

    def damage(number: int, data: bytes | None) -> str:
        key = f"journals/prod/{journal.id}/{number:06}.json"
        if data is None:
            store.objects.delete(key)
        else:
            store.objects.put(key, data)
        with pytest.raises(StateCorruptError) as error:
            store.journals.open_journals("prod")
        store.objects.put(key, good[number])
        assert journal.id in str(error.value)
        return str(error.value)

    assert "is missing" in damage(2, None)
    assert "damaged" in damage(0, b"{")
    assert "damaged" in damage(3, good[3][:-20])
    forged = json.loads(good[2]) | {"result": "other"}
    assert "does not follow" in damage(2, json.dumps(forged).encode())
    newer = json.loads(good[6]) | {"format": 2, "event": "teleported"}
    assert "newer version" in damage(6, json.dumps(newer).encode())
    assert store.journals.read("prod", journal.id).steps[2].status == "done"


def test_a_moved_journal_is_not_another_tenants(store: StateStore) -> None:
    journal = begin(store)
    for number, data in enumerate(contents(store, journal)):
        store.objects.put(f"journals/other/{journal.id}/{number:06}.json", data)
    with pytest.raises(StateCorruptError, match="another tenant"):
        store.journals.read("other", journal.id)


@pytest.mark.parametrize("lost", [1, 2])
def test_lost_answers_leave_each_record_once(s3_server: SimpleNamespace, s3_url: str, lost: int) -> None:
    store = StateStore.open(s3_url)
    journal = begin(store)
    for number in range(2):
        s3_server.app.lose_answers = lost
        journal.step_started(number)
        s3_server.app.lose_answers = lost
        journal.step_done(number, number)
    assert s3_server.app.lose_answers == 0
    state = store.journals.read("prod", journal.id)
    assert state == journal.state
    assert len(contents(store, journal)) == 5


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("again", ["same", "other"])
def test_a_store_that_was_away_for_a_moment(
    store: StateStore, monkeypatch: pytest.MonkeyPatch, arrived: bool, again: str
) -> None:
    """Neither the write nor the read that would resolve it was answered; the next record finds out."""
    journal = begin(store)
    journal.step_started(0)
    real = store.objects.put_if_absent

    def away(key: str, data: bytes) -> Any:
        if arrived:
            real(key, data)
        raise StateUnreachableError("away")

    monkeypatch.setattr(store.objects, "put_if_absent", away)
    with pytest.raises(StateUnreachableError):
        journal.rollback_started("because")
    monkeypatch.setattr(store.objects, "put_if_absent", real)
    if again == "same":
        journal.rollback_started("because")
    else:
        journal.step_failed(0, "x") if not arrived else journal.rollback_started("other")
    state = store.journals.read("prod", journal.id)
    assert state == journal.state
    assert len(contents(store, journal)) == 3 + (arrived and again == "other")


# --- every prefix of a journal replays to a well-defined state


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int | None]]:
    """What a process may try to write, in any order; what cannot follow is refused."""
    events = ("step_started", "step_done", "step_failed", "undo_started", "step_undone", "undo_failed")
    whole = ("rollback_started", "rolled_back", "finished", "take_over")
    one = st.one_of(st.tuples(st.sampled_from(events), st.integers(0, 2)), st.tuples(st.sampled_from(whole), st.none()))
    return draw(st.lists(one, max_size=25))


class Memory:
    """Objects in a dictionary: the property is about replaying, not about storing."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.location = "memory"

    def put(self, key: str, data: bytes) -> bool:
        self.data[key] = data
        return True

    def put_if_absent(self, key: str, data: bytes) -> bool:
        return self.data.setdefault(key, data) is data

    def delete(self, key: str) -> None:
        self.data.pop(key, None)

    def rows(self) -> list[bytes]:
        return [self.data[key] for key in sorted(self.data) if key.startswith("journals/")]


def play(events: list[tuple[str, int | None]]) -> tuple[list[bytes], list[JournalState]]:
    memory = Memory()
    store = StateStore(memory)  # type: ignore[arg-type]
    journal = begin(store)
    states = [journal.state]
    for event, step in events:
        arguments: list[Any] = [] if step is None else [step]
        if event in ("step_failed", "undo_failed", "rollback_started"):
            arguments.append("why")
        try:
            getattr(journal, event)(*arguments)
        except InvalidRecordError:
            continue
        states.append(journal.state)
    return memory.rows(), states


@settings(deadline=None)
@given(histories(), st.data())
def test_every_prefix_replays_to_the_state_that_was_there(events: list[tuple[str, int | None]], data: Any) -> None:
    rows, states = play(events)
    assert len(rows) == len(states)
    for length in range(1, len(rows) + 1):
        state = replay_contents(states[0].id, rows[:length])
        assert state == states[length - 1]
        assert state.is_open == (state.phase in ("applying", "rolling_back"))
        # A step is uncertain exactly between the record before its request and the record after it.
        last = json.loads(rows[length - 1])
        if last["event"] in ("step_started", "undo_started"):
            assert last["step"] in [step.number for step in state.uncertain]
        if last["event"] in ("step_done", "step_undone"):
            assert last["step"] not in [step.number for step in state.uncertain]
    # Torn anywhere inside its last record, a journal tells what it told before that record.
    if len(rows) > 1:
        length = data.draw(st.integers(2, len(rows)))
        cut = data.draw(st.integers(0, len(rows[length - 1]) - 2))
        incomplete = replay_contents(states[0].id, [*rows[: length - 1], rows[length - 1][:cut]])
        assert incomplete.incomplete
        assert incomplete.steps == states[length - 2].steps
        assert incomplete.phase == states[length - 2].phase


@settings(deadline=None)
@given(histories(), st.data())
def test_no_record_can_be_changed_or_dropped_unseen(events: list[tuple[str, int | None]], data: Any) -> None:
    rows, states = play(events)
    if len(rows) < 3:
        return
    place = data.draw(st.integers(0, len(rows) - 2))
    changed = json.dumps(json.loads(rows[place]) | {"who": "somebody else"}).encode()
    for forged in ([*rows[:place], changed, *rows[place + 1 :]], [*rows[:place], *rows[place + 1 :]]):
        with pytest.raises(InvalidRecordError):
            replay_contents(states[0].id, forged)


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_rubbish_is_never_a_traceback(rows: list[bytes]) -> None:
    with pytest.raises(InvalidRecordError):
        replay_contents("id", rows)


_APPLY = """
import sys
from deployer.state.state_store import StateStore
store = StateStore.open(sys.argv[1])
while True:
    journal = store.journal("prod", "apply prod", "sha256:p", [{"n": n} for n in range(5)])
    for number in range(5):
        journal.step_started(number)
        print(f"{journal.id} started {number}", flush=True)
        journal.step_done(number)
        print(f"{journal.id} done {number}", flush=True)
    journal.finished()
    print(f"{journal.id} finished", flush=True)
"""


@pytest.mark.parametrize("delay", [0.011, 0.053, 0.097])
def test_kill_9_in_an_apply_leaves_what_it_had_been_told_is_written(url: str, delay: float) -> None:
    with subprocess.Popen([sys.executable, "-c", _APPLY, url], stdout=subprocess.PIPE, text=True) as apply:
        assert apply.stdout
        first = apply.stdout.readline()  # a busy machine takes its time to begin
        threading.Event().wait(delay)
        apply.send_signal(signal.SIGKILL)
        printed = [first, *apply.stdout.read().splitlines()]
    told = [line.split() for line in printed if line.count(" ") == 2 or line.endswith("finished")]
    assert told
    store = StateStore.open(url)
    found = {state.id: state for state in store.journals.open_journals("prod")}
    assert len(found) <= 1
    for id in store.journals.list("prod"):
        found.setdefault(id, store.journals.read("prod", id))
    rank = ["pending", "started", "done"]
    for id, event, *step in told:
        if event == "finished":
            assert found[id].phase == "finished"
        else:
            assert rank.index(found[id].steps[int(step[0])].status) >= rank.index(event)


def test_a_row_of_records_is_linked_by_digests(folder_url: str) -> None:
    store = StateStore.open(folder_url)
    journal = begin(store)
    journal.step_started(0)
    first, second = sorted((Path(folder_url) / "journals/prod" / journal.id).iterdir())
    assert json.loads(second.read_bytes())["previous"] == digest_bytes(first.read_bytes())
