"""Shows what lint rules are about, as text or JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.linting.rule import Rule


def print_rules(rules: "Sequence[Rule]", form: str = "text") -> None:
    """Print one rule with examples and its source, or a list of several."""
    print_report(load_view("rules", TextOrJson(form))(rules))
