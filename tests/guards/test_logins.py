"""Guards at work: people and machines sign in at the local tenant, whose Actions, Rules and scripts really run."""

import httpx
import jwt
import pytest

pytestmark = [pytest.mark.node]

AUDIENCE = "https://users.example.com"
PASSWORD = "Correct-Horse-1"
FORMS = ["action", "rule"]


@pytest.mark.parametrize("form", FORMS)
def test_a_user_gets_no_token_for_the_stores_api_and_the_machine_does(stage, form):
    stage.define("restrict-audience", form=form)
    stage.apply()
    attack = stage.login(audience=AUDIENCE)
    assert attack.status_code == 403, attack.text
    assert "access_token" not in attack.text
    assert attack.json()["error_description"] == "This API is not for users."
    assert stage.login().status_code == 200
    client = stage.scripts_client()
    answer = stage.machine(client)
    assert stage.subject(answer) == f"{client['client_id']}@clients"
    assert call(stage, answer.json()["access_token"]).status_code == 200
    # Another machine gets none, even with a grant.
    other = stage.api("POST", "clients", {"name": "Other", "grant_types": ["client_credentials"]})
    grant = {"client_id": other["client_id"], "audience": AUDIENCE, "scope": ["read:users"]}
    stage.api("POST", "client-grants", grant)
    refused = stage.machine(other)
    assert refused.status_code == 400, refused.text
    assert refused.json()["error_description"] == "This API is for one client only."


def test_without_the_guard_the_same_login_succeeds_and_only_the_api_itself_says_no(stage):
    stage.define("")
    assert "DB408" in stage.project.run("lint", "local").all
    refused = stage.project.run("apply", "local", "--auto-approve")
    assert refused.code == 3
    stage.apply("--no-lint")
    attack = stage.login(audience=AUDIENCE)
    assert stage.subject(attack).startswith("auth0|")
    # require-clients-subject: a user's token is a good token of the tenant for this audience, and no machine's.
    answer = call(stage, attack.json()["access_token"])
    assert (answer.status_code, answer.json()) == (401, {"error": "subject"})


@pytest.mark.parametrize("form", FORMS)
def test_the_checklists_attack_gets_no_token_with_the_guard(stage, form):
    # Someone intercepts the redirect to /authorize and adds the audience of the store's API.
    # https://auth0.com/docs/authenticate/database-connections/custom-db/templates (the checklist)
    stage.define("restrict-audience", form=form)
    stage.apply()
    page = stage.page()
    back = page.log_in("ada@example.com", PASSWORD, audience=AUDIENCE, scope="openid read:users offline_access")
    assert set(back) == {"error", "error_description", "state"}
    assert back["error_description"] == "This API is not for users."
    assert stage.user()["email"] == "ada@example.com", "the credentials have moved all the same"
    # The same login without it is what it was.
    answer = page.redeem(page.log_in("ada@example.com", PASSWORD)["code"])
    assert stage.subject(answer) == stage.user()["user_id"]


def test_the_checklists_attack_gets_a_token_and_keeps_it_without_the_guard(stage):
    stage.define("")
    stage.apply("--no-lint")
    page = stage.page()
    back = page.log_in("ada@example.com", PASSWORD, audience=AUDIENCE, scope="openid read:users offline_access")
    tokens = page.redeem(back["code"]).json()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["sub"].startswith("auth0|")
    assert AUDIENCE in claims["aud"]
    # Only require-clients-subject, the check in the API itself, is left to say no.
    answer = call(stage, tokens["access_token"])
    assert (answer.status_code, answer.json()) == (401, {"error": "subject"})


@pytest.mark.parametrize("form", FORMS)
def test_a_refresh_token_from_before_the_guard_is_worth_nothing_after_it(stage, form):
    stage.define("")
    stage.apply("--no-lint")
    [server] = [each for each in stage.tenant.state.storage.all("resource_server") if each["identifier"] == AUDIENCE]
    stage.api("PATCH", f"resource-servers/{server['id']}", {"allow_offline_access": True})
    page = stage.page()
    back = page.log_in("ada@example.com", PASSWORD, audience=AUDIENCE, scope="openid read:users offline_access")
    stolen = page.redeem(back["code"]).json()["refresh_token"]
    assert page.token("refresh_token", refresh_token=stolen).status_code == 200
    stage.define("restrict-audience", form=form)
    ran = stage.project.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    refused = page.token("refresh_token", refresh_token=stolen)
    assert (refused.status_code, refused.json()["error_description"]) == (403, "This API is not for users.")


@pytest.mark.parametrize("form", FORMS)
def test_a_migration_that_broke_off_has_its_metadata_after_the_next_login(stage, form):
    stage.define("restrict-audience, backfill-metadata", form=form)
    stage.apply()
    break_off(stage)
    lost = stage.user()
    assert not lost.get("app_metadata")
    assert not lost.get("user_metadata")
    assert stage.login().status_code == 200
    healed = stage.user()
    assert healed["user_id"] == lost["user_id"]
    assert healed["app_metadata"] == {"plan": "gold", "store_metadata_checked": True}
    assert healed["user_metadata"] == {"lang": "en"}
    # Once: what changes in the store later is not taken over, and the store is not asked again.
    asked = stage.store.asked["/users/metadata"]
    assert stage.login().status_code == 200
    assert stage.store.asked["/users/metadata"] == asked == 1


def test_without_the_guard_the_metadata_stays_lost(stage):
    stage.define("restrict-audience")
    stage.apply()
    break_off(stage)
    assert stage.login().status_code == 200
    assert not stage.user().get("app_metadata")


def test_a_whole_migration_asks_for_nothing(stage):
    stage.define("restrict-audience, backfill-metadata")
    stage.apply()
    assert stage.login().status_code == 200
    assert stage.user()["app_metadata"] == {"plan": "gold"}
    assert stage.store.asked["/users/metadata"] == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_user_who_moved_is_not_found_under_the_old_address_again(stage, form):
    stage.define("restrict-audience, backfill-metadata, mark-migrated", form=form)
    stage.apply()
    assert stage.login().status_code == 200
    user = stage.user()
    assert stage.store.migrated == {"u1"}
    # Away: the address changes in Auth0 alone, and nobody is made of the store's old one.
    change_address(stage, user, "ada@elsewhere.example")
    refused = stage.login("ada@example.com")
    assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant"), refused.text
    # And back: it is the same user, who was told of once.
    change_address(stage, user, "ada@example.com")
    assert stage.subject(stage.login("ada@example.com")) == user["user_id"]
    assert stage.user()["user_id"] == user["user_id"]
    assert stage.store.asked["/users/mark-migrated"] == 1


def test_without_the_guard_the_store_answers_for_the_old_address(stage):
    stage.define("restrict-audience")
    stage.apply()
    assert stage.login().status_code == 200
    change_address(stage, stage.user(), "ada@elsewhere.example")
    asked = stage.login("ada@example.com")
    # The script was right, and the tenant tries to migrate the user a second time.
    assert asked.json()["error_description"] == "The user already exists.", asked.text


def test_a_store_that_refuses_the_guard_locks_nobody_out_and_is_told_later(stage):
    stage.define("restrict-audience, backfill-metadata, mark-migrated")
    stage.apply()
    assert stage.login().status_code == 200
    stage.store.migrated.clear()
    stage.api("PATCH", f"users/{stage.user()['user_id']}", {"app_metadata": {"store_marked_migrated": None}})
    refusal, stage.store._refusal = stage.store._refusal, lambda *_: "scope"
    assert stage.login().status_code == 200
    assert not stage.store.migrated
    assert stage.store.refused["scope"] > 0
    stage.store._refusal = refusal
    assert stage.login().status_code == 200
    assert stage.store.migrated == {"u1"}


def test_nothing_of_it_is_shown(stage):
    stage.define("restrict-audience, backfill-metadata, mark-migrated")
    planned = stage.project.run("-vv", "plan", "local")
    applied = stage.project.run("-vv", "apply", "local", "--auto-approve")
    secret = stage.scripts_client()["client_secret"]
    for ran in (planned, applied, stage.project.run("-vv", "plan", "local", "--json")):
        assert ran.code == 0, ran.err
        assert secret not in ran.all
    kept = [path for path in stage.project.root.rglob("*") if path.is_file()]
    assert kept
    assert all(secret.encode() not in path.read_bytes() for path in kept)
    for action in stage.tenant.state.storage.all("action"):
        assert secret not in action["code"]


def test_a_rotated_secret_is_a_difference_and_is_handed_on(stage):
    stage.define("restrict-audience, backfill-metadata")
    stage.apply()
    client = stage.scripts_client()
    rotated = stage.api("POST", f"clients/{client['client_id']}/rotate-secret")
    ran = stage.project.run("plan", "local")
    assert "secret API_CLIENT_SECRET has a new value" in ran.out
    assert "~ connection.legacy-users" in ran.out
    assert "~ action.legacy-users-backfill-metadata" in ran.out
    assert rotated["client_secret"] not in ran.all
    # The scripts cannot sign in with the old secret, and can again after an apply.
    assert stage.login().status_code != 200
    stage.apply()
    assert stage.login().status_code == 200


def break_off(stage) -> None:
    """A first login whose browser is closed after the password was right."""
    page = stage.page()
    page.open()
    assert page.send("ada@example.com", PASSWORD).status_code == 200


def change_address(stage, user, email: str) -> None:
    """Change a user's address in the tenant."""
    stage.api("PATCH", f"users/{user['user_id']}", {"email": email, "connection": "legacy-users"})


def call(stage, token: str) -> httpx.Response:
    """Find a user through the store's API with a token."""
    return httpx.post(
        f"{stage.url}/users/find",
        json={"identifier": "ada@example.com"},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )


def test_people_still_log_in_after_the_end_of_a_migration_whose_guard_was_taken_out(stage):
    """A mark that the store goes on to get would lock out whoever logs in twice, once users no longer move."""
    stage.define("restrict-audience, mark-migrated")
    stage.apply()
    file = stage.project.root / "tenants/local.yaml"
    without = file.read_text().replace("restrict-audience, mark-migrated", "restrict-audience")
    file.write_text(without.replace("migration: trickle", "migration: 'off'"))
    name = "removes-guard:action.legacy-users-mark-migrated"
    ends = ("--allow", "import-mode-off:connection.legacy-users")
    refused = stage.project.run("apply", "local", "--auto-approve", *ends)
    assert refused.code == 3
    assert "where `migration` is `off`, the store does not find them and they cannot log in" in refused.err
    ran = stage.project.run("apply", "local", "--auto-approve", "--allow", name, *ends)
    assert ran.code == 0, ran.all
    for _ in range(3):
        answer = stage.login()
        assert answer.status_code == 200, answer.text
