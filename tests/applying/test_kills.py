"""A process that is killed at any moment of an apply: `recover` takes back what it began, or finishes it.

The processes are real and end by SIGKILL, sent when a request comes in and before or after it takes effect, or from
within at a write to the store.
"""

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
    return ["--chdir", str(arena.project.root), "--no-token-cache", "apply", "local", str(arena.planfile)]


def after_a_kill(arena, case, *, finish: bool) -> None:
    """The next command finds it; `recover` makes the tenant what it was, or what it was to be."""
    if arena.unfinished():
        refused = arena.apply()
        assert refused.code == 3, (case, refused.all)
        assert "recover" in refused.err or "no longer runs" in refused.err, (case, refused.all)
        ran = arena.recover(*(["--finish"] if finish else []))
        assert ran.code == 0, (case, ran.all)
        expected = (arena.before, arena.after)
        if finish and "Nothing was interrupted" not in ran.out:
            expected = (arena.after,)
        assert arena.state() in expected, (case, ran.all)
    assert arena.state() in (arena.before, arena.after), case
    assert not arena.unfinished(), case
    # The tool works on: the tenant can be brought to the plan, and then has nothing left to do.
    ran = arena.project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, (case, ran.all)
    assert arena.state() == arena.after, (case, ran.all)
    assert "No changes" in arena.project.run("plan", "local", "--no-lint").out, case


def at_requests(arena, forks, kill, tmp_path, step: int) -> int:
    cases = 0
    for nth in range(1, len(arena.requests) + 1):
        for phase in PHASES:
            if (nth + PHASES.index(phase)) % step:
                continue
            if kill_at_request(arena, forks, kill, tmp_path, nth, phase):
                after_a_kill(arena, (nth, phase, arena.requests[nth - 1]), finish=nth % 2 == 0)
                cases += 1
    return cases


def at_records(arena, forks, tmp_path, step: int) -> int:
    cases, nth = 0, 0
    while True:
        nth += step
        struck = [kill_and_look(arena, forks, tmp_path, nth, when) for when in PHASES]
        if not any(struck):
            return cases
        cases += sum(struck)


def kill_and_look(arena, forks, tmp_path, nth, when) -> bool:
    if not kill_at_record(arena, forks, tmp_path, nth, when):
        return False
    after_a_kill(arena, (nth, when, "record"), finish=nth % 2 == 0)
    return True


def test_killed_at_some_requests(arena, forks, kill, tmp_path, capsys):
    cases = at_requests(arena, forks, kill, tmp_path, 5)
    with capsys.disabled():
        print(f"\nkilled at {cases} moments around requests: {cases} recovered")
    assert cases >= 5


def test_killed_at_some_writes_to_the_store(arena, forks, tmp_path, capsys):
    cases = at_records(arena, forks, tmp_path, 5)
    with capsys.disabled():
        print(f"\nkilled at {cases} moments around records: {cases} recovered")
    assert cases >= 4


def test_killed_at_some_writes_to_every_kind(every_kind, forks, kill, tmp_path, capsys):
    writes = [n for n, request in enumerate(every_kind.requests, 1) if not request.startswith("GET")]
    cases = 0
    for index, nth in enumerate(writes[1::9]):
        if kill_at_request(every_kind, forks, kill, tmp_path, nth, PHASES[index % 2]):
            after_a_kill(every_kind, (nth, every_kind.requests[nth - 1]), finish=index % 3 == 0)
            cases += 1
    with capsys.disabled():
        print(f"\nevery kind, killed at {cases} moments: {cases} recovered")
    assert cases >= 3


@pytest.mark.exhaustive
def test_killed_at_every_request_to_every_kind(every_kind, forks, kill, tmp_path, capsys):
    cases = at_requests(every_kind, forks, kill, tmp_path, 1)
    with capsys.disabled():
        print(f"\nevery kind, killed before and after each of {len(every_kind.requests)} requests: {cases} recovered")
    assert cases >= 1.5 * len(every_kind.requests)


@pytest.mark.exhaustive
def test_killed_at_every_request(arena, forks, kill, tmp_path, capsys):
    cases = at_requests(arena, forks, kill, tmp_path, 1)
    with capsys.disabled():
        print(f"\nkilled before and after each of {len(arena.requests)} requests: {cases} recovered")
    assert cases >= 2 * (len(arena.requests) - 1)


@pytest.mark.exhaustive
def test_killed_at_every_write_to_the_store(arena, forks, tmp_path, capsys):
    cases = at_records(arena, forks, tmp_path, 1)
    with capsys.disabled():
        print(f"\nkilled before and after each write to the store: {cases} recovered")
    assert cases >= 20
