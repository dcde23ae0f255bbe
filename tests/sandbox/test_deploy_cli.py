"""Auth0's Deploy CLI, as it is, over HTTPS: it exports, imports and compares a local tenant without an error.

It is installed from the npm registry into a cache folder, once.
"""

import json
import os
import shutil
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import platformdirs
import pytest

from deployer.sandbox.server import LocalTenants
from deployer.sandbox.tenant import Tenant

VERSION = "8.44.0"
KINDS = ["databases", "actions", "clients", "resourceServers", "clientGrants"]
SCRIPTS = {
    "login": "function login(email, password, callback) {\n  callback(null);\n}\n",
    "get_user": "function getUser(email, callback) {\n  callback(null);\n}\n",
}
CODE = "exports.onExecutePostLogin = async (event, api) => {};\n"
AUDIENCE = "https://api.example.com/"

pytestmark = [
    pytest.mark.npm,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is missing"),
]


@pytest.fixture(scope="module")
def a0deploy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, from the cache or freshly installed; moved into place whole, for other workers may do the same."""
    cache = Path(platformdirs.user_cache_dir("deployer", appauthor=False)) / f"auth0-deploy-cli-{VERSION}"
    program = cache / "node_modules" / ".bin" / "a0deploy"
    if not program.exists():
        fresh = tmp_path_factory.mktemp("npm")
        command = ["npm", "install", "--no-fund", "--no-audit", "--ignore-scripts", f"auth0-deploy-cli@{VERSION}"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=240)
        if done.returncode:
            pytest.skip(f"the Deploy CLI could not be installed: {done.stderr[-300:]}")
        cache.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.move(fresh, cache)
        except OSError:
            assert program.exists()
    return program


def fill(api: httpx.Client) -> None:
    """One of each kind, as somebody would have made them."""
    options = {"enabledDatabaseCustomization": True, "customScripts": SCRIPTS, "configuration": {"URL": "secret"}}
    connection = api.post("/connections", json={"name": "legacy-users", "strategy": "auth0", "options": options}).json()
    client = api.post("/clients", json={"name": "Web App", "app_type": "regular_web"}).json()
    enabled = [{"client_id": client["client_id"], "status": True}]
    assert api.patch(f"/connections/{connection['id']}/clients", json=enabled).status_code == 204
    triggers = [{"id": "post-login", "version": "v3"}]
    action = api.post("/actions/actions", json={"name": "guard", "supported_triggers": triggers, "code": CODE}).json()
    assert api.post(f"/actions/actions/{action['id']}/deploy").status_code == 200
    api.post("/resource-servers", json={"identifier": AUDIENCE, "name": "API", "scopes": [{"value": "read:x"}]})
    grant = {"client_id": client["client_id"], "audience": AUDIENCE, "scope": ["read:x"]}
    assert api.post("/client-grants", json=grant).status_code == 201


def run(program: Path, tenant: Tenant, ca_file: Path | None, *arguments: str) -> str:
    environment = {
        **os.environ,
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        "AUTH0_DOMAIN": tenant.domain,
        "AUTH0_CLIENT_ID": tenant.client_id,
        "AUTH0_CLIENT_SECRET": tenant.client_secret,
        "AUTH0_INCLUDED_ONLY": json.dumps(KINDS),
    }
    done = subprocess.run(
        [str(program), *arguments], env=environment, capture_output=True, text=True, timeout=200, cwd=program.parent
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "error" not in said.lower(), said
    return said


def read_back(api: httpx.Client) -> dict[str, Any]:
    connection = api.get("/connections", params={"name": "legacy-users"}).json()[0]
    clients = {client["client_id"]: client["name"] for client in api.get("/clients").json()}
    action = api.get("/actions/actions").json()["actions"][0]
    server = api.get("/resource-servers", params={"identifiers": AUDIENCE}).json()[0]
    grants = api.get("/client-grants", params={"audience": AUDIENCE}).json()
    return {
        "scripts": connection["options"]["customScripts"],
        "clients": [clients[id] for id in connection["enabled_clients"]],
        "action": (action["name"], action["code"], action["deployed_version"]["number"]),
        "scopes": [scope["value"] for scope in server["scopes"]],
        "grants": [(clients[grant["client_id"]], grant["scope"]) for grant in grants],
    }


def test_export_import_and_dry_run(a0deploy: Path, tmp_path: Path, ca_dir: Path) -> None:
    with LocalTenants(2, tls=True, ca_dir=ca_dir) as running:
        source, target = running.tenants
        ca = running.ca_file
        context = ssl.create_default_context(cafile=ca)

        def api(tenant: Tenant) -> httpx.Client:
            token = tenant.issue_token()
            return httpx.Client(
                base_url=f"{tenant.base_url}/api/v2", headers={"Authorization": f"Bearer {token}"}, verify=context
            )

        with api(source) as first, api(target) as second:
            fill(first)
            for form in ("directory", "yaml"):
                run(a0deploy, source, ca, "export", "--format", form, "--output_folder", str(tmp_path / form))
            scripts = tmp_path / "directory" / "database-connections" / "legacy-users"
            assert (scripts / "login.js").read_text() == SCRIPTS["login"]
            yaml_file = str(tmp_path / "yaml" / "tenant.yaml")
            with ThreadPoolExecutor(2) as pool:
                imported = pool.submit(run, a0deploy, target, ca, "import", "--input_file", str(tmp_path / "directory"))
                compared = pool.submit(run, a0deploy, source, ca, "import", "--input_file", yaml_file, "--dry-run")
            assert "Dry Run completed" in compared.result()
            assert "Import Successful" in imported.result()
            expected = read_back(first)
            assert expected["clients"] == ["Web App"]
            assert read_back(second) == expected
