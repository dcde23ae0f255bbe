"""Shows rendered scripts as JavaScript or as JSON."""

from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.operations.render import Scripts


def print_scripts(scripts: "Scripts", form: str = "text") -> None:
    """Print the scripts of a tenant, or those chosen of them."""
    print_report(load_view("scripts", TextOrJson(form))(scripts))
