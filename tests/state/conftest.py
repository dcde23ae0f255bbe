"""States to test on: a local folder, and a bucket of moto's S3 server on a free port, one server per test process.

moto checks conditions and writes in two moments, which real S3 does not: one request at a time is let in.
"""

from pathlib import Path
from types import SimpleNamespace

import pytest

from deployer.state.state_store import StateStore
from tests.support.s3 import reach_s3


@pytest.fixture
def s3_url(s3_server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh bucket, and the environment that reaches it."""
    return reach_s3(s3_server, monkeypatch)


@pytest.fixture
def folder_url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest) -> str:
    """Where a state is, once for each kind that can run here: `NAME` is that of a fixture `NAME_url`."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: str) -> StateStore:
    return StateStore.open(url)
