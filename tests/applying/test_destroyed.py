"""`destroy` of every kind under every fault, and killed at any moment: the thing is whole or gone as the command said,
`recover` works, and what cannot be brought back is said exactly."""

import copy

import pytest

from deployer.sandbox.weather import Passing
from tests.support.applying.faults import ANSWER_WITHIN, FAULTS, LASTING

GRANT = "client_grant/https://one.example/ of client/"
ADDRESSES = [
    "connection.first",
    "action.notify",
    "binding.post-login",
    "rule.ruled-restrict-audience",
    "rule-config.deployer_ruled_API_AUDIENCE",
    "resource-server.first",
    "client.first",
    "client-grant.first",
]


@pytest.fixture
def answer_within() -> float:
    """Less than the faults make it wait."""
    return ANSWER_WITHIN


def cost_of(arena, address):
    """What it costs that something was deleted and made again: the words for it, and the tenant then."""
    state = copy.deepcopy(arena.before)
    match address.partition(".")[0]:
        case "connection":
            return "connection.first: the connection is gone, and its users with it", copy.deepcopy(arena.after)
        case "action":
            state["bindings/post-login"] = arena.after["bindings/post-login"]
            return "action.notify: it has a new id and none of its versions; the next apply binds it again", state
        case "resource-server":
            del state[GRANT + "first"], state[GRANT + "Web App"]
            state["resource_server/https://one.example/"]["skip_consent_for_verifiable_first_party_clients"] = False
            lost = "its grants, and what others have set in it, are gone"
            return f"resource-server.first: what is managed of it is back; {lost}", state
        case "client":
            del state[GRANT + "first"]
            state["client/first"].pop("description")
            lost = "its grants, its place on connections and what others have set in it are gone"
            return f"client.first: it has a new client id and secret; {lost}", state
    return None, state


def without_ids_of_the_client(state):
    """The connection's scripts know a client by the id and the secret that it had."""
    state = copy.deepcopy(state)
    if "connection/first" in state:
        for key in ("API_CLIENT_ID", "API_CLIENT_SECRET"):
            state["connection/first"]["options"]["configuration"].pop(key, None)
    return state


def check(arena, address, said, *, gone: bool | None) -> str:
    """The tenant is as before, as after, or made again at the cost that was said. `gone`: what the command promised."""
    assert not arena.unfinished(), said
    now = arena.state()
    if now == arena.after and (gone or gone is None):
        return "gone"
    assert not gone, (said, differing(arena.after, now))
    words, again = cost_of(arena, address)
    if now == arena.before:
        assert "stands:" not in said, said
        return "whole"
    assert words is not None, (said, differing(arena.before, now))
    assert f"stands: {words}." in said, said
    assert said.count("stands:") == said.count(f"stands: {words}."), said
    now, again = without_ids_of_the_client(now), without_ids_of_the_client(again)
    assert now == again, (said, differing(again, now))
    return "made again, its cost said"


def differing(one, other):
    return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}


def rehearse(arena, address) -> None:
    arena.command = ("destroy", "local", address, "--confirm", address)
    arena.rehearse()


def strike(arena, address, fault, nth, times) -> str:
    """Destroy with a fault at the nth request; how it ended, nothing where the fault did not strike."""
    arena.reset()
    rule = arena.tenant.weather.add_fault(path="*", nth=nth, times=times, **FAULTS[fault])
    ran = arena.apply()
    arena.tenant.weather.clear()
    said = ran.all
    if arena.unfinished():
        assert ran.code == 1, said
        recovered = arena.recover()
        said += recovered.all
        assert recovered.code == 0, said
    ended = check(arena, address, said, gone=ran.code == 0)
    if ended != "whole":
        works_on(arena, said)
    return ended if rule.seen >= nth else ""


def kill_at(arena, forks, kill, tmp_path, address, nth, phase, finish) -> str:
    """Destroy, killed around the nth request, then recovered; how it ended, nothing where it was over before."""
    arena.reset()
    pids, seen = [], []
    first = arena.tenant.weather.requests

    def watch(passing: Passing) -> bool | None:
        if passing.number - first == nth and passing.phase == phase and pids:
            kill(pids[0])
            seen.append(nth)
            return False
        return None

    arena.tenant.weather.on_request = watch
    pids.append(forks.start(["--chdir", str(arena.project.root), "--no-token-cache", *arena.command], tmp_path / "out"))
    code = forks.wait()
    arena.tenant.weather.clear()
    assert code in (0, -9), (tmp_path / "out").read_text()
    if not seen:
        return ""
    said = ""
    if arena.unfinished():
        refused = arena.project.run("apply", "local", "--auto-approve", "--no-lint")
        said_so = refused.code == 3 and ("recover" in refused.err or "no longer runs" in refused.err)
        assert said_so or not arena.unfinished(), refused.all
        ran = arena.recover(*(["--finish"] if finish else []))
        assert ran.code == 0, ran.all
        said = ran.all
        finish = finish and "Nothing was interrupted" not in said
        ended = check(arena, address, said, gone=True if finish else None)
    else:
        ended = check(arena, address, said, gone=None)
    if ended != "whole":
        works_on(arena, said)
    return ended


def works_on(arena, said) -> None:
    """Whatever is there now, an apply makes the tenant what the definitions say."""
    ran = arena.project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, (said, ran.all)
    plan = arena.project.run("plan", "local", "--no-lint")
    assert "No changes" in plan.out, (said, plan.all)


def deletion(arena) -> int:
    """The number of the request that takes it away."""
    return next(n for n, one in enumerate(arena.requests, 1) if not one.startswith(("GET", "POST /oauth")))


def test_the_tenant_fails_after_something_was_destroyed(destructible, tally):
    """Whether it is gone cannot be read, and it is taken back as far as it can be."""
    for address in ADDRESSES:
        rehearse(destructible, address)
        nth = deletion(destructible)
        tally.play(address, strike, destructible, address, "500", nth + 1, None)
    tally.report("destroyed, then only 500", len(ADDRESSES))


def test_killed_while_something_is_destroyed(destructible, forks, kill, tmp_path, tally):
    for address, finish in (("rule.ruled-restrict-audience", True), ("client.first", False)):
        rehearse(destructible, address)
        case = (address, deletion(destructible), "after", finish)
        tally.play(case, kill_at, destructible, forks, kill, tmp_path, *case)
    tally.report("destroyed, killed after the deletion", 2)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_fault_at_every_request_of_a_destroy(destructible, tally, address):
    rehearse(destructible, address)
    for nth in range(1, len(destructible.requests) + 1):
        for fault in FAULTS:
            tally.play((address, fault, nth), strike, destructible, address, fault, nth, 1)
            if fault in LASTING:
                tally.play((address, fault, nth, "on"), strike, destructible, address, fault, nth, None)
    tally.report(f"{address} destroyed, every fault", 7 * len(destructible.requests))


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("address", ADDRESSES)
def test_killed_at_every_request_of_a_destroy(destructible, forks, kill, tmp_path, tally, address):
    rehearse(destructible, address)
    for nth in range(1, len(destructible.requests) + 1):
        for phase in ("before", "after"):
            for finish in (False, True):
                case = (address, nth, phase, finish)
                tally.play(case, kill_at, destructible, forks, kill, tmp_path, *case)
    tally.report(f"{address} destroyed, killed at every request", 2 * len(destructible.requests))
