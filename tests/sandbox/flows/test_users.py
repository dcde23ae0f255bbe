"""Users in the Management API: search, pages, scopes, metadata, bad input. No scripts: Node is not needed."""

import time
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployer.sandbox.errors import ApiError
from deployer.sandbox.resources.user_search import parse
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.snapshot import load, snapshot

PASSWORD = "Correct-Horse-1"


def fill(tenant, api, count):
    """Two databases, and users in them."""
    api.headers["Authorization"] = f"Bearer {tenant.state.issue_token()}"
    for name in ("one", "two"):
        assert api.post("/connections", json={"name": name, "strategy": "auth0"}).status_code == 201
    for number in range(count):
        body = {
            "connection": "one" if number < 4 else "two",
            "email": f"User{number}@example.com",
            "password": PASSWORD,
            "name": f"User Number{number}",
            "user_id": f"u{number}",
            "email_verified": number % 2 == 0,
            "app_metadata": {"plan": "pro" if number == 1 else "free", "roles": ["a", f"r{number}"]},
            "user_metadata": {"age": 20 + number},
        }
        answer = api.post("/users", json=body)
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def filled():
    """A tenant with two databases and six users, which no test changes."""
    with LocalTenant() as tenant, httpx.Client(base_url=f"{tenant.base_url}/api/v2", timeout=30) as api:
        fill(tenant, api, 6)
        yield tenant, api


@pytest.fixture
def changing():
    """A tenant with one user, for one test."""
    with LocalTenant() as tenant, httpx.Client(base_url=f"{tenant.base_url}/api/v2", timeout=30) as api:
        fill(tenant, api, 1)
        yield tenant, api


@pytest.fixture
def api(filled):
    return filled[1]


def found(api, q, **more):
    answer = api.get("/users", params={"q": q, "search_engine": "v3", **more})
    assert answer.status_code == 200, answer.text
    return [user["user_id"].removeprefix("auth0|u") for user in answer.json()]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ('email:"user1@example.com"', "1"),
        ("email:USER1@example.com", "1"),
        ("email:user*", "012345"),
        ('identities.connection:"two"', "45"),
        ('identities.connection:"one" AND email_verified:true', "02"),
        ('email:"user1@example.com" OR email:"user5@example.com"', "15"),
        ('identities.connection:"one" AND NOT app_metadata.plan:"free"', "1"),
        ('identities.connection:"one" -email:user1* ', "012345"),
        ('app_metadata.roles:"r3"', "3"),
        ('(email:user0* OR email:user4*) AND identities.connection:"two"', "4"),
        ("user_metadata.age:[22 TO 23]", "23"),
        ("user_metadata.age:{22 TO *]", "345"),
        ("_exists_:user_metadata.age", "012345"),
        ("NOT _exists_:user_metadata.age", ""),
        ('name:"user number3"', "3"),
        ('user_id:"auth0|u2"', "2"),
        ("nobody", ""),
    ],
)
def test_search(api, q, expected):
    assert "".join(found(api, q)) == expected


@pytest.mark.parametrize(
    "q", ["email:", "(email:a", "email:a AND", "email:a)", ":x", '"', "email:[1 2]", "(" * 80, "x" * 3000]
)
def test_a_search_that_is_none(api, q):
    answer = api.get("/users", params={"q": q})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_query_string")


@given(st.text(alphabet='ab:"()[]{}*-!\\ ANDORT&|.', max_size=40))
def test_any_query_is_answered_or_refused(q):
    try:
        test = parse(q)
    except ApiError:
        return
    assert test({"email": "a", "identities": [{"connection": "b"}]}) in (True, False)


def test_pages_fields_and_order(api):
    page = api.get("/users", params={"page": 1, "per_page": 2, "include_totals": "true"}).json()
    assert (page["total"], page["start"], page["limit"], page["length"]) == (6, 2, 2, 2)
    assert [user["user_id"] for user in page["users"]] == ["auth0|u2", "auth0|u3"]
    chosen = api.get("/users", params={"fields": "email", "per_page": 1, "sort": "email:-1"}).json()
    assert chosen == [{"email": "user5@example.com"}]


@pytest.mark.parametrize("query", [{"page": 10}, {"per_page": 101}, {"sort": "email"}, {"page": "x"}])
def test_bad_pages_and_orders_are_refused(api, query):
    assert api.get("/users", params={"per_page": 100, **query}).status_code == 400


def test_one_user(api):
    user = api.get(f"/users/{quote('auth0|u1')}").json()
    assert user["identities"] == [{"connection": "one", "user_id": "u1", "provider": "auth0", "isSocial": False}]
    assert not any(key.startswith("$") for key in user)
    missing = api.get("/users/auth0%7Cnobody")
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "inexistent_user")
    assert [each["user_id"] for each in api.get("/users-by-email?email=USER1@example.com").json()] == ["auth0|u1"]
    assert api.get("/users-by-email").status_code == 400


def test_metadata_merges_by_its_first_level(changing):
    _, api = changing
    api.patch("/users/auth0|u0", json={"user_metadata": {}})
    for sent, expected in (
        ({"a": {"x": 1}, "b": 2}, {"a": {"x": 1}, "b": 2}),
        ({"a": {"y": 1}}, {"a": {"y": 1}, "b": 2}),
        ({"b": None}, {"a": {"y": 1}}),
        ({}, {}),
    ):
        body = {"user_metadata": sent}
        assert api.patch("/users/auth0|u0", json=body).json()["user_metadata"] == expected


@pytest.mark.parametrize(
    ("scope", "calls"),
    [
        ("read:clients", []),
        ("read:users", ["GET"]),
        ("update:users", ["PATCH"]),
        ("create:users", ["POST"]),
        ("delete:users", ["DELETE"]),
    ],
)
def test_scopes(filled, scope, calls):
    tenant, _ = filled
    headers = {"Authorization": f"Bearer {tenant.state.issue_token([scope])}"}
    allowed = []
    for method, path in (("GET", "/u"), ("PATCH", "/u"), ("POST", ""), ("DELETE", "/u")):
        answer = httpx.request(method, f"{tenant.base_url}/api/v2/users{path}", headers=headers)
        if answer.status_code != 403:
            allowed.append(method)
    assert allowed == calls


def test_app_metadata_alone_has_a_scope_of_its_own(changing):
    tenant, _ = changing
    headers = {"Authorization": f"Bearer {tenant.state.issue_token(['update:users_app_metadata'])}"}
    url = f"{tenant.base_url}/api/v2/users/auth0|u0"
    assert httpx.patch(url, json={"app_metadata": {"k": 1}}, headers=headers).status_code == 200
    assert httpx.patch(url, json={"user_metadata": {"k": 1}}, headers=headers).status_code == 403


def test_tokens_of_an_identity_take_a_scope(changing):
    tenant, _ = changing
    user = tenant.state.storage.get("user", "auth0|u0")
    user["identities"][0] |= {"access_token": "secret", "refresh_token": "secret"}
    tenant.state.storage.update("user", "auth0|u0", user)
    for scopes, seen in ((["read:users"], False), (["read:users", "read:user_idp_tokens"], True)):
        headers = {"Authorization": f"Bearer {tenant.state.issue_token(scopes)}"}
        for path in ("users/auth0|u0", "users?q=user_id:auth0*", "users-by-email?email=user0@example.com"):
            answer = httpx.get(f"{tenant.base_url}/api/v2/{path}", headers=headers)
            assert answer.status_code == 200
            assert ("secret" in answer.text) is seen


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"connection": "one"}, 400),
        ({"connection": "one", "password": PASSWORD}, 400),
        ({"connection": "one", "email": "x@example.com"}, 400),
        ({"connection": "elsewhere", "email": "x@example.com", "password": PASSWORD}, 400),
        ({"connection": "one", "email": "x", "password": PASSWORD}, 400),
        ({"connection": "one", "email": "x@example.com", "password": PASSWORD, "username": "x"}, 400),
        ({"connection": "one", "email": "x@example.com", "password": PASSWORD, "unknown": 1}, 400),
        ({"connection": "one", "email": "USER0@example.com", "password": PASSWORD}, 409),
        ({"connection": "two", "email": "x@example.com", "password": PASSWORD, "user_id": "u0"}, 409),
    ],
)
def test_users_that_cannot_be_made(api, body, status):
    answer = api.post("/users", json=body)
    assert answer.status_code == status, answer.text
    assert len(api.get("/users").json()) == 6


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "a@example.com", "password": "x"}, 400),
        ({"email": "user1@example.com"}, 400),
        ({"connection": "two", "name": "x"}, 400),
        ({"email": None}, 400),
        ({"app_metadata": []}, 400),
        ([], 400),
    ],
)
def test_changes_that_are_refused(api, body, status):
    assert api.patch("/users/auth0|u0", json=body).status_code == status


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
KEYS = (
    "client_id connection email password username user_metadata app_metadata grant_type realm audience scope "
    "redirect_uri response_type state wresult user_id result_url ttl_sec name blocked email_verified verify_email "
    "code code_verifier code_challenge code_challenge_method refresh_token token response_mode prompt nonce"
)
bodies = st.dictionaries(
    st.sampled_from(KEYS.split()), st.sampled_from(["one", "a@example.com", "password", "auth0|u0", "CLIENT"]) | junk
)
PATHS = (
    "POST /oauth/token,POST /dbconnections/signup,POST /dbconnections/change_password,POST /usernamepassword/login,"
    "POST /login/callback,POST /u/reset-verify,GET /u/reset-verify,GET /u/email-verification,GET /userinfo,"
    "POST /api/v2/users,PATCH /api/v2/users/auth0|u0,GET /api/v2/users,GET /api/v2/users-by-email,"
    "POST /api/v2/tickets/password-change,POST /api/v2/tickets/email-verification,"
    "GET /__sandbox__/outbox,GET /authorize,POST /authorize,GET /login,POST /oauth/revoke"
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(PATHS.split(",")),
    bodies | junk,
    st.dictionaries(st.sampled_from(["q", "ticket", "email", "sort", "to"]), st.text(max_size=8)),
)
def test_no_request_makes_a_500(changing, request_line, body, query):
    tenant, api = changing
    if isinstance(body, dict):
        body = {key: tenant.client_id if value == "CLIENT" else value for key, value in body.items()}
        body |= {"client_secret": tenant.client_secret}
    method, path = request_line.split()
    sent = {"json": body} if method != "GET" else {}
    answer = api.request(method, f"{tenant.base_url}{path}", params=query, **sent)
    assert answer.status_code < 500 or answer.json()["error"] == "server_error", answer.text


def test_a_snapshot_keeps_users_and_no_password(filled):
    tenant, _ = filled
    data = snapshot(tenant.state)
    users = [entry for entry in data["documents"] if entry["kind"] == "user"]
    assert len(users) == 6
    assert "scrypt" not in str(data)
    with LocalTenant() as other:
        load(other.state, data)
        assert other.state.storage.count("user") == len(users)


def test_without_a_login_no_process_is_started(filled):
    tenant, _ = filled
    assert not tenant.state.flows.scripts.started


@pytest.mark.node
def test_stopping_ends_the_containers():
    with LocalTenant() as tenant:
        host = tenant.state.flows.scripts
        script = "function login(email, password, callback) { callback(null, { user_id: 'a', email }); }"
        headers = {"Authorization": f"Bearer {tenant.state.issue_token()}"}
        with httpx.Client(base_url=tenant.base_url, headers=headers, timeout=30) as api:
            client = api.post("/api/v2/clients", json={"name": "W", "grant_types": ["password"]}).json()
            options = {"enabledDatabaseCustomization": True, "customScripts": {"login": script}}
            connection = {"name": "c", "strategy": "auth0", "options": options}
            api.post("/api/v2/connections", json={**connection, "enabled_clients": [client["client_id"]]})
            body = {key: client[key] for key in ("client_id", "client_secret")}
            body |= {"grant_type": "password", "username": "a@b", "password": "x"}
            assert api.post("/oauth/token", json=body).status_code == 200
        [task] = host._runtimes.values()
        [container] = task.result()._containers
        process = container._process
        assert process.returncode is None
    end = time.monotonic() + 5
    while process.returncode is None and time.monotonic() < end:
        time.sleep(0.01)
    assert process.returncode is not None
