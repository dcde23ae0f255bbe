"""The login page in a real browser: people log in, are told of wrong passwords, and are robbed without the guard."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.node,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
ADA, PASSWORD = "ada@example.com", "Correct-Horse-1"
GUARD = """
exports.onExecutePostLogin = async (event, api) => {
  const asked = event.resource_server && event.resource_server.identifier;
  if (asked === event.secrets.API_AUDIENCE) api.access.deny('This API is not for users.');
};
"""


class Application:
    """A web application: what it was told by forms is in `posted`."""

    def __init__(self) -> None:
        self.posted: list[dict[str, str]] = []
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                posted.append({name: values[0] for name, values in parse_qs(body).items()})
                self.do_GET()

            def do_GET(self) -> None:
                body = b"<!doctype html><title>Application</title><p>Back at the application"
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.callback = f"http://127.0.0.1:{self._server.server_port}/cb"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application()
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for this module's tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # Chromium's own sandbox does not work for root; everything it opens here is ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page of a browser without cookies, whose console must stay silent but for answers that are errors."""
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert [text for text in said if not text.startswith("Failed to load resource")] == []


def begin(site: Any, application: Application, **more: str) -> str:
    """The address that the application sends the browser to."""
    sent = {
        "client_id": site.client["client_id"],
        "redirect_uri": application.callback,
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        **more,
    }
    return f"{site.tenant.base_url}/authorize?{urlencode(sent)}"


def log_in(page: "Page", password: str = PASSWORD) -> None:
    page.get_by_label("Email or username").fill(ADA)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def told(page: "Page", application: Application) -> dict[str, str]:
    page.wait_for_url(f"{application.callback}**")
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def redeem(site: Any, application: Application, code: str) -> httpx.Response:
    known = {key: site.client[key] for key in ("client_id", "client_secret")}
    body = {**known, "grant_type": "authorization_code", "code": code, "redirect_uri": application.callback}
    return site.web.post("/oauth/token", json=body)


def test_a_person_logs_in_after_a_wrong_password(
    make_site: Callable[..., Any], store: Any, application: Application, page: "Page"
) -> None:
    site = make_site(callbacks=[application.callback], import_mode=True)
    store.add(ADA, metadata={"plan": "pro"})
    page.goto(begin(site, application))
    assert page.title() == "Log in to Web"
    assert page.evaluate("document.activeElement.name") == "username"
    log_in(page, "wrong")
    page.get_by_role("alert").filter(has_text="Wrong email or password.").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    back = told(page, application)
    assert (set(back), back["state"]) == ({"code", "state"}, "s")
    assert redeem(site, application, back["code"]).status_code == 200
    assert site.user(ADA)["app_metadata"] == {"plan": "pro"}


@pytest.mark.parametrize("guarded", [True, False])
def test_someone_adds_an_audience_to_the_redirect(
    make_site: Callable[..., Any],
    store: Any,
    add_api: Callable[..., str],
    bind: Callable[..., None],
    application: Application,
    page: "Page",
    guarded: bool,
) -> None:
    site = make_site(callbacks=[application.callback], import_mode=True)
    store.add(ADA)
    audience = add_api()
    if guarded:
        bind(GUARD, secrets={"API_AUDIENCE": audience})

    def intercept(route: "Route") -> None:
        more = urlencode({"audience": audience, "scope": "openid read:users"})
        route.continue_(url=f"{route.request.url.replace('scope=openid&', '')}&{more}")

    page.route("**/authorize?*", intercept)
    page.goto(begin(site, application))
    log_in(page)
    back = told(page, application)
    if guarded:
        assert (back["error"], back["error_description"]) == ("access_denied", "This API is not for users.")
        return
    claims = site.claims(redeem(site, application, back["code"]).json()["access_token"])
    assert audience in claims["aud"]
    assert "read:users" in claims["scope"].split()


def test_a_choice_of_connections_and_an_answer_by_form(
    make_site: Callable[..., Any], store: Any, application: Application, page: "Page"
) -> None:
    site = make_site(callbacks=[application.callback])
    store.add(ADA)
    other = make_site(scripts={"login": "function login(e, p, callback) { callback(new Error('not here')); }"})
    enabled = [{"client_id": site.client["client_id"], "status": True}]
    answer = site.api.patch(f"/connections/{other.connection['id']}/clients", json=enabled)
    assert answer.status_code == 204
    page.goto(begin(site, application, response_mode="form_post"))
    page.get_by_label("Account").select_option(other.connection["name"])
    log_in(page)
    page.get_by_role("alert").filter(has_text="not here").wait_for()
    page.get_by_label("Account").select_option(site.connection["name"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Back at the application").wait_for()
    [posted] = application.posted
    assert (set(posted), posted["state"]) == ({"code", "state"}, "s")
    assert redeem(site, application, posted["code"]).status_code == 200
