"""A command line that was taken apart in, the command run; what holds for every command is checked here, once."""

from typing import Any

from typer.core import TyperCommand

from deployer.cli.interruption import telling


class Command(TyperCommand):
    """Any of our commands."""

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        with telling(ctx):
            return super().invoke(ctx)
