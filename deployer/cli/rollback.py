"""`deployer rollback`: an earlier release of a tenant, through the same plan and apply."""

import asyncio
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import deploy


def rollback(
    tenant: common.TenantName,
    release: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="A release by its digest; without one, the previous.")
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    allow: common.Allow = None,
    as_json: common.AsJson = False,
) -> None:
    """Go back to the previous release of a tenant, or to any other."""
    from deployer.applying.session import Request
    from deployer.planning.preparation import make_plan, prepare
    from deployer.promotion.recording import load_release, previous_release, running_release
    from deployer.promotion.workspace import release_project

    project = common.project()
    store = common.store(project.tenant(tenant))
    identity, content = load_release(store, release or previous_release(store, tenant))
    request = Request(command="rollback", allowed=frozenset(allow or ()), release_from=running_release(store, tenant))

    async def run() -> None:
        with release_project(content, project, tenant) as bundle:
            ready = prepare(bundle, tenant)
            async with common.gateway(ready.access) as gateway:
                plan = await make_plan(ready, gateway, release=identity)
                how = common.Manner(auto_approve=auto_approve, as_json=as_json)
                await deploy(ready, gateway, store, plan, request, how)

    asyncio.run(run())
