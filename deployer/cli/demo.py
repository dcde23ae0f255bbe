"""`deployer demo`: the whole story on a local tenant in one command."""


def demo() -> None:
    """Tell the whole story on a local tenant. Plan, apply, plan again, and catch a change made behind our back."""
    from deployer.cli.entry import execute
    from deployer.demo.story import tell

    tell(execute)
