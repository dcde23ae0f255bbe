"""/authorize, its login page, codes and refresh tokens: what an application and a person get, and what is refused."""

import time

import jwt
import pytest

from tests.support.login_page import CALLBACK, CHALLENGE, VERIFIER, LoginPage, fields, told

pytestmark = pytest.mark.node
ADA, PASSWORD = "ada@example.com", "Correct-Horse-1"


@pytest.fixture
def site(make_site, store):
    """A connection with one user in its store, and an application with a callback."""
    store.add(ADA, name="Ada")
    return make_site(callbacks=[CALLBACK, "https://*.apps.example/cb"], import_mode=True)


@pytest.fixture
def page(site):
    made = LoginPage(site.tenant.base_url, site.client)
    yield made
    made.web.close()


def change(site, **more) -> None:
    answer = site.api.patch(f"/clients/{site.client['client_id']}", json=more)
    assert answer.status_code == 200, answer.text


def test_a_login_ends_with_a_code_that_is_worth_tokens_once(site, page, store):
    back = page.log_in(ADA, PASSWORD, nonce="n-1", scope="openid profile")
    assert (set(back), back["state"]) == ({"code", "state"}, "its own")
    answer = page.redeem(back["code"])
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert set(tokens) == {"access_token", "id_token", "expires_in", "token_type"}
    claims = site.claims(tokens["id_token"])
    assert (claims["nonce"], claims["aud"], claims["name"]) == ("n-1", site.client["client_id"], "Ada")
    assert claims["sub"] == site.user(ADA)["user_id"]
    assert site.error(page.redeem(back["code"])) == (403, "invalid_grant", "Invalid authorization code")
    assert store.kinds() == ["login"]


def test_the_page_says_that_a_password_is_wrong_and_can_be_used_again(page):
    html = page.open(login_hint='a"><script>alert(1)</script>')
    assert "<script>alert" not in html
    wrong = page.send(ADA, "no")
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Wrong email or password.")
    assert "code" in told(page.go_on(page.send(ADA, PASSWORD)))


def test_what_the_browser_sends_to_the_page_cannot_change_what_was_asked_for(site, page):
    page.open()
    changed = page.send(ADA, PASSWORD, redirect_uri="https://evil.example/", scope="openid email", client_id="other")
    back = told(page.go_on(changed))
    tokens = page.redeem(back["code"]).json()
    assert "email" not in site.claims(tokens["id_token"])
    again = page.web.post("/login/callback", data=fields(changed.text))
    assert again.status_code == 400, "a result is used once"


@pytest.mark.parametrize(
    ("sent", "status", "text"),
    [
        ({"client_id": None}, 400, "Missing required parameter: client_id"),
        ({"client_id": "nobody<b>"}, 400, "Unknown client: nobody&lt;b&gt;"),
        ({"redirect_uri": "https://evil.example/cb"}, 403, "Callback URL mismatch. https://evil.example/cb is not in"),
        ({"redirect_uri": f"{CALLBACK}/more"}, 403, "Callback URL mismatch"),
        ({"redirect_uri": f"{CALLBACK}?a=b"}, 403, "Callback URL mismatch"),
        ({"redirect_uri": "https://a.b.apps.example/cb"}, 403, "Callback URL mismatch"),
        ({"redirect_uri": "https://evil.example/x.apps.example/cb"}, 403, "Callback URL mismatch"),
        ({"redirect_uri": "https://evil@x.apps.example/cb"}, 403, "Callback URL mismatch"),
    ],
)
def test_what_is_wrong_with_client_or_callback_is_told_on_a_page(page, sent, status, text):
    answer = page.authorize(**sent)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert text in answer.text


def test_a_callback_may_have_any_subdomain_and_the_first_is_the_default(page):
    page.open(redirect_uri="https://one.apps.example/cb")
    assert "code" in told(page.go_on(page.send(ADA, PASSWORD)), "https://one.apps.example/cb")
    back = page.log_in(ADA, PASSWORD, redirect_uri=None)
    assert page.redeem(back["code"], redirect_uri=None).status_code == 200


@pytest.mark.parametrize(
    ("sent", "error", "description"),
    [
        ({"response_type": None}, "invalid_request", "Missing required parameter: response_type"),
        ({"response_type": "magic"}, "unsupported_response_type", "Unsupported response type: magic"),
        ({"response_type": "token"}, "unauthorized_client", "Grant type 'implicit' not allowed for the client."),
        ({"response_mode": "web_message"}, "invalid_request", "Unsupported response mode: web_message"),
        ({"prompt": "none"}, "login_required", "Login required"),
        ({"audience": "https://nowhere/"}, "access_denied", "Service not found: https://nowhere/"),
        ({"connection": "another"}, "invalid_request", "the connection was not found"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S1"}, "invalid_request", "Unsupported code_challenge"),
        ({"code_challenge": "short"}, "invalid_request", "Parameter code_challenge is not valid"),
    ],
)
def test_all_else_is_told_at_the_callback_with_the_state(page, sent, error, description):
    back = told(page.authorize(**sent))
    assert (back["error"], back["state"]) == (error, "its own")
    assert back["error_description"].startswith(description)


def test_a_connection_that_is_not_enabled_is_none(site, page):
    enabled = [{"client_id": site.client["client_id"], "status": False}]
    page.open()
    site.api.patch(f"/connections/{site.connection['id']}/clients", json=enabled)
    assert told(page.authorize())["error_description"] == "no connections enabled for the client"
    assert page.send(ADA, PASSWORD).status_code == 400


def test_pkce(site, page):
    asked = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    for verifier in ("wrong" * 10, None):
        code = page.log_in(ADA, PASSWORD, **asked)["code"]
        refused = page.redeem(code, code_verifier=verifier)
        assert site.error(refused) == (403, "invalid_grant", "Failed to verify code verifier")
        assert page.redeem(code, code_verifier=VERIFIER).status_code == 403, "an attempt uses the code up"
    code = page.log_in(ADA, PASSWORD)["code"]
    assert site.error(page.redeem(code, code_verifier=VERIFIER))[1] == "invalid_grant"
    change(site, token_endpoint_auth_method="none")
    code = page.log_in(ADA, PASSWORD, **asked)["code"]
    assert page.redeem(code, client_secret=None, code_verifier=VERIFIER).status_code == 200
    code = page.log_in(ADA, PASSWORD)["code"]
    assert site.error(page.redeem(code, client_secret=None))[:2] == (401, "access_denied")


def test_a_code_is_for_its_client_and_its_callback(site, page, make_site):
    code = page.log_in(ADA, PASSWORD)["code"]
    other = LoginPage(site.tenant.base_url, make_site().client)
    assert site.error(other.redeem(code))[1:] == ("invalid_grant", "Invalid authorization code")
    wrong = site.error(page.redeem(code, redirect_uri="https://one.apps.example/cb"))
    assert wrong[1] == "invalid_grant"
    assert wrong[2].startswith("The redirect URI is wrong.")
    other.web.close()


def test_tokens_at_the_callback_by_fragment_and_by_form(site, page):
    change(site, grant_types=["implicit", "authorization_code"])
    page.open(response_type="id_token token", nonce="n-2")
    answer = page.go_on(page.send(ADA, PASSWORD))
    assert "#" in answer.headers["location"]
    back = told(answer)
    assert site.claims(back["id_token"])["nonce"] == "n-2"
    assert "refresh_token" not in back
    page.open(response_mode="form_post")
    posted = page.go_on(page.send(ADA, PASSWORD))
    assert posted.status_code == 200
    assert f'action="{CALLBACK}"' in posted.text
    assert page.redeem(fields(posted.text)["code"]).status_code == 200
    assert told(page.authorize(response_type="id_token"))["error_description"] == "Missing required parameter: nonce"


def test_offline_access_gives_a_refresh_token_where_client_and_api_allow_it(site, page, add_api):
    scope = "openid offline_access read:users"
    allowed, not_allowed = add_api(allow_offline_access=True), add_api(allow_offline_access=False)

    def tokens(audience: str | None) -> dict[str, str]:
        code = page.log_in(ADA, PASSWORD, scope=scope, audience=audience)["code"]
        return dict(page.redeem(code).json())

    assert "refresh_token" not in tokens(allowed), "the client has no such grant"
    change(site, grant_types=["authorization_code", "refresh_token"])
    assert "refresh_token" not in tokens(not_allowed)
    assert "refresh_token" in tokens(None)
    first = tokens(allowed)
    claims = jwt.decode(first["access_token"], options={"verify_signature": False})
    assert claims["scope"].split() == ["openid", "read:users", "offline_access"]
    again = page.token("refresh_token", refresh_token=first["refresh_token"])
    assert again.status_code == 200, again.text
    assert "refresh_token" not in again.json(), "it does not rotate"
    renewed = site.claims(again.json()["access_token"])
    assert (renewed["sub"], renewed["aud"], renewed["scope"]) == (claims["sub"], claims["aud"], claims["scope"])
    less = page.token("refresh_token", refresh_token=first["refresh_token"], scope="openid")
    assert site.claims(less.json()["access_token"])["scope"] == "openid"
    more = page.token("refresh_token", refresh_token=first["refresh_token"], scope="openid write:users")
    assert site.error(more)[1] == "invalid_scope"


def refresh_token(site, page) -> str:
    change(site, grant_types=["authorization_code", "refresh_token"])
    code = page.log_in(ADA, PASSWORD, scope="openid offline_access")["code"]
    return str(page.redeem(code).json()["refresh_token"])


UNKNOWN = (403, "invalid_grant", "Unknown or invalid refresh token.")


def test_a_rotating_refresh_token_that_is_sent_twice_takes_all_others_with_it(site, page):
    change(site, refresh_token={"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0})
    first = refresh_token(site, page)
    answer = page.token("refresh_token", refresh_token=first)
    assert answer.status_code == 200, answer.text
    second = answer.json()["refresh_token"]
    assert second != first
    time.sleep(0.01)
    assert site.error(page.token("refresh_token", refresh_token=first)) == UNKNOWN
    assert site.error(page.token("refresh_token", refresh_token=second)) == UNKNOWN


def test_refresh_tokens_end_with_their_time_their_user_and_when_they_are_revoked(site, page):
    first = refresh_token(site, page)
    known = {key: site.client[key] for key in ("client_id", "client_secret")}
    assert page.web.post("/oauth/revoke", json={**known, "token": first}).status_code == 200
    assert site.error(page.token("refresh_token", refresh_token=first)) == UNKNOWN
    second = refresh_token(site, page)
    user_id = site.user(ADA)["user_id"]
    site.api.patch(f"/users/{user_id}", json={"blocked": True})
    assert site.error(page.token("refresh_token", refresh_token=second)) == (403, "unauthorized", "user is blocked")
    site.api.delete(f"/users/{user_id}")
    assert site.error(page.token("refresh_token", refresh_token=second)) == UNKNOWN
    lifetime = {"expiration_type": "expiring", "token_lifetime": 1, "infinite_token_lifetime": False}
    rotating = {"rotation_type": "rotating", "idle_token_lifetime": 1, "infinite_idle_token_lifetime": False}
    third = refresh_token(site, page)
    change(site, refresh_token={**lifetime, **rotating})
    time.sleep(1.1)
    assert site.error(page.token("refresh_token", refresh_token=third)) == UNKNOWN


def test_actions_see_the_request_and_run_again_at_each_refresh(site, page, bind):
    bind(
        """exports.onExecutePostLogin = async (event, api) => {
             const { protocol, redirect_uri: address, state } = event.transaction;
             api.idToken.setCustomClaim('seen', [protocol, address, state, event.request.query.prompt]);
             if (event.request.query.prompt === 'consent') api.access.deny('not you');
           };"""
    )
    first = refresh_token(site, page)
    again = page.token("refresh_token", refresh_token=first).json()
    assert site.claims(again["id_token"])["seen"][0] == "oauth2-refresh-token"
    tokens = page.redeem(page.log_in(ADA, PASSWORD, prompt="login")["code"]).json()
    assert site.claims(tokens["id_token"])["seen"] == ["oidc-basic-profile", CALLBACK, "its own", "login"]
    back = page.log_in(ADA, PASSWORD, prompt="consent")
    assert (back["error"], back["error_description"], back["state"]) == ("access_denied", "not you", "its own")
