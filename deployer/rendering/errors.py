"""Turns what Jinja complains about into this tool's errors: what is wrong, where it is defined, in which template.

Everything that cannot be rendered for a tenant is said together, each mistake once, however many scripts meet it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from deployer.config.problems import ConfigError, Position, Problem
from deployer.errors import DeployerError
from deployer.text import one_line


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that cannot be rendered.

    `position` is where a definition asks for it, `subject` what it is (`connection.users login`), `template` the
    template and its line (`templates/postgres/login.js.j2:3`). Either of the two may be empty.
    """

    position: Position | None
    subject: str
    template: str
    what: str
    hint: str | None = None


class RenderError(ConfigError):
    """Everything that cannot be rendered: `mistakes` as they were met, `problems` as they are shown."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__(_problems(self.mistakes))


def _problems(mistakes: Iterable[Mistake]) -> Iterator[Problem]:
    """Make one problem of each cause: a line that many scripts include is wrong once."""
    causes: dict[tuple[object, ...], list[Mistake]] = {}
    for mistake in mistakes:
        causes.setdefault((mistake.template or mistake.position, mistake.what, mistake.hint), []).append(mistake)
    for first, *same in causes.values():
        named = ", ".join(part for part in (first.subject, first.template) if part)
        others = list(dict.fromkeys(each.subject for each in same if each.subject != first.subject))
        more = f" (and for {others[0] if len(others) == 1 else f'{len(others):,} others'})" if others else ""
        yield Problem(first.position, f"{named}: {first.what}{more}" if named else f"{first.what}{more}", first.hint)


def template_mistake(error: TemplateError, position: Position | None, subject: str, template: str) -> Mistake:
    """Say in this tool's words what Jinja complained about."""
    place, hint = f"templates/{one_line(template)}" if template else "", None
    what = one_line(error.message or str(error))
    if isinstance(error, TemplateSyntaxError):
        place = (
            f"{_file_below_templates(error.filename) or f'templates/{one_line(error.name or template)}'}:{error.lineno}"
        )
    elif isinstance(error, TemplateNotFound):
        hint = "Templates are found below templates/, and nowhere else."
    else:
        place = _template_line(error) or place
        if isinstance(error, UndefinedError):
            what = f"the template reads something undefined: {what}"
            hint = "Give it under `variables`, or correct its name."
    return Mistake(position, subject, place, what, hint)


def template_error(error: TemplateError, subject: str, template: str) -> DeployerError:
    """Make an error by itself of what Jinja complained about, for whoever knows the position."""
    found = template_mistake(error, None, subject, template)
    place = ", ".join(part for part in (found.subject, found.template) if part)
    return DeployerError(found.what, where=place or None, hint=found.hint)


def _template_line(error: TemplateError) -> str | None:
    """Find the innermost line of a template in the error's traceback, which Jinja rewrites to say so."""
    found, trace = None, error.__traceback__
    while trace is not None:
        file = _file_below_templates(trace.tb_frame.f_code.co_filename)
        if file is not None:
            found = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _file_below_templates(filename: str | None) -> str | None:
    """Shorten the path of a template's file to that in a project; None for what is no such file.

    An inherited template stands in another folder than its name says.
    """
    if filename is None or not filename.endswith(".j2"):
        return None
    _, _, name = filename.replace("\\", "/").rpartition("templates/")
    return f"templates/{one_line(name)}"
