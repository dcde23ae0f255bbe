"""What is warned of for one tenant is warned of for many: once for all of them, where it is true of all of them."""

from tests.support.tenants import connect_to

MISSING = "nothing is known of what was done. The first apply makes it."


def test_a_missing_state_folder_is_said_once_for_all(project, fleet, monkeypatch):
    fleet(3)
    monkeypatch.setenv("DEPLOYER_STATE", str(project.root / "mistyped"))
    for command in ("plan", "drift"):
        several = project.run(command, "--all")
        assert several.code == 0, several.all
        assert several.err.count(MISSING) == 1
        assert project.run(command, "us-000").err.count(MISSING) == 1
    assert project.run("status").err.count(MISSING) == 1


def test_an_accepted_concern_is_said_to_name_nothing_where_no_plan_has_it(project, fleet):
    tenants = fleet(2)
    said = "warning: --allow adopt:connection.users names nothing that is in this plan"
    for command in ([], ["--json"]):
        nowhere = project.run("plan", "--all", "--allow", "adopt:connection.users", *command)
        assert nowhere.err.count(said) == 1
    with connect_to(tenants.tenants[0]) as api:
        made = api.post("connections", json={"name": "users", "strategy": "auth0"})
        assert made.status_code == 201, made.text
    somewhere = project.run("plan", "--all", "--allow", "adopt:connection.users")
    assert somewhere.code == 0, somewhere.all
    assert said not in somewhere.err
    closes = ["--allow", "adopt:connection.users", "--allow", "closes-login:connection.users/auth0-users"]
    applied = project.run("apply", "--all", "--auto-approve", *closes)
    assert applied.code == 0, applied.all
    assert "names nothing" not in applied.err
