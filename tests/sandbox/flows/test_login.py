"""Logins at the token endpoint, with the store asked every time: tokens, audiences, scopes, and what goes wrong."""

import httpx
import pytest

pytestmark = pytest.mark.node


def test_a_whole_login(make_site, store, add_api):
    site, audience = make_site(), add_api()
    user_id = store.add("ada@example.com", name="Ada", metadata={"plan": "pro"}, user_metadata={"lang": "en"})
    answer = site.login("ada@example.com", audience=audience, scope="openid profile email read:users")
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    access, identity = site.claims(tokens["access_token"]), site.claims(tokens["id_token"])
    assert access["sub"] == identity["sub"] == f"auth0|{user_id}"
    assert access["aud"] == [audience, f"{site.tenant.base_url}/userinfo"]
    assert (access["iss"], access["azp"], access["gty"]) == (
        f"{site.tenant.base_url}/",
        site.client["client_id"],
        "password",
    )
    assert access["scope"] == "openid profile email read:users"
    assert tokens["expires_in"] == access["exp"] - access["iat"] == 86400
    assert (identity["aud"], identity["name"], identity["email"]) == (
        site.client["client_id"],
        "Ada",
        "ada@example.com",
    )
    assert site.web.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json() == {
        key: identity[key] for key in ("sub", "name", "nickname", "picture", "updated_at", "email", "email_verified")
    }
    user = site.user("ada@example.com")
    assert user["user_id"] == f"auth0|{user_id}"
    assert (user["app_metadata"], user["user_metadata"], user["logins_count"]) == ({"plan": "pro"}, {"lang": "en"}, 1)


def test_the_store_is_asked_every_time_and_the_record_follows_it(make_site, store):
    site = make_site()
    store.add("ada@example.com", name="Ada")
    assert site.login("ada@example.com").status_code == 200
    store.users["ada@example.com"]["profile"]["name"] = "Ada L."
    assert site.login("ada@example.com").status_code == 200
    assert store.kinds() == ["login", "login"]
    user = site.user("ada@example.com")
    assert (user["name"], user["logins_count"]) == ("Ada L.", 2)


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong"), ("eve@example.com", "Correct-Horse-1")])
def test_wrong_credentials_are_one_answer(make_site, store, email, password):
    site = make_site()
    store.add("ada@example.com")
    assert site.error(site.login(email, password)) == (403, "invalid_grant", "Wrong email or password.")
    assert site.user(email) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("callback(new UnauthorizedError('closed'))", (403, "unauthorized", "closed")),
        ("callback(new ValidationError('too_long', 'Too long.'))", (400, "too_long", "Too long.")),
        ("callback(new Error('the store is down'))", (500, "server_error", "the store is down")),
        ("throw new Error('oh')", (500, "server_error", "oh")),
        ("callback(null, null)", (403, "invalid_grant", "Wrong email or password.")),
    ],
)
def test_what_scripts_answer(make_site, body, expected):
    site = make_site(scripts={"login": f"function login(email, password, callback) {{ {body}; }}"})
    assert site.error(site.login("ada@example.com")) == expected


def test_a_missing_script_says_so(make_site):
    site = make_site(scripts={"get_user": "function getUser(email, callback) { callback(null); }"})
    status, _, description = site.error(site.login("ada@example.com"))
    assert status == 500
    assert description.startswith("Please implement the Login script for this database connection")


def test_scripts_of_a_connection_share_global_and_get_their_context(make_site):
    login = """function login(email, password, context, callback) {
      global.count = (global.count || 0) + 1;
      callback(null, { user_id: email, email, count: global.count, via: context.connection.name });
    }"""
    site = make_site(scripts={"login": login}, enable_script_context=True)
    users = []
    for _ in range(3):
        assert site.login("ada@example.com").status_code == 200
        users.append(site.user("ada@example.com"))
    # Of three calls, two at least went to the same one of the two containers.
    assert 2 in [user["count"] for user in users]
    assert {user["via"] for user in users} == {site.connection["name"]}


@pytest.mark.parametrize("import_mode", [False, True])
def test_an_attribute_that_is_not_kept(make_site, store, add_rule, import_mode):
    site = make_site(non_persistent_attrs=["ssn"], import_mode=import_mode)
    store.add("ada@example.com", ssn="123", shoe=38)
    add_rule("function (user, context, callback) { context.idToken.ssn = user.ssn; callback(null, user, context); }")
    answer = site.login("ada@example.com")
    assert site.claims(answer.json()["id_token"])["ssn"] == "123"
    assert "ssn" not in site.user("ada@example.com")
    assert site.user("ada@example.com")["shoe"] == 38


def test_without_scopes_all_of_the_api_are_granted(make_site, store, add_api):
    site, audience = make_site(), add_api()
    store.add("ada@example.com")
    answer = site.login("ada@example.com", audience=audience).json()
    assert {"read:users", "write:users", "openid"} <= set(answer["scope"].split())
    assert "id_token" in answer
    only = site.login("ada@example.com", audience=audience, scope="write:users delete:users").json()
    assert only["scope"] == site.claims(only["access_token"])["scope"] == "write:users"
    assert site.claims(only["access_token"])["aud"] == audience
    assert "id_token" not in only


def test_without_an_audience_the_token_is_for_userinfo(make_site, store):
    site = make_site()
    store.add("ada@example.com")
    token = site.login("ada@example.com", scope="openid email").json()["access_token"]
    assert token.count(".") == 0
    answer = site.web.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["email"] == "ada@example.com"
    assert site.web.get("/userinfo", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert site.web.get("/userinfo").status_code == 401


def test_a_users_token_does_nothing_in_the_management_api(make_site, store):
    site = make_site()
    store.add("ada@example.com")
    token = site.login("ada@example.com", audience=f"{site.tenant.base_url}/api/v2/").json()["access_token"]
    assert "read:users" not in site.claims(token)["scope"].split()
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{site.tenant.base_url}/api/v2/users", headers=headers).status_code == 403


def test_apis_that_users_may_not_have(make_site, store, add_api):
    site = make_site()
    store.add("ada@example.com")
    closed = add_api(subject_type_authorization={"user": {"policy": "deny_all"}})
    granted = add_api(subject_type_authorization={"user": {"policy": "require_client_grant"}})
    assert site.error(site.login("ada@example.com", audience="nowhere"))[:2] == (403, "access_denied")
    assert site.error(site.login("ada@example.com", audience=closed))[:2] == (403, "access_denied")
    assert site.error(site.login("ada@example.com", audience=granted))[:2] == (403, "access_denied")
    assert store.calls == []
    grant = {"client_id": site.client["client_id"], "audience": granted, "scope": ["read:users"]}
    assert site.api.post("/client-grants", json={**grant, "subject_type": "user"}).status_code == 201
    assert "write:users" not in site.login("ada@example.com", audience=granted).json()["scope"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"username": None}, (403, "invalid_request")),
        ({"password": ""}, (403, "invalid_request")),
        ({"password": ["x"]}, (403, "invalid_request")),
        ({"realm": None}, (403, "invalid_request")),
        ({"realm": "elsewhere"}, (403, "invalid_request")),
        ({"realm": {"a": 1}}, (403, "invalid_request")),
        ({"audience": 7}, (403, "invalid_request")),
        ({"scope": ["openid"]}, (403, "invalid_request")),
        ({"client_secret": "wrong"}, (401, "access_denied")),
        ({"client_id": "nobody"}, (401, "access_denied")),
        ({"grant_type": "authorization_code"}, (403, "invalid_request")),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": "y"}, (403, "invalid_grant")),
        ({"grant_type": "client_credentials"}, (403, "unauthorized_client")),
    ],
)
def test_bad_requests(make_site, store, change, expected):
    site = make_site()
    answer = site.login("ada@example.com", **change)
    assert site.error(answer)[:2] == expected
    assert store.calls == []


def test_the_password_grant_needs_one_connection(make_site, store):
    site, other = make_site(), make_site()
    store.add("ada@example.com")
    assert site.login("ada@example.com", grant_type="password", realm=None).status_code == 200
    body = [{"client_id": site.client["client_id"], "status": True}]
    assert site.api.patch(f"/connections/{other.connection['id']}/clients", json=body).status_code == 204
    assert site.error(site.login("ada@example.com", grant_type="password", realm=None))[:2] == (500, "server_error")
    assert site.login("ada@example.com").status_code == 200


def public_client(site):
    """A client without a secret that has the grants of any new client."""
    made = site.api.post("/clients", json={"name": "Public", "token_endpoint_auth_method": "none"}).json()
    assert "client_credentials" in made["grant_types"]
    return made["client_id"]


def test_a_client_that_is_not_enabled_and_one_without_a_secret(make_site, store):
    site = make_site()
    store.add("ada@example.com")
    other = site.api.post("/clients", json={"name": "Other", "grant_types": ["password"]}).json()
    credentials = {key: other[key] for key in ("client_id", "client_secret")}
    assert site.error(site.login("ada@example.com", **credentials))[:2] == (403, "unauthorized_client")
    realm = "http://auth0.com/oauth/grant-type/password-realm"
    public = {"token_endpoint_auth_method": "none", "grant_types": [realm]}
    assert site.api.patch(f"/clients/{site.client['client_id']}", json=public).status_code == 200
    assert site.login("ada@example.com", client_secret=None).status_code == 200
    answer = site.login("x", client_id=public_client(site), client_secret=None, grant_type="client_credentials")
    assert site.error(answer)[1] == "unauthorized_client"


def test_a_blocked_user(make_site, store):
    site = make_site()
    store.add("ada@example.com")
    site.login("ada@example.com")
    id = site.user("ada@example.com")["user_id"]
    assert site.api.patch(f"/users/{id}", json={"blocked": True}).status_code == 200
    assert site.error(site.login("ada@example.com")) == (403, "unauthorized", "user is blocked")


def test_the_classic_login_page(make_site, store):
    site = make_site(callbacks=["https://app.example/cb"])
    store.add("ada@example.com")
    body = {
        "client_id": site.client["client_id"],
        "connection": site.connection["name"],
        "username": "ada@example.com",
        "password": "Correct-Horse-1",
        "redirect_uri": "https://app.example/cb",
        "response_type": "code",
        "state": 's"><script>',
        "nonce": "n1",
    }
    answer = site.web.post("/usernamepassword/login", json=body)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>" not in answer.text
    wresult = answer.text.partition('name="wresult" value="')[2].partition('"')[0]
    back = site.web.post("/login/callback", data={"wa": "wsignin1.0", "wresult": wresult})
    assert back.status_code == 302
    query = httpx.URL(back.headers["location"]).params
    assert query["state"] == body["state"]
    exchange = {
        "grant_type": "authorization_code",
        "client_id": site.client["client_id"],
        "client_secret": site.client["client_secret"],
        "code": query["code"],
        "redirect_uri": body["redirect_uri"],
    }
    tokens = site.web.post("/oauth/token", json=exchange).json()
    assert site.claims(tokens["id_token"])["nonce"] == "n1"
    assert site.web.post("/oauth/token", json=exchange).status_code == 403
    wrong = site.web.post("/usernamepassword/login", json={**body, "password": "no"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_user_password")
    elsewhere = site.web.post("/usernamepassword/login", json={**body, "redirect_uri": "https://evil.example/"})
    assert elsewhere.status_code == 400
    assert site.web.post("/login/callback", data={"wresult": wresult[:-3]}).status_code == 400
