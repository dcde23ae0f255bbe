"""Whatever happens at whichever request of an apply: afterwards the tenant is as it was, or as planned, in every field.

In a normal run each fault strikes at every write and at a part of the reads; with `-m slow`, at every request.
"""

import pytest

from deployer.sandbox import dashboard

FAULTS = {
    "500": {"kind": "status", "status": 500},
    "429": {"kind": "status", "status": 429},
    "timeout before": {"kind": "slow", "seconds": 1.5},
    "timeout after": {"kind": "late", "seconds": 1.5},
    "dropped before": {"kind": "drop_before"},
    "dropped after": {"kind": "drop_after"},
    "truncated": {"kind": "truncate"},
}


def settled(arena, ran, case) -> None:
    """After what happened, and `recover` where it is needed: as before or as planned, and nothing left behind."""
    if arena.unfinished():
        recovered = arena.recover()
        assert recovered.code == 0, (case, recovered.all)
    arena.tenant.weather.clear()
    now = arena.state()
    assert now in (arena.before, arena.after), (case, ran.all)
    assert (ran.code == 0) == (now == arena.after), (case, ran.code, ran.all)
    assert not arena.unfinished(), case


def strike(arena, fault, nth, times=1) -> bool:
    """Apply with one fault at the nth request; whether it struck."""
    arena.reset()
    rule = arena.tenant.weather.add_fault(path="*", nth=nth, times=times, **FAULTS[fault])
    ran = arena.apply()
    struck = rule.seen >= nth
    settled(arena, ran, (fault, nth))
    return struck


def positions(arena, thorough: bool) -> list[int]:
    """The requests that are struck, from 1: all, or the writes and every fifth read."""
    every = range(1, len(arena.requests) + 1)
    if thorough:
        return list(every)
    return [n for n in every if not arena.requests[n - 1].startswith("GET") or n % 5 == 0]


def matrix(arena, capsys, faults, *, thorough: bool, times: int | None = 1) -> None:
    cases = 0
    for fault in faults:
        for nth in positions(arena, thorough):
            cases += strike(arena, fault, nth, times)
    with capsys.disabled():
        print(f"\n{len(arena.requests)} requests, {', '.join(faults)}: {cases} of {cases} cases end well")
    assert cases >= len(faults) * len(positions(arena, thorough)) * 0.8


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_every_write(arena, capsys, fault):
    matrix(arena, capsys, [fault], thorough=False)


@pytest.mark.parametrize("fault", ["500", "dropped after", "truncated"])
def test_the_tenant_fails_from_some_request_on(arena, capsys, fault):
    """The roll-back meets the same fault, so that `recover` has to do it."""
    matrix(arena, capsys, [fault], thorough=False, times=None)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_every_request(arena, capsys, fault):
    matrix(arena, capsys, [fault], thorough=True)
