"""Tells the whole story with the real commands on a local tenant: plan, apply, an empty plan, and drift that is caught.

Everything shown is what the real commands print. The tenant, the project and their secrets live in a temporary folder
and in memory, and are gone when the story ends.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from deployer.errors import DeployerError, ExitCode
from deployer.sandbox import dashboard
from deployer.sandbox.server import LocalTenant
from deployer.state.location import FORMER_VARIABLE, VARIABLE

TENANT = "local"
CONNECTION = "legacy-users"

_DEFINITION = """\
domain: !env AUTH0_DOMAIN
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
connections:
  legacy-users:
    store: postgres            # the scripts come from templates/postgres/
    migration: trickle         # users move to Auth0 as they log in
    variables: {table: users}
    configuration:
      PG_URL: !env PG_URL      # a reference: the secret itself is nowhere in the files
    options: {brute_force_protection: true}
"""

Run = Callable[[list[str]], int]
"""Runs one command line of this tool; its exit code."""


class Narrator(Protocol):
    """Shows what is told between the commands."""

    def say(self, words: str) -> None:
        """Show sentences."""
        ...

    def command(self, command: str) -> None:
        """Show the command line that follows."""
        ...

    def file(self, text: str) -> None:
        """Show what is in a file."""
        ...


def tell(run: Run, narrator: Narrator) -> None:
    """Tell the story.

    Raises:
        DeployerError: where a command ends otherwise than it should.
    """
    with tempfile.TemporaryDirectory(prefix="deployer-demo-") as folder, LocalTenant() as tenant:
        project = Path(folder)
        (project / "tenants").mkdir()
        (project / "tenants" / f"{TENANT}.yaml").write_text(_DEFINITION, encoding="utf-8")
        with _environment(_variables(tenant)):
            _tell(run, narrator, project, tenant)


def _tell(run: Run, narrator: Narrator, project: Path, tenant: LocalTenant) -> None:
    def step(words: str, command: str, expected: int) -> None:
        narrator.say(words)
        narrator.command(f"deployer {command}")
        code = run(["--chdir", str(project), "--no-token-cache", *command.split()])
        if code == ExitCode.INTERRUPTED:
            raise KeyboardInterrupt
        if code != expected:
            raise DeployerError(f"`deployer {command}` ended with exit code {code}, not {expected}", where="demo")

    narrator.say(f"A tenant of your own runs at {tenant.base_url}, and tenants/{TENANT}.yaml says what it should have:")
    narrator.file(_DEFINITION.rstrip())
    step("What would change? A plan shows every attribute, and never a secret.", f"plan {TENANT}", 0)
    step("Apply it. All scripts are saved in one request, read back and compared.", f"apply {TENANT} --auto-approve", 0)
    step("Plan again: after an apply a plan is always empty.", f"plan {TENANT}", 0)
    narrator.say(
        "Now somebody opens the connection in the Auth0 Dashboard and presses Save. The Dashboard does not know the\n"
        "script change_email, and drops it without a word."
    )
    dashboard.save_scripts(tenant.state, CONNECTION)
    step("Has anything changed behind our back?", f"drift {TENANT}", 2)
    step("One apply sets it back.", f"apply {TENANT} --auto-approve", 0)
    narrator.say("That was the whole story. Nothing of it is left on this machine.")


def _variables(tenant: LocalTenant) -> dict[str, str]:
    return {
        "DEPLOYER_CACHE": "off",
        VARIABLE: "",
        FORMER_VARIABLE: "",
        "AUTH0_DOMAIN": tenant.domain,
        "AUTH0_BASE_URL": tenant.base_url,
        "AUTH0_CLIENT_ID": tenant.client_id,
        "AUTH0_CLIENT_SECRET": tenant.client_secret,
        "PG_URL": f"postgres://scripts:{secrets.token_urlsafe(12)}@db.example.com/users",
    }


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these environment variables for a while, and put back what was there before."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
