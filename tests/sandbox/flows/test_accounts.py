"""Signup, password reset, verification and changes, where users live in the store or in the tenant's own database."""

import pytest

from deployer.sandbox.flows.modules import pins_of

pytestmark = pytest.mark.node
ADA = "ada@example.com"
NEW = "Battery-Staple-2"


@pytest.fixture
def site(make_site):
    return make_site()


def sign_up(site, email=ADA, **more):
    answer = site.self_service("signup", email=email, password=NEW, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_sign_up_verify_and_log_in(site, store):
    made = sign_up(site, user_metadata={"lang": "en"}, given_name="Ada")
    assert made["_id"] == store.users[ADA]["profile"]["user_id"]
    assert (made["email"], made["email_verified"], made["given_name"]) == (ADA, False, "Ada")
    assert made["user_metadata"] == {"lang": "en"}
    assert store.kinds() == ["get_user", "create", "login"]
    given = store.calls[1][1][0]
    assert given["client_id"] == site.client["client_id"]
    assert (given["password"], given["connection"]) == (NEW, site.connection["name"])
    [mail] = site.mails(ADA)[-1:]
    assert mail["template"] == "verify_email"
    assert site.web.get(mail["link"]).status_code == 200
    assert store.users[ADA]["profile"]["email_verified"] is True
    assert site.web.get(mail["link"]).status_code == 400
    assert site.login(ADA, NEW).status_code == 200
    assert site.user(ADA)["email_verified"] is True


def test_signing_up_twice(site, store):
    sign_up(site)
    again = site.self_service("signup", email=ADA, password=NEW)
    assert (again.status_code, again.json()["code"]) == (400, "invalid_signup")
    store.add("bob@example.com")
    assert site.self_service("signup", email="bob@example.com", password=NEW).status_code == 400
    assert store.kinds().count("create") == 1


def test_resetting_a_password(site, store):
    store.add(ADA)
    unknown = site.self_service("change_password", email="nobody@example.com")
    known = site.self_service("change_password", email=ADA)
    assert (unknown.status_code, unknown.text) == (known.status_code, known.text)
    assert site.mails("nobody@example.com") == []
    [mail] = site.mails(ADA)[-1:]
    assert site.web.post(mail["link"], data={"password": ""}).status_code == 400
    assert site.web.post(mail["link"], data={"password": NEW}).status_code == 200
    assert site.web.post(mail["link"], data={"password": "other"}).status_code == 400
    assert site.error(site.login(ADA))[1] == "invalid_grant"
    assert site.login(ADA, NEW).status_code == 200


def test_a_reset_that_the_store_does_not_take_can_be_tried_again(site, store):
    store.add(ADA)
    site.self_service("change_password", email=ADA)
    [mail] = site.mails(ADA)[-1:]
    kept = store.users.pop(ADA)
    assert site.web.post(mail["link"], data={"password": NEW}).status_code == 400
    store.users[ADA] = kept
    assert site.web.post(mail["link"], data={"password": NEW}).status_code == 200


def test_changes_by_an_administrator_go_to_the_store(site, store):
    store.add(ADA)
    site.login(ADA)
    path = f"/users/{site.user(ADA)['user_id']}"
    assert site.api.patch(path, json={"password": NEW}).status_code == 200
    assert site.login(ADA, NEW).status_code == 200
    changed = site.api.patch(path, json={"email": "Ada@New.example", "email_verified": True})
    assert (changed.json()["email"], changed.json()["email_verified"]) == ("ada@new.example", True)
    assert store.calls[-1] == ("change_email", [ADA, "ada@new.example", True])
    assert site.login("ada@new.example", NEW).status_code == 200
    assert site.api.delete(path).status_code == 204
    assert store.calls[-1][0] == "delete"
    assert store.users == {}
    assert site.api.get(path).status_code == 404
    assert site.api.delete(path).status_code == 204


def test_a_script_that_is_missing_stops_the_change(make_site, store):
    from_store = {"login": "function login(email, password, callback) { callback(null, { user_id: 'x1', email }); }"}
    site = make_site(scripts=from_store)
    site.login(ADA)
    path = f"/users/{site.user(ADA)['user_id']}"
    for answer in (site.api.delete(path), site.api.patch(path, json={"password": NEW})):
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "auth0_idp_error")
        assert answer.json()["message"].startswith("Please implement the ")
    assert site.user(ADA) is not None


def test_users_of_a_database_of_the_tenants_own_need_no_scripts(make_site, store):
    site = make_site(scripts={}, enabledDatabaseCustomization=False, requires_username=True)
    sign_up(site, username="ada")
    assert site.login("ada", NEW).status_code == 200
    assert site.login(ADA, NEW).status_code == 200
    assert site.error(site.login("ada"))[1] == "invalid_grant"
    path = f"/users/{site.user(ADA)['user_id']}"
    assert site.api.patch(path, json={"username": "lovelace"}).json()["username"] == "lovelace"
    assert site.login("lovelace", NEW).status_code == 200
    assert site.error(site.login("ada", NEW))[1] == "invalid_grant"
    taken = site.self_service("signup", email="eve@example.com", password=NEW, username="Lovelace")
    assert taken.status_code == 400
    assert store.calls == []


def test_tickets_through_the_management_api(site, store):
    store.add(ADA)
    site.login(ADA)
    id = site.user(ADA)["user_id"]
    body = {"user_id": id, "result_url": "https://app.example/done?x=1", "mark_email_as_verified": True}
    link = site.api.post("/tickets/password-change", json=body).json()["ticket"]
    assert site.web.get(link.replace("reset-verify", "email-verification")).status_code == 400
    done = site.web.post(link, data={"password": NEW})
    assert done.status_code == 302
    assert done.headers["location"].startswith("https://app.example/done?x=1&success=true")
    assert site.login(ADA, NEW).status_code == 200
    verify = site.api.post("/tickets/email-verification", json={"user_id": id}).json()["ticket"]
    assert site.web.get(verify).status_code == 200
    assert store.kinds()[-1] == "verify"
    assert site.api.post("/tickets/email-verification", json={"user_id": "auth0|no"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("signup", {"email": "not an email", "password": NEW}),
        ("signup", {"email": ADA}),
        ("signup", {"email": ADA, "password": 5}),
        ("signup", {"email": ADA, "password": NEW, "connection": "elsewhere"}),
        ("signup", {"email": ADA, "password": NEW, "client_id": "nobody"}),
        ("signup", {"email": ADA, "password": NEW, "user_metadata": {"a": {"b": 1}}}),
        ("signup", {"email": ADA, "password": NEW, "app_metadata": {"admin": "yes"}}),
        ("change_password", {"email": [ADA]}),
        ("change_password", {}),
        ("change_password", {"email": ADA, "connection": "elsewhere"}),
    ],
)
def test_bad_requests(site, store, path, body):
    assert site.self_service(path, **body).status_code == 400
    assert store.calls == []


def test_doors_that_are_closed(make_site, store):
    site = make_site(disable_signup=True, disable_self_service_change_password=True)
    assert site.self_service("signup", email=ADA, password=NEW).json() == {"error": "public signup is disabled"}
    assert site.self_service("change_password", email=ADA).status_code == 400


def test_pins_come_from_the_scripts():
    source = "const a = require('pg@8.16.3'); const b = require(\"@x/y@1.0.0/z\"); require('bcrypt'); require('crypto')"
    assert pins_of([source], {"bcrypt": "6.0.0"}) == {"@x/y": "1.0.0", "bcrypt": "6.0.0", "pg": "8.16.3"}
    assert pins_of(["notrequire('pg@1.0.0'); require(name)"], {}) == {}
