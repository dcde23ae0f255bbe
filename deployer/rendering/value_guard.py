"""Decides what `{{ ... }}` may print: in a script, only what is code already."""

from typing import Any

from jinja2 import TemplateRuntimeError
from jinja2.nodes import EvalContext
from jinja2.runtime import Undefined
from jinja2.utils import pass_eval_context
from markupsafe import Markup

from deployer.text import one_line

_CODE = (Markup, int)


def print_code(value: Any) -> str:
    """Print code and numbers in a script. Raises TemplateRuntimeError for a value, which has to be quoted."""
    if type(value) is Markup:
        return value
    text = text_of(value)
    if text and not isinstance(value, _CODE):
        shown = one_line(text, 40)
        raise TemplateRuntimeError(
            f"'{shown}' is a value, not code: quote it with the filter js, sql_identifier or comment"
        )
    return Markup(text)  # noqa: S704 - code already, or digits


def text_of(value: Any) -> str:
    """Print any text or number outside of scripts. Raises TemplateRuntimeError for anything else."""
    if isinstance(value, Undefined):
        return str(value)  # raises, and says which name is missing
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise TemplateRuntimeError(f"{type(value).__name__} cannot be printed as it is: quote it with the filter js")


@pass_eval_context
def guard_value(context: EvalContext, value: Any) -> str:
    """Print as either of the two does, where only the rendering tells which."""
    return print_code(value) if context.autoescape else text_of(value)
