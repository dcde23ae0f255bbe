"""`validate`: every mistake of a tenant, connection by connection, and its scripts parsed."""

import pytest

from deployer.planning.validation import validate_tenant
from deployer.project import Project

HEAD = "domain: acme.eu.auth0.com\ncredentials: {client_id: a, client_secret: !env SECRET }\n"


@pytest.fixture
def check(tmp_path):
    def run(body: str, **templates: str):
        (tmp_path / "tenants").mkdir(exist_ok=True)
        (tmp_path / "tenants" / "local.yaml").write_text(HEAD + body)
        for name, text in templates.items():
            folder = tmp_path / "templates" / "custom"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.js.j2").write_text(text)
        return validate_tenant(Project(tmp_path, {}), "local")

    return run


def test_what_is_right_is_counted_without_a_secret_being_read(check):
    found = check("connections: {one: {store: postgres}, two: {store: mysql}}\n")
    assert found.errors == []
    assert (found.connections, found.scripts) == (2, 14)
    assert found.as_json()["valid"] is True


def test_every_connection_is_looked_at_although_one_is_wrong(check):
    found = check(
        "connections:\n  one: {store: nosuch}\n  two: {store: postgres, variables: {tabel: x}}\n"
        "  three: {store: mysql}\n"
    )
    assert len(found.errors) == 2
    assert "nosuch" in found.errors[0]
    assert "did you mean 'table'?" in found.errors[1]
    assert (found.valid, found.scripts) == (False, 7)


def test_mistakes_in_the_file_are_listed_one_by_one(check):
    found = check("protcet: true\nconections: {}\n")
    assert [error.split(" ")[0] for error in found.errors] == ["tenants/local.yaml:3:1:", "tenants/local.yaml:4:1:"]


def test_javascript_that_cannot_be_parsed(check):
    body = "connections: {one: {store: postgres, scripts: {create: custom/create.js.j2}}}\n"
    found = check(body, create="function create(user, callback) {\n  return (;\n}\n")
    (error,) = found.errors
    place = "templates/custom/create.js.j2:2:11: connection.one create"
    assert error == f"{place} does not compile: SyntaxError: Unexpected token ';'"


def test_a_line_that_an_expression_made_is_named_as_well(check):
    body = "connections:\n  one: {store: postgres, variables: {table: t}, scripts: {create: custom/create.js.j2}}\n"
    found = check(body, create="function create(user, callback) {\n  return {{ table | js }} (;\n}\n")
    (error,) = found.errors
    assert error.startswith("templates/custom/create.js.j2:2:10: connection.one create does not compile: ")


def test_a_rendered_line_that_is_no_line_of_the_template_is_said_to_be_the_scripts(check):
    body = "connections:\n  one: {store: postgres, variables: {table: t}, scripts: {create: custom/create.js.j2}}\n"
    loop = "  {% for n in [1, 2] %}\n  f({{ n }},, {{ n }});\n  g({{ n }});\n  {% endfor %}\n"
    found = check(body, create=f"function create(user, callback) {{\n{loop}}}\n")
    (error,) = found.errors
    place = "connection.one create (templates/custom/create.js.j2), line 4, column 7 of the rendered script"
    assert error == f"tenants/local.yaml:4:59: {place}, does not compile: SyntaxError: Unexpected token ','"


def test_what_stands_in_quotes_is_not_repeated(check):
    body = "connections: {one: {store: postgres, scripts: {create: custom/create.js.j2}}}\n"
    found = check(body, create="function create(user, callback) {\n  f('canary-of-a-secret' (;\n}\n")
    assert found.errors
    assert "canary" not in "".join(found.errors)


def test_a_control_character_is_one_mistake(check):
    body = "connections: {one: {store: postgres, scripts: {create: custom/create.js.j2}}}\n"
    found = check(body, create="function create(user, callback) {\n  callback(null)\x01;\n}\n")
    (error,) = found.errors
    assert error.endswith("does not compile: SyntaxError: Invalid or unexpected token")


def test_mistakes_of_all_kinds_come_together(check):
    found = check(
        "protcet: true\npromote_from: stagin\nstate: s4://x\nconnections:\n  one: {store: postgers}\n"
        "  two: {store: postgres, scripts: {create: custom/create.js.j2}}\n",
        create="function create(user, callback) {\n  return (;\n}\n",
    )
    places = ["local.yaml:3:1", "local.yaml:4:1", "local.yaml:5:1", "local.yaml:7:9", "create.js.j2:2:11"]
    assert [error.split(": ")[0].rpartition("/")[2] for error in found.errors] == places
    assert "no state can be kept at 's4://'" in found.errors[2]


TENANT = HEAD + "connections: {one: {store: postgres}}\n"


@pytest.fixture
def promotions(tmp_path):
    """The mistakes of `local` and whether the others are valid, with `promote_from` by tenant; None: a base."""

    def run(**sources: str | None) -> list[str]:
        (tmp_path / "tenants").mkdir(exist_ok=True)
        for name, source in sources.items():
            text = "connections: {}\n" if source is None else TENANT + (f"promote_from: {source}\n" if source else "")
            (tmp_path / "tenants" / f"{name}.yaml").write_text(text)
        return validate_tenant(Project(tmp_path, {}), "local").errors

    return run


def test_releases_come_from_a_tenant_that_there_is(promotions):
    assert promotions(local="staging", staging="dev", dev="") == []
    (error,) = promotions(local="stagin")
    assert error == (
        "tenants/local.yaml:4:1: 'promote_from': there is no tenant file 'stagin.yaml' in tenants; "
        "did you mean 'staging'?"
    )
    (error,) = promotions(local="base", base=None)
    assert "'base' is no tenant: it has no `domain`" in error


def test_releases_do_not_go_in_a_circle(promotions):
    (error,) = promotions(local="local")
    assert "tenants/local.yaml:4:1: `promote_from` goes in a circle: local from local" in error
    (error,) = promotions(local="staging", staging="dev", dev="local")
    assert "local from staging from dev from local" in error


def test_what_is_wrong_with_another_tenant_is_reported_with_that_one(promotions, tmp_path):
    assert promotions(local="staging", staging="dev", dev="staging") == []
    assert promotions(local="staging", staging="nosuch") == []
    (tmp_path / "tenants" / "staging.yaml").write_text("a: [")
    assert promotions(local="staging") == []
    (tmp_path / "tenants" / "staging.yaml").write_text(TENANT + 'promote_from: "{{ tenant.tags[0] }}"\n')
    assert promotions(local="staging") == []


@pytest.mark.parametrize("key", ["state", "history"])
@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("s4://x", "no state can be kept at 's4://'"),
        ("s3://user:canary@bucket", "must not hold credentials"),
        ("s3://-", "is not the name of a bucket"),
        ("s3://bucket/prefix", None),
        ("../state", None),
    ],
)
def test_the_place_of_the_state(check, tmp_path, key, place, expected):
    found = check(f"{key}: {place}\n").errors
    assert (tmp_path / "state").exists() is False
    if expected is None:
        assert found == []
    else:
        (error,) = found
        assert error.startswith(f"tenants/local.yaml:3:1: '{key}': ")
        assert expected in error
        assert "canary" not in error


def test_a_tenant_that_is_not_there(tmp_path):
    found = validate_tenant(Project(tmp_path, {}), "local")
    assert "there is no folder tenants" in found.errors[0]


def test_guards_that_cannot_be_are_found_where_they_stand(check):
    found = check(
        "connections:\n"
        "  one: {store: postgres, migration: trickle, guards: [mark-migrated]}\n"
        "  two: {store: postgres, guards: [mark-migrated]}\n"
        "  three: {store: api, api: {identifier: 'https://a'}, configuration: {API_URL: x}}\n"
    )
    one, two = found.errors
    assert one.startswith("tenants/local.yaml:4:46: connection.one guards: the guard mark-migrated talks to")
    assert two.startswith("tenants/local.yaml:5:26: connection.two guards: mark-migrated tells the store that")


def test_an_api_that_is_declared_twice_is_found_once_and_where_it_is_again(check):
    api = "store: api, api: {identifier: 'https://a'}, configuration: {API_URL: x}"
    (error,) = check(f"connections:\n  one: {{{api}}}\n  two: {{{api}}}\n").errors
    assert error.startswith("tenants/local.yaml:5:27: connection.two api: several connections declare the API")
