"""Expressions in values, and connections out of templates: what they see, what they cannot see, and their mistakes."""

import pytest

CANARY = "canary-of-the-environment"


def users(files, body: str):
    return files.load(body).connections["users"]


def test_expressions_see_the_tenants_own_values(files):
    connection = users(
        files,
        "tags: [eu, '{{ tenant.name }}']\nvariables: {region: '{{ tenant.name }}-1'}\n"
        "connections:\n  users:\n    store: postgres\n    variables: {table: 'users_{{ variables.region }}'}\n"
        "    display_name: '{{ connection.name }} of {{ tenant.domain }} in {{ variables.region }}'\n"
        "    metadata: {table: '{{ variables.table }}', tag: '{{ tenant.tags[0] }}'}\n",
    )
    assert connection.display_name == "users of acme.eu.auth0.com in local-1"
    assert connection.metadata == {"table": "users_local-1", "tag": "eu"}


def test_a_domain_may_be_an_expression_and_others_see_its_value(files):
    files.write(
        "tenants/base.yaml",
        "domain: 'acme-{{ tenant.name }}.eu.auth0.com'\ncredentials: {client_id: a, client_secret: !env SECRET }\n"
        "connections: {users: {store: postgres, display_name: 'at {{ tenant.domain }}'}}\n",
    )
    files.write("tenants/dev.yaml", "extends: base\n")
    tenant = files.load(name="dev")
    assert tenant.domain == "acme-dev.eu.auth0.com"
    assert tenant.connections["users"].display_name == "at acme-dev.eu.auth0.com"


def test_a_value_is_rendered_once(files):
    connection = users(
        files,
        "variables: {a: '{% raw %}{{ tenant.name }}{% endraw %}'}\n"
        "connections: {users: {store: postgres, display_name: '{{ variables.a }}'}}\n",
    )
    assert connection.display_name == "{{ tenant.name }}"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{{ nosuch }}", "'nosuch' is undefined"),
        ("{{ tenant.nosuch }}", "nosuch"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ 1 + 'a' }}", "'+' does not work on int and str here"),
        ("{{ }}", "Expected an expression"),
        ("{% if %}", "Expected"),
        ("{{ 'x' * 100000000 }}", "characters"),
        ("{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}", "steps"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ tenant.__class__ }}", "__class__"),
        ("{% include '../secret.txt' %}", "not a path inside"),
        ("{{ '\\ud800' }}", "half of a surrogate pair"),
    ],
)
def test_an_expression_that_cannot_be_rendered(files, expression, expected):
    files.write("secret.txt", "canary")
    text = expression.replace("'", "''")
    (mistake,) = files.mistakes(f"connections:\n  users:\n    store: postgres\n    display_name: '{text}'\n")
    assert mistake.startswith("tenants/local.yaml:6:19: "), mistake
    assert expected in mistake


@pytest.mark.parametrize(
    "expression", ["{{ connection.configuration }}", "{{ tenant.credentials }}", "{{ configuration }}"]
)
def test_secrets_are_not_visible_not_even_their_names(files, expression):
    body = "connections:\n  users:\n    store: postgres\n    configuration: {{A: !env SECRET }}\n"
    body += "    display_name: '{}'\n"
    (mistake,) = files.mistakes(body.format(expression))
    assert CANARY not in mistake
    assert "undefined" in mistake or "has no attribute" in mistake


@pytest.mark.parametrize(
    "body",
    [
        "variables: {a: !env SECRET }\n",
        "variables: {a: [{b: !env SECRET }]}\n",
        "connections: {users: {store: postgres, variables: {a: !env SECRET }}}\n",
    ],
)
def test_a_reference_among_variables_is_a_mistake_in_every_place(files, body):
    (mistake,) = files.mistakes(body)
    assert mistake.startswith("tenants/local.yaml:3:")
    assert "holds a reference" in mistake


def test_a_reference_among_the_tags_is_a_mistake(files):
    assert "must be text" in files.mistakes("tags: [!env SECRET ]\n")[0]


def test_an_expression_sees_no_reference_among_the_tags(files):
    mistakes = files.mistakes("tags: [!env SECRET ]\nvariables: {a: '{{ tenant.tags[0] }}'}\n")
    assert not any("SECRET" in mistake for mistake in mistakes)


TEMPLATE = """\
store: postgres
variables: {table: users_{{ connection.name }}}
configuration:
  PG_URL: !env {{ variables.env }}
options:
  passwordPolicy: good
  mfa: {active: true}
"""


def test_a_connection_out_of_a_template(files):
    files.write("templates/connections/legacy.yaml.j2", TEMPLATE)
    tenant = files.load(
        "connections:\n"
        "  one: {from: templates/connections/legacy.yaml.j2, variables: {env: ONE}}\n"
        "  two:\n    from: connections/legacy.yaml.j2\n    variables: {env: TWO}\n    options: {passwordPolicy: low}\n"
    )
    one, two = tenant.connections["one"], tenant.connections["two"]
    assert (str(one.configuration["PG_URL"]), str(two.configuration["PG_URL"])) == ("!env ONE", "!env TWO")
    assert one.variables == {"table": "users_one", "env": "ONE"}
    assert two.options == {"passwordPolicy": "low", "mfa": {"active": True}}


def test_remove_over_a_template_speaks_of_the_tenant_as_everywhere_else(files):
    files.write("templates/connections/legacy.yaml.j2", TEMPLATE)
    connection = users(
        files,
        "connections:\n  users:\n    from: connections/legacy.yaml.j2\n    variables: {env: ONE}\n"
        "    options: {mfa: !remove , disable_signup: !remove }\n    configuration: {OLD: !remove }\n",
    )
    assert repr(connection.options) == "{'passwordPolicy': 'good', 'mfa': !remove, 'disable_signup': !remove}"
    assert repr(connection.configuration["OLD"]) == "!remove"


@pytest.mark.parametrize(
    ("template", "source", "expected"),
    [
        (TEMPLATE, "connections/nosuch.yaml.j2", "there is no template 'connections/nosuch.yaml.j2'"),
        (TEMPLATE, "../../etc/passwd", "is not a path inside the templates folder"),
        ("a: {{ nosuch }}", "connections/legacy.yaml.j2", "'nosuch' is undefined"),
        ("a: [1", "connections/legacy.yaml.j2", "connections/legacy.yaml.j2 (rendered):2:1: this is not YAML"),
        ("a: !!python/name:os.system x", "connections/legacy.yaml.j2", "is not allowed"),
        ("- a", "connections/legacy.yaml.j2", "renders to no mapping"),
        ("stroe: postgres", "connections/legacy.yaml.j2", "did you mean 'store'?"),
        ("a: {{ '\\ud800' }}", "connections/legacy.yaml.j2", "half of a surrogate pair"),
    ],
)
def test_a_template_of_a_connection_that_is_wrong(files, template, source, expected):
    files.write("templates/connections/legacy.yaml.j2", template)
    mistakes = files.mistakes(f"connections:\n  users:\n    from: {source}\n    variables: {{env: X}}\n")
    assert any(expected in mistake for mistake in mistakes), mistakes
    assert all(
        mistake.startswith(("tenants/local.yaml:", "connections/legacy.yaml.j2 (rendered):")) for mistake in mistakes
    )


def test_from_is_text(files):
    assert (
        "tenants/local.yaml:5:5: `from` names a template"
        in files.mistakes("connections:\n  users:\n    from: [x]\n")[0]
    )
