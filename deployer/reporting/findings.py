"""Shows a lint report for people, programs, code scanning, GitHub or test viewers."""

from enum import StrEnum
from typing import TYPE_CHECKING

from deployer.reporting.terminal import as_text
from deployer.reporting.views import load_view

if TYPE_CHECKING:
    from deployer.linting.engine import LintReport


class FindingsFormat(StrEnum):
    """How findings are shown: each format has its view, `findings_FORMAT`."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"


def show_findings(report: "LintReport", form: str = "text", *, color: bool = False) -> str:
    """Write the report in one of the formats of `FindingsFormat`, ending in a newline. `color` is for text only."""
    return as_text(load_view("findings", FindingsFormat(form))(report), color=color)
