"""`validate`: every mistake of a tenant, connection by connection, and its scripts parsed."""

import pytest

from deployer.planning.validation import validate_tenant
from deployer.rendering.project import Project

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
    (error, *_) = found.errors
    assert error.startswith("connection.one create (templates/custom/create.js.j2): line ")


def test_a_tenant_that_is_not_there(tmp_path):
    found = validate_tenant(Project(tmp_path, {}), "local")
    assert "there is no folder tenants" in found.errors[0]
