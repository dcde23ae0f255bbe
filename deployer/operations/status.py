"""Finds how a tenant stands: in sync, drifted, behind, failed or unknown, connection by connection."""

from dataclasses import dataclass
from functools import partial

from deployer.applying.interrupted import Interrupted, find_interrupted
from deployer.config.models import Tenant
from deployer.config.secrets import asks_providers
from deployer.errors import DeployerError
from deployer.operations.context import Context
from deployer.operations.tenant_status import ConnectionStatus, State, TenantStatus
from deployer.planning.drift import Drift, Drifted
from deployer.planning.model import Plan
from deployer.planning.resolve import connect, make_plan
from deployer.project import Project
from deployer.releases.baseline import Baseline, baseline
from deployer.releases.provenance import running
from deployer.releases.release import build_release
from deployer.resources.kinds.connection import KIND as CONNECTION
from deployer.scripts import DEFAULT_TEMPLATE_NAME
from deployer.state.deployed_release import DeployedRelease, whole_releases
from deployer.state.history import HistoryRecord
from deployer.state.state_store import StateStore
from deployer.text import one_line

_NEVER = "it was never deployed from here"
_NOT_YET = "it is defined, and not deployed"
_NOT_APPLIED = "its definition in the tenant's own file was changed, and that is not applied"


@dataclass(frozen=True)
class _Recorded:
    """What the store tells of a tenant, and its domain."""

    domain: str
    last: HistoryRecord | None
    current: HistoryRecord | None
    unfinished: Interrupted | None
    running: DeployedRelease

    @property
    def trouble(self) -> str | None:
        """Of the last deployment, in words."""
        if self.unfinished is not None and self.unfinished.holder is None:
            return self.unfinished.words
        return _failed(self.last) if self.last is not None and self.last.result != "succeeded" else None


async def status(context: Context) -> TenantStatus:
    """Find how the tenant stands; what cannot be found out is said in its message, never raised."""
    project, name = context.project, context.tenant
    try:
        tenant = await context.do(context.load)
        state = context.state(tenant)
        waits = asks_providers(tenant) or not state.is_local
        recorded = await context.do(partial(_recorded, project, tenant, state), waits=waits)
    except DeployerError as error:
        return TenantStatus(name, "", own_state=State.UNKNOWN, message=one_line(error.brief))
    current = recorded.current
    notes = [recorded.trouble] if recorded.trouble else []
    own = State.FAILED if notes else None
    try:
        base = await context.do(partial(baseline, project, state, tenant), waits=waits)
        with context.observer.reading(name):
            async with context.gateway(base.ready.access) as gateway:
                plan = await make_plan(base.ready, gateway, store=state, left_out=base.left_out)
        connections = await context.do(partial(_connections, context, base, plan), waits=waits)
        leftovers = tuple(plan.leftovers)
    except DeployerError as error:
        leftovers = ()
        connections = tuple(ConnectionStatus(c, State.UNKNOWN) for c in tenant.connections)
        own = own or State.UNKNOWN
        notes.append(one_line(error.brief))
    if recorded.unfinished is not None and recorded.unfinished.holder is not None:
        notes.append(recorded.unfinished.words)
    if recorded.running.parts:
        notes.append(f"runs {recorded.running.words}")
    return TenantStatus(
        name=name,
        domain=recorded.domain,
        connections=connections,
        leftovers=leftovers,
        promote_from=tenant.promote_from,
        tags=tuple(tenant.tags),
        release=recorded.running.release,
        applied_at=current.at if current else None,
        applied_by=current.who if current else None,
        message="; ".join(notes) or None,
        own_state=own,
    )


def _recorded(project: Project, tenant: Tenant, store: StateStore) -> _Recorded:
    name = tenant.name
    return _Recorded(
        _domain(project, tenant),
        last=next(iter(store.history.list(name, limit=1)), None),
        current=next(iter(store.history.list(name, result="succeeded", limit=1)), None),
        unfinished=find_interrupted(store, name),
        running=running(store, name),
    )


def _connections(context: Context, base: Baseline, plan: Plan) -> tuple[ConnectionStatus, ...]:
    """Find how each connection stands, by what the tenant itself tells."""
    tenant, known, drift = base.tenant, base.running, base.drift(plan)
    planned = [one.name for one in plan.changes if one.kind == CONNECTION]
    left_out = [name for name in tenant.connections if f"{CONNECTION}.{name}" in base.left_out]
    named = [name for name in tenant.connections if name in planned or name in left_out]
    releases = {name: known.release_of(f"{CONNECTION}.{name}") for name in dict.fromkeys([*named, *planned])}
    behind = {release: _behind(context, tenant, release) for release in set(releases.values())}
    found = [_connection(name, release, drift, behind[release], known) for name, release in releases.items()]
    never = [name for name in tenant.connections if name not in releases] if known.release is None else []
    found += [ConnectionStatus(name, State.UNKNOWN, message=_NEVER) for name in never]
    return tuple(found)


def _connection(name: str, release: str | None, drift: Drift, behind: int, known: DeployedRelease) -> ConnectionStatus:
    """Find how one connection stands to the release that it was last given with."""
    address, own = f"{CONNECTION}.{name}", release if release != known.release else None
    drifted = next((one for one in drift.found if one.address == address), None)
    if drifted is not None:
        return ConnectionStatus(name, State.DRIFTED, release=own, message=_changed(drifted))
    if address in drift.not_compared:
        message = f"it cannot be compared: {drift.not_compared[address]}"
        return ConnectionStatus(name, State.UNKNOWN, message=message)
    if address in drift.not_deployed and release is None:
        return ConnectionStatus(name, State.UNKNOWN, message=_NEVER)
    if address in drift.not_deployed:
        return ConnectionStatus(name, State.BEHIND, message=_NOT_YET)
    if address in drift.not_applied:
        return ConnectionStatus(name, State.BEHIND, behind=behind, release=own, message=_NOT_APPLIED)
    if behind:
        return ConnectionStatus(name, State.BEHIND, behind=behind, release=own)
    return ConnectionStatus(name, State.IN_SYNC, release=own)


def _changed(drifted: Drifted) -> str:
    if drifted.missing:
        return "it is gone"
    paths = [
        f"{'.'.join(change.path)}{f' ({DEFAULT_TEMPLATE_NAME})' if change.default_template == 'after' else ''}"
        for change in drifted.attributes
    ]
    paths += [f"secret {secret.name}" for secret in drifted.secrets]
    return f"changed in the tenant: {one_line(', '.join(paths), 200)}"


def _behind(context: Context, tenant: Tenant, release: str | None) -> int:
    """Count the releases that a tenant is behind the one that it takes them from, or behind the working tree."""
    if release is None:
        return 0
    if tenant.promote_from is None:
        return int(build_release(context.project, tenant).id != release)
    source = context.state(context.of(tenant.promote_from).load())
    distinct = list(dict.fromkeys(whole_releases(source.history.newest_first(tenant.promote_from))))
    return distinct.index(release) if release in distinct else min(1, len(distinct))


def _failed(last: HistoryRecord) -> str:
    why = f": {one_line(last.reason, 200)}" if last.reason else ""
    return f"the last {one_line(last.command, 20)} ended as {one_line(last.result, 20)}{why}"


def _domain(project: Project, tenant: Tenant) -> str:
    try:
        return connect(project, tenant)[0].domain
    except DeployerError:
        return ""
