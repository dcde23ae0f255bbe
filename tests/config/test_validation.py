"""What a tenant file may say: every mistake with its line, its column and, for a misspelt key, a suggestion."""

import pytest
from pydantic import ValidationError

CONNECTION = "connections:\n  users:\n    store: postgres\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("conections: {}\n", "3:1: unknown key 'conections'; did you mean 'connections'?"),
        (CONNECTION + "    optons: {}\n", "6:5: unknown key 'optons'; did you mean 'options'?"),
        (CONNECTION + "    path: x\n", "6:5: unknown key 'path'"),
        ("name: other\n", "3:1: unknown key 'name'"),
        ("path: other\n", "3:1: unknown key 'path'"),
        (CONNECTION + "    migration: trickel\n", "6:5: 'connections.users.migration' must be 'off', 'trickle' or"),
        (CONNECTION + "    migration: {}\n", "6:5: 'connections.users.migration' must be"),
        (CONNECTION + "    options: {customScripts: {}}\n", "6:15: 'customScripts' is not set here. Scripts come from"),
        (CONNECTION + "    options: {import_mode: true}\n", "6:15: 'import_mode' is not set here. It follows from"),
        (CONNECTION + "    options: {a: !env X }\n", "6:5: 'connections.users.options' holds a reference"),
        (CONNECTION + "    options: []\n", "6:5: 'connections.users.options' must be a mapping"),
        (CONNECTION + "    configuration: {A: 5}\n", "numbers go in quotes"),
        (CONNECTION + "    configuration: {A: null}\n", "6:21: 'connections.users.configuration.A' must be text"),
        (CONNECTION + "    clients: Web App\n", "6:5: 'connections.users.clients' must be a list"),
        (CONNECTION + "    modules: {pg: 8}\n", "6:15: 'connections.users.modules.pg' must be text. Put it in quotes."),
        (CONNECTION + "    guards: [nosuch]\n", "6:14: 'connections.users.guards.0' must be"),
        (CONNECTION + "    scripts: {logn: x}\n", "6:15: 'logn' is no action script; did you mean 'login'?"),
        (CONNECTION + "    scripts: {login: 5}\n", "must be the path of a template, or `!remove`"),
        (CONNECTION + "    metadata: {deployer_x: a}\n", "6:16: 'deployer_x' is kept for this tool's own notes"),
        (CONNECTION + f"    metadata: {{a: {'x' * 256}}}\n", "6:16: 'a' is longer than 255 characters"),
        (CONNECTION + "    metadata: {a: a, b: b, c: c, d: d, e: e, f: f, g: g}\n", "holds more than 6 pairs"),
        (CONNECTION + f"    display_name: {'x' * 129}\n", "6:5: 'connections.users.display_name': string should have"),
        ("connections: {users: {}}\n", "3:15: the key 'store' is missing"),
        ("connections: {a_b: {store: postgres}}\n", "3:15: 'a_b' is no name that Auth0 takes for a connection"),
        ("connections: {a--b: {store: postgres}}\n", "is no name that Auth0 takes"),
        (f"connections: {{{'x' * 129}: {{store: postgres}}}}\n", "is no name that Auth0 takes"),
        ("connections: {users: postgres}\n", "3:15: 'connections.users' must be a mapping"),
        ("connections: []\n", "3:1: 'connections' must be a mapping"),
        ("protect: maybe\n", "3:1: 'protect' must be true or false"),
        ("rate_limit: {requests_per_second: 0}\n", "3:14: 'rate_limit.requests_per_second'"),
        ("rate_limit: {requests_per_second: a}\n", "3:14: 'rate_limit.requests_per_second'"),
        ("max_change_share: 1.5\n", "3:1: 'max_change_share': input should be less than or equal to 1"),
        ("secrets_key: plain-text\n", "must be a reference, never the secret itself"),
        ("tags: [1]\n", "3:8: 'tags.0' must be text. Put it in quotes."),
        ("lint: {severity: {DB204: of}}\n", "3:19: 'lint.severity.DB204' must be"),
    ],
)
def test_a_mistake(files, body, expected):
    (mistake,) = files.mistakes(body)
    assert mistake.startswith("tenants/local.yaml:")
    assert expected in mistake


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("{client_id: a}", "needs one of `client_secret`, `private_key` and `token`"),
        ("{client_id: a, client_secret: !env A , private_key: !env B }", "needs one of `client_secret`"),
        ("{client_id: a, client_secret: canary-plain}", "must be a reference, never the secret itself"),
        ("{client_secret: !env A }", "'credentials' needs `client_id`"),
        ("nothing", "'credentials' must be a mapping"),
    ],
)
def test_credentials(files, credentials, expected):
    files.write("tenants/local.yaml", f"domain: acme.eu.auth0.com\ncredentials: {credentials}\n")
    (mistake,) = files.mistakes()
    assert mistake.startswith("tenants/local.yaml:2:")
    assert expected in mistake
    assert "canary" not in mistake


def test_all_mistakes_are_reported_together_and_in_order(files):
    files.write("tenants/base.yaml", "protcet: true\n")
    mistakes = files.mistakes("extends: base\nconnections:\n  users: {stor: postgres}\nrate_limt: {}\n")
    assert [mistake.split(" ")[0] for mistake in mistakes] == [
        "tenants/base.yaml:1:1:",
        "tenants/local.yaml:5:3:",
        "tenants/local.yaml:5:11:",
        "tenants/local.yaml:6:1:",
    ]


def test_a_mistake_in_an_inherited_value_names_the_file_that_it_stands_in(files):
    files.write("tenants/base.yaml", "connections:\n  users:\n    store: postgres\n    migration: x\n")
    (mistake,) = files.mistakes("extends: base\nconnections: {users: {display_name: Users}}\n")
    assert mistake.startswith("tenants/base.yaml:4:5: ")


def test_a_file_without_anything_names_what_is_missing(files):
    files.write("tenants/local.yaml", "")
    mistakes = files.mistakes()
    assert [mistake.split("'")[1] for mistake in mistakes] == ["credentials", "domain"]


def test_hostile_keys_are_made_safe_to_show(files):
    (mistake,) = files.mistakes('"\\e[31mred\\n": 1\n')
    assert "\x1b" not in mistake
    assert "\n" not in mistake
    (long,) = files.mistakes(f"{'k' * 5000}: 1\n")
    assert len(long) < 400


def test_a_tenant_does_not_change_after_loading(files):
    tenant = files.load(CONNECTION)
    with pytest.raises(ValidationError):
        tenant.connections["users"].store = "mysql"


def test_what_follows_from_a_definition(files):
    tenant = files.load(
        "connections:\n  one: {store: postgres}\n"
        "  two: {store: postgres, migration: complete, options: {enable_script_context: true}}\n"
    )
    one, two = tenant.connections["one"], tenant.connections["two"]
    assert (one.import_mode, one.enable_script_context) == (False, False)
    assert (two.import_mode, two.enable_script_context) == (True, True)


@pytest.mark.parametrize(
    "line",
    ["domain", "protect", "promote_from", "connections: {users: {store: postgres, migration", "tags: [a, "],
)
def test_of_an_expression_that_fails_nothing_else_is_said(files, line):
    brackets = "}}" if "{" in line else "]" if "[" in line else ""
    value = '"{{ nosuch }}"' if "[" in line else ': "{{ nosuch }}"'
    head = "credentials: {client_id: abc, client_secret: !env SECRET }\n"
    head += "" if line == "domain" else "domain: acme.eu.auth0.com\n"
    files.write("tenants/local.yaml", f"{head}{line}{value}{brackets}\n")
    (mistake,) = files.mistakes()
    assert "'nosuch' is undefined" in mistake


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("domain: https://a.invalid/", "'domain' must be a host name alone"),
        ("domain: a.invalid/path", "'domain' must be a host name alone"),
        ("domain: a b.invalid", "'domain' must be a host name alone"),
        ("domain: user:canary@a.invalid", "'domain' must be a host name alone"),
        ('domain: ""', "'domain' must be a host name alone"),
        ("base_url: a.invalid", "'base_url' must be a URL without a path"),
        ("base_url: https://a.invalid/api/v2", "'base_url' must be a URL without a path"),
        ("base_url: http://a.invalid", "'base_url' must begin with https://"),
    ],
)
def test_an_address_that_is_none(files, line, expected):
    head = "credentials: {client_id: abc, client_secret: !env SECRET }\n"
    head += "" if line.startswith("domain") else "domain: acme.eu.auth0.com\n"
    files.write("tenants/local.yaml", f"{head}{line}\n")
    (mistake,) = files.mistakes()
    assert mistake.startswith(f"tenants/local.yaml:{2 + head.count('domain')}:1: {expected}")
    assert "canary" not in mistake


@pytest.mark.parametrize(
    "domain", ["acme.eu.auth0.com", "Acme.EU.auth0.com", "127.0.0.1:4010", "login.acme.example", "localhost"]
)
def test_an_address_that_is_one(files, domain):
    head = "credentials: {client_id: abc, client_secret: !env SECRET }\nbase_url: http://127.0.0.1:4010/\n"
    files.write("tenants/local.yaml", f"{head}domain: {domain}\n")
    assert files.load().domain == domain


def test_an_address_that_is_a_reference_is_looked_at_when_it_is_read(files):
    files.write(
        "tenants/local.yaml",
        "credentials: {client_id: abc, client_secret: !env SECRET }\ndomain: !env D\nbase_url: !env B\n",
    )
    assert str(files.load().domain) == "!env D"
