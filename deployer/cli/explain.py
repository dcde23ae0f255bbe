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
    from deployer.reporting.rules_text import rule_text, rule_values, rules_text

    rules = all_rules() if code is None else (find_rule(code),)
    if as_json:
        common.print_json([rule_values(each) for each in rules])
    else:
        typer.echo(rules_text(rules) if code is None else rule_text(rules[0]), nl=False)
