"""`deployer demo`: the whole story on a local tenant in one command."""


def demo() -> None:
    """Tell the whole story on a local tenant. Plan, apply, plan again, and catch a change made behind our back."""
    from functools import partial

    from deployer.cli.entry import execute
    from deployer.demo.story import tell

    tell(partial(execute, inside=True))
