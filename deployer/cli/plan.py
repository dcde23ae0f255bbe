"""`deployer plan`: what an apply would change, shown and optionally saved."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.cli.applying import show_and_save
from deployer.cli.common import PlanFormat
from deployer.cli.fleet import Selection, plan_many
from deployer.errors import DeployerError, ExitCode

if TYPE_CHECKING:
    from deployer.planning.resolve import ResolvedTenant


def plan(
    tenant: common.OptionalTenant = None,
    out: common.Out = None,
    report: common.Reports = None,
    as_format: Annotated[PlanFormat, typer.Option("--format", help="How to show it.")] = PlanFormat.TEXT,
    as_json: common.AsJson = False,
    target: common.Target = None,
    allow: common.Allow = None,
    without_secrets: common.WithoutSecrets = False,
    no_lint: common.NoLint = False,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 where there are changes.")
    ] = False,
) -> None:
    """Show what an apply would change."""
    from deployer.planning.plan_checks import rotating
    from deployer.planning.resolve import make_plan
    from deployer.releases.test_status import with_tests
    from deployer.reporting.waiting import waiting

    common.SETTINGS.without_secrets = without_secrets
    selection = Selection(tenant, every, tenants or (), tags or (), engine)
    if selection.is_fleet:
        if report or target:
            raise DeployerError("--report and --target are for one tenant", hint="Name the tenant.")
        code = ExitCode.CHANGES if detailed_exitcode else ExitCode.DONE
        options = {"no_lint": no_lint, "without_secrets": without_secrets, "allow": list(allow or ())}
        plan_many(selection, "plan", options, PlanFormat.JSON if as_json else as_format, out, code)
        return
    ready = common.prepared(selection.names()[0])
    store = common.store(ready.tenant)
    common.warn_interrupted(ready.tenant)
    common.refuse_findings(ready, compiled_only=no_lint)

    async def run() -> None:
        with waiting(f"Reading {ready.tenant.name}"):
            async with common.gateway(ready.access) as gateway:
                release = _release(ready, keep=out is not None)
                made = await make_plan(
                    ready,
                    gateway,
                    target or [],
                    release=release,
                    store=store,
                    to_apply=True,
                    rotates=rotating(allow or ()),
                )
            made = with_tests(made, ready, store)
        show_and_save(made, ready, allow or (), "json" if as_json else as_format.value, out, report or ())
        if detailed_exitcode and made.effective:
            common.leave(ExitCode.CHANGES)

    asyncio.run(run())


def _release(ready: "ResolvedTenant", *, keep: bool) -> str:
    """The digest of the release that the working tree holds; a saved plan keeps it, so that it can be recorded."""
    from deployer.releases.provenance import keep_release
    from deployer.releases.release import build_release

    project = common.project()
    if keep:
        return keep_release(project, ready.tenant, ready.rendered, common.store(ready.tenant))
    return build_release(project, ready.tenant).id
