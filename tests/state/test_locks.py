"""One lock per tenant: one wins, the others are told who, and nobody gives back what is not theirs."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import SimpleNamespace

import pytest

from deployer.errors import ExitCode
from deployer.state.errors import LockedError, LockLostError, StateCorruptError, StateError, StateUnreachableError
from deployer.state.locks import Lock
from deployer.state.objects import Version
from deployer.state.state_store import StateStore

ROUNDS = 100


def test_a_second_one_is_told_who_what_since_when_and_how_to_unlock(
    store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "octocat")
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/logins")
    with store.lock("prod", "apply prod") as lock:
        with pytest.raises(LockedError) as refused:
            store.lock("prod", "apply prod --auto-approve")
        text = str(refused.value)
        assert refused.value.exit_code == ExitCode.REFUSED == 3
        assert "octocat" in text
        assert f"process {os.getpid()}" in text
        assert "https://github.example/acme/logins/actions/runs/77" in text
        assert "'apply prod'" in text
        assert f"{lock.record.since:%Y-%m-%d %H:%M:%S} UTC" in text
        assert f"deployer unlock prod --id {lock.id}" in text
        assert str(store.objects.location) in text
        with store.lock("staging", "apply staging"):
            lock.check()
    assert store.locks.holder("prod") is None


def test_a_lock_is_given_back_after_an_error_too(store: StateStore) -> None:
    with pytest.raises(ZeroDivisionError), store.lock("prod", "apply prod"):
        raise ZeroDivisionError
    with store.lock("prod", "apply prod") as again:
        again.check()


def test_unlock_asks_for_the_id(store: StateStore) -> None:
    with pytest.raises(StateError, match="not locked"):
        store.locks.unlock("prod", "whatever")
    lock = store.lock("prod", "apply prod")
    with pytest.raises(LockedError) as refused:
        store.locks.unlock("prod", "000000000000")
    assert lock.id in str(refused.value)
    assert store.locks.holder("prod") == lock.record
    assert store.locks.unlock("prod", lock.id).id == lock.id
    assert store.locks.holder("prod") is None
    with pytest.raises(StateError, match="not locked"):
        store.locks.unlock("prod", lock.id)


def test_whose_lock_was_taken_away_does_not_give_back_the_next_one(store: StateStore) -> None:
    first = store.lock("prod", "apply prod")
    store.locks.unlock("prod", first.id)
    second = store.lock("prod", "rollback prod")
    with pytest.raises(LockLostError, match="was taken away") as lost:
        first.check()
    assert lost.value.exit_code == ExitCode.REFUSED
    with pytest.raises(LockLostError):
        first.release()
    second.check()
    second.release()


def test_a_lost_lock_does_not_hide_the_error_in_the_block(store: StateStore) -> None:
    def work() -> None:
        with store.lock("prod", "apply prod") as lock:
            store.locks.unlock("prod", lock.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as error:
        work()
    assert "was taken away" in error.value.__notes__[0]


def test_a_record_that_cannot_be_read_locks(store: StateStore) -> None:
    store.objects.put("locks/prod.json", b'{"format": 1, "sta')
    with pytest.raises(StateCorruptError, match="lock of the tenant 'prod'") as error:
        store.lock("prod", "apply prod")
    assert "locks/prod.json" in str(error.value)


def test_what_a_lock_says_is_untrusted(store: StateStore) -> None:
    lock = store.lock("prod", "apply prod")
    forged = lock.record.model_dump(mode="json") | {"who": "\x1b[2Jroot\nx", "command": "\x1b]0;x\x07", "new": 1}
    store.objects.put("locks/prod.json", json.dumps(forged).encode())
    with pytest.raises(LockedError) as refused:
        store.lock("prod", "apply prod")
    assert "\x1b" not in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(LockLostError):
        lock.release()
    assert store.locks.unlock("prod", lock.id).model_extra == {"new": 1}


_HOLDER = """
import sys
from deployer.state.state_store import StateStore
lock = StateStore.open(sys.argv[1]).lock("prod", "apply prod")
print(lock.id, flush=True)
sys.stdin.read()
"""


def test_a_killed_process_leaves_its_lock_and_the_message_says_so(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        id = holder.stdout.readline().strip()
        store = StateStore.open(url)
        with pytest.raises(LockedError) as refused:
            store.lock("prod", "apply prod")
        assert "no longer runs" not in str(refused.value)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with pytest.raises(LockedError) as refused:
        store.lock("prod", "apply prod")
    assert "no longer runs on this machine" in str(refused.value)
    store.locks.unlock("prod", id)
    store.lock("prod", "apply prod").release()


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_answer_is_resolved_by_reading(s3_server: SimpleNamespace, s3_url: str, lost: int) -> None:
    store = StateStore.open(s3_url)
    s3_server.app.lose_answers = lost
    lock = store.lock("prod", "apply prod")
    assert s3_server.app.lose_answers == 0
    lock.check()
    s3_server.app.lose_answers = lost
    lock.release()
    assert store.locks.holder("prod") is None
    s3_server.app.lose_answers = lost
    again = store.lock("prod", "apply prod")
    again.check()
    again.release()


def test_a_lost_answer_is_resolved_even_when_nothing_may_be_retried(s3_server: SimpleNamespace, s3_url: str) -> None:
    store = StateStore.open(s3_url, retry_seconds=0.0)
    s3_server.app.lose_answers = 1
    lock = store.lock("prod", "apply prod")
    s3_server.app.lose_answers = 1
    lock.release()
    assert store.locks.holder("prod") is None


def test_others_who_come_and_go_between_two_requests(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.objects.put_if_absent

    def overtaken(key: str, data: bytes) -> Version | None:
        monkeypatch.setattr(store.objects, "put_if_absent", real)
        StateStore(store.objects).lock("prod", "other").release()
        return real(key, data)

    monkeypatch.setattr(store.objects, "put_if_absent", overtaken)
    with pytest.raises(StateUnreachableError, match="just taken"):
        store.lock("prod", "apply prod")


# --- races between processes


def _racer(url: str, me: int, start: Barrier, decided: Barrier, outcomes: "multiprocessing.Queue[object]") -> None:
    store = StateStore.open(url)
    for turn in range(ROUNDS):
        start.wait(60)
        lock: Lock | None = None
        try:
            lock = store.lock("prod", f"apply prod #{me}")
        except (LockedError, StateUnreachableError) as error:
            outcomes.put((turn, me, str(error)))
        decided.wait(60)
        if lock:
            # Read, change, write: an update would be lost here if two held the lock.
            found = store.objects.get("counter/value.json")
            count = int(found.data) if found else 0
            store.objects.put("counter/value.json", str(count + 1).encode())
            lock.release()
            outcomes.put((turn, me, None))


def test_of_two_processes_exactly_one_wins_a_hundred_times(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    outcomes: multiprocessing.Queue[tuple[int, int, str | None]] = context.Queue()
    start, decided = context.Barrier(2), context.Barrier(2)
    racers = [context.Process(target=_racer, args=(url, me, start, decided, outcomes)) for me in range(2)]
    for racer in racers:
        racer.start()
    collected = [outcomes.get(timeout=120) for _ in range(2 * ROUNDS)]
    for racer in racers:
        racer.join(30)
        assert racer.exitcode == 0
    rounds: dict[int, list[tuple[int, str | None]]] = {}
    for turn, me, message in collected:
        rounds.setdefault(turn, []).append((me, message))
    assert len(rounds) == ROUNDS
    for pair in rounds.values():
        winners = [me for me, message in pair if message is None]
        assert len(winners) == 1
        told = next(message for _, message in pair if message)
        assert f"'apply prod #{winners[0]}'" in told
    found = StateStore.open(url).objects.get("counter/value.json")
    assert found
    assert int(found.data) == ROUNDS


def _worker(url: str, turns: int) -> None:
    store = StateStore.open(url)
    done = 0
    while done < turns:
        try:
            with store.lock("prod", "apply prod"):
                found = store.objects.get("counter/value.json")
                store.objects.put("counter/value.json", str((int(found.data) if found else 0) + 1).encode())
                done += 1
        except (LockedError, StateUnreachableError):
            time.sleep(0.005)


def test_no_update_is_lost_when_everybody_comes_and_goes(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_worker, args=(url, 15)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    found = StateStore.open(url).objects.get("counter/value.json")
    assert found
    assert int(found.data) == 45


def test_the_lock_lies_where_the_documentation_says(folder_url: str) -> None:
    StateStore.open(folder_url).lock("prod", "apply prod").release()
    record = json.loads((Path(folder_url) / "locks/prod.json").read_bytes())
    assert record["state"] == "free"
    assert record["format"] == 1
