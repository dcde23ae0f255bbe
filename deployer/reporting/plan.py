"""Shows plans in the format asked for, on the terminal or in a file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from deployer.errors import DeployerError
from deployer.reporting.terminal import as_text, plain_text
from deployer.reporting.views import load_view
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.planning.model import Plan


class PlanFormat(StrEnum):
    """How a plan is shown: each format has its view, `plan_FORMAT`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


SUFFIXES = {".txt": PlanFormat.TEXT, ".md": PlanFormat.MARKDOWN, ".html": PlanFormat.HTML, ".json": PlanFormat.JSON}
"""The format of a report by the end of its file's name."""


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """How much of a plan is shown.

    `verbose` shows new scripts in full, and `whole` every value and what is removed as well: for a file, where nothing
    needs to be short. A plan that is `saved` in a file shows its digest, by which whoever approves it and whoever
    applies it compare.
    """

    verbose: bool = False
    whole: bool = False
    saved: bool = False


def show_plan(plan: "Plan", form: str = "text", *, verbose: bool = False, saved: bool = False) -> str:
    """Write a plan in one of the formats of `PlanFormat`; text is coloured where standard output is a terminal."""
    return as_text(load_view("plan", PlanFormat(form))(plan, PlanDetail(verbose=verbose, saved=saved)))


def write_report(plan: "Plan", path: Path, *, saved: bool = False) -> None:
    """Write a plan for people into a file, in the format that the end of its name says: all of it.

    Markdown is for the summary of a job, and is cut where it would be too long to be shown there.

    Raises:
        DeployerError: for another name, and where it cannot be written.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise DeployerError(
            f"'{one_line(path.name)}' does not say in which format",
            where="--report",
            hint=f"End its name with {', '.join(SUFFIXES)}.",
        )
    text = plain_text(load_view("plan", form)(plan, PlanDetail(verbose=True, whole=True, saved=saved)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DeployerError(f"the report cannot be written: {error.strerror}", where=one_line(str(path))) from error
