"""Finds the view that shows a result in the format asked for, and writes JSON in the one way of all commands.

The view of a subject in a format is one function in one module, both named `SUBJECT_FORMAT`, such as `plan_html`. It
returns text, or lines with styles for a terminal.
"""

import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from rich.text import Text

Report: TypeAlias = "str | Iterable[Text]"
"""What a view makes: text that is complete, or lines with styles and without line ends."""


class TextOrJson(StrEnum):
    """The formats of a command that has no others: text for people, and `--json`."""

    TEXT = "text"
    JSON = "json"

    @classmethod
    def of(cls, as_json: bool) -> "TextOrJson":
        """Choose by the option `--json`."""
        return cls.JSON if as_json else cls.TEXT


def load_view(subject: str, form: StrEnum) -> Callable[..., Report]:
    """Import the view of a subject in one of its formats: only when it is needed, as some bring Jinja or Rich along."""
    name = f"{subject}_{form.value}"
    view: Callable[..., Report] = getattr(import_module(f"deployer.reporting.{name}"), name)
    return view


def dump_json(value: Any) -> str:
    """Write JSON values as indented text, in ASCII, so that no terminal obeys what a tenant or a script contains."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"
