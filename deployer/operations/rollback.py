"""Gives a tenant an earlier release of its own again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deployer.applying.request import Request
from deployer.operations.carry_out import Approve, Target, carry_out
from deployer.operations.context import Context
from deployer.operations.definitions import warn_uncompiled
from deployer.operations.keep_plan import keep_plan
from deployer.operations.results import ApplyResult, PlanResult
from deployer.planning.plan_checks import check_plan, check_protected
from deployer.planning.plan_file import SavedPlan
from deployer.releases import rollback as releases
from deployer.releases.provenance import running_release


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    """How a tenant goes back. `release` is the beginning of a release's digest; the previous one without it.

    `allow` are the concerns that are accepted (`CODE:ADDRESS`), `out` is a file to save a plan in. With `saved` that
    plan is applied, or nothing. `approve` asks whether to go on; without it, it is taken for approved.
    """

    release: str | None = None
    allow: frozenset[str] = frozenset()
    out: Path | None = None
    saved: SavedPlan | None = None
    approve: Approve | None = None


async def plan_rollback(context: Context, options: RollbackOptions | None = None) -> PlanResult:
    """Plan what going back would change in the tenant.

    Raises:
        DeployerError: where the state does not have the release.
        RefusedError: where the tenant's own file changes what is part of it so that it cannot be made.
    """
    options = options or RollbackOptions()
    async with _ready(context, options) as (back, target):
        async with context.reading(target.state):
            plan = await releases.plan_rollback(back, target.gateway, target.state)
        return await context.do(partial(keep_plan, context, back.ready, plan, options.allow, options.out))


async def rollback(context: Context, options: RollbackOptions | None = None) -> ApplyResult:
    """Give the tenant an earlier release again, whole or not at all.

    Raises:
        DeployerError: where the state does not have the release.
        RefusedError: where the plan is stale or not accepted, or the tenant is protected; nothing was changed then.
    """
    options = options or RollbackOptions()
    saved = options.saved
    async with _ready(context, options) as (back, target):
        request = Request(
            command="rollback",
            allowed=options.allow,
            release_from=await target.state.read(running_release, target.state, context.tenant),
        )
        if saved is not None:
            plan = saved.plan
        else:
            with context.observer.reading(context.tenant):
                plan = await releases.plan_rollback(back, target.gateway, target.state)
            check_protected(back.ready.tenant, plan, request.allowed)
        return await carry_out(context, target, plan, request, options.approve, saved=saved is not None)


@asynccontextmanager
async def _ready(context: Context, options: RollbackOptions) -> AsyncIterator[tuple[releases.Rollback, Target]]:
    """Load the tenant with the release."""
    tenant = await context.do(context.load)
    state, saved = context.state(tenant), options.saved
    release = options.release if saved is None else saved.plan.release
    async with context.entered(releases.rollback_target(context.project, state, tenant.name, release)) as back:
        if saved is not None:
            check_plan(saved, back.ready)
        await context.do(partial(warn_uncompiled, context, back.ready))
        async with context.gateway(back.ready.access) as gateway:
            yield back, Target(back.ready, gateway, state)
