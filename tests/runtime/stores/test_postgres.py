"""The postgres templates on a real PostgreSQL, started from a seed."""

import pytest

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.postgres]

SEED = """
CREATE TABLE users (
  id serial PRIMARY KEY,
  email text NOT NULL,
  password_hash text NOT NULL,
  email_verified boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
INSERT INTO users (email, password_hash, email_verified) VALUES ('ada@example.com', '%s', true);
"""


@pytest.fixture
def report(contract_report, tmp_path, password_hash):
    """A function that tests the templates: their variables, more configuration, and the names of checks."""
    (tmp_path / "seed.sql").write_text(SEED % password_hash)

    def run(variables, *names, **configuration):
        return contract_report(
            {
                "store": "postgres",
                "variables": {**variables, "timeout_ms": 1500, "bcrypt_cost": 10},
                "configuration": {"PG_URL": "postgres://nobody@store.example.com/users", **configuration},
                "modules": {"pg": "8.16.3", "bcrypt": "6.0.0"},
            },
            {"store": "embedded", "seed": "seed.sql"},
            *names,
        )

    return run


def test_the_contract_is_kept_with_tls_as_the_templates_have_it(report, assert_passed):
    assert_passed(report({}), "inactive")


def test_users_of_every_standing(contract_report, assert_passed, tmp_path, password_hash):
    """With columns as a Django application has them, and the users that the tests name."""
    seed = """
    CREATE TABLE people (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(254) NOT NULL UNIQUE, password varchar(128) NOT NULL,
      confirmed char(1) NOT NULL, is_active boolean NOT NULL, first_name text NOT NULL, date_joined timestamptz NOT NULL
    );
    INSERT INTO people (email, password, confirmed, is_active, first_name, date_joined) VALUES
      ('ada@example.com', '%(hash)s', 'Y', true, 'Ada', now()), ('new@example.org', '%(hash)s', 'N', true, '', now()),
      ('gone@example.com', '%(hash)s', 'Y', false, '', now());
    """
    (tmp_path / "seed.sql").write_text(seed % {"hash": password_hash})
    report = contract_report(
        {
            "store": "postgres",
            "variables": {
                "table": "people",
                "password_column": "password",
                "email_verified_column": "confirmed",
                "write_verified": "Y",
                "write_unverified": "N",
                "active_column": "is_active",
                "profile": {"given_name": "first_name"},
                "new_user_defaults": {"first_name": ""},
                "new_user_values": {"is_active": "true"},
                "created_columns": ["date_joined"],
                "timeout_ms": 1500,
                "bcrypt_cost": 10,
            },
            "configuration": {"PG_URL": "postgres://nobody@store.example.com/users"},
            "modules": {"pg": "8.16.3", "bcrypt": "6.0.0"},
        },
        {
            "store": "embedded",
            "seed": "seed.sql",
            "unverified_user": {"email": "new@example.org", "password": "Correct-Horse-1"},
            "inactive_user": {"email": "gone@example.com", "password": "Correct-Horse-1"},
        },
    )
    assert_passed(report)


def test_a_plain_connection_is_kept(report, assert_passed):
    assert_passed(report({"tls": False}, "good-login", "store-drops"))


def test_scripts_that_trust_one_authority_trust_the_store_too(report, assert_passed, tmp_path):
    """With `ca_key` Node trusts what is in the configuration, and nothing beside it."""
    from deployer.runtime.stores.certificate import make_certificate

    another, _ = make_certificate(tmp_path)
    assert_passed(report({"ca_key": "STORE_CA"}, "good-login", STORE_CA=another.read_text()))


def test_scripts_that_trust_another_store_do_not_reach_it(report, monkeypatch):
    """They verify the certificate: without the trust of this run they refuse the store."""
    monkeypatch.setattr("deployer.runtime.container.Container._trust", lambda _self: {})
    (result,) = report({}, "good-login").results
    assert result.outcome == "failed"
