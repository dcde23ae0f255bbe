"""The schema that editors get: it takes every file that the loader takes, and shows what it would refuse."""

import json
from pathlib import Path

import jsonschema
import pytest

import deployer
from deployer.config import models
from deployer.config.schema import CUSTOM_TAGS, tenant_schema
from deployer.config.tree import Marker, SecretReference, plain
from deployer.config.yaml_source import parse

SHIPPED = sorted((Path(deployer.__file__).parent.parent / "tenants").glob("*.yaml"))


def as_an_editor_sees_it(value):
    """Tagged scalars as their text, as the YAML language server has them with `yaml.customTags`."""
    if isinstance(value, dict):
        return {key: as_an_editor_sees_it(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_an_editor_sees_it(item) for item in value]
    if isinstance(value, SecretReference):
        return value.target
    return "" if isinstance(value, Marker) else value


def problems(text):
    document = as_an_editor_sees_it(plain(parse(text, "tenant.yaml")))
    return [error.message for error in jsonschema.Draft7Validator(tenant_schema()).iter_errors(document)]


def test_it_is_a_schema(project):
    jsonschema.Draft7Validator.check_schema(tenant_schema())
    assert project.run("schema").json == tenant_schema()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_it_takes_the_tenants_that_come_with_the_project(path):
    assert problems(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "extends: base\nprotect: !remove\nconnections: {users: !remove }\n",
        "connections: {users: {from: x.yaml.j2, migration: '{{ variables.when }}', scripts: {login: !remove }}}\n",
        "connections: {users: {configuration: {A: !keep , B: !remove , C: plain}, options: {mfa: !remove , x: [1]}}}\n",
        "connections: {users: {options: {disable_signup: '{{ true }}', mfa: !remove , precedence: [email]}}}\n",
        "connections: {users: {variables: {table: users, n: 1, on: true, l: [a]}, clients: [], access: [tls]}}\n",
        "rate_limit: {requests_per_second: 2.5}\nlint: {severity: {DB406: off}}\n",
        "secrets_key: !file key\nformer_secrets_key: !env OLD_KEY\n",
        "state: s3://acme/logins\n",
        "history: s3://acme/logins\n",
    ],
)
def test_it_takes_what_the_loader_takes(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "domian: acme.eu.auth0.com\n",
        "former_state: here\n",
        "protect: maybe\n",
        "name: prod\n",
        "connections: {users: {stroe: postgres}}\n",
        "connections: {users: {store: postgres, migration: slow}}\n",
        "connections: {users: {scripts: {signin: x}}}\n",
        "connections: {users: {access: [magic]}}\n",
        "connections: {-users-: {store: postgres}}\n",
        "connections: {users: {configuration: {A: 1}}}\n",
        "connections: {users: {options: {passwordPolicy: god}}}\n",
        "connections: {users: {options: {password_options: {complexity: {min_length: 73}}}}}\n",
        "rate_limit: {requests_per_second: 0}\n",
    ],
)
def test_it_refuses_what_the_loader_refuses(text):
    assert problems(text)


def test_everything_is_described():
    schema = tenant_schema()
    models_with_fields = {"Tenant": schema, **{n: s for n, s in schema["$defs"].items() if "properties" in s}}
    assert set(models_with_fields) >= {"Connection", "CredentialsDefinition", "TestsDefinition", "ActionDefinition"}
    for name, one in models_with_fields.items():
        assert one["description"]
        keys = {field.alias or key for key, field in getattr(models, name).model_fields.items()}
        assert keys - set(one["properties"]) <= {"name", "path"}
        for field, value in one["properties"].items():
            assert value.get("description"), f"{name}.{field} has no docstring"


@pytest.mark.parametrize("tag", CUSTOM_TAGS)
def test_the_help_has_the_setting_for_every_tag_of_the_loader(project, tag):
    assert f'"{tag}"' in project.run("schema", "--help").out


def test_the_tags_are_those_of_the_loader():
    assert {tag.removesuffix(" scalar") for tag in CUSTOM_TAGS} == {"!env", "!file", "!secret", "!keep", "!remove"}


def test_it_is_written_to_a_file(project, tmp_path):
    file = tmp_path / "editor" / "schema.json"
    assert project.run("schema", "--out", str(file)).code == 0
    assert json.loads(file.read_text()) == tenant_schema()
    ran = project.run("schema", "--out", str(file / "below"))
    assert ran.code == 1
    assert "cannot be written" in ran.err
