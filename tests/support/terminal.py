"""Runs a command on a terminal of its own: what it shows can be waited for, and keys can be pressed, Ctrl-C as well."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

# The terminal becomes the one that the process is controlled by: only then Ctrl-C is a signal.
PROGRAM = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from deployer.cli.entry import run; run()"


class Terminal:
    """A command that runs on a pseudo-terminal."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self._ours, theirs = os.openpty()
        self.shown = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=cwd,
            env={**os.environ, "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def wait_for(self, text: str, seconds: float = 30) -> str:
        """Everything shown so far, as soon as `text` is in it."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert self._read(end - time.monotonic()), f"{text!r} was not shown: {self.shown}"
        return self.shown

    def press(self, keys: str) -> None:
        """Type something."""
        os.write(self._ours, keys.encode())

    def end(self, seconds: float = 30) -> int:
        """The exit code; fails where the command goes on."""
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            pass
        return self.process.wait(max(0.1, end - time.monotonic()))

    def close(self) -> None:
        """Let go of the terminal, and of the command where it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._ours], [], [], max(0, seconds))[0]:
            return False
        try:
            some = os.read(self._ours, 65536)
        except OSError:  # how a terminal says that nobody is behind it any more
            return False
        self.shown += some.decode(errors="replace").replace("\r\n", "\n")
        return bool(some)
