"""A plan in, its text out in the format asked for; one module per format."""

import json

from deployer.planning.model import Plan
from deployer.planning.plan_file import to_json


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
