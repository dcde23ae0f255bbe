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


def test_the_contract_is_kept(contract_report, assert_passed, tmp_path, password_hash):
    (tmp_path / "seed.sql").write_text(SEED % password_hash)
    report = contract_report(
        {
            "store": "postgres",
            "variables": {"tls": False, "timeout_ms": 1500, "bcrypt_cost": 10},
            "configuration": {"PG_URL": "postgres://nobody@store.example.com/users"},
            "modules": {"pg": "8.16.3", "bcrypt": "6.0.0"},
        },
        {"store": "embedded", "seed": "seed.sql"},
    )
    assert_passed(report)
