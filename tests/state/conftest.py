"""Stores to test on: a local folder, and a bucket of moto's S3 server on a free port, one server per test process.

moto checks conditions and writes in two moments, which real S3 does not: one request at a time is let in.
"""

import threading
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deployer.state.state_store import StateStore
from tests.support.s3 import SECRET, OneAtATime


@pytest.fixture(scope="session")
def s3_server() -> Iterator[SimpleNamespace]:
    """moto's S3 on a free loopback port."""
    pytest.importorskip("moto", reason="moto[server] is not installed")
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            pass

    app = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.port}", app=app)
    server.shutdown()
    thread.join(10)


@pytest.fixture
def s3_url(s3_server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh bucket, and the environment that reaches it."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "canary-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = f"bucket-{uuid.uuid4().hex}"
    request = urllib.request.Request(f"{s3_server.url}/{bucket}", method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    return f"s3://{bucket}/some/prefix"


@pytest.fixture
def folder_url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest) -> str:
    """A store's URL, once for each kind that can run here."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: str) -> StateStore:
    return StateStore.open(url)
