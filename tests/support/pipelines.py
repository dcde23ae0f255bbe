"""Holds a project whose tenants a pipeline deploys, and reads the pipelines that are written for it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deployer.sandbox.server import LocalTenant

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


def script_of(workflow: dict[str, Any], job: str, step: str) -> str:
    """Return what a named step of a job runs in a shell."""
    (found,) = (one for one in workflow["jobs"][job]["steps"] if one.get("name") == step)
    return str(found["run"])


def outputs_of(folder: Path) -> dict[str, str]:
    """Read what the steps so far have handed on, as GitHub reads it: the last of each name."""
    return dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())


@dataclass
class Promotion:
    """The two jobs of a workflow by which the release of `local` gets to `next`, and their scripts run in a shell.

    `project` is checked out in both jobs, `tenant` is `next`, and `folder` is where the outputs of steps are kept.
    """

    deploy: dict[str, Any]
    shell: Callable[..., Finished]
    project: Any
    tenant: LocalTenant
    variables: dict[str, str]
    folder: Path

    def plan(self) -> Finished:
        """Run the job that plans the promotion; its plan is the one that is promoted from now on."""
        done = self.shell(script_of(self.deploy, "plan-staging", "Plan"), self.project.root, **self.variables)
        if done.code == 0:
            self.variables["SHA256"] = outputs_of(self.folder)["sha256"]
        return done

    def promote(self, checkout: Path | None = None, **variables: str) -> Finished:
        """Run the job after the approval, with the plan that was made last, or with other variables."""
        script = script_of(self.deploy, "promote-staging", "Promote")
        return self.shell(script, checkout or self.project.root, **(self.variables | variables))

    def has_arrived(self) -> bool:
        """Return whether `next` has the connection of the release."""
        return self.tenant.state.storage.named("connection", "legacy-users") is not None
