"""Gives a tenant the release that another one runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deployer.applying.request import Request
from deployer.errors import DeployerError
from deployer.operations.carry_out import Approve, Target, carry_out
from deployer.operations.context import Context
from deployer.operations.keep_plan import keep_plan
from deployer.operations.results import ApplyResult, PlanResult
from deployer.planning.plan_checks import check_plan, check_protected, rotating
from deployer.planning.plan_file import SavedPlan
from deployer.releases.promotion import Promotion, check_source, check_way, plan_target, promotion
from deployer.releases.provenance import running_release
from deployer.state.state_store import StateStore


@dataclass(frozen=True, slots=True)
class PromoteOptions:
    """How a release is given on. `source` is the tenant that runs it; the context's tenant gets it.

    `allow` are the concerns that are accepted (`CODE:ADDRESS`), `break_glass` is the reason for a promotion past
    `promote_from`, `out` a file to save a plan in. With `saved` that plan is applied, or nothing. `approve` asks
    whether to go on; without it, it is taken for approved.
    """

    source: str
    allow: frozenset[str] = frozenset()
    break_glass: str | None = None
    out: Path | None = None
    saved: SavedPlan | None = None
    approve: Approve | None = None


async def plan_promotion(context: Context, options: PromoteOptions) -> PlanResult:
    """Plan what the release that the source runs would change in the tenant.

    Raises:
        RefusedError: where the source runs no release, has drifted, or its scripts failed their tests.
    """
    async with _ready(context, options) as (ready, target):
        async with context.reading(target.state):
            plan = await plan_target(ready, target.gateway, target.state, rotating(options.allow))
        return await context.do(partial(keep_plan, context, ready.target, plan, options.allow, options.out))


async def promote(context: Context, options: PromoteOptions) -> ApplyResult:
    """Give the tenant the release that the source runs, whole or not at all.

    Raises:
        RefusedError: where the source runs no release, has drifted, or its scripts failed their tests; where the plan
            is stale or not accepted. Nothing was changed then.
    """
    saved = options.saved
    async with _ready(context, options) as (ready, target):
        request = Request(
            command="promote",
            allowed=options.allow,
            release_from=await target.state.read(running_release, target.state, context.tenant),
            reason=options.break_glass,
        )
        if saved is not None:
            plan = saved.plan
        else:
            with context.observer.reading(context.tenant):
                plan = await plan_target(ready, target.gateway, target.state, rotating(options.allow))
            check_protected(ready.target.tenant, plan, request.allowed)
        return await carry_out(context, target, plan, request, options.approve, saved=saved is not None)


@asynccontextmanager
async def _ready(context: Context, options: PromoteOptions) -> AsyncIterator[tuple[Promotion, Target]]:
    """Load the release with the values of both tenants, and look whether the source is what it says."""
    source, target = options.source, context.tenant
    if target == source:
        raise DeployerError(f"{source} would be promoted to itself", hint="Name the tenant that gets the release: TO.")
    states = (await _state_of(context, source), await _state_of(context, target))
    saved = options.saved
    loading = promotion(context.project, states, source, target, saved.plan if saved else None)
    async with context.entered(loading) as ready:
        if saved is not None:
            check_plan(saved, ready.target)
        check_way(source, ready.target.tenant, options.break_glass)
        async with context.gateway(ready.source.access) as gateway:
            with context.observer.reading(source):
                await check_source(ready, states[0], gateway)
        async with context.gateway(ready.target.access) as gateway:
            yield ready, Target(ready.target, gateway, states[1])


async def _state_of(context: Context, name: str) -> StateStore:
    tenant = await context.do(context.of(name).load)
    return context.state(tenant)
