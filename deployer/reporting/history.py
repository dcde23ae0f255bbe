"""Shows what was done to a tenant as text or JSON."""

from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.operations.history import History


def print_history(tenant: str, found: "History", form: str = "text", *, filtered: bool = False) -> None:
    """Print who did what to a tenant, when, and with which result; `filtered` where not all were asked for."""
    print_report(load_view("history", TextOrJson(form))(tenant, found, filtered))
