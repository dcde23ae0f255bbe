"""What a definition says about guards, APIs and Actions, and what is wrong with it, before any tenant is asked."""

import pytest
from hypothesis import given as assume_all
from hypothesis import strategies as st

from deployer.resources.action_payload import content_digest, live_state
from deployer.resources.code_marker import signed, unsigned
from deployer.resources.marker import OwnershipMarker

HEAD = "connections:\n  users:\n    store: {store}\n    migration: {migration}\n"
API = '    api: {identifier: "https://users.example.com", scopes: {"read:users": Find}}\n'


def validate(project, body: str):
    project.tenant(body)
    return project.run("validate", "local")


@pytest.mark.parametrize(
    ("store", "migration", "more", "words"),
    [
        ("postgres", "trickle", "    guards: [restrict-audience]\n", "lacks API_AUDIENCE"),
        ("postgres", "trickle", "    guards: [mark-migrated]\n", "Declare the store's API under `api:`"),
        (
            "postgres",
            "trickle",
            "    guards: [restrict-audience]\n",
            "Declare the store's API under `api:`, or give API_AUDIENCE in `configuration`.",
        ),
        ("api", "trickle", API + "    guards: [backfill-metadata]\n", "Give API_URL in `configuration`"),
        (
            "api",
            "off",
            API + "    configuration: {API_URL: 'https://a.example'}\n    guards: [mark-migrated]\n",
            "they would all be locked out",
        ),
        (
            "api",
            "trickle",
            API + "    configuration: {API_URL: !keep }\n    guards: [backfill-metadata]\n",
            "lacks API_URL",
        ),
    ],
)
def test_a_guard_that_lacks_what_it_needs_is_an_error(project, store, migration, more, words):
    ran = validate(project, HEAD.format(store=store, migration=migration) + more)
    assert ran.code == 1
    assert words in ran.all


def test_two_connections_cannot_declare_one_api(project):
    body = HEAD.format(store="api", migration="trickle") + API
    ran = validate(project, body + body.replace("connections:\n", "").replace("users:\n", "others:\n", 1))
    assert ran.code == 1
    assert "several connections declare the API https://users.example.com" in ran.all


def test_an_action_that_is_no_javascript_is_found(project):
    project.write("templates/custom/bad.js.j2", "exports.onExecutePostLogin = async (event, api) => {\n")
    ran = validate(project, "actions:\n  bad: {code: templates/custom/bad.js.j2}\n")
    assert ran.code == 1
    assert "templates/custom/bad.js.j2:2:1: action.bad does not compile: SyntaxError" in ran.all


def test_an_action_of_a_guards_name_is_an_error(project, monkeypatch):
    project.write("templates/custom/own.js.j2", "exports.onExecutePostLogin = async () => {};\n")
    body = HEAD.format(store="api", migration="trickle") + API + "    guards: [restrict-audience]\n"
    project.tenant(body + "actions:\n  users-restrict-audience: {code: templates/custom/own.js.j2}\n")
    for name in ("DOMAIN", "BASE_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"AUTH0_{name}", "127.0.0.1:9" if name == "DOMAIN" else "http://127.0.0.1:9")
    ran = project.run("plan", "local", "--no-lint")
    assert ran.code == 1
    assert "two definitions make action.users-restrict-audience" in ran.err


def test_require_clients_subject_puts_nothing_into_the_tenant(project):
    body = HEAD.format(store="api", migration="trickle")
    assert validate(project, body + "    guards: [require-clients-subject]\n").code == 0


def test_lint_knows_guards_and_the_keys_of_a_declared_api(project):
    body = HEAD.format(store="api", migration="trickle") + API
    body += "    access: [tls, client-credentials]\n    configuration: {API_URL: 'https://a.example/v1'}\n"
    project.tenant(body)
    codes = {one["code"] for one in project.run("lint", "local", "--format", "json").json["findings"]}
    assert {"DB408", "DB602"} <= codes
    assert "DB508" not in codes
    project.tenant(body + "    guards: [restrict-audience, mark-migrated, backfill-metadata]\n")
    codes = {one["code"] for one in project.run("lint", "local", "--format", "json").json["findings"]}
    assert not {"DB408", "DB601", "DB602", "DB508"} & codes


NOTES = st.builds(
    lambda names, run, release: OwnershipMarker.make("k3yk3y", dict.fromkeys(names, "12345678"), None, release, run),
    st.lists(st.text(min_size=1, max_size=20), max_size=9, unique=True),
    st.one_of(st.none(), st.text("0123456789abcdef", min_size=8, max_size=8)),
    st.one_of(st.none(), st.just("sha256:" + "a" * 64)),
)


@assume_all(code=st.text().filter(lambda text: "// deployer: " not in text and "\r" not in text), notes=NOTES)
def test_notes_in_code_are_read_back_and_are_no_part_of_it(code, notes):
    whole = signed(code, notes.write())
    body, pairs = unsigned(whole)
    assert OwnershipMarker.read(pairs) == notes
    assert body in (code, code + "\n")
    assert signed(whole, notes.write()) == whole
    moved = whole + "// and somebody's last word\n"
    assert OwnershipMarker.read(unsigned(moved)[1]) == notes
    assert unsigned(moved)[0] == body + "// and somebody's last word\n"


def test_an_action_counts_as_deployed_only_where_this_code_runs():
    raw = {"id": "1", "name": "a", "code": "x", "runtime": "node22", "dependencies": [], "all_changes_deployed": True}
    assert live_state(raw).attributes["deployed"] is False
    running = {"code": "x", "runtime": "node22", "dependencies": []}
    assert live_state({**raw, "deployed_version": running}).attributes["deployed"] is True
    other = {**running, "code": "y"}
    found = live_state({**raw, "deployed_version": other}).attributes
    assert (found["deployed"], found["running"]) == (False, content_digest(other))
    assert (
        live_state({**raw, "deployed_version": running, "all_changes_deployed": False}).attributes["deployed"] is False
    )
