"""`deployer test` and `deployer try`: what they print, and how they exit."""

# ruff: noqa: E501  (scripts read better on one line)

import io
import json
import os
import socketserver
import threading
from xml.etree import ElementTree as ET

import pytest

from deployer.state.state_store import StateStore
from tests.support.paths import ROOT

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.postgres]

PASSWORD = "Correct-Horse-1"

BODY = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {{tls: false, timeout_ms: 800, bcrypt_cost: 10}}
    configuration: {{PG_URL: !env PG_URL}}
    modules: {{pg: 8.16.3, bcrypt: 6.0.0}}
    tests:
      store: {store}
      user: {{email: ada@example.com, password: !env TEST_PASSWORD}}
      new_user: {{email: new@example.com, password: Fresh-Password-1}}
      time_limit: 5
"""

TABLE = """
DROP TABLE IF EXISTS users CASCADE;
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL, email_verified boolean NOT NULL DEFAULT false);
INSERT INTO users (email, password_hash, email_verified) VALUES ('ada@example.com', '$2b$04$YbgL6XVTAx4l1IAm0vl8mugDi3d35zjewvo66lWxyQUKC2Vhw7NDq', true);
"""


@pytest.fixture
def tested(project, postgres, monkeypatch, module_cache):
    """A project whose connection is tested against the shared PostgreSQL."""
    postgres.run_sql(TABLE)
    monkeypatch.setenv("PG_URL", postgres.url)
    monkeypatch.setenv("TEST_PASSWORD", PASSWORD)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_args, **_options: module_cache.parent)
    project.tenant(BODY.format(store="!env PG_URL"))
    return project


def test_text(tested):
    ran = tested.run("test", "local", "--check", "good-login", "--check", "wrong-password")
    assert ran.code == 0, ran.all
    assert "passed   a wrong password is WrongUsernameOrPasswordError" in ran.out
    assert "legacy-users: 2 passed, 0 failed, 0 skipped" in ran.out
    assert PASSWORD not in ran.all


def test_json_of_a_failure(tested, monkeypatch):
    monkeypatch.setenv("TEST_PASSWORD", "it-is-another-one")
    ran = tested.run("test", "local", "legacy-users", "--check", "good-login", "--json")
    assert ran.code == 1
    (report,) = ran.json
    assert report["passed"] is False
    assert report["checks"][0]["outcome"] == "failed"
    assert "Wrong e-mail address or password" in report["checks"][0]["details"][0]


class Plain(socketserver.BaseRequestHandler):
    """A PostgreSQL without TLS, as far as a client gets that insists on it."""

    def handle(self) -> None:
        if self.request.recv(8):
            self.request.sendall(b"N")


def test_a_store_without_tls_is_named_where_scripts_fail(tested, monkeypatch):
    tested.tenant(BODY.format(store="!env PG_URL").replace("tls: false, ", ""))
    command = ("test", "local", "--check", "good-login")
    # What fails for another reason is not blamed on it: this store does speak TLS, with a certificate of its own.
    ran = tested.run(*command)
    assert (ran.code, "SELF_SIGNED" in ran.out, "speaks no TLS" in ran.out) == (1, True, False)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Plain) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PG_URL", f"postgres://a:b@127.0.0.1:{server.server_address[1]}/users")
        ran = tested.run(*command)
        report = tested.run(*command, "--json").json[0]
        server.shutdown()
    assert ran.code == 1
    assert "speaks no TLS" in ran.out
    assert "`variables: {tls: false}`" in ran.out
    assert "speaks no TLS" in report["notes"][0]


def test_junit(tested):
    ran = tested.run("test", "local", "--check", "good-login", "--check", "get-user-unknown", "--format", "junit")
    (suite,) = ET.fromstring(ran.out)
    assert suite.attrib["tests"] == "2"
    assert [case.attrib["name"] for case in suite] == ["good-login", "get-user-unknown"]


def test_a_whole_run_is_noted_by_digest(tested, monkeypatch):
    from deployer.project import Project
    from deployer.runtime.contract import checks, run

    monkeypatch.setattr(run, "CHECKS", checks.CHECKS[:1])
    ran = tested.run("test", "local", "--json")
    assert ran.code == 0, ran.all
    project = Project(tested.root)
    rendered = project.render(project.tenant("local"))["legacy-users"]
    assert ran.json[0]["digest"] == rendered.digest
    record = StateStore.open(None, tested.root).test_results.last(rendered.digest)
    assert record is not None
    assert (record.connection, record.passed, len(record.results)) == ("legacy-users", True, 1)


def test_a_run_that_is_not_recorded_needs_no_store(tested, monkeypatch):
    """A job for a pull request has none: it cannot sign in to it, and is not to write what counts for promotions."""
    from deployer.runtime.contract import checks, run

    monkeypatch.setattr(run, "CHECKS", checks.CHECKS[:1])
    (tested.root / "file").write_text("no folder")
    monkeypatch.setenv("DEPLOYER_STATE", str(tested.root / "file/store"))
    assert tested.run("test", "local").code == 1
    ran = tested.run("test", "local", "--no-record")
    assert ran.code == 0, ran.all
    assert "1 passed" in ran.out


def test_an_unknown_check(tested):
    ran = tested.run("test", "local", "--check", "good-logn")
    assert (ran.code, "did you mean 'good-login'" in ran.err) == (1, True)


def test_without_tests(tested):
    tested.tenant(BODY.format(store="!env PG_URL").split("    tests:")[0])
    assert tested.run("test", "local").code == 1
    ran = tested.run("test", "local", "legacy-users")
    assert (ran.code, "has no `tests:`" in ran.err) == (1, True)
    assert "has no connection 'nobody'" in tested.run("test", "local", "nobody").err


def test_a_seed_outside_the_project(tested):
    tested.tenant(BODY.format(store="embedded\n      seed: ../../seed.sql"))
    ran = tested.run("test", "local")
    assert (ran.code, "leads out of the project" in ran.err) == (1, True)


def test_the_store_of_the_first_steps(tmp_path, project, monkeypatch, tested):
    """What `init` writes, with the `tests:` and the seed of the READMEs: TLS is on, as it is where the scripts are deployed."""
    root = tmp_path / "first"
    assert project.run("init", str(root), "--store", "postgres").code == 0
    base = root / "tenants" / "base.yaml"
    base.write_text(
        base.read_text()
        + "    tests:\n      store: embedded\n      seed: tests/users.sql\n"
        + "      user: {email: jane@example.com, password: !env TEST_PASSWORD}\n"
        + "      new_user: {email: new@example.com, password: !env TEST_PASSWORD}\n"
    )
    (root / "tests").mkdir()
    readme = (ROOT / "templates" / "postgres" / "README.md").read_text("utf-8")
    (root / "tests" / "users.sql").write_text(readme.split("```sql\n")[1].split("```")[0])
    there = ("--chdir", str(root))
    ran = project.run(*there, "test", "local", "--check", "good-login", "--check", "store-drops")
    assert ran.code == 0, ran.all
    type_password(monkeypatch)
    ran = project.run(*there, "try", "local", "legacy-users", "--login", "jane@example.com", "--test-store")
    assert ran.code == 0, ran.all
    assert '"email": "jane@example.com"' in ran.out


def test_a_production_secret_is_not_needed(tested, monkeypatch):
    """`configuration` names PG_URL, which is not set; the tests have a store of their own."""
    monkeypatch.setenv("TEST_URL", os.environ["PG_URL"])
    monkeypatch.delenv("PG_URL")
    tested.tenant(BODY.format(store="!env TEST_URL"))
    ran = tested.run("test", "local", "--check", "good-login")
    assert ran.code == 0, ran.all


def type_password(monkeypatch, password=PASSWORD):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))


def test_try_a_login(tested, monkeypatch):
    type_password(monkeypatch)
    ran = tested.run("try", "local", "legacy-users", "--login", "ada@example.com")
    assert ran.code == 0, ran.all
    assert '"user_id": "legacy-users|1"' in ran.out
    assert "login took" in ran.out
    assert PASSWORD not in ran.all


def test_try_a_wrong_password_in_the_tests_store(tested, monkeypatch):
    type_password(monkeypatch, "wrong")
    ran = tested.run("try", "local", "legacy-users", "--login", "ada@example.com", "--test-store", "--json")
    assert ran.code == 1
    assert ran.json["error"]["type"] == "WrongUsernameOrPasswordError"


def test_try_get_user(tested):
    ran = tested.run("try", "local", "legacy-users", "--get-user", "nobody@example.com")
    assert (ran.code, "callback(null): nothing" in ran.out) == (0, True)
    assert "it is not said what to try" in tested.run("try", "local", "legacy-users").err


def test_a_log_cannot_command_the_terminal(tested, monkeypatch):
    tested.write(
        "templates/custom/login.js.j2",
        "function login(usernameOrEmail, password, callback) { console.log('\\x1b[31mred'); callback(null, { user_id: 'a|\\x1b]0;x' }); }\n",
    )
    tested.tenant(BODY.format(store="!env PG_URL") + "    scripts: {login: templates/custom/login.js.j2}\n")
    type_password(monkeypatch)
    ran = tested.run("try", "local", "legacy-users", "--login", "ada@example.com")
    assert ran.code == 0, ran.all
    assert "\x1b" not in ran.out
    assert "\\x1b[31mred" in ran.out
    assert json.dumps("a|\x1b]0;x") in ran.out


def test_a_store_with_other_users_is_refused(tested, postgres):
    """Before anything is changed; users of earlier runs, and those that `tests:` names, are the tests' own."""
    own = "('new+ab12cd3@example.com'), ('new@example.com')"
    postgres.run_sql(f"INSERT INTO users (email, password_hash) SELECT *, 'x' FROM (VALUES {own}) AS own;")
    command = ("test", "local", "--check", "good-login")
    assert tested.run(*command).code == 0
    postgres.run_sql("INSERT INTO users (email, password_hash) VALUES ('customer@example.com', 'x');")
    ran = tested.run(*command)
    assert ran.code == 1
    assert "holds 1 user that `tests:` does not name" in ran.err.replace("\n", " ")
    assert "customer@" not in ran.all
    assert tested.run(*command, "--allow-existing-data").code == 0


def test_try_shows_the_stores_own_words(tested, monkeypatch):
    tested.tenant(BODY.format(store="!env PG_URL").replace("bcrypt_cost: 10", "bcrypt_cost: 10, email_column: mail"))
    type_password(monkeypatch)
    ran = tested.run("try", "local", "legacy-users", "--login", "ada@example.com")
    assert ran.code == 1
    assert 'The store said: column "mail" does not exist' in ran.out
