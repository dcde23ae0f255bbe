"""Connections that are known to have no lint errors: skipped as long as nothing that a rule sees has changed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.config.models import Tenant
from deployer.linting import lint_cache
from deployer.linting.lint_cache import lint_errors
from deployer.project import Project
from deployer.rendering.scripts import RenderedConnection

TENANT = """\
domain: a.auth0.com
credentials: {{client_id: a, client_secret: !env SECRET}}
lint: {{severity: {severity}}}
connections:
  users: {{store: postgres, migration: {migration}, variables: {{table: users}}, configuration: {{{configuration}}}}}
"""
GOOD = {"severity": "{}", "migration": "trickle", "configuration": "PG_URL: !env PG_URL"}


class Linting:
    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.linted = 0
        (root / "tenants").mkdir()
        monkeypatch.setenv("DEPLOYER_CACHE", str(root / "cache"))
        own = lint_cache.lint

        def counting(*args: Any, **kwargs: Any) -> Any:
            self.linted += 1
            return own(*args, **kwargs)

        monkeypatch.setattr(lint_cache, "lint", counting)

    def rendered(self, **changes: str) -> tuple[Tenant, dict[str, RenderedConnection]]:
        (self.root / "tenants" / "a.yaml").write_text(TENANT.format(**{**GOOD, **changes}))
        project = Project(self.root)
        tenant = project.tenant("a")
        return tenant, project.render(tenant)

    def errors(self, tenant: Tenant, rendered: dict[str, RenderedConnection]) -> set[str]:
        lint_cache._clean.clear()  # as in a new process
        return {finding.code for finding in lint_errors(tenant, rendered, self.root).errors}


@pytest.fixture
def linting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Linting:
    return Linting(tmp_path, monkeypatch)


def test_what_is_clean_is_linted_once(linting: Linting) -> None:
    for _ in range(2):
        assert linting.errors(*linting.rendered()) == set()
    assert linting.linted == 1


def test_what_only_stands_elsewhere_is_not_linted_again(linting: Linting, monkeypatch: pytest.MonkeyPatch) -> None:
    assert linting.errors(*linting.rendered()) == set()
    monkeypatch.setitem(globals(), "TENANT", "# a comment\n" + TENANT.replace("  users:", "     users:"))
    tenant, rendered = linting.rendered()
    assert str(tenant.position("connections", "users")) == "tenants/a.yaml:6:6"
    assert linting.errors(tenant, rendered) == set()
    assert linting.linted == 1


def test_errors_are_found_each_time(linting: Linting) -> None:
    for _ in range(2):
        assert linting.errors(*linting.rendered(configuration="")) == {"DB508"}
    assert linting.linted == 2


def test_a_changed_script_is_linted(linting: Linting) -> None:
    tenant, rendered = linting.rendered()
    assert linting.errors(tenant, rendered) == set()
    script = rendered["users"].scripts["login"]
    worse = replace(script, source=script.source + "\neval('1');\n")
    scripts = {**rendered["users"].scripts, "login": worse}
    assert "DB409" in linting.errors(tenant, {"users": replace(rendered["users"], scripts=scripts)})


@pytest.mark.parametrize("changes", [{"configuration": ""}, {"severity": "{DB406: error}"}])
def test_changed_facts_and_severities_are_linted(linting: Linting, changes: dict[str, str]) -> None:
    assert linting.errors(*linting.rendered()) == set()
    assert linting.errors(*linting.rendered(**changes))


def test_other_rules_lint_anew(linting: Linting, monkeypatch: pytest.MonkeyPatch) -> None:
    linting.errors(*linting.rendered())
    monkeypatch.setattr(lint_cache, "_code_digest", lambda: "other rules")
    linting.errors(*linting.rendered())
    assert linting.linted == 2


def test_with_rules_of_others_nothing_is_remembered(linting: Linting, monkeypatch: pytest.MonkeyPatch) -> None:
    linting.errors(*linting.rendered())
    asked = []
    monkeypatch.setattr(lint_cache, "_others_rules", lambda: True)
    whole = lint_cache.lint_rendered
    monkeypatch.setattr(lint_cache, "lint_rendered", lambda *given: asked.append(given) or whole(*given))
    assert linting.errors(*linting.rendered()) == set()
    assert len(asked) == 1
