"""What a tenant was ever given: no writer loses another's, one request tells, and the history stands in for it."""

from concurrent.futures import ThreadPoolExecutor

from deployer.state.deployed_release import find_deployed
from deployer.state.inventory import FinalState
from deployer.state.state_store import StateStore

RELEASE = "sha256:" + "1" * 64


def test_what_was_added_is_there_until_it_is_removed(store: StateStore) -> None:
    assert store.inventory.read("prod") == set()
    store.inventory.add("prod", ["connection.a", "action.b"])
    store.inventory.add("prod", ["connection.a"])
    store.inventory.add("prod-2", ["connection.c"])
    assert store.inventory.read("prod") == {"connection.a", "action.b"}
    store.inventory.remove("prod", ["action.b", "action.unknown"])
    assert store.inventory.read("prod") == {"connection.a"}
    assert store.inventory.read("prod-2") == {"connection.c"}


def left(tenant_store: StateStore) -> dict[str, str]:
    return {address: state.digest for address, state in tenant_store.inventory.known("prod").final_states.items()}


def test_how_a_resource_was_left_is_known_until_it_is_changed_again(store: StateStore) -> None:
    one, other = FinalState(digest="sha256:1", read=["options"]), FinalState(digest="sha256:2")
    assert store.inventory.add("prod", ["connection.a", "connection.b"]) == {"connection.a", "connection.b"}
    store.inventory.note_final_states("prod", {"connection.a": one, "connection.b": other, "connection.unknown": one})
    assert store.inventory.known("prod").final_states == {"connection.a": one, "connection.b": other}
    assert store.inventory.add("prod", ["connection.a", "action.c"], ["connection.a"]) == {"action.c"}
    assert left(store) == {"connection.b": "sha256:2"}
    store.inventory.note_final_states("prod", {"connection.a": other, "connection.b": one}, gaps_only=True)
    assert left(store) == {"connection.a": "sha256:2", "connection.b": "sha256:2"}
    store.inventory.note_final_states("prod", {"connection.b": one})
    store.inventory.remove("prod", ["connection.a"])
    store.inventory.add("prod", ["connection.a"])
    assert left(store) == {"connection.b": "sha256:1"}


def test_a_record_without_that_is_read_as_well(store: StateStore) -> None:
    store.objects.put("inventory/prod.json", b'{"format": 1, "addresses": ["connection.a"]}')
    assert (store.inventory.read("prod"), left(store)) == ({"connection.a"}, {})
    store.inventory.note_final_states("prod", {"connection.a": FinalState(digest="sha256:1")})
    assert left(store) == {"connection.a": "sha256:1"}


def test_writers_lose_nothing(store: StateStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: store.inventory.add("prod", [f"action.n{number}"]), range(16)))
    assert store.inventory.read("prod") == {f"action.n{number}" for number in range(16)}


def test_a_store_from_before_tells_by_its_history(store: StateStore) -> None:
    def record(command: str, result: str, *addresses: str, given: tuple[str, ...] = ()) -> None:
        store.history.record("prod", command, result, addresses=list(addresses), given=list(given))

    record("apply", "succeeded", "connection.a", "action.b", "rule.c")
    record("apply", "rolled-back", "client.d")
    record("apply", "partial", "action.e")
    record("promote", "succeeded", "action.f", given=("action.f", "action.g"))
    record("destroy", "succeeded", "action.b")
    record("destroy", "rolled-back", "rule.c")
    known = {"connection.a", "rule.c", "action.e", "action.f", "action.g"}
    assert store.inventory.read("prod") == known
    record("apply", "succeeded", "action.b")
    assert store.inventory.read("prod") == known | {"action.b"}
    # The first write takes all of it along.
    store.inventory.add("prod", ["action.new"])
    record("apply", "succeeded", "action.h")
    assert store.inventory.read("prod") == known | {"action.b", "action.new"}


def test_a_damaged_one_is_made_again(store: StateStore) -> None:
    store.history.record("prod", "apply", "succeeded", addresses=["connection.a"])
    store.inventory.add("prod", [])
    store.objects.put("inventory/prod.json", b'{"format": 1, "addresses": 7}')
    assert store.inventory.read("prod") == {"connection.a"}
    store.inventory.add("prod", ["action.b"])
    assert store.inventory.read("prod") == {"connection.a", "action.b"}


def test_few_requests_tell_what_there_is_and_what_runs(s3_url, s3_server) -> None:
    store = StateStore.open(s3_url)
    for _ in range(30):
        store.history.record("prod", "apply", "succeeded", release_to=RELEASE, addresses=["connection.a"])
    store.inventory.add("prod", ["connection.a"])

    def asked(question) -> list[str]:
        before = len(s3_server.app.requests)
        question()
        return [request.split(" ")[0] for request in s3_server.app.requests[before:]]

    assert asked(lambda: store.inventory.read("prod")) == ["GET"]
    assert asked(lambda: store.inventory.add("prod", ["connection.a"])) == ["GET"]
    state = {"connection.a": FinalState(digest="sha256:1")}
    assert asked(lambda: store.inventory.note_final_states("prod", state)) == ["GET", "PUT"]
    assert asked(lambda: store.inventory.note_final_states("prod", state, gaps_only=True)) == ["GET"]
    assert asked(lambda: store.inventory.add("prod", ["connection.a"], ["connection.a"])) == ["GET", "PUT"]
    # The names of the records, and the newest.
    assert asked(lambda: find_deployed(store.history.newest_first("prod"))) == ["GET", "GET"]
    assert asked(lambda: store.history.list("prod", limit=1)) == ["GET", "GET"]
