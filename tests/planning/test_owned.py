"""Whose a resource is: how it is found again, what is refused, and what is taken over from another tenant file."""

from datetime import UTC, datetime

import pytest

from deployer.errors import DeployerError, RefusedError
from deployer.planning.identity import identified, identities_of
from deployer.planning.model import Action, Change, Plan, PlannedTenant
from deployer.planning.sign_in import check_hands_off, check_names
from deployer.planning.takeover import name_takeovers
from deployer.resources.kinds.base import choose_owned
from deployer.resources.marker import NOTE_KEY
from deployer.resources.model import Desired, Live
from deployer.resources.sign_in import SignIn
from deployer.state.inventory import Identity, Known

OWN = SignIn("own-client", frozenset({"https://acme.eu.auth0.com/api/v2"}), frozenset())


def live(kind: str = "client", id: str = "1", ours: bool = False, **raw) -> Live:
    return Live(kind, "users", id, {}, raw, notes={NOTE_KEY: "v1"} if ours else {})


def plan(*changes: Change) -> Plan:
    tenant = PlannedTenant(name="prod", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
    return Plan(tenant=tenant, created_at=datetime.now(UTC), created_by="test", key_id="k", changes=list(changes))


def test_ours_is_chosen_among_several_of_one_name():
    mine = live(id="2", ours=True)
    assert choose_owned([live(), mine], "client.users") is mine
    assert choose_owned([live()], "client.users") == live()
    assert choose_owned([], "client.users") is None


@pytest.mark.parametrize("ours", [True, False])
def test_it_is_not_guessed_which_one_is_meant(ours):
    with pytest.raises(DeployerError, match="the tenant has 2 of this name"):
        choose_owned([live(id="1", ours=ours), live(id="2", ours=ours)], "client.users")


@pytest.mark.parametrize(
    ("kind", "lookup"),
    [
        ("client", {"id": "c1"}),
        ("resource-server", {"id": "r1"}),
        ("client-grant", {"id": "g1", "client_id": "c1"}),
        ("connection", {}),
        ("action", {}),
    ],
)
def test_what_anybody_can_rename_is_found_by_its_noted_id(kind, lookup):
    ids = {"client.users": "c1", "resource-server.users": "r1", "client-grant.users": "g1", "connection.users": "x"}
    known = Known(frozenset(ids), identities={address: Identity(id=id) for address, id in ids.items()})
    found = identified(Desired(kind, "users", {}, lookup={"name": "n"}), known)
    assert found.lookup == {"name": "n", **lookup}


def test_without_a_note_a_resource_is_looked_for_as_it_is_defined():
    desired = Desired("client-grant", "users", {})
    assert identified(desired, Known()) is desired


def test_the_id_of_what_is_deleted_is_not_noted():
    made = plan(
        Change(kind="client", name="a", action=Action.DELETE, id="c1", owners=["connection.a"]),
        Change(kind="client", name="b", action=Action.NO_OP, id="c2", taken_from="staging"),
    )
    found = identities_of(made)
    assert (found["client.a"].id, found["client.a"].owners) == (None, ["connection.a"])
    assert (found["client.b"].id, found["client.b"].taken_from) == ("c2", "staging")


@pytest.mark.parametrize(
    ("resource", "what"),
    [
        (live(id="own-client", name="deployer"), "'deployer' is the application that deployer signs in with"),
        (
            live("client-grant", client_id="own-client"),
            "its application is the application that deployer signs in with",
        ),
        (live("resource-server", is_system=True, identifier="x"), "x is an API of Auth0 itself"),
    ],
)
def test_deployer_keeps_its_hands_off_its_own_sign_in(resource, what):
    with pytest.raises(RefusedError, match=what):
        check_hands_off(OWN, [live(), resource])


def test_what_is_not_its_own_sign_in_may_be_touched():
    check_hands_off(OWN, [live(), live("client-grant", client_id="2"), live("resource-server"), live("connection")])


def test_no_application_gets_the_name_of_deployers_own():
    with pytest.raises(RefusedError):
        check_names([Desired("client", "users", {"name": "deployer"})], {"name": "deployer"})


def test_what_another_tenant_file_deployed_is_one_concern_for_each_file():
    changes = [Change(kind="client", name=str(number), action=Action.UPDATE) for number in range(5)]
    named = name_takeovers(plan(*changes), {f"client.{number}": "staging" for number in range(5)})
    (concern,) = named.concerns
    assert concern.name == "take-over:tenant.staging"
    assert concern.why.startswith("client.0, client.1, client.2 and 2 more: they were deployed by")
    assert {change.taken_from for change in named.changes} == {"staging"}
    untouched = plan(*changes)
    assert name_takeovers(untouched, {}) is untouched
