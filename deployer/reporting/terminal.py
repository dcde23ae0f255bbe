"""Text for people: consoles that colour only a terminal, and styles with one meaning each."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from deployer.planning.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.NO_OP: " ",
    "add": "+",
    "change": "~",
    "remove": "-",
}
STYLES = {"+": "green", "~": "yellow", "-": "red", "!": "bold red", " ": "", "@": "cyan"}


def console(*, error: bool = False) -> "Console":
    """The console for standard output or standard error. Rich honours NO_COLOR and colours only a terminal.

    A reader that went away (`deployer apply ... | head -1`) ends no command: what is under way goes on unseen.
    """
    from rich.console import Console

    class Unbroken(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    file = sys.stderr if error else sys.stdout
    return Unbroken(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_lines(lines: "Iterable[Text]") -> None:
    """Print a report on standard output."""
    _print(console(), lines)


def as_text(lines: "Iterable[Text]") -> str:
    """Lines as one text, with colours where standard output is a terminal and NO_COLOR is not set."""
    import io

    from rich.console import Console

    buffer = io.StringIO()
    terminal = sys.stdout.isatty()
    out = Console(
        file=buffer, force_terminal=terminal, highlight=False, markup=False, emoji=False, soft_wrap=True, width=200
    )
    _print(out, lines)
    return buffer.getvalue()


def _print(out: "Console", lines: "Iterable[Text]") -> None:
    """Print lines as one text: to print each alone takes Rich longer than to make it."""
    from rich.text import Text

    lines = list(lines)
    if lines:
        out.print(Text("\n").join(lines))
