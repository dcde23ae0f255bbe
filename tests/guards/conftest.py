"""A local tenant, a store behind an API that checks its tokens, and a project that deploys to the one for the other."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from deployer.sandbox.server import LocalTenant
from tests.support.guarded import AUDIENCE, GRANTS, PASSWORD, Stage
from tests.support.login_page import CALLBACK
from tests.support.reference_api import ReferenceApi


@pytest.fixture
def stage(project: Any, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None], api: Any) -> Iterator[Stage]:
    """The stage with one user in the store, and nothing deployed yet."""
    reach(local_tenant)
    store = ReferenceApi(f"{local_tenant.base_url}/", f"{local_tenant.base_url}/.well-known/jwks.json", AUDIENCE)
    store.add("ada@example.com", PASSWORD, verified=True, metadata={"plan": "gold"}, user_metadata={"lang": "en"})
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(store.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    made = Stage(local_tenant, project, api, store, f"http://127.0.0.1:{listener.getsockname()[1]}")
    made.web = api("POST", "clients", {"name": "Web App", "grant_types": GRANTS, "callbacks": [CALLBACK]})
    yield made
    server.should_exit = True
    thread.join(10)
