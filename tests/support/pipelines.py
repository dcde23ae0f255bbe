"""Holds a project whose tenants a pipeline deploys, and reads the pipelines that are written for it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

STORE = "s3://acme-deployer/logins"


BASE = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    tests:
      store: !env TEST_PG_URL
      user: {email: ada@example.com, password: !env TEST_PASSWORD}
      new_user: {email: new@example.com, password: !env TEST_PASSWORD}
"""


TENANT = """\
extends: base
domain: {name}.eu.auth0.com
credentials: {{client_id: !env {upper}_ID, client_secret: !env {upper}_SECRET}}
{more}
"""


@dataclass(frozen=True)
class Finished:
    """What a shell step did."""

    code: int
    out: str


def load(path: Path) -> dict[str, Any]:
    """YAML as a dictionary; `on` is a key, not a truth."""
    text = re.sub(r"^on:", '"on":', path.read_text(), flags=re.MULTILINE)
    found: dict[str, Any] = yaml.safe_load(text)
    return found
