"""Runs a command, and checks before what holds for every one."""

from typing import Any

from typer.core import TyperCommand

from deployer.cli.interruption import report_interruption
from deployer.errors import DeployerError


class Command(TyperCommand):
    """Any of our commands."""

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        with report_interruption(ctx):
            _check_form(ctx)
            if names := ctx.params.get("allow"):
                from deployer.planning.plan_checks import check_names

                check_names(names)
            return super().invoke(ctx)


def _check_form(context: Any) -> None:
    """Refuse `--json` with a `--format` that is another one."""
    source, form = context.get_parameter_source("as_format"), context.params.get("as_format")
    if context.params.get("as_json") and source is not None and source.name == "COMMANDLINE" and form != "json":
        raise DeployerError(f"--json and --format {form} were given", hint="Give one of them.")
