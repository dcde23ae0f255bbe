"""Computes what an apply of the working tree would change in a tenant."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deployer.concurrency import in_thread
from deployer.operations.context import Context
from deployer.operations.definitions import load, refuse_lint_errors, resolved
from deployer.operations.keep_plan import keep_plan
from deployer.operations.results import PlanResult
from deployer.planning.plan_checks import rotating
from deployer.planning.resolve import make_plan
from deployer.releases.provenance import keep_release
from deployer.releases.release import build_release
from deployer.releases.test_status import with_tests


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How a plan is made.

    `targets` are the addresses that it is limited to, `allow` the concerns that are accepted (`CODE:ADDRESS`), `out` a
    file to save it in; `lint` refuses what lint finds errors in.
    """

    targets: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    out: Path | None = None
    lint: bool = True


async def plan(context: Context, options: PlanOptions | None = None) -> PlanResult:
    """Compare the working tree's definitions with the tenant. Nothing is changed there.

    Raises:
        ConfigError: for mistakes in the files, secrets that cannot be read, and what Auth0 would refuse.
        RefusedError: for lint errors.
        DeployerError: where the tenant or the state cannot be read.
    """
    options = options or PlanOptions()
    project = context.project
    defined = await load(context)
    state = context.state(defined.tenant)
    await refuse_lint_errors(context, defined, compiled_only=not options.lint)
    ready = await resolved(context, defined)
    if options.out is not None:  # it must be there when the plan is applied
        release = await in_thread(keep_release, project, ready.tenant, ready.rendered, state)
    else:
        release = await context.do(lambda: build_release(project, ready.tenant).id)
    async with context.reading(state), context.gateway(ready.access) as gateway:
        made = await make_plan(
            ready,
            gateway,
            options.targets,
            release=release,
            store=state,
            to_apply=True,
            rotates=rotating(options.allow),
        )
        if made.effective:
            made = await state.read(with_tests, made, ready, state)
    return await context.do(partial(keep_plan, context, ready, made, options.allow, options.out))
