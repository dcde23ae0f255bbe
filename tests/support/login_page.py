"""A person at a login page, without a browser: follows the redirects, reads the page, sends what its script sends."""

import base64
import hashlib
import re
from html import unescape
from typing import Any

import httpx

CALLBACK = "https://app.example/cb"
VERIFIER = "a-verifier-that-is-43-characters-long-at-least"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def fields(html: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', html)
    return {unescape(name): unescape(value) for name, value in found}


class LoginPage:
    """What an application begins at /authorize, step by step, at a tenant's address."""

    def __init__(self, base_url: str, client: dict[str, Any]) -> None:
        self.web = httpx.Client(base_url=base_url, timeout=60, trust_env=False)
        self.client = client
        self.html = ""

    def authorize(self, **more: str | None) -> httpx.Response:
        """Begin; None leaves a parameter out."""
        sent: dict[str, str | None] = {
            "client_id": self.client["client_id"],
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": "its own",
            **more,
        }
        return self.web.get("/authorize", params={key: value for key, value in sent.items() if value is not None})

    def open(self, **more: str | None) -> str:
        """Begin, and come to the page."""
        begun = self.authorize(**more)
        assert begun.status_code == 302, begun.text
        shown = self.web.get(begun.headers["location"])
        assert shown.status_code == 200, (begun.headers["location"], shown.text)
        self.html = shown.text
        return self.html

    def send(self, username: str, password: str, **more: str) -> httpx.Response:
        """Send the credentials: the password is checked, and that is all."""
        body = {**fields(self.html), "username": username, "password": password, **more}
        return self.web.post("/usernamepassword/login", json=body)

    def go_on(self, answer: httpx.Response) -> httpx.Response:
        """Submit the form that the credentials were answered with: the login is completed."""
        assert answer.status_code == 200, answer.text
        return self.web.post("/login/callback", data=fields(answer.text))

    def log_in(self, username: str, password: str, **more: str | None) -> dict[str, str]:
        """All of it; what the application's callback is told."""
        self.open(**more)
        return told(self.go_on(self.send(username, password)))

    def token(self, grant_type: str, **more: str | None) -> httpx.Response:
        """The application at the token endpoint."""
        known = {key: self.client[key] for key in ("client_id", "client_secret")}
        body = {**known, "grant_type": grant_type, **more}
        return self.web.post("/oauth/token", json={key: value for key, value in body.items() if value is not None})

    def redeem(self, code: str, **more: str | None) -> httpx.Response:
        """The application redeems a code."""
        return self.token("authorization_code", code=code, **{"redirect_uri": CALLBACK, **more})


def told(answer: httpx.Response, callback: str = CALLBACK) -> dict[str, str]:
    """What a redirect tells the application's callback, by query or fragment."""
    assert answer.status_code == 302, answer.text
    address = httpx.URL(answer.headers["location"])
    assert str(address.copy_with(query=None, fragment=None)) == callback, address
    return dict(httpx.QueryParams(address.fragment or address.query.decode()))
