"""What an import leaves out as the tenant's own: just what a tenant gives a connection that nobody gave anything."""

import httpx
import pytest

from deployer.importing.defaults import chosen_options


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
    chosen = chosen_options(made(local_tenant, {"name": "plain", **given}))
    # Which password policy a connection gets depends on how it was created: it is always named.
    assert set(chosen) <= {"passwordPolicy"}


def test_what_somebody_chose_is_kept(local_tenant):
    options = {
        "brute_force_protection": False,
        "disable_signup": True,
        "password_options": {"complexity": {"min_length": 20}},
        "passkey_options": {"challenge_ui": "button"},
    }
    assert chosen_options(made(local_tenant, {"name": "chosen", "options": options})) == options
