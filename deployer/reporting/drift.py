"""Shows drift as text or JSON: what is defined, and what the tenant has instead."""

from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.planning.drift import Drift


def print_drift(drift: "Drift", form: str = "text") -> None:
    """Print what drifted in a tenant, what did not and why, and what is left over."""
    print_report(load_view("drift", TextOrJson(form))(drift))
