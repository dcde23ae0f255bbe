"""Runs the command line in real processes that start in milliseconds."""

import json
import os
import selectors
import subprocess
import sys
from pathlib import Path
from typing import Any


class Forks:
    """Runs the command line in real processes that start in milliseconds: children of one that has all in memory."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("fork_server.py")
        self._server = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._line() == "ready"

    def start(self, arguments: list[str], output: Path, **settings: Any) -> int:
        """The process id of `deployer ARGUMENTS`, whose output goes to a file."""
        request = {"arguments": arguments, "output": str(output), "env": dict(os.environ), **settings}
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        return int(self._line())

    def wait(self) -> int:
        """The exit code of the process that was started last, negative for a signal."""
        return int(self._line())

    def _line(self) -> str:
        assert self._server.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._server.stdout, selectors.EVENT_READ)
            assert selector.select(timeout=60), "the process does not answer"
        return self._server.stdout.readline().strip()

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(30)
