"""Implements `deployer validate`: files, references, templates and their JavaScript are checked, without a tenant."""

import typer

from deployer.cli import common
from deployer.cli.fleet import Selection


def validate(
    tenant: common.OptionalTenant = None,
    every: common.Every = False,
    tenants: common.Tenants = None,
    tags: common.Tags = None,
    as_json: common.AsJson = False,
) -> None:
    """Check files, references, templates and JavaScript, offline."""
    from deployer.planning.validation import validate_tenants
    from deployer.reporting.validation import print_validation

    project = common.project()
    everything = every or not (tenant or tenants or tags)
    names = Selection(tenant, everything, tenants or (), tags or ()).names()
    results = validate_tenants(project, names)
    print_validation(results, "json" if as_json else "text")
    if any(not result.valid for result in results):
        raise typer.Exit(1)
