"""What Jinja complains about in, this tool's errors out: what is wrong, in which template, on which line."""

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from deployer.errors import DeployerError
from deployer.text import one_line


class RenderError(DeployerError):
    """A template that cannot be rendered: where, and why."""


def render_error(error: TemplateError, where: str, template: str) -> RenderError:
    """What Jinja complained about, in this tool's words."""
    place = f"{where}, templates/{one_line(template)}"
    if isinstance(error, TemplateSyntaxError):
        name = error.name or template
        return RenderError(
            f"{one_line(error.message or '')}", where=f"{where}, templates/{one_line(name)}:{error.lineno}"
        )
    if isinstance(error, TemplateNotFound):
        hint = "Templates are found below templates/, and nowhere else."
        return RenderError(f"{one_line(error.message or str(error))}", where=place, hint=hint)
    line = _template_line(error)
    place = f"{where}, {line}" if line else place
    if isinstance(error, UndefinedError):
        hint = "Give it under `variables`, or correct its name."
        return RenderError(
            f"the template reads something undefined: {one_line(error.message or '')}", where=place, hint=hint
        )
    return RenderError(one_line(error.message or str(error)), where=place)


def _template_line(error: TemplateError) -> str | None:
    """The innermost line of a template in the error's traceback; Jinja rewrites tracebacks to say so."""
    found, trace = None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            name = file.replace("\\", "/").rpartition("templates/")[2]
            found = f"templates/{one_line(name)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
