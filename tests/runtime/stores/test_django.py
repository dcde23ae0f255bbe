"""The table of a Django application, with hashes that Django itself has made."""

import pytest

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.postgres]

django_hashers = pytest.importorskip("django.contrib.auth.hashers", reason="the package Django is not installed")

PASSWORD = "Correct-Horse-1"
SEED = """
CREATE TABLE auth_user (
  id serial PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamptz, is_superuser boolean NOT NULL,
  username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL,
  email varchar(254) NOT NULL, is_staff boolean NOT NULL, is_active boolean NOT NULL, date_joined timestamptz NOT NULL
);
INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
VALUES ('%(hash)s', false, 'ada', 'Ada', '', 'ada@example.com', false, true, now()),
       ('%(hash)s', false, 'gone', '', '', 'gone@example.com', false, false, now());
"""
VARIABLES = {
    "table": "auth_user",
    "password_column": "password",
    "email_verified_column": None,
    "active_column": "is_active",
    "username_column": "username",
    "username_is_email": True,
    "profile": {"given_name": "first_name", "family_name": "last_name"},
    "new_user_defaults": {"first_name": "", "last_name": ""},
    "new_user_values": {"is_active": "true", "is_staff": "false", "is_superuser": "false"},
    "created_columns": ["date_joined"],
    "password_formats": ["pbkdf2"],
    "new_password_format": "django-pbkdf2",
    "timeout_ms": 4000,
}

CHECKS = ("good-login", "wrong-password", "unknown-user", "inactive", "create", "change-password", "same-profile")


@pytest.fixture(scope="module")
def hashers():
    """Django's own functions for passwords, with its defaults."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    return django_hashers


def test_the_contract_is_kept_on_the_table_of_django(contract_report, assert_passed, tmp_path, hashers):
    # Few rounds: what takes long in the tests is the script's own hash for whoever is not there.
    made = hashers.PBKDF2PasswordHasher().encode(PASSWORD, "somesaltsomesalt", iterations=10_000)
    assert hashers.check_password(PASSWORD, made)
    (tmp_path / "seed.sql").write_text(SEED % {"hash": made})
    report = contract_report(
        {
            "store": "postgres",
            "variables": VARIABLES,
            "configuration": {"PG_URL": "postgres://nobody@store.example.com/users"},
            "modules": {"pg": "8.16.3"},
        },
        {
            "store": "embedded",
            "seed": "seed.sql",
            "inactive_user": {"email": "gone@example.com", "password": PASSWORD},
            "time_limit": 15,
        },
        *CHECKS,
    )
    assert_passed(report)
