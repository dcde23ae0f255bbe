"""Shows how one script ran that was tried once, as text or JSON."""

from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.runtime.calls import CallResult


def print_call(kind: str, result: "CallResult", form: str = "text") -> None:
    """Print what a script of a kind (`login`) answered, its log, and how long it took."""
    print_report(load_view("call", TextOrJson(form))(kind, result))
