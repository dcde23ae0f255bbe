"""A local tenant, a store behind an API that checks its tokens, and a project that deploys to the one for the other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deployer.sandbox.server import LocalTenant
from tests.support.guarded import AUDIENCE, GRANTS, PASSWORD, Stage
from tests.support.login_page import CALLBACK
from tests.support.reference_api import ReferenceApi
from tests.support.serving import serving_app


@pytest.fixture
def stage(project: Any, local_tenant: LocalTenant, reach: Callable[[LocalTenant], None], api: Any) -> Iterator[Stage]:
    """The stage with one user in the store, and nothing deployed yet."""
    reach(local_tenant)
    store = ReferenceApi(f"{local_tenant.base_url}/", f"{local_tenant.base_url}/.well-known/jwks.json", AUDIENCE)
    store.add("ada@example.com", PASSWORD, verified=True, metadata={"plan": "gold"}, user_metadata={"lang": "en"})
    with serving_app(store.app) as url:
        made = Stage(local_tenant, project, api, store, url)
        made.web = api("POST", "clients", {"name": "Web App", "grant_types": GRANTS, "callbacks": [CALLBACK]})
        yield made
