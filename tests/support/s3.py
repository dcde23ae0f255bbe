"""Serves S3 on a free loopback port by moto.

moto checks conditions and writes in two moments, which real S3 does not: one request at a time is let in.
"""

import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

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


@contextmanager
def serving_s3() -> Iterator[SimpleNamespace]:
    """Serve S3, and give its `url` and its `app`, an OneAtATime. Skips the test where moto is not installed."""
    pytest.importorskip("moto", reason="moto[server] is not installed")
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            pass

    app = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.port}", app=app)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def s3_environment(url: str) -> dict[str, str]:
    """Return the variables that lead to a server of S3 and sign in there."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "canary-key-id",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    }


def new_bucket(url: str) -> str:
    """Make a bucket on a server of S3; its name."""
    bucket = f"bucket-{uuid.uuid4().hex}"
    assert httpx.put(f"{url}/{bucket}", trust_env=False).status_code == 200
    return bucket


def reach_s3(server: SimpleNamespace, patch: pytest.MonkeyPatch) -> str:
    """Make a bucket, put into the environment what leads to it, and return the URL of a state in it."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3"):
        patch.delenv(name, raising=False)
    for name, value in s3_environment(server.url).items():
        patch.setenv(name, value)
    return f"s3://{new_bucket(server.url)}/some/prefix"
