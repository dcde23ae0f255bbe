"""Trickle migration: the first login asks the store and moves the user, everything after that is the tenant's own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.login_page import CALLBACK, LoginPage, told

pytestmark = pytest.mark.node
ADA, PASSWORD = "ada@example.com", "Correct-Horse-1"
NEW = "Battery-Staple-2"


def test_the_first_login_moves_the_user_and_the_second_does_not_ask_the_store(make_site, store):
    site = make_site(import_mode=True)
    user_id = store.add(ADA, name="Ada", metadata={"plan": "pro"}, user_metadata={"lang": "en"})
    first = site.login(ADA)
    assert first.status_code == 200, first.text
    assert store.kinds() == ["login"]
    del store.users[ADA]
    assert site.login(ADA).status_code == 200
    assert site.error(site.login(ADA, "wrong"))[1] == "invalid_grant"
    assert site.login("ADA@example.com").status_code == 200
    assert store.kinds() == ["login"]
    user = site.user(ADA)
    assert (user["user_id"], user["logins_count"], user["name"]) == (f"auth0|{user_id}", 3, "Ada")
    assert (user["app_metadata"], user["user_metadata"]) == ({"plan": "pro"}, {"lang": "en"})
    stored = site.tenant.state.storage.get("user", user["user_id"])
    assert stored["$password"].startswith("scrypt$")
    assert "$password" not in user
    assert not any("Correct-Horse" in str(value) for value in stored.values())


def test_without_a_user_id_the_tenant_makes_one_up_once(make_site):
    login = "function login(email, password, callback) { callback(null, { email }); }"
    site = make_site(import_mode=True, scripts={"login": login})
    subjects = {site.claims(site.login(ADA).json()["id_token"])["sub"] for _ in range(2)}
    assert len(subjects) == 1
    assert subjects.pop().startswith("auth0|")


def test_the_login_page_moves_the_credentials_at_once_and_the_metadata_at_the_callback(make_site, store):
    site = make_site(import_mode=True, callbacks=[CALLBACK])
    store.add(ADA, name="Ada", metadata={"plan": "pro"}, user_metadata={"lang": "en"})
    page = LoginPage(site.tenant.base_url, site.client)
    page.open()
    answer = page.send(ADA, PASSWORD)
    moved = site.user(ADA)
    assert moved["name"] == "Ada"
    assert not {"app_metadata", "user_metadata"} & set(moved)
    assert site.tenant.state.storage.get("user", moved["user_id"])["$password"].startswith("scrypt$")
    # Meanwhile somebody has written some: it stays, and the store's joins it.
    site.api.patch(f"/users/{moved['user_id']}", json={"app_metadata": {"plan": "gold", "seen": True}})
    store.users[ADA]["profile"]["metadata"] = {"plan": "changed since"}
    assert "code" in told(page.go_on(answer))
    whole = site.user(ADA)
    assert (whole["app_metadata"], whole["user_metadata"]) == ({"plan": "gold", "seen": True}, {"lang": "en"})
    assert store.kinds() == ["login"]
    page.web.close()


def test_a_login_that_ends_before_the_callback_loses_the_metadata_for_good(make_site, store):
    site = make_site(import_mode=True, callbacks=[CALLBACK])
    store.add(ADA, metadata={"plan": "pro"})
    page = LoginPage(site.tenant.base_url, site.client)
    page.open()
    assert page.send(ADA, PASSWORD).status_code == 200
    # The browser is closed here; the next login is a whole one.
    assert "code" in page.log_in(ADA, PASSWORD)
    assert site.login(ADA).status_code == 200
    assert store.kinds() == ["login"]
    assert "app_metadata" not in site.user(ADA)
    page.web.close()


def test_app_metadata_under_its_own_name_is_lost_at_the_first_merge(make_site, store):
    site = make_site(import_mode=True)
    store.add(ADA, app_metadata={"plan": "pro"})
    site.login(ADA)
    user = site.user(ADA)
    assert user["app_metadata"] == {"plan": "pro"}
    site.api.patch(f"/users/{user['user_id']}", json={"app_metadata": {"seen": True}})
    assert site.user(ADA)["app_metadata"] == {"seen": True}


def test_a_user_whose_email_was_changed_is_not_moved_twice(make_site, store):
    site = make_site(import_mode=True)
    store.add(ADA)
    site.login(ADA)
    id = site.user(ADA)["user_id"]
    assert site.api.patch(f"/users/{id}", json={"email": "ada@new.example"}).status_code == 200
    assert site.error(site.login(ADA))[1] == "user_exists"
    back = site.api.patch(f"/users/{id}", json={"email": ADA})
    assert (back.status_code, back.json()["message"]) == (400, "The specified new email already exists")
    del store.users[ADA]  # as a store that is told of migrations: get_user says no
    assert site.api.patch(f"/users/{id}", json={"email": ADA}).status_code == 200
    assert site.login(ADA).status_code == 200
    assert store.kinds().count("login") == 2
    assert "change_email" not in store.kinds()


def test_two_users_of_one_email_or_id_are_refused(make_site, store):
    site, other = make_site(import_mode=True), make_site(import_mode=True)
    store.add(ADA, user_id="same")
    assert site.login(ADA).status_code == 200
    assert other.error(other.login(ADA)) == (400, "user_exists", "The user already exists.")


def test_first_logins_at_once_make_one_user(make_site, store):
    site = make_site(import_mode=True)
    store.add(ADA, metadata={"plan": "pro"})
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: site.login(ADA).status_code, range(5)))
    assert answers == [200] * 5
    assert site.user(ADA)["app_metadata"] == {"plan": "pro"}


def test_a_password_reset_moves_a_user_too(make_site, store):
    site = make_site(import_mode=True)
    user_id = store.add("bob@example.com", metadata={"plan": "pro"})
    assert site.self_service("change_password", email="bob@example.com").status_code == 200
    assert site.user("bob@example.com") is None
    [mail] = site.mails("bob@example.com")
    assert mail["template"] == "reset_email"
    assert "form" in site.web.get(mail["link"]).text
    assert site.web.post(mail["link"], data={"password": NEW}).status_code == 200
    user = site.user("bob@example.com")
    assert (user["user_id"], user["app_metadata"]) == (f"auth0|{user_id}", {"plan": "pro"})
    assert site.login("bob@example.com", NEW).status_code == 200
    assert site.error(site.login("bob@example.com"))[1] == "invalid_grant"
    assert set(store.kinds()) == {"get_user"}


def test_a_signup_asks_whether_the_store_knows_the_user(make_site, store):
    site = make_site(import_mode=True)
    store.add(ADA)
    known = site.self_service("signup", email=ADA, password=NEW)
    assert (known.status_code, known.json()["code"]) == (400, "invalid_signup")
    new = site.self_service("signup", email="cy@example.com", password=NEW)
    assert new.status_code == 200, new.text
    assert store.kinds() == ["get_user", "get_user"]
    assert site.login("cy@example.com", NEW).status_code == 200
    assert "cy@example.com" not in store.users


def test_after_the_migration_no_op_scripts_know_nobody(make_site):
    site = make_site(
        import_mode=True,
        scripts={
            "login": "function login(email, password, callback) { callback(null, null); }",
            "get_user": "function getUser(email, callback) { callback(null, null); }",
        },
    )
    assert site.error(site.login(ADA))[1] == "invalid_grant"
    assert site.self_service("signup", email=ADA, password=NEW).status_code == 200
    assert site.login(ADA, NEW).status_code == 200


def test_import_mode_asks_scripts_for_nothing_else(make_site, store):
    site = make_site(import_mode=True)
    store.add(ADA)
    site.login(ADA)
    id = site.user(ADA)["user_id"]
    assert site.api.patch(f"/users/{id}", json={"password": NEW}).status_code == 200
    assert site.login(ADA, NEW).status_code == 200
    assert site.api.delete(f"/users/{id}").status_code == 204
    assert store.kinds() == ["login"]
    assert site.login(ADA).status_code == 200, "who is deleted comes back from a store that was not told"
