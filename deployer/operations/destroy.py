"""Deletes one resource that this tool has made."""

from collections.abc import Callable
from dataclasses import dataclass

from deployer.applying.allowance import check_allowed
from deployer.applying.request import Request
from deployer.operations.carry_out import Target, carry_out
from deployer.operations.context import Context
from deployer.operations.definitions import load, resolved
from deployer.operations.observer import Notice
from deployer.operations.results import ApplyResult
from deployer.planning.destruction import dependents, is_defined, make_destruction
from deployer.planning.model import Plan
from deployer.planning.next_commands import deploying, in_words
from deployer.planning.resolve import ResolvedTenant
from deployer.text import one_line


@dataclass(frozen=True, slots=True)
class DestroyOptions:
    """What is deleted: the resource at `address`. `allow` are the concerns that are accepted (`CODE:ADDRESS`).

    `approve` asks whether to go on; without it, it is taken for approved.
    """

    address: str
    allow: frozenset[str] = frozenset()
    approve: Callable[[Plan], None] | None = None


async def destroy(context: Context, options: DestroyOptions) -> ApplyResult:
    """Delete one resource, or take ours out of what belongs to everybody.

    Raises:
        DeployerError: where there is no such resource.
        RefusedError: where it was not made by this tool, or a concern is not accepted; nothing was changed then.
    """
    ready = await resolved(context, await load(context))
    state = context.state(ready.tenant)
    async with context.gateway(ready.access) as gateway:
        async with context.reading(state):
            plan = await make_destruction(ready, gateway, options.address, state)
        request = Request(command="destroy", allowed=options.allow)
        check_allowed(plan, request.allowed)

        def approve(plan: Plan) -> None:
            _warn(context, ready, options.address)
            if options.approve is not None:
                options.approve(plan)

        target = Target(ready, gateway, state)
        return await carry_out(context, target, plan, request, approve, saved=False)


def _warn(context: Context, ready: ResolvedTenant, address: str) -> None:
    """Say what else this means, where the definitions tell."""
    if needed := dependents(ready, address):
        context.observer.warn(Notice("definitions", f"{one_line(', '.join(needed), 400)} needs it"))
    if is_defined(ready, address):
        again = f"the next {in_words(deploying(ready.tenant))} makes it again"
        context.observer.warn(Notice("definitions", f"the definitions still name it: {again}"))
