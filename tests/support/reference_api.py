"""A user store behind an API, as the `api` templates expect it: RS256 tokens of a tenant, checked as they must be.

Every request needs a token of the issuer, for this audience, of a machine (`...@clients`), with the scope that
`templates/api/openapi.yaml` names for what it asks for. Refusals are counted by reason, so that tests can tell them
apart. A user who is marked as migrated is found by id only, for what guards ask.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import jwt
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.paths import ROOT

DESCRIPTION = yaml.safe_load((ROOT / "templates" / "api" / "openapi.yaml").read_text("utf-8"))
"""What the API is and which scopes it asks for: the page that people build theirs from."""
SCOPES: dict[str, str] = DESCRIPTION["components"]["securitySchemes"]["auth0"]["flows"]["clientCredentials"]["scopes"]
NO_USER = JSONResponse({"error": "user_not_found"}, 404)


class ReferenceApi:
    """The store and its application. `issuer` ends with a slash; `jwks_url` is where its keys are."""

    def __init__(self, issuer: str, jwks_url: str, audience: str) -> None:
        self.issuer = issuer
        self.audience = audience
        self.refused: Counter[str] = Counter()
        self.subjects: set[str] = set()
        self.migrated: set[str] = set()
        self.asked: Counter[str] = Counter()
        self._keys = jwt.PyJWKClient(jwks_url)
        self._users: dict[str, dict[str, Any]] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self.app = Starlette(
            routes=[
                self._route("POST", "/users/authenticate", self.authenticate),
                self._route("POST", "/users/find", self.find),
                self._route("POST", "/users", self.create),
                self._route("POST", "/users/verify-email", self.verify),
                self._route("POST", "/users/change-password", self.change_password),
                self._route("POST", "/users/change-email", self.change_email),
                self._route("POST", "/users/metadata", self.metadata),
                self._route("POST", "/users/mark-migrated", self.mark_migrated),
                self._route("DELETE", "/users/{id}", self.delete),
            ]
        )

    def add(self, email: str, password: str, *, verified: bool = False, **more: Any) -> str:
        """Put a user into the store; `more` are members such as `metadata`. The id."""
        id_ = f"u{next(self._ids)}"
        self._users[id_] = {"id": id_, "email": email, "password": password, "email_verified": verified, **more}
        return id_

    def _route(self, method: str, path: str, endpoint: Callable[..., Response]) -> Route:
        (scope,) = DESCRIPTION["paths"][path][method.lower()]["security"][0]["auth0"]

        async def serve(request: Request) -> Response:
            reason = self._refusal(request.headers.get("authorization", ""), scope)
            if reason is not None:
                self.refused[reason] += 1
                return JSONResponse({"error": reason}, 403 if reason == "scope" else 401)
            body = await request.json() if method == "POST" else {}
            self.asked[path] += 1
            with self._lock:
                return endpoint(body, **request.path_params)

        return Route(path, serve, methods=[method])

    def _refusal(self, header: str, scope: str) -> str | None:
        """Why a request is refused: no token, a token that is not ours, a person's token, a missing scope."""
        kind, _, token = header.partition(" ")
        if kind != "Bearer" or not token:
            return "no-token"
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, algorithms=["RS256"], audience=self.audience, issuer=self.issuer)
        except jwt.InvalidAudienceError:
            return "audience"
        except jwt.PyJWTError:
            return "token"
        if not str(claims.get("sub", "")).endswith("@clients"):
            return "subject"
        self.subjects.add(claims["sub"])
        return None if scope in str(claims.get("scope", "")).split() else "scope"

    def _by_email(self, email: str) -> dict[str, Any] | None:
        found = (user for user in self._users.values() if user["email"] == email and user["id"] not in self.migrated)
        return next(found, None)

    @staticmethod
    def _shown(user: dict[str, Any]) -> Response:
        return JSONResponse({key: value for key, value in user.items() if key != "password"})

    def authenticate(self, body: dict[str, Any]) -> Response:
        user = self._by_email(body["identifier"])
        return self._shown(user) if user and user["password"] == body["password"] else NO_USER

    def find(self, body: dict[str, Any]) -> Response:
        user = self._by_email(body["identifier"])
        return self._shown(user) if user else NO_USER

    def create(self, body: dict[str, Any]) -> Response:
        if self._by_email(body["email"]):
            return JSONResponse({"error": "user_exists"}, 409)
        self.add(body["email"], body["password"])
        return JSONResponse({}, 201)

    def verify(self, body: dict[str, Any]) -> Response:
        user = self._by_email(body["email"])
        if user is None:
            return NO_USER
        user["email_verified"] = True
        return Response(status_code=204)

    def change_password(self, body: dict[str, Any]) -> Response:
        user = self._by_email(body["email"])
        if user is None:
            return NO_USER
        user["password"] = body["password"]
        return Response(status_code=204)

    def change_email(self, body: dict[str, Any]) -> Response:
        user = self._by_email(body["email"])
        if user is None:
            return NO_USER
        if self._by_email(body["new_email"]):
            return JSONResponse({"error": "user_exists"}, 409)
        user.update(email=body["new_email"], email_verified=body["verified"])
        return Response(status_code=204)

    def metadata(self, body: dict[str, Any]) -> Response:
        user = self._users.get(body["id"])
        return JSONResponse({key: user.get(key, {}) for key in ("metadata", "user_metadata")}) if user else NO_USER

    def mark_migrated(self, body: dict[str, Any]) -> Response:
        if body["id"] not in self._users:
            return NO_USER
        self.migrated.add(body["id"])
        return Response(status_code=204)

    def delete(self, _body: dict[str, Any], id: str) -> Response:
        return Response(status_code=204) if self._users.pop(id, None) else NO_USER
