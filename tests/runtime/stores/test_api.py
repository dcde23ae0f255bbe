"""The api templates against a reference API that takes only tokens of the local tenant, for itself, of machines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from deployer.sandbox.server import LocalTenant
from tests.support.reference_api import SCOPES, ReferenceApi
from tests.support.serving import serving_app

pytestmark = [pytest.mark.node]

AUDIENCE = "https://users.example.com/api"


@dataclass(frozen=True)
class Client:
    """A machine-to-machine application of the local tenant."""

    id: str
    secret: str


class Management:
    """The few calls of the Management API that set the stage."""

    def __init__(self, tenant: LocalTenant) -> None:
        self._tenant = tenant
        self._http = httpx.Client(base_url=tenant.base_url, timeout=10, trust_env=False)
        own = Client(tenant.client_id, tenant.client_secret)
        self._http.headers["Authorization"] = f"Bearer {self.token(own, f'{tenant.base_url}/api/v2/')}"

    def token(self, client: Client, audience: str) -> str:
        body = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
        answer = self._http.post("/oauth/token", json={**body, "audience": audience})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.post(f"/api/v2/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def api(self, audience: str, scopes: Iterable[str]) -> None:
        listed = [{"value": scope, "description": scope} for scope in scopes]
        self.post("resource-servers", {"identifier": audience, "name": audience, "scopes": listed})

    def client(self, name: str, audience: str, scopes: Iterable[str]) -> Client:
        made = self.post(
            "clients", {"name": name, "app_type": "non_interactive", "grant_types": ["client_credentials"]}
        )
        self.post("client-grants", {"client_id": made["client_id"], "audience": audience, "scope": list(scopes)})
        return Client(made["client_id"], made["client_secret"])


@dataclass(frozen=True)
class Stage:
    """The tenant, the API on its port, and a client that may do everything there."""

    tenant: LocalTenant
    management: Management
    api: ReferenceApi
    url: str
    client: Client

    def configuration(self, client: Client | None = None, audience: str = AUDIENCE) -> dict[str, str]:
        used = client or self.client
        return {
            "API_URL": self.url,
            "API_AUDIENCE": audience,
            "API_CLIENT_ID": used.id,
            "API_CLIENT_SECRET": used.secret,
            "AUTH0_DOMAIN": self.tenant.base_url,
        }


@pytest.fixture
def stage() -> Iterator[Stage]:
    with LocalTenant() as tenant:
        management = Management(tenant)
        management.api(AUDIENCE, SCOPES)
        client = management.client("scripts", AUDIENCE, SCOPES)
        api = ReferenceApi(f"{tenant.base_url}/", f"{tenant.base_url}/.well-known/jwks.json", AUDIENCE)
        api.add("ada@example.com", "Correct-Horse-1", verified=True)
        with serving_app(api.app) as url:
            yield Stage(tenant, management, api, url, client)


DEFINITION = {"store": "api", "variables": {"timeout_ms": 1500}}


def test_the_contract_is_kept(stage, contract_report, assert_passed):
    report = contract_report(DEFINITION, {"store": stage.url, "configuration": stage.configuration()})
    assert_passed(report, "inactive")
    assert stage.api.refused == {}
    assert stage.api.subjects == {f"{stage.client.id}@clients"}


def test_a_token_for_another_api_is_refused(stage, contract_report):
    stage.management.api("https://other.example.com", SCOPES)
    client = stage.management.client("other", "https://other.example.com", SCOPES)
    settings = stage.configuration(client, "https://other.example.com")
    report = contract_report(DEFINITION, {"store": stage.url, "configuration": settings}, "good-login")
    assert not report.passed
    assert set(stage.api.refused) == {"audience"}


def test_a_missing_scope_is_refused(stage, contract_report):
    client = stage.management.client("reader", AUDIENCE, ("authenticate:users", "read:users"))
    settings = {"store": stage.url, "configuration": stage.configuration(client)}
    report = contract_report(DEFINITION, settings, "good-login", "create")
    assert [result.outcome.value for result in report.results] == ["passed", "failed"]
    assert set(stage.api.refused) == {"scope"}


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [(None, "no-token"), ("Bearer x.y.z", "token"), ("Basic eDp5", "no-token")],
)
def test_the_reference_api_takes_no_other_token(stage, authorization, reason):
    headers = {"Authorization": authorization} if authorization else {}
    body = {"identifier": "ada@example.com", "password": "Correct-Horse-1"}
    answer = httpx.post(f"{stage.url}/users/authenticate", json=body, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()) == (401, {"error": reason})


def test_a_persons_token_is_refused_by_its_subject(stage):
    """The tenant's own key signs a token that a user could have got for the same audience."""
    token = stage.tenant.state.tokens.issue(
        issuer=f"{stage.tenant.base_url}/", audience=AUDIENCE, client_id="x", scope=" ".join(SCOPES), lifetime=60
    )
    assert refusal(stage, token) is None
    import jwt

    key = stage.tenant.state.tokens.key
    claims = {**jwt.decode(token, options={"verify_signature": False}), "sub": "auth0|somebody"}
    forged = jwt.encode(claims, key.pem, algorithm="RS256", headers={"kid": key.kid})
    assert refusal(stage, forged) == "subject"
    symmetric = jwt.encode(claims, "k" * 32, algorithm="HS256", headers={"kid": key.kid})
    assert refusal(stage, symmetric) == "token"


def refusal(stage: Stage, token: str) -> str | None:
    answer = httpx.post(
        f"{stage.url}/users/find",
        json={"identifier": "ada@example.com"},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    return None if answer.status_code == 200 else str(answer.json()["error"])
