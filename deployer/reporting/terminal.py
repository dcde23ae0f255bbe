"""Text for people: consoles that colour only a terminal, and styles with one meaning each."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TextIO

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
_PLAIN: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": True}


def colored(stream: TextIO) -> bool:
    """Whether text on this stream may have styles: on a terminal, unless NO_COLOR is set (https://no-color.org).

    Bold and dim go with the colours: who sets NO_COLOR wants plain text, for a pager, a log or another program.
    """
    return animated(stream) and not os.environ.get("NO_COLOR")


def animated(stream: TextIO) -> bool:
    """Whether lines on this stream can be drawn over: on a terminal that knows how."""
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def terminal_width(stream: TextIO | None = None) -> int | None:
    """How many characters fit on a line of the terminal; None where the stream (else standard output) is none."""
    stream = stream or sys.stdout
    if not stream.isatty():
        return None
    if (columns := os.environ.get("COLUMNS", "")).isdecimal():
        return int(columns) or None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def console(*, error: bool = False) -> "Console":
    """The console for standard output or standard error: styles and word wrap on a terminal only.

    A reader that went away (`deployer apply ... | head -1`) ends no command: what is under way goes on unseen. The
    cursor stays where there is a progress bar: a command that is killed could not bring it back.
    """
    from rich.console import Console
    from rich.text import Text

    from deployer.reporting.wrapping import wrapped

    class Unbroken(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            columns = terminal_width(file)
            super().print(*(wrapped(each, columns) if isinstance(each, Text) else each for each in objects), **options)

        def on_broken_pipe(self) -> None:
            self.quiet = True
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

        def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002
            return False

    file = sys.stderr if error else sys.stdout
    return Unbroken(file=file, color_system=_colors(file), **_PLAIN)


def print_lines(lines: "Iterable[Text]") -> None:
    """Print a report on standard output."""
    if whole := _joined(lines):
        console().print(whole)


def as_text(lines: "Iterable[Text]") -> str:
    """Lines as one text, with styles and word wrap where standard output is a terminal."""
    import io

    from rich.console import Console

    buffer = io.StringIO()
    if whole := _joined(lines):
        out = Console(file=buffer, force_terminal=sys.stdout.isatty(), color_system=_colors(sys.stdout), **_PLAIN)
        out.print(whole)
    return buffer.getvalue()


def _colors(stream: TextIO) -> Literal["auto"] | None:
    return "auto" if colored(stream) else None


def _joined(lines: "Iterable[Text]") -> "Text | None":
    """Lines for standard output as one text: to print each alone takes Rich longer than to make it."""
    from rich.text import Text

    from deployer.reporting.wrapping import wrapped

    columns = terminal_width()
    each = [wrapped(line, columns) for line in lines]
    return Text("\n", no_wrap=True).join(each) if each else None
