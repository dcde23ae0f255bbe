"""A project with everything that a tenant can be given, and what the tenant then has."""

from collections.abc import Callable
from typing import Any

import pytest

from deployer.sandbox.server import LocalTenant
from tests.support.kinds import GREET, Given


@pytest.fixture
def given(
    project: Any,
    local_tenant: LocalTenant,
    reach: Callable[[LocalTenant], None],
    api: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Given:
    """Nothing deployed yet."""
    reach(local_tenant)
    monkeypatch.setenv("GREETING", "canary-greeting-do-not-show")
    project.write("templates/custom/greet.js.j2", GREET)
    made = Given(project, local_tenant, api)
    made.define()
    return made
