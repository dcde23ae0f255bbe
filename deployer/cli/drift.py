"""Implements `deployer drift`: what changed in the tenant behind our back; exits with 2 where something did."""

from deployer.cli import common
from deployer.cli.fleet import FleetCommand, Selection, run_command
from deployer.errors import ExitCode


def drift(
    tenant: common.OptionalTenant = None,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    engine: common.Engine = None,
    without_secrets: common.WithoutSecrets = False,
    as_json: common.AsJson = False,
) -> None:
    """Show what in the tenant is no longer as deployed. Exits with 2 on drift."""
    from deployer.operations.drift import drift as operation
    from deployer.reporting.drift import print_drift

    common.SETTINGS.without_secrets = without_secrets
    selection = Selection(tenant, every, tenants or (), tags or (), engine)
    if selection.is_fleet:
        run_command(selection, FleetCommand("drift", as_json=as_json, changes_code=ExitCode.CHANGES))
        return
    found = common.run(operation(common.context(selection.names()[0])))
    print_drift(found, "json" if as_json else "text")
    if found.found:
        common.leave(ExitCode.CHANGES)
