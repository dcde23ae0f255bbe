"""Shows the results of `validate` as text or JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.planning.validation import Validation


def print_validation(results: "Sequence[Validation]", form: str = "text") -> None:
    """Print which tenants are valid, and what is wrong with the others."""
    print_report(load_view("validation", TextOrJson(form))(results))
