"""Shows what an import did as text or JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.importing.importing import ImportResult


def print_imported(result: "ImportResult", deploying: Sequence[str], form: str = "text") -> None:
    """Print what an import wrote.

    Args:
        result: what the import did.
        deploying: the commands that bring the working tree to the tenant; the last one adopts what was imported.
        form: `text` or `json`.
    """
    print_report(load_view("imported", TextOrJson(form))(result, deploying))
