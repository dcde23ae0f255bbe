"""Shows on the terminal what an operation reports while it runs."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from deployer.cli.interruption import begin_changes
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.applying.outcome import Observer as StepObserver
    from deployer.applying.outcome import Step
    from deployer.linting.engine import LintReport
    from deployer.operations.observer import Notice
    from deployer.planning.model import Plan

_DOING = {"recover": "Recovering"}


@dataclass(slots=True)
class TerminalObserver:
    """Warns on standard error, and shows progress; `silent` where standard output is read by a machine.

    `show` prints the plan that is about to be applied.
    """

    silent: bool = False
    show: "Callable[[Plan, bool], None] | None" = None
    _warned: "set[Notice]" = field(default_factory=set)

    def warn(self, notice: "Notice") -> None:
        """Print it, once."""
        from deployer.reporting.terminal import print_warning

        if notice not in self._warned:
            self._warned.add(notice)
            print_warning(notice.what, notice.hint)

    def reading(self, tenant: str) -> AbstractContextManager[None]:
        """Show a spinner where it takes its time."""
        from deployer.reporting.waiting import waiting

        return waiting(f"Reading {tenant}")

    def planned(self, plan: "Plan", *, saved: bool) -> None:
        """Print the plan."""
        if self.show is not None:
            self.show(plan, saved)

    @contextlib.contextmanager
    def applying(self, tenant: str, command: str) -> "Iterator[StepObserver]":
        """Print each change as it ends; note when the first one begins."""
        from deployer.reporting.outcome_text import Progress

        words = f"{_DOING.get(command, 'Applying to')} {one_line(tenant)}"
        with _ended_by_sigterm(), Progress(words, silent=self.silent) as progress:
            yield _FirstChange(progress)

    def does_not_pass(self, report: "LintReport") -> None:
        """Print the findings on standard error."""
        from deployer.reporting.findings import show_findings
        from deployer.reporting.terminal import colored

        typer.echo(show_findings(report, color=colored(sys.stderr)), err=True)


class _FirstChange:
    """Watches an apply for another observer, and notes when it begins to change the tenant."""

    def __init__(self, observer: "StepObserver") -> None:
        self._observer = observer

    def started(self, step: "Step") -> None:
        """Note that the first step begins."""
        begin_changes()
        self._observer.started(step)

    def finished(self, step: "Step") -> None:
        """Pass it on."""
        self._observer.finished(step)


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM, which pipelines send when somebody cancels them, end an apply as Ctrl-C does: by a roll-back."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    here = threading.current_thread() is threading.main_thread() and sys.platform != "win32" and task is not None
    if here and task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        if here:
            loop.remove_signal_handler(signal.SIGTERM)
