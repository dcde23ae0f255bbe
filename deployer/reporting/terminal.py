"""Makes the consoles of the command line, and prints reports on them: styles and word wrap are for terminals only."""

import os
import sys
from contextlib import suppress
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO

from deployer.errors import with_hint
from deployer.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

    from deployer.reporting.views import Report

_PLAIN: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": True}


def colored(stream: TextIO) -> bool:
    """Tell whether text on a stream may have styles: on a terminal, unless NO_COLOR is set (https://no-color.org).

    Bold and dim go with the colours: who sets NO_COLOR wants plain text, for a pager, a log or another program.
    """
    return animated(stream) and not os.environ.get("NO_COLOR")


def animated(stream: TextIO) -> bool:
    """Tell whether lines on a stream can be drawn over: on a terminal that knows how."""
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Return how many characters fit on a line of a terminal; None where the stream (else standard output) is none."""
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
    """Make the console for standard output or standard error, with the styles of the theme.

    A reader that went away (`deployer apply ... | head -1`) ends no command: what is under way goes on unseen. The
    cursor stays where there is a progress bar: a command that is killed could not bring it back.
    """
    from rich.console import Console
    from rich.text import Text

    from deployer.reporting.theme import THEME

    class WrappingConsole(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            if (columns := terminal_width(file)) is not None:
                from deployer.reporting.wrapping import wrapped

                objects = tuple(wrapped(each, columns) if isinstance(each, Text) else each for each in objects)
            super().print(*objects, **options)

        def on_broken_pipe(self) -> None:
            self.quiet = True
            _write_nowhere(self.file)

        def show_cursor(self, _show: bool = True) -> bool:
            return False

    file = sys.stderr if error else sys.stdout
    return WrappingConsole(file=file, color_system=_colors(colored(file)), theme=THEME, **_PLAIN)


def print_report(report: "Report") -> None:
    """Print a report on standard output, and its error lines between the others on standard error.

    A reader that went away ends no command here either.
    """
    if isinstance(report, str):
        try:
            sys.stdout.write(report)
            sys.stdout.flush()
        except BrokenPipeError:
            _write_nowhere(sys.stdout)
        return
    from deployer.reporting.lines import ErrorLine

    for error, lines in groupby(report, lambda line: isinstance(line, ErrorLine)):
        if (whole := _join(lines, terminal_width(sys.stderr if error else sys.stdout))) is not None:
            console(error=error).print(whole)


def as_text(report: "Report", *, color: bool | None = None) -> str:
    """Turn a report into text, with word wrap and, by default, styles where standard output is a terminal."""
    if isinstance(report, str):
        return report
    import io

    from rich.console import Console

    from deployer.reporting.theme import THEME

    buffer = io.StringIO()
    styled = colored(sys.stdout) if color is None else color
    if (whole := _join(report, terminal_width())) is not None:
        out = Console(file=buffer, force_terminal=styled, color_system=_colors(styled), theme=THEME, **_PLAIN)
        out.print(whole)
    return buffer.getvalue()


def plain_text(report: "Report") -> str:
    """Turn a report into text for a file: no styles, and no line is wrapped."""
    return report if isinstance(report, str) else "".join(f"{line.plain}\n" for line in report)


def print_warning(what: str, hint: str | None = None) -> None:
    """Print a warning on standard error, in the one voice of all of them: `warning: WHAT. HINT`.

    Args:
        what: what is wrong, beginning lower case; without a full stop where a hint follows.
        hint: what to do, in whole sentences.
    """
    text = visible(with_hint(what, hint))
    if not colored(sys.stderr):
        sys.stderr.write(f"warning: {text}\n")
        return
    from rich.text import Text

    console(error=True).print(Text.assemble(("warning: ", "warning"), text))


def _colors(styled: bool) -> Literal["auto"] | None:
    return "auto" if styled else None


def _join(lines: "Iterable[Text]", columns: int | None) -> "Text | None":
    """Join lines to one text, wrapped to a terminal: to print each alone takes Rich longer than to make it."""
    from rich.text import Text

    each = list(lines)
    if columns is not None:
        from deployer.reporting.wrapping import wrapped

        each = [wrapped(line, columns) for line in each]
    return Text("\n", no_wrap=True).join(each) if each else None


def _write_nowhere(stream: IO[str]) -> None:
    """Let what else is written to a stream vanish: nobody reads it any more."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
