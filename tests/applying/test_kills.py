"""A process that is killed at any moment of an apply: `recover` takes back what it began, or finishes it.

The processes are real and end by SIGKILL, sent when a request comes in and before or after it takes effect, or from
within at a write to the store.
"""

import shutil

import pytest

from deployer.sandbox.weather import Passing

PHASES = ("before", "after")


def kill_at_request(arena, forks, kill, tmp_path, nth: int, phase: str) -> bool:
    """Run an apply that is killed around its nth request; whether it was."""
    arena.reset()
    pids: list[int] = []
    seen: list[int] = []
    first = arena.tenant.weather.requests

    def watch(passing: Passing) -> bool | None:
        if passing.number - first == nth and passing.phase == phase and pids:
            kill(pids[0])
            seen.append(nth)
            return False
        return None

    arena.tenant.weather.on_request = watch
    pids.append(forks.start(arguments(arena), tmp_path / "out"))
    code = forks.wait()
    arena.tenant.weather.clear()
    assert code in (0, -9), (tmp_path / "out").read_text()
    assert (code == -9) == bool(seen)
    return code == -9


def kill_at_record(arena, forks, tmp_path, nth: int, when: str) -> bool:
    """Run an apply that kills itself around its nth write to the store; whether it did."""
    arena.reset()
    forks.start(arguments(arena), tmp_path / "out", kill_at=nth, when=when)
    code = forks.wait()
    assert code in (0, -9), (tmp_path / "out").read_text()
    return code == -9


def arguments(arena) -> list[str]:
    return ["--chdir", str(arena.project.root), "--no-token-cache", *arena.command]


def after_a_kill(arena, case, *, finish: bool) -> None:
    """The next command finds it; `recover` makes the tenant what it was, or what it was to be."""
    said = ""
    if arena.unfinished():
        refused = arena.apply()
        assert refused.code == 3, (case, refused.all)
        said_so = "recover" in refused.err or "no longer runs" in refused.err
        # What was there whole is closed as done, and then the plan is one of yesterday.
        assert said_so or not arena.unfinished(), (case, refused.all)
        ran = arena.recover(*(["--finish"] if finish else []))
        assert ran.code == 0, (case, ran.all)
        said = ran.all
        assert not arena.unexplained(said), (case, said)
        assert "overwritten:" not in said, (case, said)
        if finish and "Nothing was interrupted" not in ran.out:
            assert differences(arena.after, arena.state()) == {}, (case, said)
    now = arena.state()
    if now != arena.after:
        assert differences(arena.taken_back(said), now) == {}, (case, said)
    assert not arena.unfinished(), case
    # The tool works on: the tenant can be brought to the plan, and then has nothing left to do.
    ran = arena.project.run("apply", "local", "--auto-approve", "--no-lint", *arena.named)
    assert ran.code == 0, (case, ran.all)
    assert differences(arena.after, arena.state()) == {}, (case, ran.all)
    assert "No changes" in arena.project.run("plan", "local", "--no-lint").out, case


def differences(one, other):
    return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}


@pytest.fixture
def at_requests(forks, kill, tmp_path, tally):
    """A function that kills applies around requests, given by their numbers and phases."""

    def one(arena, nth, phase) -> bool:
        if not kill_at_request(arena, forks, kill, tmp_path, nth, phase):
            return False
        after_a_kill(arena, (nth, phase, arena.requests[nth - 1]), finish=nth % 2 == 0)
        return True

    def play(arena, places) -> None:
        for nth, phase in places:
            tally.play((nth, phase), one, arena, nth, phase)

    return play


@pytest.fixture
def at_records(forks, tmp_path, tally):
    """A function that kills applies around every `step`th write to the store."""

    def one(arena, nth, when) -> bool:
        if not kill_at_record(arena, forks, tmp_path, nth, when):
            return False
        after_a_kill(arena, (nth, when, "record"), finish=nth % 2 == 0)
        return True

    def play(arena, step) -> None:
        nth = step
        while sum(tally.play((nth, when), one, arena, nth, when) for when in PHASES):
            nth += step

    return play


def every_place(arena):
    return [(nth, phase) for nth in range(1, len(arena.requests) + 1) for phase in PHASES]


def test_killed_at_some_requests(arena, at_requests, tally):
    at_requests(arena, [(nth, phase) for nth, phase in every_place(arena) if (nth + PHASES.index(phase)) % 5 == 0])
    tally.report("killed around some requests", 5)


def test_killed_at_some_writes_to_the_store(arena, at_records, tally):
    at_records(arena, 5)
    tally.report("killed around some writes to the store", 4)


def test_killed_at_some_writes_to_every_kind(every_kind, at_requests, tally):
    writes = [n for n, request in enumerate(every_kind.requests, 1) if not request.startswith("GET")]
    at_requests(every_kind, [(nth, PHASES[index % 2]) for index, nth in enumerate(writes[1::14])])
    tally.report("every kind, killed around some writes", 3)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
def test_killed_at_every_request_to_every_kind(every_kind, at_requests, tally):
    at_requests(every_kind, every_place(every_kind))
    tally.report("every kind, killed before and after every request", 1.5 * len(every_kind.requests))


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
def test_killed_at_every_write_to_the_store_for_every_kind(every_kind, at_records, tally):
    at_records(every_kind, 1)
    tally.report("every kind, killed before and after every write to the store", 60)


@pytest.mark.exhaustive
def test_killed_at_every_request(arena, at_requests, tally):
    at_requests(arena, every_place(arena))
    tally.report("killed before and after every request", 2 * (len(arena.requests) - 1))


@pytest.mark.exhaustive
def test_killed_at_every_write_to_the_store(arena, at_records, tally):
    at_records(arena, 1)
    tally.report("killed before and after every write to the store", 20)


def test_finishing_fails_at_some_reading_of_what_was_half_made(arena, forks, kill, tmp_path, tally):
    """It is taken back, also where `recover --finish` fails before it has written anything itself."""
    patched = next(n for n, request in enumerate(arena.requests, 1) if request.startswith("PATCH"))
    assert kill_at_request(arena, forks, kill, tmp_path, patched, "after")
    path = f"/api/v2/connections/{arena.tenant.state.storage.named('connection', 'first')['id']}"
    dump, store = arena.tenant.state.storage.dump(), tmp_path / "killed"
    shutil.copytree(arena.store, store)
    assert arena.state() not in (arena.before, arena.after)

    def one(nth: int) -> bool:
        arena.tenant.state.storage.restore(dump)
        shutil.rmtree(arena.store)
        shutil.copytree(store, arena.store)
        # As often as a read is tried: no retry gets past it.
        rule = arena.tenant.weather.add_fault("status", method="GET", path=path, nth=nth, times=3, status=500)
        ran = arena.project.run("recover", "local", "--finish", "--auto-approve")
        struck = rule.seen >= nth
        said = ran.all
        if arena.unfinished():
            recovered = arena.recover()
            assert recovered.code == 0, (said, recovered.all)
            said += recovered.all
        arena.tenant.weather.clear()
        now = arena.state()
        assert now == arena.after or differences(arena.taken_back(said), now) == {}, (nth, said)
        assert not arena.unfinished(), said
        return struck

    nth = 1
    while tally.play(nth, one, nth):
        nth += 1
    tally.report("half made, and `recover --finish` fails at a reading of it", 3)
