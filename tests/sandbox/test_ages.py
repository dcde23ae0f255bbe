"""`deployer sandbox --as-of`: the tenant behaves as the Management API did in a month."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from deployer.errors import DeployerError
from deployer.sandbox import ages
from deployer.sandbox.server import LocalTenant

NUMBERS = itertools.count()


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-3", "26-03", "2026-03-01", "march", ""])
def test_what_is_no_month_is_one_clear_error(project: Any, month: str) -> None:
    ran = project.run("sandbox", "--as-of", month)
    assert ran.code == 1
    assert f"--as-of: {month!r} is not a month. Write it as YYYY-MM" in ran.err


def test_rows_are_in_order_and_each_says_where_it_is_known_from() -> None:
    months = [change.since for change in ages.CHANGES]
    assert months == sorted(months)
    assert all(change.source for change in ages.CHANGES)


def test_without_a_month_the_newest_row_counts_and_before_the_first_none_does() -> None:
    assert ages.age() == ages.age(ages.NEWEST)
    assert ages.age("2001-01") == ages.Age("2001-01")
    assert ages.age("2099-01").rules_run is False


def test_a_tenant_knows_its_age() -> None:
    with LocalTenant(as_of="2026-03") as tenant:
        assert tenant.state.age == ages.age("2026-03")
    with pytest.raises(DeployerError, match="is not a month"):
        LocalTenant(as_of="soon")


OLD = {"passwordPolicy": "low", "password_history": {"enable": True, "size": 5}}
PASSWORDS = [
    ("2025-01", None, {"passwordPolicy"}),
    ("2026-06", {}, {"passwordPolicy"}),
    ("2026-06", OLD, {"passwordPolicy", "password_history"}),
    ("2026-06", {"password_options": {"history": {"active": True}}}, {"password_options"}),
    ("2026-08", None, {"password_options"}),
    ("2026-08", {"import_mode": False}, {"password_options"}),
    ("2026-08", OLD, {"passwordPolicy", "password_history", "password_options"}),
    ("2026-12", {"passwordPolicy": "good"}, {"passwordPolicy", "password_options"}),
]


@pytest.fixture(scope="module")
def at() -> Iterator[Callable[[str], httpx.Client]]:
    """`at(month)`: the Management API of a tenant as of a month, one for the module."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def reach(month: str) -> httpx.Client:
            running = stack.enter_context(LocalTenant(as_of=month))
            headers = {"Authorization": f"Bearer {running.state.issue_token()}"}
            return stack.enter_context(
                httpx.Client(base_url=f"{running.base_url}/api/v2", headers=headers, timeout=20, trust_env=False)
            )

        yield reach


def make(api: httpx.Client, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A new connection as it was answered, and as it is read: the same."""
    body = {"name": f"users-{next(NUMBERS)}", "strategy": "auth0", **more}
    answer = api.post("/connections", json=body if options is None else {**body, "options": options})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert api.get(f"/connections/{made['id']}").json() == made
    return made


def passwords(options: dict[str, Any]) -> set[str]:
    return {name for name in options if name.startswith("password")}


@pytest.mark.parametrize(("month", "sent", "kept"), PASSWORDS)
def test_the_password_options_of_a_new_connection(
    at: Callable[[str], httpx.Client], month: str, sent: dict[str, Any] | None, kept: set[str]
) -> None:
    options = make(at(month), sent)["options"]
    assert passwords(options) == kept
    assert all(options[name] == value for name, value in (sent or {}).items() if name != "password_options")
    if "password_options" in kept:
        assert set(options["password_options"]) == {"complexity", "profile_data", "history", "dictionary"}
        assert options["password_options"]["complexity"]["min_length"] == 15
    elif "passwordPolicy" not in (sent or {}):
        assert options["passwordPolicy"] == "good"


@pytest.mark.parametrize("month", ["2025-01", "2026-08"])
def test_a_patch_leaves_of_the_password_fields_what_it_sends(at: Callable[[str], httpx.Client], month: str) -> None:
    api = at(month)
    path = f"/connections/{make(api, {'brute_force_protection': False})['id']}"
    assert passwords(api.patch(path, json={"options": OLD}).json()["options"]) == set(OLD)
    options = api.patch(path, json={"options": {}}).json()["options"]
    assert passwords(options) == set()
    assert options["brute_force_protection"] is False


OFF = {"enabled": False}
PURPOSES = {"authentication": {"active": True}, "connected_accounts": {"active": False}}


@pytest.mark.parametrize(
    ("month", "password", "added", "purposes"),
    [
        ("2025-01", {}, {}, {}),
        ("2025-12", {}, {}, PURPOSES),
        ("2026-01", {"api_behavior": "required"}, {"email_otp": OFF, "phone_otp": OFF}, PURPOSES),
        (
            "2026-03",
            {"api_behavior": "required", "signup_behavior": "allow"},
            {"email_otp": OFF, "phone_otp": OFF},
            PURPOSES,
        ),
    ],
)
def test_a_connection_of_each_age_has_what_was_added_by_then(
    at: Callable[[str], httpx.Client],
    month: str,
    password: dict[str, Any],
    added: dict[str, Any],
    purposes: dict[str, Any],
) -> None:
    api = at(month)
    made = make(api, {})
    methods = {"password": {"enabled": True, **password}, "passkey": OFF}
    assert made["options"]["authentication_methods"] == methods
    assert {key: made[key] for key in PURPOSES if key in made} == purposes
    sent = {"authentication_methods": {"password": {"enabled": True}, "passkey": {"enabled": True}}}
    completed = {**methods, **added, "passkey": {"enabled": True}}
    assert make(api, sent)["options"]["authentication_methods"] == completed
    changed = api.patch(f"/connections/{made['id']}", json={"options": sent}).json()["options"]
    assert changed["authentication_methods"] == completed
    later = api.patch(f"/connections/{made['id']}", json={"options": {}}).json()["options"]
    assert later["authentication_methods"] == completed


@pytest.mark.parametrize(("month", "added"), [("2024-09", False), ("2026-02", True)])
def test_an_api_of_each_age_has_what_was_added_by_then(
    at: Callable[[str], httpx.Client], month: str, added: bool
) -> None:
    api = at(month)
    identifier = "https://api.example.com/users"
    made = api.post("/resource-servers", json={"identifier": identifier}).json()
    assert ("subject_type_authorization" in made) is added
    changed = api.patch(f"/resource-servers/{made['id']}", json={"token_encryption": None}).json()
    assert ("token_encryption" in changed) is added
    system = next(one for one in api.get("/resource-servers").json() if one.get("is_system"))
    assert ("subject_type_authorization" in system) is added
    for escaped in ("https:%2F%2Fapi.example.com%2Fusers", "https:%252F%252Fapi.example.com%252Fusers"):
        assert api.get(f"/resource-servers/{escaped}").json()["id"] == made["id"]


def test_triggers_are_listed_with_their_deprecated_versions(at: Callable[[str], httpx.Client]) -> None:
    triggers = at("2026-08").get("/actions/triggers").json()["triggers"]
    assert len(triggers) == 20
    assert not {"login-post-identifier", "signup-post-identifier"} & {trigger["id"] for trigger in triggers}
    assert {(one["version"], one["status"]) for one in triggers if one["id"] == "post-login"} == {
        ("v3", "CURRENT"),
        ("v2", "DEPRECATED"),
        ("v1", "DEPRECATED"),
    }
    entity = {one["id"] for one in triggers if one["binding_policy"] == "entity-bound"}
    assert entity == {"custom-token-exchange", "event-stream", "password-hash-migration", "mcp-tool"}


def test_a_connection_of_another_strategy_keeps_its_options_as_they_are_sent(at: Callable[[str], httpx.Client]) -> None:
    api = at("2026-08")
    options = {"email": True, "scope": ["email", "profile"]}
    made = make(api, options, strategy="google-oauth2")
    assert made["options"] == options
    changed = api.patch(f"/connections/{made['id']}", json={"options": {"email": False}}).json()
    assert changed["options"] == {"email": False}
    found = api.get("/connections", params={"strategy": "auth0", "per_page": 100}).json()
    assert made["id"] not in [one["id"] for one in found]


@pytest.mark.parametrize(("month", "added"), [("2025-01", {}), ("2025-09", {"unique": True})])
def test_an_email_attribute_of_each_age_has_what_was_added_by_then(
    at: Callable[[str], httpx.Client], month: str, added: dict[str, Any]
) -> None:
    email = {"identifier": {"active": True}, "profile_required": True, "signup": {"status": "required"}}
    options = make(at(month), {"attributes": {"email": email}})["options"]
    assert options["attributes"]["email"] == {**email, "verification_method": "link", **added}


def test_an_email_attribute_that_is_not_unique_has_to_say_so_in_every_patch(at: Callable[[str], httpx.Client]) -> None:
    api = at("2026-08")
    email = {"identifier": {"active": False}, "profile_required": True, "signup": {"status": "required"}}
    username = {"identifier": {"active": True}}
    own = {"email": {**email, "unique": False}, "username": username}
    path = f"/connections/{make(api, {'attributes': own})['id']}"
    answer = api.patch(path, json={"options": {"attributes": {"email": email, "username": username}}})
    assert (answer.status_code, answer.json()["message"]) == (400, "cannot patch unique property on email attribute")
    assert api.patch(path, json={"options": {"attributes": own}}).status_code == 200


@pytest.mark.parametrize(("month", "added"), [("2025-01", {}), ("2025-08", {"subject_type": "client"})])
def test_a_grant_says_for_whom_it_is_since_there_is_a_choice(
    at: Callable[[str], httpx.Client], month: str, added: dict[str, Any]
) -> None:
    api = at(month)
    client = api.post("/clients", json={"name": "Machine"}).json()["client_id"]
    audience = f"https://{client}.example.com"
    api.post("/resource-servers", json={"identifier": audience})
    body = {"client_id": client, "audience": audience, "scope": []}
    answer = api.post("/client-grants", json=body)
    made = answer.json()
    assert made == {"id": made["id"], **body, **added}
    assert api.post("/client-grants", json=body).status_code == 409
    assert api.get("/client-grants", params={"client_id": client}).json() == [made]


@pytest.mark.parametrize("as_of", ["2025-01", "2026-03"])
def test_what_is_deployed_stands_on_tenants_of_other_ages(deployed: Any, local_tenant: LocalTenant, as_of: str) -> None:
    assert local_tenant.state.age.month == as_of
    plan = deployed.run("plan", "local", "--detailed-exitcode")
    assert plan.code == 0, plan.all
