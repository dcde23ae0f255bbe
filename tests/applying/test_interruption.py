"""Ctrl-C in the middle of an apply takes back what was begun and exits with 130; a failing store ends in a roll-back
or says what to do; an apply of many changes keeps to the rate limit."""

import asyncio
import os
import signal
import time

import pytest

from deployer.applying.interrupted import find_interrupted
from deployer.applying.session import apply_plan
from deployer.sandbox.weather import Passing, RateLimit
from deployer.state.errors import StateUnreachableError
from deployer.state.objects import Objects
from deployer.state.state_store import StateStore


def interrupt_at(arena, forks, tmp_path, nth: int, phase: str, number=signal.SIGINT):
    """Run an apply that gets a signal around its nth request; its exit code and output, None if it was over before."""
    arena.reset()
    pids: list[int] = []
    sent: list[int] = []
    first = arena.tenant.weather.requests

    def watch(passing: Passing) -> None:
        if passing.number - first == nth and passing.phase == phase and pids and not sent:
            os.kill(pids[0], number)
            sent.append(nth)

    arena.tenant.weather.on_request = watch
    arguments = ["--chdir", str(arena.project.root), "--no-token-cache", *arena.command]
    pids.append(forks.start(arguments, tmp_path / "out"))
    code = forks.wait()
    arena.tenant.weather.clear()
    return (code, (tmp_path / "out").read_text()) if sent else None


def test_an_interruption_takes_back_what_was_begun(arena, forks, tmp_path, capsys):
    interrupted_at(arena, forks, tmp_path, capsys, range(2, len(arena.requests) + 1, 3), ("after",))


@pytest.mark.exhaustive
def test_an_interruption_at_every_request(arena, forks, tmp_path, capsys):
    interrupted_at(arena, forks, tmp_path, capsys, range(1, len(arena.requests) + 1), ("before", "after"))


def interrupted_at(arena, forks, tmp_path, capsys, places, phases) -> None:
    cases = 0
    for nth, phase in ((nth, phase) for nth in places for phase in phases):
        ended = interrupt_at(arena, forks, tmp_path, nth, phase)
        if ended is None:
            continue
        code, text = ended
        assert not arena.unfinished(), (nth, text)
        assert "Traceback" not in text, text
        now = arena.state()
        if now == arena.after:
            # It came when all was done.
            assert nth > len(arena.requests) - 5, (nth, text)
            assert code in (0, 130), (nth, code, text)
        else:
            assert now == arena.before, (nth, text)
            assert code == 130, (nth, code, text)
        cases += 1
    with capsys.disabled():
        print(f"\ninterrupted at {cases} moments: {cases} taken back, exit code 130")
    assert cases >= 4


def test_a_pipeline_that_is_cancelled_ends_the_same_way(arena, forks, tmp_path):
    first_write = next(n for n, request in enumerate(arena.requests, 1) if request.startswith("PATCH"))
    code, text = interrupt_at(arena, forks, tmp_path, first_write, "after", signal.SIGTERM)
    assert code == 130, text
    assert "Not applied: the tenant is as it was before." in text
    assert arena.state() == arena.before
    assert not arena.unfinished()


def test_an_interruption_while_something_is_written_down(arena, monkeypatch, capsys):
    """At the n-th write to the store somebody asks to stop: nothing is half done, and no journal stays open."""
    running: list[asyncio.Task] = []

    async def noted(*arguments):
        running.append(asyncio.current_task())
        return await apply_plan(*arguments)

    monkeypatch.setattr("deployer.operations.carry_out.apply_plan", noted)
    nth, taken_back, too_late = 0, 0, 0
    while True:
        nth += 1
        running.clear()
        arena.reset()
        stopping = Stopping(nth, running)
        with monkeypatch.context() as patch:
            for name in ("put", "put_if_absent", "put_if_match"):
                patch.setattr(Objects, name, stopping.wrap(getattr(Objects, name)))
            try:
                ran = arena.apply()
            except asyncio.CancelledError:  # before the first change; asyncio makes Ctrl-C of it
                ran = None
        if not stopping.asked:
            break
        case = (nth, ran and ran.all)
        assert arena.holder() is None, case
        assert find_interrupted(StateStore.open(None, arena.project.root), "local") is None, case
        if ran is not None and ran.code == 0:
            assert arena.state() == arena.after, case
            too_late += 1
        else:
            assert arena.state() == arena.before, case
            taken_back += 1
    with capsys.disabled():
        print(f"\ninterrupted at {nth - 1} writes to the store: {taken_back} taken back, {too_late} done")
    assert taken_back > 3
    assert too_late > 2


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_a_store_that_fails_at_some_write(arena, monkeypatch, lasting, capsys):
    """The n-th write to the store fails: nothing is half done, or the message says to run `recover`."""
    nth, cases = -1, 0
    while True:
        nth += 2
        arena.reset()
        failing = Failing(nth, lasting)
        with monkeypatch.context() as patch:
            for name in ("put", "put_if_absent", "put_if_match"):
                patch.setattr(Objects, name, failing.wrap(getattr(Objects, name)))
            ran = arena.apply()
        if not failing.failed:
            break
        case = (nth, lasting, ran.all)
        assert "went wrong inside" not in ran.all, case
        assert ran.code != 0, case
        holder = arena.holder()
        if holder is not None:
            # The store failed when the lock was to be given back. This process, unlike a command, is still there.
            assert arena.project.run("unlock", "local", "--id", holder.id).code == 0, case
        if arena.unfinished():
            assert "recover" in ran.err, case
            recovered = arena.recover()
            assert recovered.code == 0, (case, recovered.all)
        assert arena.state() in (arena.before, arena.after), case
        assert not arena.unfinished(), case
        cases += 1
    with capsys.disabled():
        print(f"\nthe store fails at {cases} writes ({'from then on' if lasting else 'once'}): nothing half done")
    assert cases > 4


class Failing:
    """Lets the n-th write fail as an object store does that does not answer."""

    def __init__(self, nth: int, lasting: bool) -> None:
        self.nth = nth
        self.lasting = lasting
        self.seen = 0
        self.failed = False

    def wrap(self, original):
        def write(store, *arguments):
            self.seen += 1
            if self.seen == self.nth or (self.lasting and self.seen > self.nth):
                self.failed = True
                raise StateUnreachableError("The store does not answer.", where="here", hint="Try again.")
            return original(store, *arguments)

        return write


class Stopping:
    """Asks the running apply to stop when the n-th write to the store begins."""

    def __init__(self, nth: int, running: list[asyncio.Task]) -> None:
        self.left = nth
        self.running = running
        self.asked = False

    def wrap(self, original):
        def write(store, *arguments):
            self.left -= bool(self.running)
            if self.left == 0 and not self.asked:
                self.asked = True
                self.running[-1].get_loop().call_soon_threadsafe(self.running[-1].cancel)
                time.sleep(0.01)
            return original(store, *arguments)

        return write


MANY = 16


def test_an_apply_of_many_changes_keeps_to_the_rate_limit(project, local_tenant, reach, tiny_store, capsys):
    """Sixteen new connections under a small limit: no 429 is final, and the limit is used."""
    reach(local_tenant)
    tiny_store(project)
    rows = "".join(f"  users-{n}: {{store: tiny, configuration: {{PG_URL: !env PG_URL}}}}\n" for n in range(MANY))
    project.tenant(f"connections:\n{rows}")
    refused = []
    local_tenant.weather.rate_limit = RateLimit(25, 10)
    admit = local_tenant.weather.admit

    def counting():
        allowed, headers = admit()
        if not allowed:
            refused.append(1)
        return allowed, headers

    local_tenant.weather.admit = counting
    before = local_tenant.weather.requests
    began = time.monotonic()
    ran = project.run("apply", "local", "--no-lint", "--auto-approve")
    took = time.monotonic() - began
    requests = local_tenant.weather.requests - before
    assert ran.code == 0, ran.all
    assert "429" not in ran.all
    best = max(0.1, (requests - 10) / 25)
    with capsys.disabled():
        print(
            f"\n{MANY} changes, {requests} requests: {took / best:.2f} times what the limit allows, {len(refused)} 429s"
        )
    assert len([d for d in local_tenant.state.storage.all("connection") if d["name"].startswith("users-")]) == MANY
