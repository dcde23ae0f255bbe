"""Implements `deployer render`: the scripts of a tenant, printed or written into a folder."""

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.text import count


def render(
    tenant: common.TenantName,
    what: Annotated[
        str | None, typer.Argument(metavar="CONNECTION[/SCRIPT]", help="One connection, or one of its scripts.")
    ] = None,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Write files into this folder.")] = None,
    as_json: common.AsJson = False,
) -> None:
    """Print the scripts of a tenant, or write them into a folder."""
    from deployer.operations.render import select_scripts, write_scripts
    from deployer.reporting.scripts import print_scripts

    project = common.project()
    loaded = project.tenant(tenant)
    scripts = select_scripts(project, loaded, what)
    written = write_scripts(scripts, common.place(out)) if out is not None else []
    if as_json or out is None:
        print_scripts(scripts, "json" if as_json else "text")
    else:
        typer.echo(f"{count(len(written), 'script')} written to {out}")
