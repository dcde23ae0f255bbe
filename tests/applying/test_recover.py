"""`recover` says what it will do, asks, and deletes nothing that was not named."""

import json

import pytest

from deployer.sandbox.weather import Passing

ADDRESS = "connection.second"
USER = {"connection": "second", "email": "new@example.com", "password": "Correct-Horse-9-battery"}


@pytest.fixture
def incomplete(arena, forks, kill, tmp_path):
    """Connections of which one was created, and another not yet changed, when the apply was killed."""
    pids: list[int] = []

    def watch(passing: Passing) -> bool | None:
        if passing.method == "POST" and passing.path == "/api/v2/connections" and passing.phase == "after" and pids:
            kill(pids[0])
            return False
        return None

    arena.reset()
    arena.tenant.weather.on_request = watch
    arguments = ["--chdir", str(arena.project.root), "--no-token-cache", *arena.command]
    pids.append(forks.start(arguments, tmp_path / "out"))
    assert forks.wait() == -9
    arena.tenant.weather.clear()
    assert arena.tenant.state.storage.named("connection", "second") is not None
    return arena


def users(arena) -> int:
    return len(arena.tenant.state.storage.all("user"))


def test_a_connection_with_users_is_deleted_only_by_its_name(incomplete, api):
    second = incomplete.tenant.state.storage.named("connection", "second")
    second["options"]["enabledDatabaseCustomization"] = False  # so that a user can be made without the store
    incomplete.tenant.state.storage.update("connection", second["id"], second)
    api("POST", "users", USER)
    before = users(incomplete)
    for arguments in ([], ["--auto-approve"], ["--auto-approve", "--confirm", "connection.other"]):
        ran = incomplete.project.run("recover", "local", *arguments)
        assert ran.code == 3, ran.all
        assert f"{ADDRESS} (it has 1 user; every user of the connection is deleted with it" in ran.err
        assert f"--confirm {ADDRESS}" in ran.err
        assert users(incomplete) == before


def test_what_it_will_do_is_shown_and_asked(incomplete):
    ran = incomplete.project.run("recover", "local", "--plan")
    assert ran.code == 0, ran.all
    assert "- connection.second" in ran.out
    assert incomplete.tenant.state.storage.named("connection", "second") is not None
    ran = incomplete.project.run("recover", "local", "--confirm", ADDRESS)
    assert ran.code == 1
    assert "there is nobody to ask" in ran.err
    ran = incomplete.project.run("recover", "local", "--json", "--confirm", ADDRESS)
    assert (ran.code, "asks nothing" in ran.err) == (1, True)
    shown = incomplete.project.run("recover", "local", "--plan", "--json")
    planned = {change["name"]: change["action"] for change in json.loads(shown.out)["plan"]["changes"]}
    assert planned["second"] == "delete"
    ran = incomplete.project.run("recover", "local", "--auto-approve", "--confirm", ADDRESS)
    assert ran.code == 0, ran.all
    assert incomplete.tenant.state.storage.named("connection", "second") is None


def test_without_read_users_the_number_is_unknown(incomplete, monkeypatch):
    incomplete.tenant.weather.add_fault("status", method="GET", path="/api/v2/users", status=403, times=None)
    ran = incomplete.project.run("recover", "local", "--auto-approve")
    assert ran.code == 3, ran.all
    assert "an unknown number of users: read:users is not granted" in ran.err
    ran = incomplete.project.run("recover", "local", "--auto-approve", "--confirm", ADDRESS)
    assert ran.code == 0, ran.all


def test_every_command_says_what_may_have_been_made(incomplete):
    for command in (["plan", "local", "--no-lint"], ["drift", "local"], ["status", "local"]):
        shown = incomplete.project.run(*command).all
        assert "was interrupted after " in shown, command
        assert "more may have been made" in shown, command
        assert "after 0 of" not in shown or "more may have been made" in shown


def reopen(incomplete) -> None:
    """Finish what was interrupted, and lose the end of it: every change of the plan is there, and the journal open."""
    assert incomplete.project.run("recover", "local", "--finish", "--auto-approve").code == 0
    journals = incomplete.store / "journals" / "local"
    last = max(journals.iterdir())
    max(last.iterdir()).unlink()  # killed before the end was written down
    marker = incomplete.store / "open-journals" / "local" / f"{last.name}.json"
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text('{"format": 1}\n')
    assert incomplete.unfinished()


def _records(store):
    return {path: path.read_bytes() for path in store.rglob("*") if path.is_file() and "locks" not in path.parts}


def test_only_looking_closes_nothing(incomplete):
    reopen(incomplete)
    before = _records(incomplete.store)
    for finish in ([], ["--finish"]):
        ran = incomplete.project.run("recover", "local", "--plan", *finish)
        assert ran.code == 0, ran.all
        assert "every change of it is there: `deployer recover local` closes it as done" in ran.out
        assert "Nothing was interrupted" not in ran.out
    shown = incomplete.project.run("recover", "local", "--plan", "--json")
    assert (json.loads(shown.out), "closes it as done" in shown.err) == ([], True)
    after = _records(incomplete.store)
    assert after == before
    assert incomplete.unfinished()
    ran = incomplete.project.run("recover", "local", "--auto-approve")
    assert (ran.code, "it is closed as done" in ran.out) == (0, True), ran.all
    assert not incomplete.unfinished()


def test_an_apply_without_changes_closes_what_is_as_it_was_to_be(incomplete):
    """Somebody finishes by hand what was interrupted: every change of the plan is there."""
    reopen(incomplete)
    ran = incomplete.project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    assert "every change of it is there, and it is closed as done" in ran.err
    assert not incomplete.unfinished()
    assert incomplete.project.run("recover", "local").out == "Nothing was interrupted.\n"


def test_an_apply_without_changes_says_what_is_open(incomplete):
    """The definitions are as the tenant is, and the journal's plan was another."""
    files = incomplete.project.root / "tenants" / "local.yaml"
    text = files.read_text()
    assert incomplete.project.run("drift", "local").code in (0, 2)
    live = incomplete.tenant.state.storage.all("connection")
    names = {connection["name"] for connection in live}
    assert "second" in names
    files.write_text(text.split("connections:")[0] + "connections: {}\n")
    ran = incomplete.project.run("apply", "local", "--auto-approve", "--no-lint")
    assert ran.code == 0, ran.all
    assert "was interrupted after" in ran.err
    assert "deployer recover local" in ran.err


def test_what_somebody_changed_since_is_left_alone(incomplete):
    """A connection that was made whole, and edited in the Dashboard since, is nobody's to delete unseen."""
    second = incomplete.tenant.state.storage.named("connection", "second")
    assert incomplete.project.run("recover", "local", "--finish", "--plan").code == 0
    second["metadata"]["deployer"] = "v1 someone else"
    incomplete.tenant.state.storage.update("connection", second["id"], second)
    ran = incomplete.project.run("recover", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    assert "is left alone" in ran.all
    assert incomplete.tenant.state.storage.named("connection", "second") is not None


def test_a_damaged_journal_gives_advice_that_can_be_followed(incomplete):
    journals = incomplete.store / "journals" / "local"
    last = max(journals.iterdir())
    first = min(last.iterdir())
    first.chmod(0o600)
    first.write_text("not json")
    refused = incomplete.project.run("recover", "local")
    assert refused.code == 1
    assert "cannot be read" in refused.err
    assert f"deployer recover local --dismiss {last.name}" in refused.err
    shown = incomplete.project.run("plan", "local", "--no-lint")
    assert shown.code == 0, shown.all
    assert "cannot be read" in shown.err
    assert incomplete.project.run("drift", "local").code in (0, 2)
    assert incomplete.project.run("recover", "local", "--dismiss", last.name).code == 0
    assert incomplete.project.run("apply", "local", "--auto-approve", "--no-lint").code in (0, 3)


def test_what_killed_writers_left_is_removed(incomplete):
    import os
    import time

    left = incomplete.store / "journals" / "local" / "x.json#123456"
    fresh = incomplete.store / "journals" / "local" / "y.json#123456"
    for file in (left, fresh):
        file.write_text("half")
    os.utime(left, (time.time() - 7200,) * 2)
    folder = incomplete.store / "locks" / "z.json#77"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("half")
    os.utime(folder, (time.time() - 7200,) * 2)
    incomplete.project.run("recover", "local", "--auto-approve", "--confirm", ADDRESS)
    assert not folder.exists()
    assert fresh.exists()
