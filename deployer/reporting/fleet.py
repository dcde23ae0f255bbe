"""Shows the results of a command for many tenants as text or JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deployer.reporting.terminal import print_report
from deployer.reporting.views import TextOrJson, load_view

if TYPE_CHECKING:
    from deployer.fleet.fleet import JobResult
    from deployer.operations.observer import Notice


def print_fleet(results: "Sequence[JobResult]", form: str = "text", *, saved_in: Path | None = None) -> None:
    """Print what became of each tenant, and on standard error what failed or was refused, in full.

    Args:
        results: in the order in which they are shown.
        form: `text` or `json`.
        saved_in: the folder that the plans are in, as it was named on the command line.
    """
    print_report(load_view("fleet", TextOrJson(form))(results, saved_in))


def common_notices(results: "Sequence[JobResult]") -> "list[Notice]":
    """Find what is to be said once for all tenants: of one plan alone it may be wrong, of every one it is not."""
    from deployer.operations.results import ApplyResult, PlanResult

    planned = [result for result in results if isinstance(result.result, PlanResult | ApplyResult)]
    found = dict.fromkeys(notice for result in results for notice in result.notices)
    return [
        notice
        for notice in found
        if notice.about == "state" or (notice.about == "allow" and all(notice in one.notices for one in planned))
    ]
