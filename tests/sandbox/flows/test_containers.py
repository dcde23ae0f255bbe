"""Successive calls of scripts go to one of two containers, each with its own `global`, and the same seed repeats it."""

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Behaviour

pytestmark = pytest.mark.node
COUNT = """
function login(email, password, callback) {
  global.calls = (global.calls || 0) + 1;
  callback(null, { user_id: email, email: email, given_name: String(global.calls) });
}
"""


def counts(base_url: str, token: str, logins: int) -> list[int]:
    """How often the container that served each of the logins, one after the other, had been called by then."""
    with httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as web:
        client = web.post("/api/v2/clients", json={"name": "W", "grant_types": ["password"]}).json()
        options = {"enabledDatabaseCustomization": True, "customScripts": {"login": COUNT}}
        body = {"name": "c", "strategy": "auth0", "options": options, "enabled_clients": [client["client_id"]]}
        assert web.post("/api/v2/connections", json=body).status_code == 201
        form: dict[str, Any] = {key: client[key] for key in ("client_id", "client_secret")}
        form |= {"grant_type": "password", "password": "x", "scope": "openid"}
        found = []
        for number in range(logins):
            email = f"u{number}@example.com"
            assert web.post("/oauth/token", json={**form, "username": email}).status_code == 200
            user = web.get("/api/v2/users-by-email", params={"email": email}).json()[0]
            found.append(int(user["given_name"]))
        return found


def of_seed(seed: int | None, logins: int = 12, containers: int = 2) -> list[int]:
    with LocalTenant(behaviour=Behaviour(seed=seed, containers=containers)) as tenant:
        return counts(tenant.base_url, tenant.state.issue_token(), logins)


def test_two_containers_each_with_its_own_global_chosen_by_the_seed():
    first, again, other = of_seed(1), of_seed(1), of_seed(2)
    for found in (first, other):
        # Two counters, and no other: every count appears at most twice, and together they are all calls.
        assert sorted(found) != list(range(1, 13))
        assert all(found.count(number) <= 2 for number in found)
        assert found.count(1) == 2
    assert first == again
    assert first != other


def test_one_container_where_that_is_wanted():
    assert of_seed(None, 4, containers=1) == [1, 2, 3, 4]


def test_the_second_container_starts_when_it_is_first_chosen():
    with LocalTenant(behaviour=Behaviour(seed=1)) as tenant:
        counts(tenant.base_url, tenant.state.issue_token(), 1)
        [task] = tenant.state.flows.scripts._runtimes.values()
        assert len(task.result()._containers) == 1


def test_the_command_takes_a_seed():
    code = "from deployer.cli.main import app; app()"
    found = []
    for _ in range(2):
        command = [sys.executable, "-c", code, "sandbox", "--json", "--seed", "1"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        known = json.loads(process.stdout.readline())
        body = {key: known[key] for key in ("client_id", "client_secret")}
        body |= {"grant_type": "client_credentials", "audience": f"{known['base_url']}/api/v2/"}
        token = httpx.post(f"{known['base_url']}/oauth/token", json=body).json()["access_token"]
        found.append(counts(known["base_url"], token, 8))
        process.terminate()
        assert process.wait(20) == 0
        process.stdout.close()
    assert found == [of_seed(1, 8), of_seed(1, 8)]
