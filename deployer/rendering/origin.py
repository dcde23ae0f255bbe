"""A line of a rendered script in, the line of its template out that says exactly this, where there is one alone."""

from jinja2 import TemplateError

from deployer.rendering.templates import Templates


def template_line(templates: Templates, template: str, text: str) -> int | None:
    """The number (from 1) of the one line in `templates/TEMPLATE` that is `text`; None where none or several are."""
    environment = templates.environment
    try:
        source, _, _ = environment.loader.get_source(environment, template) if environment.loader else ("", None, None)
    except TemplateError:
        return None
    found = [number for number, line in enumerate(source.split("\n"), 1) if line.rstrip("\r") == text]
    return found[0] if len(found) == 1 and text.strip() else None
