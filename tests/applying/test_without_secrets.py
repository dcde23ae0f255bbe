"""A plan that is made without the stores' secrets: it says what it could not compare, and an apply compares that."""

from typing import Any

import pytest

from deployer.sandbox.server import LocalTenant
from tests.support.tenants import Api

KEYED = """\
secrets_key: !env SECRETS_KEY
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
"""
NEW = "postgres://scripts:another-passw0rd@db.example.com/users"


@pytest.fixture
def keyed(project: Any, local_tenant: LocalTenant, reach: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project with a key of its own, deployed; the store's password is no longer at hand."""
    reach(local_tenant)
    monkeypatch.setenv("SECRETS_KEY", "the-key-of-the-digests")
    project.tenant(KEYED)
    ran = project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    return project


def plan(project: Any, monkeypatch: pytest.MonkeyPatch, *more: str) -> Any:
    with monkeypatch.context() as here:
        here.delenv("PG_URL")
        return project.run("plan", "local", "--no-lint", "--without-secrets", *more)


def edit(project: Any) -> None:
    project.tenant(KEYED.replace("table: users", "table: app_users"))


def test_what_was_not_compared_is_said_and_is_no_change(keyed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = plan(keyed, monkeypatch, "--detailed-exitcode")
    assert ran.code == 0, ran.all
    assert "secret PG_URL is not compared here" in ran.out
    assert "No changes" in ran.out
    assert plan(keyed, monkeypatch, "--out", "p.plan").code == 0
    done = keyed.run("apply", "local", "p.plan")
    assert done.code == 0, done.all


def test_the_value_is_set_again_at_apply_and_compared_first(keyed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(keyed)
    assert plan(keyed, monkeypatch, "--out", "p.plan").code == 0
    done = keyed.run("apply", "local", "p.plan")
    assert done.code == 0, done.all
    after = keyed.run("plan", "local", "--no-lint", "--detailed-exitcode")
    assert (after.code, "No changes" in after.out) == (0, True), after.all


@pytest.mark.parametrize("also", [True, False])
def test_another_secret_than_the_tenant_notes_is_refused(
    keyed: Any, monkeypatch: pytest.MonkeyPatch, also: bool
) -> None:
    if also:
        edit(keyed)
    assert plan(keyed, monkeypatch, "--out", "p.plan").code == 0
    monkeypatch.setenv("PG_URL", NEW)
    done = keyed.run("apply", "local", "p.plan")
    assert done.code == 3, done.all
    assert "configuration.PG_URL is another one than the tenant notes" in done.err
    assert "--allow rotates-secret:connection.legacy-users" in done.err
    assert NEW not in done.all


def test_a_rotation_that_was_planned_is_made(keyed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = plan(keyed, monkeypatch, "--out", "p.plan", "--allow", "rotates-secret:connection.legacy-users")
    assert "gets a new value, which is not known here" in ran.out
    monkeypatch.setenv("PG_URL", NEW)
    done = keyed.run("apply", "local", "p.plan")
    assert done.code == 0, done.all
    after = keyed.run("plan", "local", "--no-lint", "--detailed-exitcode")
    assert after.code == 0, after.all


def test_somebody_elses_change_of_a_secret_is_seen_without_its_value(
    keyed: Any, local_tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = local_tenant.state.storage.named("connection", "legacy-users")
    assert found is not None
    theirs = found["options"] | {"configuration": {"PG_URL": "theirs"}}
    Api(local_tenant)("PATCH", f"connections/{found['id']}", {"options": theirs})
    ran = plan(keyed, monkeypatch, "--detailed-exitcode")
    assert ran.code == 2, ran.all
    assert "was changed in the tenant by somebody else" in ran.out
    with monkeypatch.context() as here:
        here.delenv("PG_URL")
        here.delenv("SECRETS_KEY")
        drift = keyed.run("drift", "local", "--without-secrets")
    assert drift.code == 2, drift.all


def test_without_the_key_there_is_a_plan_to_look_at_and_none_to_apply(
    keyed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRETS_KEY")
    assert plan(keyed, monkeypatch).code == 0
    ran = plan(keyed, monkeypatch, "--out", "p.plan")
    assert ran.code == 1
    assert "secrets_key" in ran.err
    assert not (keyed.root / "p.plan").exists()


def test_a_code_that_there_is_not_is_refused_and_one_without_use_is_said(
    keyed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = plan(keyed, monkeypatch, "--out", "p.plan", "--allow", "adpot:connection.legacy-users")
    assert ran.code == 1
    assert "there is no code 'adpot'" in ran.err
    assert not (keyed.root / "p.plan").exists()
    ran = plan(keyed, monkeypatch, "--allow", "adopt:connection.legacy-users")
    assert ran.code == 0
    assert "warning: --allow adopt:connection.legacy-users names nothing that is in this plan" in ran.err
