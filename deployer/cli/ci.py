"""`deployer ci github` and `deployer ci gitlab`: write the pipelines of a project."""

from pathlib import Path
from typing import Annotated

import typer

from deployer.cli import common
from deployer.cli.command import Command

ci = typer.Typer(name="ci", help="Write pipelines for GitHub or GitLab.", no_args_is_help=True)

Tenants = Annotated[
    list[str] | None, typer.Option("--tenant", metavar="NAME", help="Only these tenants; all but the sandbox without.")
]
StoreUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="The store that all runs share: s3://, gs:// or az://.")
]
Branch = Annotated[str, typer.Option(metavar="NAME", help="The branch that is deployed.")]
Requirement = Annotated[str | None, typer.Option(metavar="SPEC", help="What pip installs instead of this version.")]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Replace pipelines of these names that somebody else wrote; .gitlab-ci.yml and .pre-commit-config.yaml, "
        "where they are, stay as they are.",
    ),
]


@ci.command(cls=Command)
def github(
    tenant: Tenants = None,
    store: StoreUrl = None,
    branch: Branch = "main",
    requirement: Requirement = None,
    schedule: Annotated[str, typer.Option(metavar="CRON", help="When to look for drift, UTC.")] = "17 5 * * *",
    force: Force = False,
) -> None:
    """Write GitHub workflows: check pull requests, deploy on merge, look for drift."""
    from deployer.promotion.ci.generate import Options

    defaults = Options()
    options = Options(branch=branch, requirement=requirement or defaults.requirement, schedule=schedule)
    _write("github", tenant, store, options, force)


@ci.command(cls=Command)
def gitlab(
    tenant: Tenants = None,
    store: StoreUrl = None,
    branch: Branch = "main",
    requirement: Requirement = None,
    image: Annotated[str | None, typer.Option(metavar="IMAGE", help="The image that jobs run in, with Python.")] = None,
    force: Force = False,
) -> None:
    """Write a GitLab pipeline: check merge requests, deploy on merge, look for drift."""
    from deployer.promotion.ci.generate import Options

    defaults = Options()
    options = Options(branch=branch, requirement=requirement or defaults.requirement, image=image or defaults.image)
    _write("gitlab", tenant, store, options, force)


def _write(host: str, tenants: list[str] | None, store: str | None, options: object, force: bool) -> None:
    from typing import cast

    from deployer.promotion.ci.generate import Host, Options, generate, left_to_do, write_files
    from deployer.promotion.ci.pipeline import read_pipeline

    pipeline = read_pipeline(common.project(), tenants, store)
    root = Path(common.SETTINGS.root)
    files = generate(cast("Host", host), pipeline, cast("Options", options))
    written, kept = write_files(root, files, force=force)
    for path in written:
        typer.echo(f"wrote {path}")
    for path in kept:
        typer.echo(f"left alone: {path} is there already")
    for text in left_to_do(root, kept):
        typer.echo(f"\n{text}")
    typer.echo("The comments in these files say which secrets and approvals they need.")
