"""Whatever happens at whichever request of an apply: afterwards the tenant is as it was, or as planned, in every field.

In a normal run each fault strikes at every write and at a part of the reads; with `--exhaustive`, at every request.
"""

import json

import pytest

from deployer.resources.registry import KINDS
from tests.support.applying.faults import ANSWER_WITHIN, FAULTS, LASTING


@pytest.fixture
def answer_within() -> float:
    """Less than the faults make it wait."""
    return ANSWER_WITHIN


def settled(arena, ran, case) -> None:
    """After what happened, and `recover` where it is needed: as before or as planned, and nothing left behind."""
    said = ran.all
    if arena.unfinished():
        recovered = arena.recover()
        assert recovered.code == 0, (case, ran.all, recovered.all)
        said += recovered.all
    arena.tenant.weather.clear()
    now = arena.state()
    before = arena.taken_back(said)
    if now not in (before, arena.after):
        from_before, from_after = differing(before, now), differing(arena.after, now)
        shown = from_before if len(from_before) < len(from_after) else from_after
        pytest.fail(f"{case}: {json.dumps(shown, indent=1)[:3000]}\n{said[-2500:]}", pytrace=False)
    assert (ran.code == 0) == (now == arena.after), (case, ran.code, said)
    assert not arena.unfinished(), case
    assert not arena.unexplained(said), (case, said)
    assert "overwritten:" not in said, (case, said)


def differing(one, other):
    return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}


def strike(arena, fault, nth, times=1) -> bool:
    """Apply with one fault at the nth request; whether it struck."""
    arena.reset()
    rule = arena.tenant.weather.add_fault(path="*", nth=nth, times=times, **FAULTS[fault])
    ran = arena.apply()
    struck = rule.seen >= nth
    settled(arena, ran, (fault, nth))
    return struck


def sweep(tally, arena, places, times=1) -> None:
    """Strike at each of the places: a fault and the number of a request."""
    for fault, nth in places:
        tally.play((fault, nth, times), strike, arena, fault, nth, times)


def writes_and_some_reads(arena, step: int) -> list[int]:
    """The numbers of the requests, from 1, that are writes, and of every `step`th read."""
    every = range(1, len(arena.requests) + 1)
    return [n for n in every if not arena.requests[n - 1].startswith("GET") or n % step == 0]


def test_two_faults_at_every_write(arena, tally):
    kinds = list(FAULTS)
    places = writes_and_some_reads(arena, 9)
    sweep(tally, arena, [(kinds[(2 * n + more) % len(kinds)], nth) for n, nth in enumerate(places) for more in (0, 1)])
    tally.report("two faults at every write", 1.4 * len(places))


def test_some_fault_at_some_writes_to_every_kind(every_kind, tally):
    places = writes_and_some_reads(every_kind, 9)[::6]
    kinds = [fault for fault in FAULTS if fault != "429"]
    sweep(tally, every_kind, [(kinds[n % len(kinds)], nth) for n, nth in enumerate(places)])
    tally.report("every kind, some fault at some writes", 0.7 * len(places))


@pytest.mark.parametrize("fault", ["500", "dropped after"])
def test_the_tenant_fails_from_some_request_on(arena, tally, fault):
    """The roll-back meets the same fault, so that `recover` has to do it."""
    sweep(tally, arena, [(fault, nth) for nth in writes_and_some_reads(arena, 9)[::3]], None)
    tally.report(f"{fault} from some request on", 3)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_every_request(arena, tally, fault):
    places = range(1, len(arena.requests) + 1)
    sweep(tally, arena, [(fault, nth) for nth in places])
    tally.report(f"{fault} at every request", 0.7 * len(places))


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("times", [1, None], ids=["once", "from then on"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_every_request_to_every_kind(every_kind, tally, fault, times):
    if times is None and fault not in LASTING:
        pytest.skip("the tool waits as long as the fault lasts")
    places = range(1, len(every_kind.requests) + 1)
    sweep(tally, every_kind, [(fault, nth) for nth in places], times)
    tally.report(f"every kind, {fault} {'once' if times else 'from then on'}", 0.7 * len(places))


def test_the_plan_makes_and_changes_every_kind(every_kind, every_change):
    """What the other tests here rest on: each kind is both made and changed by the plan."""
    assert set(every_change) == set(KINDS), (
        "give EVERY_BEFORE, EVERY_AFTER and EVERY_CHANGE in tests/support/applying/definitions.py one that is made and "
        "one that is changed, of each kind"
    )
    for made, changed in every_change.values():
        assert made not in every_kind.before
        assert made in every_kind.after
        assert changed in every_kind.before
        assert every_kind.before[changed] != every_kind.after[changed]
