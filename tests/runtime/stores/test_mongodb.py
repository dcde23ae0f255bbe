"""The mongodb templates and the real driver, against a server that speaks MongoDB's wire protocol (nx-27017).

MongoDB itself is in none of the package registries that the tests use. nx-27017 keeps documents in SQLite.
"""

import pytest

pytestmark = [pytest.mark.node, pytest.mark.npm]


@pytest.fixture
def mongodb(mongodb_server, password_hash: str) -> str:
    """The URL of a database with one user in it."""
    users = mongodb_server.collection("users")
    users.drop()
    users.create_index("email", unique=True)
    users.insert_one({"email": "ada@example.com", "password_hash": password_hash, "email_verified": True})
    return mongodb_server.url


def test_the_contract_is_kept(contract_report, assert_passed, mongodb):
    report = contract_report(
        {
            "store": "mongodb",
            "variables": {"tls": False, "timeout_ms": 1500, "bcrypt_cost": 10},
            "configuration": {"MONGODB_URL": "mongodb://store.example.com/users"},
            "modules": {"mongodb": "6.21.0", "bcrypt": "6.0.0"},
        },
        {"store": mongodb},
    )
    assert_passed(report, "inactive")
