"""Implements `deployer ci github` and `deployer ci gitlab`: write the pipelines of a project."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.cli.command import Command

if TYPE_CHECKING:
    from deployer.pipelines.generate import Host, Options

ci = typer.Typer(name="ci", help="Write pipelines for GitHub or GitLab.", no_args_is_help=True)

Tenants = Annotated[
    list[str] | None, typer.Option("--tenant", metavar="NAME", help="Only these tenants; all but the sandbox without.")
]
StoreUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Where the state is that all runs share, such as s3://BUCKET/PREFIX.")
]
Branch = Annotated[str, typer.Option(metavar="NAME", help="The branch that is deployed.")]
Requirement = Annotated[
    str | None,
    typer.Option(
        metavar="WHEEL|URL#sha256=|git+URL@COMMIT",
        help="What pip installs: a wheel in this repository, an address with its hash, or a commit.",
    ),
]
StoreKeys = Annotated[
    bool,
    typer.Option("--store-keys", help="Sign in to the store with long-lived keys instead of the host's OIDC tokens."),
]
Index = Annotated[str | None, typer.Option(metavar="URL", help="A package index of your own that has it.")]
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
    index: Index = None,
    schedule: Annotated[str, typer.Option(metavar="CRON", help="When to look for drift, UTC.")] = "17 5 * * *",
    store_keys: StoreKeys = False,
    force: Force = False,
) -> None:
    """Write GitHub workflows: check pull requests, deploy on merge, look for drift."""
    from deployer.pipelines.generate import Options

    _write(
        "github", tenant, (store, store_keys), Options(branch=branch, schedule=schedule), (requirement, index), force
    )


@ci.command(cls=Command)
def gitlab(
    tenant: Tenants = None,
    store: StoreUrl = None,
    branch: Branch = "main",
    requirement: Requirement = None,
    index: Index = None,
    image: Annotated[str | None, typer.Option(metavar="IMAGE", help="The image that jobs run in, with Python.")] = None,
    store_keys: StoreKeys = False,
    force: Force = False,
) -> None:
    """Write a GitLab pipeline: check merge requests, deploy on merge, look for drift."""
    from deployer.pipelines.generate import Options

    options = Options(branch=branch, image=image or Options().image)
    _write("gitlab", tenant, (store, store_keys), options, (requirement, index), force)


def _write(
    host: "Host",
    tenants: list[str] | None,
    store: tuple[str | None, bool],
    options: "Options",
    installed: tuple[str | None, str | None],
    force: bool,
) -> None:
    from deployer.pipelines.generate import check_files, generate, left_to_do, write_files
    from deployer.pipelines.pipeline import read_pipeline
    from deployer.pipelines.requirement import lock
    from deployer.pipelines.secrets_key import add_keys

    project, (url, keys) = common.project(), store
    pipeline = read_pipeline(project, tenants, url, keys=keys)
    root = Path(common.SETTINGS.root)
    generate(host, pipeline, options)  # what is wrong with the options is said before pip is asked
    options = replace(options, requirement=lock(root, *installed))
    check_files(root, generate(host, pipeline, options), force=force)
    added, by_hand = add_keys(project, pipeline.stages)
    if added:
        pipeline = read_pipeline(common.project(), tenants, url, keys=keys)
    files = generate(host, pipeline, options)
    written, kept = write_files(root, files, force=force)
    for path in written:
        typer.echo(f"wrote {path}")
    for path in added:
        typer.echo(f"added a secrets_key to {path}; its variable is needed from now on wherever the tenant is planned")
    for path in by_hand:
        typer.echo(
            f"{path} has no secrets_key, and it could not be added: add `secrets_key: !env NAME`, run this again"
        )
    for path in kept:
        typer.echo(f"left alone: {path} is there already")
    for text in left_to_do(root, kept):
        typer.echo(f"\n{text}")
    typer.echo("The comments in these files say which secrets and approvals they need.")
