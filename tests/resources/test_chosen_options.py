"""What an import leaves out as the tenant's own: just what a tenant gives a connection that nobody gave anything."""

import httpx
import pytest

from deployer.resources.connection_chosen_options import chosen_options
from deployer.sandbox.server import LocalTenant


def made(tenant, body):
    """The options of a new connection, as the tenant shows them."""
    headers = {"Authorization": f"Bearer {tenant.state.issue_token()}"}
    url = f"{tenant.base_url}/api/v2/connections"
    answer = httpx.post(url, json={"strategy": "auth0", **body}, headers=headers, trust_env=False)
    assert answer.status_code == 201, answer.text
    shown = httpx.get(f"{url}/{answer.json()['id']}", headers=headers, trust_env=False)
    return shown.json()["options"]


@pytest.mark.parametrize("given", [{}, {"options": {}}], ids=["no options", "empty options"])
def test_what_nobody_chose_is_left_out(local_tenant, given):
    assert chosen_options(made(local_tenant, {"name": "plain", **given})) == {}


@pytest.mark.parametrize("month", ["2025-01", "2026-01", "2026-03", "2026-06", "2026-08", "2026-11"])
def test_what_a_tenant_of_any_age_gives_by_itself_is_left_out(month):
    with LocalTenant(as_of=month) as tenant:
        assert chosen_options(made(tenant, {"name": "plain"})) == {}
        assert chosen_options(made(tenant, {"name": "empty", "options": {}})) == {}


def test_of_two_families_of_password_fields_the_one_in_force_is_taken():
    old = {"passwordPolicy": "low", "password_history": {"enable": True, "size": 5}}
    new = {"complexity": {"min_length": 20, "character_types": []}}
    assert chosen_options(old) == old
    assert chosen_options({**old, "password_options": new}) == {"password_options": {"complexity": {"min_length": 20}}}
    assert chosen_options({"passwordPolicy": "good", "password_no_personal_info": {"enable": True}}) == {
        "passwordPolicy": "good",
        "password_no_personal_info": {"enable": True},
    }


def test_what_somebody_chose_is_kept(local_tenant):
    options = {
        "brute_force_protection": False,
        "disable_signup": True,
        "password_options": {"complexity": {"min_length": 20}},
        "passkey_options": {"challenge_ui": "button"},
    }
    assert chosen_options(made(local_tenant, {"name": "chosen", "options": options})) == options
