"""Whatever happens at whichever request of an apply: afterwards the tenant is as it was, or as planned, in every field."""

import copy
import itertools

import pytest

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.storage import Document

BEFORE = """\
connections:
  first:
    store: postgres
    configuration: {PG_URL: !env PG_URL}
    options: {passwordPolicy: low}
    clients: [Web App]
"""
AFTER = """\
connections:
  first:
    store: postgres
    migration: trickle
    configuration: {PG_URL: !env PG_URL}
    options: {passwordPolicy: good}
    clients: [Mobile]
    metadata: {team: identity}
  second:
    store: postgres
    configuration: {PG_URL: !env PG_URL}
    clients: [Web App, Mobile]
"""


def state(tenant: LocalTenant) -> dict[str, Document]:
    """Every connection, without what differs from write to write: ciphertexts, ids of new ones, this tool's notes."""
    found = {}
    for name in ("first", "second"):
        document = copy.deepcopy(tenant.state.storage.named("connection", name))
        if document is None:
            continue
        links = tenant.state.storage.linked("enabled_client", left=document.pop("id"))
        document["options"]["configuration"] = sorted(document["options"].get("configuration", {}))
        # The tenant completes these by itself at a write, and keeps what it has added.
        for name_of_map in ("authentication_methods", "passkey_options"):
            document["options"].pop(name_of_map, None)
        metadata = document.pop("metadata", {})
        document["metadata"] = {key: value for key, value in metadata.items() if not key.startswith("deployer")}
        document["enabled_clients"] = sorted(links)
        found[name] = document
    return found


@pytest.fixture
def ready(project, local_tenant, reach, api):
    reach(local_tenant)
    for name in ("Web App", "Mobile"):
        api("POST", "clients", {"name": name})
    project.tenant(BEFORE)
    assert project.run("apply", "local", "--auto-approve").code == 0
    project.tenant(AFTER)
    return project


def writes_of_an_apply(ready, local_tenant) -> tuple[dict, dict]:
    """The state before, and after an apply that nothing disturbs."""
    before = state(local_tenant)
    assert ready.run("apply", "local", "--auto-approve").code == 0
    return before, state(local_tenant)


FAULTS = ["status", "drop_before", "drop_after", "truncate"]


def test_every_fault_at_every_write(ready, local_tenant, record_property, capsys):
    before, after = writes_of_an_apply(ready, local_tenant)
    assert set(after) == {"first", "second"}
    cases = survivors = 0
    for method, kind in itertools.product(("POST", "PATCH"), FAULTS):
        for nth in range(1, 8):
            reset(ready, local_tenant)
            assert state(local_tenant) == before
            rule = local_tenant.weather.add_fault(kind, method=method, path="/api/v2/connections*", nth=nth, status=500)
            ran = ready.run("apply", "local", "--auto-approve", "--no-token-cache")
            struck = rule.seen >= nth
            local_tenant.weather.clear()
            if not struck:
                break
            cases += 1
            now = state(local_tenant)
            if "deployer recover" in ran.all:
                assert ready.run("recover", "local").code == 0
                now = state(local_tenant)
            assert now in (before, after), (method, kind, nth, ran.all)
            assert (ran.code == 0) == (now == after), (method, kind, nth, ran.all)
            survivors += 1
    with capsys.disabled():
        print(f"\nfaults at writes: {survivors} of {cases} cases end as before or as planned")
    assert cases >= 20


def reset(ready, local_tenant) -> None:
    """Back to the state before, through the tool itself."""
    ready.tenant(BEFORE)
    from deployer.sandbox import dashboard

    if local_tenant.state.storage.named("connection", "second"):
        dashboard.delete_connection(local_tenant.state, "second")
    if local_tenant.state.storage.named("connection", "first"):
        dashboard.delete_connection(local_tenant.state, "first")
    ran = ready.run("apply", "local", "--auto-approve")
    assert ran.code == 0, ran.all
    ready.tenant(AFTER)
