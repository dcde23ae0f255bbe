"""A plan in, its text out in the format asked for; one module per format."""

import json
from pathlib import Path

from deployer.errors import DeployerError
from deployer.planning.model import Plan
from deployer.planning.plan_file import to_json
from deployer.text import one_line

SUMMARY_BYTES = 1_000_000
"""GitHub shows at most 1 MiB of a step's summary, and nothing of a larger one.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""
_FORMS = {".txt": "text", ".md": "markdown", ".html": "html", ".json": "json"}


def write_report(plan: Plan, path: Path, *, saved: bool = False) -> None:
    """Write a plan for people into a file, in the format that the end of its name says: all of it.

    Markdown is for the summary of a job, and is cut where it would be too long to be shown there.

    Raises:
        DeployerError: for another name, and where it cannot be written.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise DeployerError(
            f"'{one_line(path.name)}' does not say in which format",
            where="--report",
            hint=f"End its name with {', '.join(_FORMS)}.",
        )
    if form == "markdown":
        from deployer.reporting.plan_markdown import plan_markdown

        text = plan_markdown(plan, SUMMARY_BYTES, "a summary", saved=saved)
    elif form == "text":
        from deployer.reporting.plan_text import render_plan

        lines = render_plan(plan, verbose=True, whole=True, saved=saved)
        text = "".join(f"{line.plain}\n" for line in lines)
    else:
        text = show_plan(plan, form, saved=saved)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DeployerError(f"the report cannot be written: {error.strerror}", where=one_line(str(path))) from error


def show_plan(plan: Plan, form: str, *, verbose: bool = False, saved: bool = False) -> str:
    """The plan as `text` (coloured where standard output is a terminal), `json`, `markdown` or `html`.

    One that is `saved` in a file shows its digest, by which whoever approves it and whoever applies it compare.
    """
    match form:
        case "json":
            return json.dumps(to_json(plan), indent=2) + "\n"
        case "markdown":
            from deployer.reporting.plan_markdown import plan_markdown

            return plan_markdown(plan, saved=saved)
        case "html":
            from deployer.reporting.plan_html import plan_html

            return plan_html(plan, saved=saved)
        case _:
            from deployer.reporting.plan_text import render_plan
            from deployer.reporting.terminal import as_text

            return as_text(render_plan(plan, verbose=verbose, saved=saved))
