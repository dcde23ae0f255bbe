"""Serves S3 on a free loopback port by moto.

moto checks conditions and writes in two moments, which real S3 does not: one request at a time is let in.
"""

import socket
import threading
from collections.abc import Callable
from typing import Any

SECRET = "canary-secret-access-key-7d1f"


class OneAtATime:
    """A WSGI application that lets one request in after the other, and fails on demand."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.guard = threading.Lock()
        self.lose_answers = 0
        self.requests: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with self.guard:
            self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            if self.lose_answers and environ["REQUEST_METHOD"] == "PUT":
                # The write takes place, the answer does not arrive: the connection is cut.
                self.lose_answers -= 1
                list(self.app(environ, lambda *_: None))
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError("answer lost")
            return list(self.app(environ, start_response))
