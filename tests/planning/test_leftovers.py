"""What is left over: by what was deployed, what is defined, and what the tenant still has; in an order of deletion."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from deployer.errors import DeployerError
from deployer.management.errors import ManagementError
from deployer.planning.leftovers import belongs_to, find_leftovers, leftover_options, written_options
from deployer.resources.marker import NOTE_KEY
from deployer.resources.model import Desired, Live
from deployer.resources.registry import KINDS
from deployer.state.inventory import Identity, Known

OURS = {NOTE_KEY: "v1"}


@pytest.fixture
def tenant_has(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Say what the tenant has by address, or what reading it raises; tells which kinds are read."""

    def put(**there: Any) -> list[str]:
        return _reads(monkeypatch, there)

    return put


def _reads(monkeypatch: pytest.MonkeyPatch, there: Mapping[str, Any]) -> list[str]:
    asked: list[str] = []
    for name, kind in KINDS.items():

        async def read(_gateway: object, desired: Sequence[Desired], name: str = name) -> list[Live]:
            asked.append(name)
            found = [there[one.address] for one in desired if one.address in there]
            for one in found:
                if isinstance(one, Exception):
                    raise one
            return found

        monkeypatch.setattr(kind, "read", read)
    return asked


def live(address: str, notes: Mapping[str, str] = OURS, **attributes: Any) -> Live:
    kind, _, name = address.partition(".")
    return Live(kind, name, "id", {"code": "", "script": "", **attributes}, {}, notes=notes)


def known(*addresses: str, **owners: list[str]) -> Known:
    identities = {address: Identity(owners=given) for address, given in owners.items()}
    return Known(frozenset(addresses), identities=identities)


def find(known_addresses: Known, *desired: str, **more: Any) -> list[Any]:
    wanted = [Desired(*address.split(".", 1), {}) for address in desired]
    return [one.leftover for one in asyncio.run(find_leftovers(None, known_addresses, wanted, **more))]  # type: ignore


def test_what_is_defined_is_not_even_read(tenant_has):
    asked = tenant_has(**{"client.users": live("client.users")})
    assert find(known("client.users", "connection.users"), "client.users", "connection.users") == []
    assert asked == []


def test_only_what_the_tenant_still_has_from_here_is_left_over(tenant_has):
    tenant_has(**{"client.ours": live("client.ours"), "client.theirs": live("client.theirs", notes={})})
    found = find(known("client.ours", "client.theirs", "client.gone"))
    assert [one.address for one in found] == ["client.ours"]
    assert found[0].loses == KINDS["client"].deletion_note


def test_leftovers_come_in_the_order_in_which_they_can_be_deleted(tenant_has):
    addresses = [f"{kind}.x" for kind in KINDS]
    tenant_has(**{address: live(address) for address in addresses})
    found = [one.address.partition(".")[0] for one in find(known(*addresses))]
    assert found == [name for name in reversed(KINDS) if not KINDS[name].shared]
    for first, then in (("connection", "client"), ("rule", "rule-config"), ("client-grant", "resource-server")):
        assert found.index(first) < found.index(then)


def test_what_cannot_be_read_is_said_and_nothing_fails(tenant_has):
    tenant_has(**{"client.a": ManagementError("no scope read:clients")})
    (found,) = find(known("client.a"))
    assert (found.address, found.unknown) == ("client.a", "no scope read:clients")


def test_one_that_cannot_be_told_from_others_does_not_hide_the_rest(tenant_has):
    tenant_has(**{"action.a": DeployerError("the tenant has 2 of this name"), "action.b": live("action.b")})
    found = {one.address: one.unknown for one in find(known("action.a", "action.b"))}
    assert found == {"action.a": "the tenant has 2 of this name", "action.b": None}


@pytest.mark.parametrize(
    ("address", "attributes"),
    [
        ("client.users", {}),
        ("resource-server.users", {}),
        ("client-grant.users", {}),
        ("action.users-x", {"code": "// Managed by deployer: connection users, guard restrict-audience, x\n"}),
        ("rule.users-x", {"script": "// Managed by deployer: connection users, guard restrict-audience, x\n"}),
        ("connection.users", {}),
    ],
)
def test_what_was_deployed_for_something_that_is_left_out_is_no_leftover(tenant_has, address, attributes):
    """Without a note of its owner, a resource says itself for whom it was made."""
    tenant_has(**{address: live(address, **attributes)})
    assert find(known(address), left_out=["connection.users"]) == []
    assert [one.address for one in find(known(address), left_out=["connection.others"])] == [address]


def test_a_note_of_the_owner_counts_more_than_what_a_resource_says(tenant_has):
    tenant_has(**{"client.users": live("client.users")})
    noted = known("client.users", **{"client.users": ["connection.others"]})
    assert [one.address for one in find(noted, left_out=["connection.users"])] == ["client.users"]


@pytest.mark.parametrize(
    ("noted", "expected"),
    [(["connection.a"], True), (["connection.a", "connection.b"], False), ([], False)],
)
def test_what_belongs_to_others_too_stays(noted, expected):
    assert belongs_to("binding.post-login", noted, ["connection.a"]) is expected


def test_options_that_auth0_does_not_have_are_remembered_and_told():
    wanted = Desired("connection", "users", {"options": {"passwrod": 1, "mfa": {"active": True}}})
    assert written_options([wanted, Desired("action", "x", {"options": {"odd": 1}})]) == {
        "connection.users": [("passwrod",)]
    }
    have = live("connection.users", options={"passwrod": 1, "theirs": 2})
    now = Desired("connection", "users", {"options": {}})
    found = leftover_options([now], {"connection.users": have}, lambda: {"connection.users": [("passwrod",)]})
    assert [one.name for one in found] == ["connection.users options.passwrod"]


def test_what_was_written_is_asked_for_only_where_it_can_matter():
    def noted() -> Mapping[str, Any]:
        raise AssertionError("asked")

    same = Desired("connection", "users", {"options": {"passwrod": 1}})
    assert (
        leftover_options([same], {"connection.users": live("connection.users", options={"passwrod": 1})}, noted) == []
    )
