"""A tenant in, how it stands out: in sync, drifted, behind, failed or unknown, connection by connection."""

import asyncio
from collections.abc import Callable

from deployer.applying.session import unfinished_text
from deployer.config.models import Tenant
from deployer.errors import DeployerError
from deployer.management.access import Access
from deployer.management.gateway import Gateway
from deployer.planning.drift import drift_of
from deployer.planning.model import Plan
from deployer.planning.preparation import Prepared, connect, make_plan, prepare
from deployer.promotion.baseline import baseline
from deployer.promotion.recording import running_release
from deployer.promotion.release import build_release
from deployer.rendering.project import Project
from deployer.reporting.status_model import ConnectionStatus, State, TenantStatus
from deployer.store.history import HistoryRecord
from deployer.store.store import Store
from deployer.text import one_line

OpenGateway = Callable[[Access], Gateway]
OpenStore = Callable[[Project, str | None], Store]


def tenant_status(project: Project, name: str, open_gateway: OpenGateway, open_store: OpenStore) -> TenantStatus:
    """How one tenant stands; what cannot be found out is said in its message, never raised."""
    try:
        tenant = project.tenant(name)
        store = open_store(project, tenant.history)
        last = next(iter(store.history.list(name, limit=1)), None)
        current = next(iter(store.history.list(name, result="succeeded", limit=1)), None)
        unfinished = store.journals.open_journals(name)
    except DeployerError as error:
        return TenantStatus(name, "", own_state=State.UNKNOWN, message=one_line(str(error), 300))
    domain = _domain(project, tenant)
    own, message = None, None
    if unfinished:
        own, message = State.FAILED, unfinished_text(unfinished[0])
    elif last is not None and last.result != "succeeded":
        own, message = State.FAILED, _failed(last)
    try:
        connections = _connections(project, tenant, store, open_gateway, open_store)
    except DeployerError as error:
        connections = tuple(ConnectionStatus(c, State.UNKNOWN) for c in tenant.connections)
        own, message = own or State.UNKNOWN, message or one_line(str(error), 300)
    return TenantStatus(
        name=name,
        domain=domain,
        connections=connections,
        promote_from=tenant.promote_from,
        tags=tuple(tenant.tags),
        release=running_release(store, name),
        applied_at=current.at if current else None,
        applied_by=current.who if current else None,
        message=message,
        own_state=own,
    )


def _connections(
    project: Project, tenant: Tenant, store: Store, open_gateway: OpenGateway, open_store: OpenStore
) -> tuple[ConnectionStatus, ...]:
    with baseline(project, store, tenant.name) as (base, release):
        ready = prepare(base, tenant.name)
        plan = asyncio.run(_planned(ready, open_gateway))
    drifted = {one.address: one for one in drift_of(plan)}
    behind = _behind(project, tenant, release, open_store)
    found = []
    for name in ready.tenant.connections:
        one = drifted.get(f"connection.{name}")
        if release is None and one is not None and one.missing:
            found.append(ConnectionStatus(name, State.UNKNOWN, message="it was never deployed from here"))
        elif one is not None:
            paths = [".".join(change.path) for change in one.attributes] or ["secrets"]
            message = "it is gone" if one.missing else f"changed in the tenant: {one_line(', '.join(paths), 200)}"
            found.append(ConnectionStatus(name, State.DRIFTED, message=message))
        elif behind:
            found.append(ConnectionStatus(name, State.BEHIND, behind=behind))
        else:
            found.append(ConnectionStatus(name, State.IN_SYNC))
    return tuple(found)


async def _planned(ready: Prepared, open_gateway: OpenGateway) -> Plan:
    async with open_gateway(ready.access) as gateway:
        return await make_plan(ready, gateway)


def _behind(project: Project, tenant: Tenant, release: str | None, open_store: OpenStore) -> int:
    """By how many releases a tenant is behind the one that it takes them from, or behind the working tree."""
    if release is None:
        return 0
    if tenant.promote_from is None:
        return int(build_release(project, tenant).id != release)
    source = open_store(project, project.tenant(tenant.promote_from).history)
    newest_first = [
        record.release_to
        for record in source.history.list(tenant.promote_from, result="succeeded")
        if record.release_to
    ]
    distinct = list(dict.fromkeys(newest_first))
    return distinct.index(release) if release in distinct else min(1, len(distinct))


def _failed(last: HistoryRecord) -> str:
    why = f": {one_line(last.reason, 200)}" if last.reason else ""
    return f"the last {one_line(last.command, 20)} ended as {one_line(last.result, 20)}{why}"


def _domain(project: Project, tenant: Tenant) -> str:
    try:
        return connect(project, tenant)[0].domain
    except DeployerError:
        return ""
