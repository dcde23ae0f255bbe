"""Secrets that are written out in definitions are found, by form and by name; references and other texts are not."""

from typing import Any

import pytest

from deployer.config.models import Connection
from deployer.config.tree import KEEP, REMOVE, SecretReference
from deployer.linting.definitions import literal_secrets

RANDOM = "kT7vq2Lx9zPq4W8m"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n"


def found(**definition: Any) -> dict[str, str]:
    made = Connection.model_validate({"store": "postgres", **definition})
    return {".".join(map(str, path)): what for path, what in literal_secrets(made)}


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("PG_URL", "postgres://u:secretpw@x/y", "a password"),
        ("MONGO", "mongodb+srv://app:pw@cluster.example.com", "a password"),
        ("DSN", "Server=db.example.com;User Id=app;Password=hunter2", "a password"),
        ("API_URL", "https://users.example.com/?api_key=abc", "a password or token"),
        ("PEM", KEY, "a private key"),
        ("AUTH", "Basic YXBwOmh1bnRlcjI=", "a name and password"),
        ("HEADER", f"Bearer {RANDOM}", "a token"),
        ("DB_PASSWORD", "x", "a password"),
        ("DB_PASSWORDS", "x", "a password"),
        ("API_CLIENT_SECRET", "abc", "a secret"),
        ("apiToken", "abc", "a token"),
        ("API_KEY", "abc", "a key"),
        ("LICENCE_KEY", "abc", "a key"),
    ],
)
def test_a_secret_in_the_configuration(key: str, value: str, what: str) -> None:
    assert found(configuration={key: value}) == {f"configuration.{key}": what}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PG_URL", SecretReference("env", "PG_URL")),
        ("DB_PASSWORD", SecretReference("file", "p")),
        ("DB_PASSWORD", KEEP),
        ("DB_PASSWORD", REMOVE),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "<password>"),
        ("PG_URL", "postgres://app@db.example.com/users"),
        ("PG_URL", "postgres://app:pw@localhost/users"),
        ("PG_URL", "postgres://app:<password>@db.example.com/users"),
        ("API_URL", "https://users.example.com/?page=1"),
        ("API_AUDIENCE", "https://users.example.com/"),
        ("API_CLIENT_ID", RANDOM),
        ("TOKEN_URL", "https://login.example.com/oauth/token"),
        ("PASSWORD_COLUMN", "password"),
        ("PUBLIC_KEY", "abc"),
        ("SORT_KEY", "email"),
        ("KEY", "email"),
        ("CHECK_PASSWORD", "true"),
        ("MAX_TOKENS", "5"),
        ("CA", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    ],
)
def test_what_is_no_secret_in_the_configuration(key: str, value: Any) -> None:
    assert found(configuration={key: value}) == {}


def test_a_secret_among_the_variables() -> None:
    variables = {"a": [{"address": "postgres://u:secretpw@x/y"}], "api_key": RANDOM, "password": "password_hash"}
    assert found(variables=variables) == {"variables.a.0.address": "a password", "variables.api_key": "a secret"}
