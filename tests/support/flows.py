"""Plays what people and administrators do at a tenant whose users are in a store over HTTP."""

import itertools
import json
from typing import Any

import httpx
import jwt

from deployer.sandbox.server import LocalTenant

REALM = "http://auth0.com/oauth/grant-type/password-realm"


PASSWORD = "Correct-Horse-1"


NUMBERS = itertools.count(1)


_ASK = """
  fetch(configuration.STORE_URL + '/' + %(kind)s, {
    method: 'POST', body: JSON.stringify([%(arguments)s]), headers: {'content-type': 'application/json'},
  }).then((answer) => answer.json()).then((said) => {
    const error = said.error;
    if (!error) return callback(null, said.value);
    if (error.type === 'wrong') return callback(new WrongUsernameOrPasswordError(error.user, error.message));
    if (error.type === 'validation') return callback(new ValidationError(error.code, error.message));
    if (error.type === 'unauthorized') return callback(new UnauthorizedError(error.message));
    callback(new Error(error.message));
  }, callback);
"""


_ARGUMENTS = {
    "login": "email, password",
    "get_user": "email",
    "create": "user",
    "verify": "email",
    "change_password": "email, newPassword",
    "delete": "id",
    "change_email": "email, newEmail, verified",
    "change_username": "username, newUsername",
}


SCRIPTS = {
    kind: f"function script({arguments}, callback) {{{_ASK % {'kind': json.dumps(kind), 'arguments': arguments}}}}"
    for kind, arguments in _ARGUMENTS.items()
}


class Store:
    """Users by e-mail address, and every call in `calls` as `(kind, arguments)`."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, list[Any]]] = []
        self.url = ""

    def add(self, email: str, password: str = PASSWORD, **profile: Any) -> str:
        user_id = profile.pop("user_id", f"legacy|{next(NUMBERS)}")
        self.users[email] = {"password": password, "profile": {"user_id": user_id, "email": email, **profile}}
        return str(user_id)

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.calls]

    def answer(self, kind: str, arguments: list[Any]) -> Any:
        self.calls.append((kind, arguments))
        return getattr(self, f"_{kind}")(*arguments)

    def _login(self, email: str, password: str) -> Any:
        user = self.users.get(email)
        if user is None or user["password"] != password:
            return {"error": {"type": "wrong", "user": email, "message": "no"}}
        return {"value": user["profile"]}

    def _get_user(self, email: str) -> Any:
        return {"value": self.users[email]["profile"]} if email in self.users else {}

    def _create(self, user: dict[str, Any]) -> Any:
        if user["email"] in self.users:
            return {"error": {"type": "validation", "code": "user_exists", "message": "there"}}
        self.add(user["email"], user["password"])
        return {}

    def _verify(self, email: str) -> Any:
        self.users[email]["profile"]["email_verified"] = True
        return {"value": True}

    def _change_password(self, email: str, password: str) -> Any:
        if email not in self.users:
            return {"value": False}
        self.users[email]["password"] = password
        return {"value": True}

    def _delete(self, id: str) -> Any:
        self.users = {email: user for email, user in self.users.items() if user["profile"]["user_id"] != id}
        return {}

    def _change_email(self, email: str, new: str, verified: bool) -> Any:
        user = self.users[new] = self.users.pop(email)
        user["profile"] |= {"email": new, "email_verified": verified}
        return {"value": True}


class Site:
    """A connection and an application of a tenant, and what people and administrators do there."""

    def __init__(self, tenant: LocalTenant, connection: dict[str, Any], client: dict[str, Any]) -> None:
        self.tenant = tenant
        self.connection = connection
        self.client = client
        self.api = httpx.Client(base_url=f"{tenant.base_url}/api/v2", timeout=30)
        self.api.headers["Authorization"] = f"Bearer {tenant.state.issue_token()}"
        self.web = httpx.Client(base_url=tenant.base_url, timeout=30)

    def login(self, username: str, password: str = PASSWORD, /, **more: Any) -> httpx.Response:
        body = {
            "grant_type": REALM,
            "realm": self.connection["name"],
            "client_id": self.client["client_id"],
            "client_secret": self.client["client_secret"],
            "username": username,
            "password": password,
            **more,
        }
        return self.web.post("/oauth/token", json={key: value for key, value in body.items() if value is not None})

    def self_service(self, path: str, **body: Any) -> httpx.Response:
        known = {"client_id": self.client["client_id"], "connection": self.connection["name"]}
        return self.web.post(f"/dbconnections/{path}", json={**known, **body})

    def user(self, email: str) -> dict[str, Any] | None:
        found = self.api.get("/users-by-email", params={"email": email}).json()
        mine = [user for user in found if user["identities"][0]["connection"] == self.connection["name"]]
        return mine[0] if mine else None

    def mails(self, to: str) -> list[dict[str, Any]]:
        headers = dict(self.api.headers)
        return list(self.web.get("/__sandbox__/outbox", params={"to": to}, headers=headers).json())

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, its signature checked by the tenant's published keys."""
        keys = jwt.PyJWKSet.from_dict(self.web.get("/.well-known/jwks.json").json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        return dict(jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False}))

    def error(self, answer: httpx.Response) -> tuple[int, str, str]:
        said = answer.json()
        return answer.status_code, said["error"], said["error_description"]
