"""Actions and Rules in logins: what they see, what they set, what they deny."""

# ruff: noqa: E501  (scripts read better on one line)

import httpx
import pytest

from deployer.sandbox import ages

pytestmark = pytest.mark.node
ADA = "ada@example.com"
DENY = """exports.onExecutePostLogin = async (event, api) => {
  if (event.resource_server && event.resource_server.identifier === event.secrets.AUDIENCE) api.access.deny('no users');
};"""


@pytest.fixture(params=[False, True], ids=["store", "import"])
def site(request, make_site, store):
    store.add(ADA, metadata={"plan": "pro"})
    return make_site(import_mode=request.param)


def test_an_action_denies_an_audience(site, bind, add_api):
    audience = add_api()
    assert site.login(ADA, audience=audience).status_code == 200, "without the action there is a token"
    bind(DENY, secrets={"AUDIENCE": audience})
    assert site.error(site.login(ADA, audience=audience)) == (403, "access_denied", "no users")
    assert site.login(ADA, audience=add_api()).status_code == 200
    assert site.login(ADA).status_code == 200


def test_a_rule_denies_an_audience(site, add_rule, add_api):
    audience = add_api()
    rule = """function (user, context, callback) {
      if (context.request.query.audience === configuration.AUDIENCE) return callback(new UnauthorizedError('no users'));
      callback(null, user, context);
    }"""
    add_rule(rule, enabled=False, configuration={"AUDIENCE": audience})
    assert site.login(ADA, audience=audience).status_code == 200
    add_rule(rule)
    assert site.error(site.login(ADA, audience=audience)) == (403, "unauthorized", "no users")
    assert site.login(ADA).status_code == 200


def test_what_actions_see(site, bind, add_api):
    bind("exports.onExecutePostLogin = async (event, api) => api.idToken.setCustomClaim('https://x/event', event);")
    audience = add_api()
    answer = site.login(ADA, audience=audience, scope="openid read:users").json()
    event = site.claims(answer["id_token"])["https://x/event"]
    assert event["user"]["user_id"] == site.user(ADA)["user_id"]
    assert (event["user"]["email"], event["user"]["app_metadata"]) == (ADA, {"plan": "pro"})
    assert event["client"]["client_id"] == site.client["client_id"]
    assert event["connection"]["name"] == site.connection["name"]
    assert event["resource_server"] == {"identifier": audience}
    assert event["stats"] == {"logins_count": 1}
    assert event["transaction"]["requested_scopes"] == ["openid", "read:users"]
    assert event["request"]["body"]["grant_type"].endswith("password-realm")
    assert "Correct-Horse" not in str(event)
    assert site.client["client_secret"] not in str(event)


def test_actions_run_in_order_and_see_what_the_one_before_stored(site, bind, add_api):
    bind(
        "exports.onExecutePostLogin = async (event, api) => { api.user.setAppMetadata('n', 1); };",
        """exports.onExecutePostLogin = async (event, api) => {
          api.user.setAppMetadata('n', event.user.app_metadata.n + 1);
          api.user.setUserMetadata('lang', 'en');
          api.accessToken.setCustomClaim('permissions', ['all']);
          api.accessToken.setCustomClaim('team', 'red');
          api.idToken.setCustomClaim('sub', 'somebody else');
          api.idToken.setCustomClaim('role', 'admin');
          api.accessToken.addScope('extra');
        };""",
    )
    tokens = site.login(ADA, audience=add_api()).json()
    user = site.user(ADA)
    access = site.claims(tokens["access_token"])
    assert (access["team"], "permissions" in access) == ("red", False)
    assert (user["app_metadata"], user["user_metadata"]) == ({"plan": "pro", "n": 2}, {"lang": "en"})
    claims = site.claims(tokens["id_token"])
    assert (claims["role"], claims["sub"]) == ("admin", user["user_id"])
    assert "extra" in tokens["scope"].split()


def test_a_denial_stops_what_follows_and_keeps_metadata(site, bind):
    bind(
        """exports.onExecutePostLogin = async (event, api) => {
          api.user.setAppMetadata('denied', true); api.access.deny('closed');
        };""",
        "exports.onExecutePostLogin = async (event, api) => { api.user.setAppMetadata('second', true); };",
    )
    assert site.error(site.login(ADA)) == (403, "access_denied", "closed")
    assert site.user(ADA)["app_metadata"] == {"plan": "pro", "denied": True}


@pytest.mark.parametrize("code", ["throw new Error('bad day');", "return event.user.nothing.here;"])
def test_an_action_that_fails_lets_nobody_in(site, bind, code):
    bind(f"exports.onExecutePostLogin = async (event, api) => {{ {code} }};")
    status, error, _ = site.error(site.login(ADA))
    assert (status, error) == (403, "access_denied")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("api.multifactor.enable('any');", "mfa_required"),
        ("api.multifactor.enable('none');", None),
        ("api.authentication.challengeWith({ type: 'otp' });", "mfa_required"),
        ("api.redirect.sendUserTo('https://app.example/');", "interaction_required"),
    ],
)
def test_what_takes_more_than_a_password_is_not_let_through(site, bind, code, expected):
    bind(f"exports.onExecutePostLogin = async (event, api) => {{ {code} }};")
    answer = site.login(ADA)
    assert answer.json().get("error") == expected
    assert answer.status_code == (403 if expected else 200)


@pytest.mark.parametrize("part", ["multifactor = { provider: 'any' }", "redirect = { url: 'https://app.example/' }"])
def test_nor_by_a_rule(site, add_rule, part):
    add_rule(f"function (user, context, callback) {{ context.{part}; callback(null, user, context); }}")
    assert site.login(ADA).status_code == 403


def test_rules_come_first_and_change_what_follows(site, bind, add_rule):
    add_rule("""function (user, context, callback) {
      user.app_metadata = user.app_metadata || {};
      user.app_metadata.seen = context.stats.loginsCount;
      context.idToken['https://x/plan'] = user.app_metadata.plan;
      context.steps = ['one'];
      auth0.users.updateAppMetadata(user.user_id, user.app_metadata).then(() => callback(null, user, context), callback);
    }""")
    add_rule("""function (user, context, callback) {
      context.accessToken['https://x/steps'] = context.steps.concat('two');
      callback(null, user, context);
    }""")
    bind("exports.onExecutePostLogin = async (e, api) => api.idToken.setCustomClaim('seen', e.user.app_metadata.seen);")
    tokens = site.login(ADA).json()
    claims = site.claims(tokens["id_token"])
    assert (claims["https://x/plan"], claims["seen"]) == ("pro", 1)
    assert site.user(ADA)["app_metadata"] == {"plan": "pro", "seen": 1}


def test_a_rule_that_fails_lets_nobody_in(site, add_rule):
    add_rule("function (user, context, callback) { callback(new Error(user.nothing.here)); }")
    status, error, _ = site.error(site.login(ADA))
    assert (status, error) == (403, "access_denied")


def test_at_their_end_of_life_rules_no_longer_run(site, tenant, add_rule, monkeypatch):
    add_rule("function (user, context, callback) { callback(new Error('no')); }")
    assert site.login(ADA).status_code == 403
    for month in ("2026-11", "2026-12"):
        monkeypatch.setattr(tenant.state, "age", ages.age(month))
        assert site.login(ADA).status_code == 200


def test_an_action_may_call_out(site, store, bind):
    code = """exports.onExecutePostLogin = async (event, api) => {
      const answer = await fetch(event.secrets.URL + '/get_user', { method: 'POST', body: JSON.stringify([event.user.email]) });
      api.user.setAppMetadata('found', (await answer.json()).value.user_id);
    };"""
    bind(code, secrets={"URL": store.url})
    assert site.login(ADA).status_code == 200
    assert site.user(ADA)["app_metadata"]["found"] == store.users[ADA]["profile"]["user_id"]


@pytest.fixture
def machine(tenant, add_api):
    """`machine(**more)`: a token for an API by client credentials."""
    audience = add_api()
    headers = {"Authorization": f"Bearer {tenant.state.issue_token()}"}
    grant = {"client_id": tenant.client_id, "audience": audience, "scope": ["read:users"]}
    made = httpx.post(f"{tenant.base_url}/api/v2/client-grants", json=grant, headers=headers)
    assert made.status_code == 201

    def ask(**more):
        body = {
            "grant_type": "client_credentials",
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
            "audience": audience,
        }
        return httpx.post(f"{tenant.base_url}/oauth/token", json={**body, **more}, timeout=30)

    return ask


def test_credentials_exchange(make_site, machine, bind):
    site = make_site()
    plain = site.claims(machine().json()["access_token"])
    bind(
        """exports.onExecuteCredentialsExchange = async (event, api) => {
          if (event.transaction.requested_scopes.includes('deny')) api.access.deny('invalid_scope', 'not that');
          api.accessToken.setCustomClaim('https://x/client', event.client.client_id);
          api.accessToken.setCustomClaim('https://x/api', event.resource_server.identifier);
        };""",
        trigger="credentials-exchange",
    )
    answer = machine()
    claims = site.claims(answer.json()["access_token"])
    assert {key: claims[key] for key in plain if key not in ("iat", "exp")} == {
        key: plain[key] for key in plain if key not in ("iat", "exp")
    }
    assert (claims["https://x/client"], claims["https://x/api"]) == (claims["azp"], claims["aud"])
    denied = machine(scope="deny")
    assert (denied.status_code, denied.json()) == (400, {"error": "invalid_scope", "error_description": "not that"})
    bind(
        "exports.onExecuteCredentialsExchange = async () => { throw new Error('x'); };", trigger="credentials-exchange"
    )
    assert machine().status_code == 403
