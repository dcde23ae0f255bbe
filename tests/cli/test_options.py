"""Options of connections are checked before anybody asks Auth0: names, types, words, and what it always refuses."""

import json

import pytest

HEAD = "connections:\n  legacy-users:\n    store: postgres\n    configuration: {PG_URL: !env PG_URL}\n"
ACTIVE = "email: {identifier: {active: true}}"


def options(text, more=""):
    return f"{HEAD}    options: {{{text}}}\n{more}"


def validate(project, body, code=1):
    project.tenant(body)
    ran = project.run("validate", "local", "--json")
    assert ran.code == code, ran.all
    return ran.json[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password_policy: good", "8:15: unknown option 'password_policy'; did you mean 'passwordPolicy'?"),
        ("disable_sign_up: true", "8:15: unknown option 'disable_sign_up'; did you mean 'disable_signup'?"),
        ("import_mod: true", "did you mean 'import_mode'? It follows from `migration`."),
        (
            "authentication_methods: {passwrod: {enabled: true}}",
            "8:40: unknown option 'authentication_methods.passwrod'; did you mean 'password'?",
        ),
        (
            "password_options: {complexity: {minlength: 12}}",
            "8:47: unknown option 'password_options.complexity.minlength'; did you mean 'min_length'?",
        ),
        ("passwordPolicy: god", "'passwordPolicy' must be one of 'none', 'low', 'fair', 'good', 'excellent'; did you"),
        ("disable_signup: maybe", "'disable_signup' must be true or false"),
        ("mfa: true", "'mfa' must be a mapping"),
        ("precedence: email", "'precedence' must be a list"),
        ("precedence: [email, fax]", "'precedence' holds 'fax', and takes only"),
        ("precedence: [email, email]", "'precedence' names something twice"),
        ("precedence: []", "'precedence' must have from 1 to 3 items"),
        ("brute_force_protection: null", "'brute_force_protection' must be true or false"),
        ("password_options: {complexity: {min_length: 73}}", "'password_options.complexity.min_length' must be from 1"),
        ("password_dictionary: {enable: true, dictionary: [5]}", "must hold nothing but text"),
        (f"attributes: {{{ACTIVE}}}, requires_username: true", "8:66: `attributes` and `requires_username` exclude"),
        (f"attributes: {{{ACTIVE}}}, validation: {{username: {{min: 1}}}}", "`attributes` and `validation` exclude"),
        (
            "password_options: {history: {active: true}}, passwordPolicy: good",
            "`password_options` and `passwordPolicy`",
        ),
        ("attributes: {email: {identifier: {active: false}}}", "no identifier below `attributes` is active"),
        (
            f"attributes: {{{ACTIVE}, phone_number: {{profile_required: true, signup: {{status: inactive}}}}}}",
            "`attributes.phone_number` is required in the profile, and its sign-up is inactive",
        ),
        ("validation: {username: {min: 9, max: 5}}", "the shortest username is longer than the longest"),
    ],
)
def test_a_mistake_has_its_place(project, text, expected):
    (error,) = validate(project, options(text))["errors"]
    assert error.startswith("tenants/local.yaml:8:")
    assert expected in error


@pytest.mark.parametrize(
    "text",
    [
        "mfa: !remove , password_policy: !remove , authentication_methods: {passwrod: !remove }",
        "passwordPolicy: null, attributes: null, password_options: null",
        "disable_signup: \"{{ 'true' if tenant.name == 'local' else 'false' }}\"",
        "password_complexity_options: {min_length: '{{ 4 * 3 }}'}, passwordPolicy: \"{{ 'go' + 'od' }}\"",
        "upstream_params: {screen_name: {alias: login_hint}}",
        f"attributes: {{{ACTIVE}}}, requires_username: false, validation: null",
        f"attributes: {{{ACTIVE}}}, requires_username: !remove ",
        "strategy_version: 2, realm_fallback: true, non_persistent_attrs: [ethnicity], custom_password_hash: null",
    ],
)
def test_what_is_right_passes(project, text):
    found = validate(project, options(text), code=0)
    assert (found["errors"], found["warnings"]) == ([], [])


def test_every_mistake_is_told_together_and_beside_others(project):
    body = options("pasword_history: {}, disable_signup: 5, zzz_new: 1").replace("store: postgres", "stor: postgres")
    found = validate(project, body)
    assert [error.split(": ")[0] for error in found["errors"]] == [
        "tenants/local.yaml:5:3",  # no store
        "tenants/local.yaml:6:5",
        "tenants/local.yaml:8:15",
        "tenants/local.yaml:8:36",
    ]


def test_an_unknown_option_is_a_warning_and_is_sent(undeployed, live_connection):
    undeployed.tenant(options("zzz_new: {a: 1}"))
    ran = undeployed.run("validate", "local")
    assert ran.code == 0
    assert "warning  tenants/local.yaml:8:15: unknown option 'zzz_new': Auth0 may ignore it" in ran.out
    assert "valid    local" in ran.out
    assert undeployed.run("apply", "local", "--auto-approve").code == 0
    assert live_connection()["options"]["zzz_new"] == {"a": 1}


@pytest.mark.parametrize(
    ("text", "unchecked"),
    [
        ("password_policy: good", "password_policy"),
        ("zzz_new: 1", "zzz_new"),
        ("passwordPolicy: superb", "passwordPolicy"),
        ("authentication_methods: {passwrod: {enabled: 5}}", "authentication_methods.passwrod"),
        ("authentication_methods: {passwrod: {enabled: 5}}", "authentication_methods"),
        (f"attributes: {{{ACTIVE}}}, validation: {{username: {{min: 1}}}}", "validation"),
    ],
)
def test_one_option_can_be_left_unchecked(project, text, unchecked):
    found = validate(project, options(f"{text}, disable_sign_up: true", f"    unchecked_options: [{unchecked}]\n"))
    (error,) = found["errors"]
    assert "did you mean 'disable_signup'?" in error
    assert found["warnings"] == []


def test_an_expression_that_makes_true_or_a_number_is_sent_as_one(undeployed, live_connection):
    flag = "\"{{ 'true' if tenant.name == 'local' else 'false' }}\""
    undeployed.tenant(options(f"disable_signup: {flag}, password_history: {{enable: {flag}, size: '{{{{ 2 + 3 }}}}'}}"))
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    found = live_connection()["options"]
    assert (found["disable_signup"], found["password_history"]) == (True, {"enable": True, "size": 5})


def test_of_an_expression_that_fails_nothing_else_is_said(project):
    (error,) = validate(project, options("disable_signup: '{{ nosuch }}'"))["errors"]
    assert "'nosuch' is undefined" in error


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("enable_script_context: true", "enable_script_context: false", "does not let it be turned off again"),
        (
            "attributes: {email: {identifier: {active: true}, unique: false}}",
            "attributes: {email: {unique: true, identifier: {active: true}}}",
            "`attributes.email.unique` is false in the tenant, and Auth0 does not let it change",
        ),
        (
            "disable_signup: true",
            "attributes: {email: {unique: false, identifier: {active: true}}}",
            "e-mail addresses that need not be unique cannot be added",
        ),
        (
            "attributes: {email: {identifier: {active: true}}, phone_number: {signup: {status: inactive}}}",
            "attributes: {email: {identifier: {active: true}}, phone_number: {profile_required: true}}",
            "`attributes.phone_number` is required in the profile, and its sign-up is inactive",
        ),
    ],
)
def test_what_the_live_state_forbids_is_said_by_plan(undeployed, first, then, expected, tmp_path):
    undeployed.tenant(options(first))
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    undeployed.tenant(options(then))
    assert undeployed.run("validate", "local").code == 0
    saved = tmp_path / "plan.json"
    for command in (("plan", "local", "--out", str(saved)), ("plan", "--all"), ("apply", "local", "--auto-approve")):
        ran = undeployed.run(*command)
        assert ran.code == 1, ran.all
        assert expected in ran.all
        assert "tenants/local.yaml:8:" in ran.all
    assert not saved.exists()


def test_what_a_tenant_cannot_go_back_on_is_drift_and_no_mistake(undeployed, api, live_connection):
    undeployed.tenant(options("enable_script_context: false"))
    assert undeployed.run("apply", "local", "--auto-approve").code == 0
    made = live_connection()
    api("PATCH", f"connections/{made['id']}", {"options": {**made["options"], "enable_script_context": True}})
    ran = undeployed.run("drift", "local")
    assert ran.code == 2, ran.all
    assert "enable_script_context" in ran.out


def test_a_release_with_a_misspelt_option_is_still_looked_at_and_gone_back_to(undeployed, live_connection, monkeypatch):
    undeployed.write("tenants/base.yaml", options("password_policy: good"))
    undeployed.tenant("extends: base\n")
    with monkeypatch.context() as before_it_was_checked:
        before_it_was_checked.setattr("deployer.config.loader.option_problems", lambda *_: None)
        assert undeployed.run("apply", "local", "--auto-approve").code == 0
    undeployed.write("tenants/base.yaml", options("disable_signup: true"))
    assert undeployed.run("drift", "local").code == 0
    assert undeployed.run("apply", "local", "--auto-approve").code == 0
    ran = undeployed.run("rollback", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    assert live_connection()["options"]["password_policy"] == "good"


def test_the_schema_knows_every_option(project):
    from deployer.config.options import OPTIONS

    schema = json.loads(project.run("schema").out)
    found = schema["$defs"]["Connection"]["properties"]["options"]["anyOf"][0]["properties"]
    assert found.keys() == OPTIONS.keys()
    assert all(one["description"] for one in found.values())
    policy = found["passwordPolicy"]["anyOf"][0]
    assert policy["enum"] == ["none", "low", "fair", "good", "excellent"]


def test_what_is_imported_is_never_called_a_mistake(project, local_tenant, reach, api):
    reach(local_tenant)
    project.tenant("")
    api(
        "POST",
        "connections",
        {
            "name": "old-users",
            "strategy": "auth0",
            "options": {
                "enabledDatabaseCustomization": True,
                "customScripts": {"login": "function login(email, password, callback) { callback(null); }\n"},
                "password_policy": "good",
                "disable_sign_up": {"x": 1},
            },
        },
    )
    ran = project.run("import", "local")
    assert ran.code == 0, ran.all
    assert project.run("validate", "local").code == 0, project.run("validate", "local").all
    assert "unchecked_options" in (project.root / "tenants" / "local.yaml").read_text()
