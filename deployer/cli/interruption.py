"""Ends a command at Ctrl-C, Ctrl-D or SIGTERM, and says once what that means.

Typer turns a KeyboardInterrupt into an exit code without a word; here it is caught before Typer sees it.
"""

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from deployer.text import one_line

_MANY = ("every", "tenants", "tags")
_TELLING: dict[str, tuple[str, ...]] = {
    "apply": _MANY,
    "promote": _MANY,
    "rollback": (),
    "destroy": (),
    "init": (),
}
"""The commands that say when they begin to change something, and the options with which others do that for them."""


@dataclass(slots=True)
class _Changes:
    begun: bool = False


_CHANGES = _Changes()
"""Of this process: one command runs at a time."""


class InterruptionError(Exception):
    """A command was interrupted. `meaning` is what that means, as far as it is known; `asked`: at a question."""

    def __init__(self, meaning: str = "", *, asked: bool = False) -> None:
        super().__init__(meaning)
        self.meaning = meaning
        self.asked = asked


def begin_changes() -> None:
    """Note that from here on the command may change something."""
    _CHANGES.begun = True


@contextlib.contextmanager
def report_interruption(context: typer.Context) -> Iterator[None]:
    """Run a command: where it is interrupted, raise InterruptionError with what that means.

    SIGTERM, which pipelines send when somebody cancels them, does what Ctrl-C does; `sandbox` has a way of its own.
    """
    _CHANGES.begun = False
    try:
        with interrupted_by(*([signal.SIGTERM] if context.info_name != "sandbox" else [])):
            yield
    except (KeyboardInterrupt, asyncio.CancelledError, typer.Abort) as error:
        raise InterruptionError(_meaning(context), asked=isinstance(error, typer.Abort)) from None


def confirmed(question: str, *, default: bool = False) -> bool:
    """Ask for a yes or no at the terminal; return whether it was yes. Raises typer.Abort where that is interrupted."""
    while True:
        answer = answered(f"{question} [{'Y/n' if default else 'y/N'}]: ").lower()
        if answer in ("y", "yes", "n", "no", ""):
            return answer.startswith("y") if answer else default
        typer.echo("Type y or n.")


def answered(question: str) -> str:
    """Ask, and return the line that is typed at the terminal, without spaces around it.

    Ctrl-C and SIGTERM end the question at once: an event loop that runs would only cancel its task, which does not go
    on before there is an answer.

    Raises:
        typer.Abort: where it is interrupted, and after Ctrl-D.
    """
    try:
        with interrupted_by(signal.SIGINT, signal.SIGTERM):
            if _is_cancelled():  # it came just before, while the plan was shown
                raise KeyboardInterrupt
            typer.echo(question, nl=False)
            _wait_for_line()
            line = sys.stdin.readline()
    except KeyboardInterrupt:
        raise typer.Abort from None
    if not line:
        raise typer.Abort
    return line.strip()


@contextlib.contextmanager
def interrupted_by(*numbers: signal.Signals) -> Iterator[None]:
    """Let these signals raise KeyboardInterrupt wherever it goes on in here; what is ignored stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in numbers}
    changed = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    try:
        for number in changed:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, handler in changed.items():
            signal.signal(number, handler)


def _wait_for_line() -> None:
    """Wait until a line was typed. A read that blocks would not be ended by a signal that comes just before it."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        while sys.stdin not in select.select([sys.stdin, reading], [], [])[0]:
            os.read(reading, 64)
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


def say_interrupted(error: InterruptionError | None = None) -> None:
    """Say it on standard error, below what a terminal echoes (`^C`) and below a question that has no answer."""
    if sys.stderr.isatty():
        typer.echo(err=True)
    elif error is not None and error.asked and sys.stdout.isatty():
        typer.echo()
    meaning = f" {error.meaning}" if error is not None and error.meaning else ""
    typer.echo(f"Interrupted.{meaning}", err=True)


def _meaning(context: typer.Context) -> str:
    command, given = context.info_name or "", context.params
    if command not in _TELLING or any(given.get(name) for name in _TELLING[command]):
        return ""
    if not _CHANGES.begun:
        return "Nothing was changed."
    if command == "init":
        return ""
    tenant = one_line(str(given.get("target" if command == "promote" else "tenant")))
    return f"The tenant may have been changed: `deployer plan {tenant}` shows how it stands."


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _is_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs
        return False
    return task is not None and task.cancelling() > 0
