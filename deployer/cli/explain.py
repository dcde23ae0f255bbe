"""Implements `deployer explain`: what a lint rule is about, with examples and its source."""

from typing import Annotated

import typer

from deployer.cli import common


def explain(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="A rule, such as DB202; all without one.")] = None,
    as_json: common.AsJson = False,
) -> None:
    """Explain a lint rule, or list them all."""
    from deployer.linting.registry import all_rules, find_rule
    from deployer.reporting.rules import print_rules

    rules = all_rules() if code is None else (find_rule(code),)
    print_rules(rules, "json" if as_json else "text")
