"""A plan that was approved: what was accepted goes with it, nobody can change it, and it shows what it writes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployer.digests import digest
from deployer.planning.model import Plan
from deployer.planning.plan_file import write_plan
from deployer.resources.marker import DigestKey
from deployer.sandbox.server import LocalTenant
from tests.support.tenants import Api

KEY = "the-key-of-the-digests"
KEYED = """\
secrets_key: !env SECRETS_KEY
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
"""
ADOPT = "adopt:connection.legacy-users"


@pytest.fixture
def keyed(project: Any, local_tenant: LocalTenant, reach: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project with a key of its own."""
    reach(local_tenant)
    monkeypatch.setenv("SECRETS_KEY", KEY)
    project.tenant(KEYED)
    return project


def go(project: Any, *arguments: str, code: int = 0) -> Any:
    ran = project.run(*arguments)
    assert ran.code == code, ran.all
    return ran


@pytest.fixture
def saved(keyed: Any) -> Path:
    """A saved plan that makes the connection."""
    go(keyed, "plan", "local", "--no-lint", "--out", "p.plan")
    return Path(keyed.root / "p.plan")


def by_hand(tenant: LocalTenant) -> None:
    """Somebody has made the connection in the Dashboard."""
    Api(tenant)("POST", "connections", {"name": "legacy-users", "strategy": "auth0"})


def connection(tenant: LocalTenant) -> Any:
    return tenant.state.storage.named("connection", "legacy-users")


def edited(file: Path, edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The content of a plan file after somebody's edit, with the digest that belongs to it."""
    data: dict[str, Any] = json.loads(file.read_text())
    edit(data["plan"])
    return {**data, "digest": digest(data["plan"])}


def the_login(plan: dict[str, Any]) -> dict[str, Any]:
    (change,) = (one for one in plan["changes"] if one["name"] == "legacy-users")
    scripts: dict[str, Any] = change["wanted"]["attributes"]["options"]["customScripts"]
    return scripts


def open_to_all(plan: dict[str, Any]) -> None:
    """What is written lets everybody in; what is shown stays as it is."""
    the_login(plan)["login"] = 'function login(email, password, callback) { callback(null, {user_id: "1"}); }'


def test_what_was_accepted_when_it_was_planned_is_not_asked_for_again(keyed: Any, local_tenant: LocalTenant) -> None:
    by_hand(local_tenant)
    shown = go(keyed, "plan", "local", "--no-lint", "--out", "p.plan").out
    assert f"needs --allow {ADOPT}" in shown
    assert f"--allow {ADOPT}" in go(keyed, "apply", "local", "p.plan", code=3).err
    shown = go(keyed, "plan", "local", "--no-lint", "--out", "p.plan", "--allow", ADOPT).out
    assert f"accepted by --allow {ADOPT}" in shown
    assert "needs --allow" not in shown
    go(keyed, "apply", "local", "p.plan")
    assert "customScripts" in connection(local_tenant)["options"]


def test_the_other_way_of_accepting_still_works(keyed: Any, local_tenant: LocalTenant) -> None:
    by_hand(local_tenant)
    go(keyed, "plan", "local", "--no-lint", "--out", "p.plan")
    go(keyed, "apply", "local", "p.plan", "--allow", ADOPT)
    assert "customScripts" in connection(local_tenant)["options"]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_an_approver_sees_what_was_accepted(keyed: Any, local_tenant: LocalTenant, form: str) -> None:
    by_hand(local_tenant)
    shown = go(keyed, "plan", "local", "--no-lint", "--allow", ADOPT, "--format", form).out
    assert "Accepted when it was made" in shown
    assert "To be named" not in shown


def test_a_promotion_and_a_rollback_keep_what_was_accepted(
    keyed: Any, local_tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(keyed, "apply", "local", "--auto-approve", "--no-lint")
    keyed.write("tenants/next.yaml", (keyed.root / "tenants/local.yaml").read_text().replace("AUTH0_", "NEXT_"))
    with LocalTenant() as tenant:
        for name in ("domain", "base_url", "client_id", "client_secret"):
            monkeypatch.setenv(f"NEXT_{name.upper()}", getattr(tenant, name))
        by_hand(tenant)
        go(keyed, "promote", "local", "next", "--out", "p.plan", "--allow", ADOPT)
        go(keyed, "promote", "local", "next", "p.plan")
        assert "customScripts" in connection(tenant)["options"]
    head, _, connections = KEYED.partition("\n")
    keyed.tenant(f"extends: base\n{head}\n")
    for table in ("old_users", "app_users"):
        keyed.write("tenants/base.yaml", connections.replace("table: users", f"table: {table}"))
        go(keyed, "apply", "local", "--auto-approve", "--no-lint")
    release = go(keyed, "history", "local", "--json").json[1]["release_to"]
    # Somebody has taken the notes out: it could be anybody's.
    Api(local_tenant)("PATCH", f"connections/{connection(local_tenant)['id']}", {"metadata": {"deployer": None}})
    go(keyed, "rollback", "local", release, "--out", "p.plan", "--allow", ADOPT)
    go(keyed, "rollback", "local", "--plan-file", "p.plan")
    assert "app_users" not in connection(local_tenant)["options"]["customScripts"]["login"]


def test_the_digest_is_in_the_log_in_the_approval_and_in_the_history(keyed: Any, local_tenant: LocalTenant) -> None:
    shown = go(keyed, "plan", "local", "--no-lint", "--out", "p.plan").out
    name = json.loads((keyed.root / "p.plan").read_text())["digest"]
    assert name in shown
    applied = go(keyed, "apply", "local", "p.plan").out
    assert f"Plan {name}" in applied
    assert "connection.legacy-users will be created" in applied
    assert go(keyed, "history", "local", "--json").json[0]["plan_digest"] == name
    for form in ("markdown", "html"):
        shown = go(keyed, "plan", "local", "--no-lint", "--out", "p.plan", "--format", form).out
        assert json.loads((keyed.root / "p.plan").read_text())["digest"] in shown


def test_nobody_changes_what_is_written_without_the_key(keyed: Any, local_tenant: LocalTenant, saved: Path) -> None:
    saved.write_text(json.dumps(edited(saved, open_to_all)))
    message = go(keyed, "apply", "local", "p.plan", code=3).err
    assert "the plan file is not what was saved with the tenant's key" in message
    assert "Nothing was changed" in message
    assert connection(local_tenant) is None


@pytest.mark.parametrize("mac", [None, "", 5, "0" * 64, "ü"])
def test_no_other_authentication_counts(keyed: Any, local_tenant: LocalTenant, saved: Path, mac: Any) -> None:
    saved.write_text(json.dumps({**json.loads(saved.read_text()), "mac": mac}))
    go(keyed, "apply", "local", "p.plan", code=3)
    assert connection(local_tenant) is None


def test_a_plan_without_authentication_is_refused_with_the_reason(
    keyed: Any, local_tenant: LocalTenant, saved: Path
) -> None:
    data = json.loads(saved.read_text())
    body = {"format": data["format"], "version": 2, "plan": data["plan"]}
    saved.write_text(json.dumps({**body, "digest": digest(body)}))
    message = go(keyed, "apply", "local", "p.plan", code=3).err
    assert "format 2, which is not authenticated with the tenant's key" in message
    assert "deployer plan TENANT --out FILE" in message
    assert connection(local_tenant) is None


def cover_up(plan: dict[str, Any]) -> None:
    """The plan shows nothing of the login script at all."""
    (change,) = (one for one in plan["changes"] if one["name"] == "legacy-users")
    change["attributes"] = [one for one in change["attributes"] if one["path"][-1] != "login"]


def write_nothing(plan: dict[str, Any]) -> None:
    (change,) = (one for one in plan["changes"] if one["name"] == "legacy-users")
    change["wanted"] = None


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (open_to_all, "connection.legacy-users at options.customScripts.login"),
        (cover_up, "connection.legacy-users at options.customScripts.login"),
        (write_nothing, "connection.legacy-users does not say what is written"),
    ],
)
def test_what_is_shown_is_what_is_written(
    keyed: Any, local_tenant: LocalTenant, saved: Path, edit: Callable[[dict[str, Any]], None], words: str
) -> None:
    """Also where whoever has changed the file has the key."""
    authenticated(local_tenant, saved, edit)
    message = go(keyed, "apply", "local", "p.plan", code=3).err
    assert f"the plan does not show what it writes: {words}" in message
    assert connection(local_tenant) is None


def test_what_has_to_be_named_cannot_be_left_away(keyed: Any, local_tenant: LocalTenant) -> None:
    by_hand(local_tenant)
    go(keyed, "plan", "local", "--no-lint", "--out", "p.plan")
    authenticated(local_tenant, keyed.root / "p.plan", lambda plan: plan["changes"][0].update(concerns=[]))
    message = go(keyed, "apply", "local", "p.plan", code=3).err
    assert f"the plan does not show what it writes: {ADOPT} is not named" in message


def authenticated(tenant: LocalTenant, file: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Write a changed plan with the tenant's key."""
    write_plan(Plan.model_validate(edited(file, edit)["plan"]), file, DigestKey(KEY, tenant.domain))
