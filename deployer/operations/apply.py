"""Makes a tenant what the working tree defines, or exactly what a saved plan holds."""

from dataclasses import dataclass

from deployer.applying.request import Request
from deployer.concurrency import in_thread
from deployer.operations.carry_out import Approve, Target, carry_out
from deployer.operations.context import Context
from deployer.operations.definitions import load, refuse_lint_errors, resolved
from deployer.operations.results import ApplyResult
from deployer.planning.model import Plan
from deployer.planning.plan_checks import check_plan, check_protected
from deployer.planning.plan_file import SavedPlan
from deployer.planning.resolve import make_plan
from deployer.releases.promotion import check_working_tree
from deployer.releases.provenance import keep_release, running_release
from deployer.releases.test_status import with_tests


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a tenant is changed.

    `targets` are the addresses that the change is limited to, `allow` the concerns that are accepted (`CODE:ADDRESS`),
    `break_glass` is the reason for an apply past `promote_from`. With `saved` that plan is applied, or nothing.
    `approve` asks whether to go on; without it, it is taken for approved.
    """

    targets: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    lint: bool = True
    break_glass: str | None = None
    saved: SavedPlan | None = None
    approve: Approve | None = None


async def apply(context: Context, options: ApplyOptions | None = None) -> ApplyResult:
    """Change a tenant, whole or not at all.

    Raises:
        ConfigError: for mistakes in the files, secrets that cannot be read, and what Auth0 would refuse.
        RefusedError: for lint errors, concerns that are not accepted, a stale plan, a protected tenant; nothing was
            changed then.
        DeployerError: where the tenant or the state cannot be read.
    """
    options = options or ApplyOptions()
    saved = options.saved
    defined = await load(context)
    check_working_tree(defined.tenant, options.break_glass)
    state = context.state(defined.tenant)
    await refuse_lint_errors(context, defined, compiled_only=saved is not None or not options.lint)
    ready = await resolved(context, defined)
    if saved is not None:
        check_plan(saved, ready)
    request = Request(
        allowed=options.allow,
        release_from=await state.read(running_release, state, context.tenant),
        reason=options.break_glass,
    )
    async with context.gateway(ready.access) as gateway:
        target = Target(ready, gateway, state)
        plan = saved.plan if saved is not None else await _planned(context, target, options, request)
        return await carry_out(context, target, plan, request, options.approve, saved=saved is not None)


async def _planned(context: Context, target: Target, options: ApplyOptions, request: Request) -> Plan:
    ready, state = target.ready, target.state
    release = await in_thread(keep_release, context.project, ready.tenant, ready.rendered, state)
    with context.observer.reading(context.tenant):
        plan = await make_plan(ready, target.gateway, options.targets, release=release, store=state, to_apply=True)
    plan = await state.read(with_tests, plan, ready, state)
    check_protected(ready.tenant, plan, request.allowed)
    return plan
