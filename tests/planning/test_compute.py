"""Plans out of desired and live resources: order, selection, secrets, and what a plan must not hold."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.config.tree import KEEP, REMOVE, SecretReference
from deployer.errors import DeployerError, RefusedError
from deployer.planning.compute import compute_plan, in_order, select
from deployer.planning.model import Action, PlannedTenant
from deployer.planning.plan_file import to_json
from deployer.resources.marker import DigestKey, OwnershipMarker, SecretState
from deployer.resources.model import Desired, Live

TENANT = PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
KEY = DigestKey("material", "acme.eu.auth0.com")
CANARY = "canary-value"
REFERENCE = SecretReference("env", "PG_URL")


def wanted(name: str = "users", *depends_on: str, **more) -> Desired:
    attributes = more.pop("attributes", {"options": {"a": 1}})
    return Desired("connection", name, attributes, depends_on=depends_on, **more)


def live(name: str = "users", attributes=None, ciphertexts=None, notes=None) -> Live:
    noted = (notes or OwnershipMarker.make(KEY.id, {})).write()
    return Live("connection", name, "con_1", attributes or {"options": {"a": 1}}, {}, ciphertexts or {}, noted)


def plan(desired, have=(), values=None, **more):
    lives = {one.address: one for one in have}
    return compute_plan(
        TENANT, desired, lives, values or {}, KEY, created_at=datetime.now(UTC), created_by="test", **more
    )


def test_create_update_and_nothing():
    made = plan([wanted("a"), wanted("b"), wanted("c")], [live("b", {"options": {"a": 2}}), live("c")])
    assert [(change.name, change.action) for change in made.changes] == [
        ("a", Action.CREATE),
        ("b", Action.UPDATE),
        ("c", Action.NO_OP),
    ]
    assert [change.name for change in made.effective] == ["a", "b"]


def test_what_the_tenant_has_and_no_definition_names_is_left_alone():
    made = plan([wanted("a")], [live("a", {"options": {"a": 1, "default": True}}), live("other")])
    assert made.effective == []
    assert [change.name for change in made.changes] == ["a"]


@given(st.permutations(["a", "b", "c", "d", "e"]), st.data())
def test_everything_comes_after_what_it_depends_on_and_otherwise_as_it_came(names, data):
    before = {
        name: data.draw(st.lists(st.sampled_from(sorted(names)[:index]), unique=True) if index else st.just([]))
        for index, name in enumerate(sorted(names))
    }
    resources = [wanted(name, *(f"connection.{other}" for other in before[name])) for name in names]
    order = [resource.name for resource in in_order(resources)]
    assert sorted(order) == sorted(names)
    assert all(order.index(other) < order.index(name) for name in names for other in before[name])
    assert order == [resource.name for resource in in_order(resources)]
    if not any(before.values()):
        assert order == list(names)


def test_a_circle_is_named():
    with pytest.raises(DeployerError, match=r"in a circle: connection\.\w -> connection"):
        in_order([wanted("a", "connection.b"), wanted("b", "connection.a")])


def test_what_somebody_else_keeps_is_no_dependency_here():
    assert in_order([wanted("a", "connection.elsewhere")])[0].name == "a"


def test_a_target_brings_what_it_depends_on():
    resources = in_order([wanted("a", "connection.b"), wanted("b", "connection.c"), wanted("c"), wanted("d")])
    assert [one.name for one in select(resources, ["connection.a"])] == ["c", "b", "a"]
    assert [one.name for one in select(resources, ["connection.d", "connection.d"])] == ["d"]
    assert select(resources, []) == resources
    with pytest.raises(DeployerError, match=r"no definition has 'connection\.x'"):
        select(resources, ["connection.x"])


def secret(value: str | None, noted: str | None, shown: str | None, source=REFERENCE):
    address = "connection.users"
    notes = OwnershipMarker.make(
        KEY.id, {"PG_URL": KEY.of(address, "PG_URL", noted)} if noted else {}, {"PG_URL": "cipher"}
    )
    have = live(ciphertexts={"PG_URL": shown} if shown else {}, notes=notes)
    values = {address: {"PG_URL": value}} if value else {}
    return plan([wanted(secrets={"PG_URL": source} if source else {})], [have], values).changes[0]


@pytest.mark.parametrize(
    ("value", "noted", "shown", "state", "action"),
    [
        ("v", "v", "cipher", None, Action.NO_OP),
        ("v", "old", "cipher", SecretState.CHANGED, Action.UPDATE),
        ("v", "v", "other", SecretState.CHANGED_OUTSIDE, Action.UPDATE),
        ("v", "old", "other", SecretState.CHANGED_BOTH, Action.UPDATE),
        ("v", None, "cipher", SecretState.UNKNOWN, Action.UPDATE),
        ("v", "v", None, SecretState.ADDED, Action.UPDATE),
    ],
)
def test_whose_change_of_a_secret_it_is(value, noted, shown, state, action):
    change = secret(value, noted, shown)
    assert [one.state for one in change.secrets] == ([state] if state else [])
    assert change.action is action


def test_a_secret_that_nobody_names_is_seen_and_alone_is_no_reason_to_write():
    change = secret(None, None, "cipher", source=None)
    assert [one.state for one in change.secrets] == ["unnamed"]
    assert change.action is Action.NO_OP


def test_remove_and_keep_of_a_secret():
    removed = secret(None, None, "cipher", source=REMOVE)
    assert (removed.secrets[0].state, removed.action) == ("removed", Action.UPDATE)
    assert secret(None, None, None, source=REMOVE).action is Action.NO_OP
    assert secret(None, None, "cipher", source=KEEP).action is Action.NO_OP


def test_a_kept_secret_is_never_destroyed():
    keeping = wanted(secrets={"PG_URL": KEEP})
    with pytest.raises(RefusedError, match="would destroy the kept secret 'PG_URL'"):
        plan([keeping], [live(attributes={"options": {"a": 2}}, ciphertexts={"PG_URL": "x"})])
    with pytest.raises(RefusedError, match="needs a live secret"):
        plan([keeping])


def test_no_plan_holds_a_secret_and_every_plan_is_json():
    attributes = {"options": {"a": REMOVE, "b": {"c": REMOVE, "d": 1}}}
    desired = wanted(attributes=attributes, secrets={"PG_URL": REFERENCE})
    made = plan([desired], [live()], {"connection.users": {"PG_URL": CANARY}})
    text = json.dumps(to_json(made))
    assert CANARY not in text
    assert made.changes[0].wanted is not None
    assert made.changes[0].wanted.removed == [["options", "a"], ["options", "b", "c"]]
    assert "!remove" not in text


def test_the_same_input_gives_the_same_changes():
    desired = [wanted(name, secrets={"Z": REFERENCE, "A": REFERENCE}) for name in "edcba"]
    values = {one.address: {"Z": "1", "A": "2"} for one in desired}
    assert plan(desired, values=values).changes == plan(desired, values=values).changes
