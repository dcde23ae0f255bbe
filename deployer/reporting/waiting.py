"""Shows what is being waited for by a spinner on standard error, where that is a terminal and the wait not short."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deployer.reporting.terminal import animated, console
from deployer.text import one_line

AFTER_SECONDS = 1.0
"""What takes no longer than this shows nothing."""
_MOST = 60


@contextmanager
def waiting(activity: str, *, after_seconds: float | None = None) -> Iterator[None]:
    """Show a spinner around what takes its time and neither prints nor asks: `with waiting("Reading prod"):`.

    The line is gone when the block ends, however it ends. With -v, which logs to standard error, there is none.
    """
    if not animated(sys.stderr) or logging.getLogger("deployer").isEnabledFor(logging.INFO):
        yield
        return
    spinner = _Spinner(one_line(activity, _MOST))
    timer = threading.Timer(AFTER_SECONDS if after_seconds is None else after_seconds, spinner.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        spinner.stop()


class _Spinner:
    """Started by a timer, stopped by whoever has done: whichever comes first, after `stop` nothing is shown."""

    def __init__(self, activity: str) -> None:
        self._activity = activity
        self._lock = threading.Lock()
        self._live: Any = None
        self._ended = False

    def start(self) -> None:
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        with self._lock:
            if self._ended:
                return
            out = console(error=True)
            spinner = Spinner("line" if out.options.ascii_only else "dots", Text(self._activity))
            # Standard output may be a file or a pipe: nothing that goes there may pass through here.
            self._live = Live(spinner, console=out, transient=True, redirect_stdout=False, redirect_stderr=False)
            self._live.start()

    def stop(self) -> None:
        with self._lock:
            self._ended = True
            if self._live is not None:
                self._live.stop()
