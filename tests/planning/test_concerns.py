"""Concerns of one change at a time: when each is said, what it says, and that the codes are the documented ones."""

import re
from pathlib import Path

import pytest

from deployer.errors import DeployerError, RefusedError
from deployer.planning.concerns import concerns_of, guarded, wide_change
from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, PlannedTenant, SecretChange
from deployer.planning.plan_checks import check_names
from deployer.resources.concerns import ConcernCode
from deployer.resources.marker import OwnershipMarker, SecretState
from deployer.resources.model import Desired, Live

REPOSITORY = Path(__file__).parents[2]
OURS = OwnershipMarker.make("key", {}).write()
SCRIPTS = {"enabledDatabaseCustomization": True, "import_mode": True}
TENANT = PlannedTenant(name="prod", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")


def found(desired, live, *changes, secrets=(), action=Action.UPDATE):
    return concerns_of(action, desired, live, changes, secrets)


def names(*arguments, **more):
    return [concern.name for concern in found(*arguments, **more)]


def connection(options=None, notes=OURS, **attributes):
    return Live(
        "connection", "users", "con_1", {"options": {**SCRIPTS, **(options or {})}, **attributes}, {}, notes=notes
    )


def desired(options=None, **attributes):
    return Desired("connection", "users", {"options": {**SCRIPTS, **(options or {})}, **attributes})


def change(*path, before=None, after=None):
    action = "add" if before is None else "remove" if after is None else "change"
    return AttributeChange(path=path, action=action, before=before, after=after)


def test_nothing_is_said_of_what_is_created_or_stays():
    assert found(desired(), None, action=Action.CREATE) == []
    assert found(desired(), connection(notes={}), action=Action.NO_OP) == []


def test_what_somebody_else_made_is_adopted():
    assert names(desired(), connection(notes={})) == ["adopt:connection.users"]
    assert names(desired(), connection()) == []


def test_an_adopted_application_says_which_ways_to_sign_in_it_loses():
    wanted = Desired("client", "users", {"grant_types": ["client_credentials"]})
    theirs = Live("client", "users", "c1", {"grant_types": ["client_credentials", "password"]}, {})
    assert found(wanted, theirs)[0].why.endswith(
        "loses the grant types password: whoever logs in through it is locked out"
    )
    machines = Live("client", "users", "c1", {"grant_types": ["client_credentials"]}, {})
    assert found(wanted, machines)[0].why.endswith("from then on it is managed here")


@pytest.mark.parametrize(
    ("desired_options", "live_options", "expected"),
    [
        ({"import_mode": False}, {}, ["import-mode-off:connection.users"]),
        ({"enabledDatabaseCustomization": False}, {}, ["enableddatabasecustomization-off:connection.users"]),
        ({}, {"customScripts": {"login": "function login() {}"}}, ["remove-script:connection.users/login"]),
        (
            {"authentication_methods": {"password": {"enabled": False}}},
            {},
            ["closes-login:connection.users/methods/password"],
        ),
        ({"passwordPolicy": "low"}, {"passwordPolicy": "good"}, ["weakens-password-policy:connection.users"]),
    ],
)
def test_each_way_in_that_closes_is_named(desired_options, live_options, expected):
    assert names(desired(desired_options), connection(live_options)) == expected


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('{user_id: "a|" + id}', '{user_id: "b|" + id}', "user-id-prefix"),
        ('{user_id: "a|" + id}', "callback(null);", "end-migration"),
        ('{user_id: "a|" + id}', '{user_id: "a|" + id, name}', None),
    ],
)
def test_scripts_that_find_other_users(before, after, code):
    scripts = {"customScripts": {"login": after}}
    path = ("options", "customScripts", "login")
    said = names(
        desired(scripts), connection({"customScripts": {"login": before}}), change(*path, before=before, after=after)
    )
    assert said == ([f"{code}:connection.users/login"] if code else [])


def test_what_nobody_can_turn_off_again():
    on = change("options", "enable_script_context", before=False, after=True)
    assert names(desired(), connection(), on) == ["script-context:connection.users"]


@pytest.mark.parametrize(("kind", "section"), [("connection", "configuration"), ("action", "secrets")])
def test_a_secret_that_goes_is_called_as_the_tenant_file_calls_it(kind, section):
    attributes = {"options": SCRIPTS} if kind == "connection" else {"code": "", "deployed": True}
    live = Live(kind, "users", "1", attributes, {}, notes=OURS)
    (concern,) = found(Desired(kind, "users", attributes), live, secrets=[SecretChange(name="PG_URL", state="unnamed")])
    assert concern.name == f"drop-secret:{kind}.users/PG_URL"
    assert concern.why.endswith(f"in `{section}`")


def test_a_secret_that_is_written_is_no_concern():
    assert names(desired(), connection(), secrets=[SecretChange(name="PG_URL", state=SecretState.CHANGED)]) == []


def test_what_cannot_be_taken_back_is_named_of_a_protected_tenant():
    change = Change(kind="connection", name="users", action=Action.UPDATE, irreversible=["it stays on", "it is gone"])
    (concern,) = guarded(change)
    assert (concern.name, concern.why) == ("irreversible:connection.users", "it stays on; it is gone")
    assert guarded(change.model_copy(update={"irreversible": []})) == []


@pytest.mark.parametrize(("touched", "all_of_them", "said"), [(3, 3, False), (4, 8, False), (5, 8, True)])
def test_many_connections_at_once(touched, all_of_them, said):
    changes = [
        Change(
            kind="connection",
            name=f"c{number}",
            action=Action.UPDATE if number < touched else Action.NO_OP,
            live_digest="sha256:1",
        )
        for number in range(all_of_them)
    ]
    assert [one.name for one in wide_change(TENANT, changes, 0.5)] == (["many-changes:tenant.prod"] if said else [])


def test_only_codes_that_there_are_can_be_named():
    check_names([f"{code}:connection.users" for code in ConcernCode])
    with pytest.raises(DeployerError, match="there is no code 'adobt'") as error:
        check_names(["adobt:connection.users"])
    assert error.value.hint == "did you mean 'adopt'?"
    assert not isinstance(error.value, RefusedError)


def test_the_readme_has_every_code_with_its_meaning():
    text = (REPOSITORY / "README.md").read_text()
    section = text.partition("## What must be named\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.MULTILINE))
    assert rows == {code.value: code.meaning for code in ConcernCode}


def test_codes_are_written_down_once():
    """Everywhere else they are members: a literal would not be found by whoever renames or documents one."""
    written = re.compile(r"""code=["']|\.code (?:==|in|is) ["'(]""")
    folder = REPOSITORY / "deployer"
    places = [
        path.relative_to(folder).as_posix()
        for part in ("resources", "planning", "applying", "importing")
        for path in (folder / part).rglob("*.py")
        if written.search(path.read_text())
    ]
    assert places == []
