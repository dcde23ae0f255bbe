"""The stores as they are shipped, each in the combinations of variables that must work, rendered as for a tenant."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployer.config.models import Tenant
from deployer.config.tree import SecretReference
from deployer.rendering.scripts import RenderedConnection, render_connection
from deployer.rendering.templates import Templates
from tests.support.paths import ROOT
from tests.support.template_combinations import COMBINATIONS, CONNECTION, STORES, Combination, Render


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests with an argument `combination` or `store` run for each of them."""
    if "combination" in metafunc.fixturenames:
        metafunc.parametrize("combination", COMBINATIONS, ids=str)
    if "store" in metafunc.fixturenames:
        metafunc.parametrize("store", STORES)


@pytest.fixture(scope="session")
def templates() -> Templates:
    """The templates as they are shipped."""
    return Templates(ROOT / "templates", ROOT / "templates")


@pytest.fixture(scope="session")
def render(templates: Templates) -> Render:
    """Render a combination, with anything of it changed; or a store by its name, with variables."""

    known: dict[str, RenderedConnection] = {}

    def rendered(what: Combination | str, *, again: bool = False, **changes: Any) -> RenderedConnection:
        combination = Combination("any", what) if isinstance(what, str) else what
        combination = Combination(**{**vars(combination), **changes})
        key = json.dumps(vars(combination), default=repr)
        if again or key not in known:
            known[key] = fresh(combination)
        return known[key]

    def fresh(combination: Combination) -> RenderedConnection:
        manifest = templates.manifest(combination.store)
        secret = SecretReference("env", "SECRET")
        extra = [combination.variables["ca_key"]] if combination.variables.get("ca_key") else []
        definition = {
            "store": combination.store,
            "migration": combination.migration,
            "variables": combination.variables,
            "configuration": dict.fromkeys([*manifest.configuration, *extra], secret),
            "modules": combination.modules,
            "options": combination.options,
        }
        tenant = Tenant.model_validate(
            {
                "name": "test",
                "path": "tenants/test.yaml",
                "domain": "test.eu.auth0.com",
                "credentials": {"client_id": "id", "client_secret": secret},
                "connections": {CONNECTION: definition},
            }
        )
        return render_connection(tenant, CONNECTION, "test.eu.auth0.com", templates)

    return rendered


@pytest.fixture(scope="session")
def node() -> str:
    """Node's program."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node.js is not installed")
    return found


@pytest.fixture
def run_node(node: str, tmp_path: Path) -> Callable[[str, Any], Any]:
    """Run a JavaScript program that gets `input` and answers with `output(value)`, both JSON."""

    def run(program: str, given: Any = None) -> Any:
        file = tmp_path / "program.cjs"
        shell = (
            "const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n"
            "const output = (value) => process.stdout.write(JSON.stringify(value ?? null));\n"
        )
        file.write_text(shell + program, encoding="utf-8")
        done = subprocess.run(
            [node, str(file)], input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run
