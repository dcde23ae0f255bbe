"""Somebody else changes the tenant at some request of an apply: nothing is half done, nothing is lost in silence."""

import copy

import pytest

from deployer.sandbox import dashboard
from deployer.sandbox.weather import Passing


def edit(option, value):
    return lambda tenant: dashboard.edit_option(tenant, "first", option, value)


# What they do, and where it shows: a path in the state, None for a secret that the tool writes in any case.
DEEDS = {
    "a managed option": (edit("non_persistent_attrs", ["excellent"]), "non_persistent_attrs"),
    "an option that nobody manages": (edit("disable_signup", True), "disable_signup"),
    "a secret": (lambda tenant: dashboard.change_secret(tenant, "first", "PG_URL", "postgres://theirs/"), "PG_URL"),
    "a script": (lambda tenant: dashboard.save_scripts(tenant, "first", {"login": "function theirs() {}"}), "login"),
}


def without(state, key):
    """The state without the one field that they have changed, and the value that it has."""
    state = copy.deepcopy(state)
    options = state["connection/first"]["options"]
    for place in (options, options["configuration"], options["customScripts"]):
        if key in place:
            return state, place.pop(key)
    return state, None


def at_one_moment(arena, deed, key, nth: int, phase: str) -> str:
    arena.reset()
    first = arena.tenant.weather.requests
    done = []

    def watch(passing: Passing) -> None:
        if passing.number - first == nth and passing.phase == phase and not done:
            deed(arena.tenant.state)
            done.append(nth)

    arena.tenant.weather.on_request = watch
    ran = arena.apply()
    arena.tenant.weather.clear()
    if not done:
        return ""
    case = (key, nth, phase, arena.requests[nth - 1], ran.all)
    assert not arena.unfinished(), case
    drift = arena.project.run("drift", "local")
    now, value = without(arena.state(), key)
    before, was = without(arena.before, key)
    after, planned = without(arena.after, key)
    deed(arena.tenant.state)
    theirs = without(arena.state(), key)[1]
    if ran.code == 3:
        assert "stale" in ran.err, case
        assert (now, value) == (before, theirs), case
        return "refused"
    if ran.code == 1:
        assert now == before, case
        assert value in (was, theirs), case
        # What was theirs is gone only if the command says so; a secret it wrote itself it cannot tell from theirs.
        assert value == theirs or "somebody else" in ran.err, case
        return "rolled back"
    assert ran.code == 0, case
    assert now == after, case
    # Theirs came last or the plan did; then it is seen as drift, never taken for the tool's own.
    assert value in (planned, theirs), case
    if value != planned and key != "disable_signup":
        assert drift.code == 2, (case, drift.all)
        assert key in drift.all, (case, drift.all)
    return "applied"


def play(arena, capsys, name, thorough):
    deed, key = DEEDS[name]
    ends = [
        at_one_moment(arena, deed, key, nth, phase)
        for nth in range(1, len(arena.requests) + 1)
        for phase in ("before", "after")
        if thorough or (phase == "after" and (nth % 3 == 1 or arena.requests[nth - 1].startswith("PATCH")))
    ]
    counts = {word: ends.count(word) for word in sorted(set(ends)) if word}
    with capsys.disabled():
        print(
            f"\nsomebody else changes {name}: {sum(counts.values())} of {sum(counts.values())} cases end well {counts}"
        )
    assert counts.get("refused")


@pytest.mark.parametrize("name", ["a managed option", "a secret"])
def test_somebody_else_changes_it_at_some_request(arena, capsys, name):
    play(arena, capsys, name, False)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", DEEDS)
def test_somebody_else_changes_it_at_every_request(arena, capsys, name):
    play(arena, capsys, name, True)


def test_a_change_just_before_the_write_is_seen(arena):
    """What others do after the plan was found fresh, and before the write reads once more, is not written over."""
    deed, key = DEEDS["a managed option"]
    seen = []

    def watch(passing: Passing) -> None:
        if not seen and passing.phase == "before" and passing.path.startswith("/api/v2/connections/con_"):
            seen.append(passing.method)
            deed(arena.tenant.state)

    arena.tenant.weather.on_request = watch
    ran = arena.apply()
    arena.tenant.weather.clear()
    assert seen == ["GET"]
    assert ran.code == 1, ran.all
    assert "connection.first: somebody else has changed it while the apply was running" in ran.err
    now, theirs = without(arena.state(), key)
    assert theirs == ["excellent"]
    assert now == without(arena.before, key)[0]
    assert not arena.unfinished()
