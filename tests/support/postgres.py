"""Runs a PostgreSQL with the users of the tests."""

from collections.abc import Callable
from dataclasses import dataclass

SEED = """
CREATE TABLE users (
    id serial PRIMARY KEY,
    email text NOT NULL,
    password text NOT NULL,
    email_verified boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
INSERT INTO users (email, password, email_verified) VALUES ('ada@example.com', 'Correct-Horse-1', true);
"""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL that listens on a loopback port."""

    url: str
    run_sql: Callable[[str], str]
