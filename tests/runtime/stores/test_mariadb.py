"""The mysql templates on a real MariaDB: Debian's mariadb-server, started on a free port in a folder of its own."""

import pytest

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.mariadb]

SEED = """
DROP TABLE IF EXISTS users;
CREATE TABLE users (
  id int AUTO_INCREMENT PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  password_hash varchar(255) NOT NULL,
  email_verified boolean NOT NULL DEFAULT false
);
INSERT INTO users (email, password_hash, email_verified) VALUES ('ada@example.com', '%s', true);
"""


@pytest.fixture
def mariadb(mariadb_server, password_hash: str) -> str:
    """The URL of a seeded MariaDB."""
    mariadb_server.run_sql(SEED % password_hash)
    return mariadb_server.url


def test_the_contract_is_kept(contract_report, assert_passed, mariadb):
    report = contract_report(
        {
            "store": "mysql",
            "variables": {"tls": False, "timeout_ms": 1500, "bcrypt_cost": 10},
            "configuration": {"MYSQL_URL": "mysql://nobody@store.example.com/users"},
            "modules": {"mysql2": "3.15.3", "bcrypt": "6.0.0"},
        },
        {"store": mariadb},
    )
    assert_passed(report, "inactive")
