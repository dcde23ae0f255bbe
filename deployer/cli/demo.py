"""Implements `deployer demo`: the whole story on a local tenant in one command."""

from functools import partial

import typer


def demo(context: typer.Context) -> None:
    """Tell the whole story on a local tenant. Plan, apply, plan again, and catch a change made behind our back."""
    from deployer.demo.story import tell
    from deployer.reporting.narration import Narration

    # What runs a command line is handed in by the way in, which knows every command.
    tell(partial(context.obj, inside=True), Narration())
