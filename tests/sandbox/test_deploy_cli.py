"""Auth0's Deploy CLI, as it is, over HTTPS: it exports, imports and compares a local tenant without an error.

It is installed from the npm registry into a cache folder, once.
"""

import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import platformdirs
import pytest
import yaml

from deployer.sandbox.server import LocalTenants
from deployer.sandbox.tenant import Tenant

VERSION = "8.44.0"
KINDS = ["databases", "actions", "clients", "resourceServers", "clientGrants", "triggers", "rules", "rulesConfigs"]
SCRIPTS = {
    "login": "function login(email, password, callback) {\n  callback(null);\n}\n",
    "get_user": "function getUser(email, callback) {\n  callback(null);\n}\n",
}
CODE = "exports.onExecutePostLogin = async (event, api) => {};\n"
RULE = "function (user, context, callback) {\n  callback(null, user, context);\n}\n"
AUDIENCE = "https://api.example.com/"

pytestmark = [
    pytest.mark.npm,
    pytest.mark.slow,
    # Each import compiles the schemas of everything, which takes minutes on a busy machine.
    pytest.mark.timeout(1200),
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


def ok(answer: httpx.Response) -> Any:
    """The body of an answer that must be one of success."""
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


COMPLETE = {
    "disable_self_service_change_password": False,
    "authentication_methods": {
        "password": {"enabled": True},
        **{method: {"enabled": False} for method in ("passkey", "email_otp", "phone_otp")},
    },
}
"""What an import sends of itself, or Auth0 completes: the Deploy CLI adds its schema's defaults to what it sends."""


def fill(api: httpx.Client) -> None:
    """Several of each kind, as somebody would have made them."""
    options = {
        **COMPLETE,
        "enabledDatabaseCustomization": True,
        "import_mode": True,
        "customScripts": SCRIPTS,
        "configuration": {"URL": "first secret"},
        "disable_signup": True,
        "requires_username": True,
        "validation": {"username": {"min": 3, "max": 20}},
        "non_persistent_attrs": ["ssn"],
    }
    more = {"metadata": {"team": "identity"}, "display_name": "Legacy", "realms": ["legacy-users", "old"]}
    connection = ok(
        api.post("/connections", json={"name": "legacy-users", "strategy": "auth0", "options": options, **more})
    )
    ok(api.post("/connections", json={"name": "plain-users", "strategy": "auth0", "options": COMPLETE}))
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 5, "token_lifetime": 100_000}
    finite = {"idle_token_lifetime": 50_000, "infinite_token_lifetime": False, "infinite_idle_token_lifetime": False}
    web: dict[str, Any] = {
        "name": "Web App",
        "app_type": "regular_web",
        "oidc_conformant": True,
        "client_metadata": {"a": "b"},
    }
    web |= {"callbacks": ["https://app.example/cb"], "refresh_token": {**rotating, **finite}}
    spa = {
        "name": "Spa",
        "app_type": "spa",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code"],
    }
    machine = {"name": "Machine", "app_type": "non_interactive", "grant_types": ["client_credentials"]}
    made = [ok(api.post("/clients", json=each)) for each in (web, spa, machine)]
    enabled = [{"client_id": each["client_id"], "status": True} for each in made[:2]]
    ok(api.patch(f"/connections/{connection['id']}/clients", json=enabled))
    secrets = {"secrets": [{"name": "KEY", "value": "first"}], "dependencies": [{"name": "uuid", "version": "11.1.0"}]}
    bound = [
        add_action(api, "second", "post-login", CODE),
        add_action(api, "guard", "post-login", CODE + "// the guard\n", **secrets),
    ]
    ok(api.patch("/actions/triggers/post-login/bindings", json={"bindings": bound}))
    machines = add_action(api, "machines", "credentials-exchange", CODE.replace("PostLogin", "CredentialsExchange"))
    ok(api.patch("/actions/triggers/credentials-exchange/bindings", json={"bindings": [machines]}))
    scopes = [{"value": "read:x", "description": "Read"}, {"value": "write:x", "description": "Write"}]
    server = {"identifier": AUDIENCE, "name": "API", "scopes": scopes, "token_lifetime": 7200}
    ok(api.post("/resource-servers", json={**server, "allow_offline_access": True}))
    ok(api.post("/client-grants", json={"client_id": made[2]["client_id"], "audience": AUDIENCE, "scope": ["read:x"]}))
    for order, enabled_ in ((1, True), (2, False)):
        rule = {"name": f"Rule {order}", "script": f"{RULE}// {order}\n", "order": order, "enabled": enabled_}
        ok(api.post("/rules", json=rule))
    ok(api.put("/rules-configs/RULE_KEY", json={"value": "first"}))


def add_action(api: httpx.Client, name: str, trigger: str, code: str, **more: Any) -> dict[str, Any]:
    """A deployed action; how a trigger is bound to it."""
    version = "v3" if trigger == "post-login" else "v2"
    body = {"name": name, "supported_triggers": [{"id": trigger, "version": version}], "code": code, **more}
    action = ok(api.post("/actions/actions", json={**body, "runtime": "node22"}))
    ok(api.post(f"/actions/actions/{action['id']}/deploy"))
    return {"ref": {"type": "action_id", "value": action["id"]}, "display_name": name}


def run(program: Path, tenant: Tenant, ca_file: Path | None, *arguments: str) -> str:
    environment = {
        **os.environ,
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        "AUTH0_DOMAIN": tenant.domain,
        "AUTH0_CLIENT_ID": tenant.client_id,
        "AUTH0_CLIENT_SECRET": tenant.client_secret,
        "AUTH0_INCLUDED_ONLY": json.dumps(KINDS),
        "AUTH0_KEYWORD_REPLACE_MAPPINGS": json.dumps(SECRETS),
    }
    done = subprocess.run(
        [str(program), *arguments], env=environment, capture_output=True, text=True, timeout=800, cwd=program.parent
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "error" not in said.lower(), said
    return said


def content(folder: Path) -> dict[str, Any]:
    """Every file of an export by its path: JSON and YAML as data, scripts as text."""
    loaders: dict[str, Callable[[str], Any]] = {".json": json.loads, ".yaml": yaml.safe_load}
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): loaders.get(path.suffix, str)(path.read_text()) for path in files}


def add_secrets_to_directory(folder: Path) -> None:
    """What an export leaves out, as placeholders: https://github.com/auth0/auth0-deploy-cli, keyword replacement."""
    file = folder / "database-connections" / "legacy-users" / "database.json"
    database = json.loads(file.read_text())
    database["options"]["configuration"] = {"URL": "##STORE_URL##"}
    file.write_text(json.dumps(database))
    file = folder / "actions" / "guard.json"
    action = json.loads(file.read_text())
    assert action["secrets"] == [{"name": "KEY"}]
    file.write_text(json.dumps({**action, "secrets": [{"name": "KEY", "value": "##ACTION_KEY##"}]}))
    (folder / "rules-configs").mkdir()
    (folder / "rules-configs" / "RULE_KEY.json").write_text('{"key": "RULE_KEY", "value": "##RULE_KEY##"}')


def add_secrets_to_yaml(folder: Path) -> None:
    """The same, in one file."""
    file = folder / "tenant.yaml"
    tenant = yaml.safe_load(file.read_text())
    [database] = [each for each in tenant["databases"] if each["name"] == "legacy-users"]
    database["options"]["configuration"] = {"URL": "##STORE_URL##"}
    [action] = [each for each in tenant["actions"] if each["name"] == "guard"]
    action["secrets"] = [{"name": "KEY", "value": "##ACTION_KEY##"}]
    assert tenant["rulesConfigs"] == []
    tenant["rulesConfigs"] = [{"key": "RULE_KEY", "value": "##RULE_KEY##"}]
    file.write_text(yaml.safe_dump(tenant))


FORMATS = {"directory": ("", add_secrets_to_directory), "yaml": ("tenant.yaml", add_secrets_to_yaml)}
SECRETS = {"STORE_URL": "second secret", "ACTION_KEY": "second", "RULE_KEY": "second"}


def secrets_of(tenant: Tenant) -> dict[str, str]:
    """What the scripts, the action and the rules of a tenant are really given."""
    connection = tenant.storage.named("connection", "legacy-users")
    assert connection is not None
    [action] = [each for each in tenant.storage.all("action") if each["name"] == "guard"]
    [config] = tenant.storage.all("rules_config")
    kept = (connection["options"]["configuration"]["URL"], action["$secrets"]["KEY"], config["value"])
    return dict(zip(SECRETS, map(tenant.vault.decrypt, kept), strict=True))


@pytest.fixture(scope="module")
def running(ca_dir: Path) -> Iterator[LocalTenants]:
    """A tenant with content, from when Rules still ran, and an empty one for each format."""
    with LocalTenants(1 + len(FORMATS), tls=True, ca_dir=ca_dir, as_of="2026-08") as tenants:
        token = tenants.tenants[0].issue_token()
        context = ssl.create_default_context(cafile=tenants.ca_file)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{tenants.tenants[0].base_url}/api/v2", headers=headers, verify=context) as api:
            fill(api)
        yield tenants


@pytest.fixture(scope="module")
def exported(a0deploy: Path, running: LocalTenants, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that exports the tenant with content once in each format; a test that writes there takes a copy."""

    @cache
    def export(form: str) -> Path:
        folder = tmp_path_factory.mktemp("exported")
        run(a0deploy, running.tenants[0], running.ca_file, "export", "--format", form, "--output_folder", str(folder))
        return folder

    return export


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_of_what_was_imported_from_an_export_is_the_same(
    a0deploy: Path, running: LocalTenants, exported: Callable[[str], Path], tmp_path: Path, form: str
) -> None:
    target = running.tenants[1 + list(FORMATS).index(form)]
    file, add_secrets = FORMATS[form]
    first, second, imported = exported(form), tmp_path / "second", tmp_path / "imported"
    expected = content(first)
    assert "first secret" not in str(expected)
    shutil.copytree(first, imported)
    add_secrets(imported)
    said = run(a0deploy, target, running.ca_file, "import", "--input_file", str(imported / file))
    assert "Import Successful" in said
    run(a0deploy, target, running.ca_file, "export", "--format", form, "--output_folder", str(second))
    assert content(second) == expected
    assert secrets_of(target) == SECRETS


def test_a_dry_run_of_what_is_there_finds_nothing_to_do(
    a0deploy: Path, running: LocalTenants, exported: Callable[[str], Path]
) -> None:
    file = exported("yaml") / "tenant.yaml"
    said = run(a0deploy, running.tenants[0], running.ca_file, "import", "--input_file", str(file), "--dry-run")
    assert "Dry Run completed" in said
