"""Implements `deployer sandbox`: serve a tenant of your own on localhost until it is told to stop."""

from pathlib import Path
from typing import Annotated

import typer


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port of 127.0.0.1; 0 takes a free one.")] = 0,
    data: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file that the tenant lives in; without it, in memory.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print address and credentials as one line of JSON.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Serve HTTPS for localhost, with a CA made once.")] = False,
    ca_dir: Annotated[Path | None, typer.Option(file_okay=False, help="Where that CA is kept.")] = None,
    latency: Annotated[float, typer.Option(min=0, max=60, help="Seconds that every answer is late.")] = 0,
    rate_limit: Annotated[
        str | None, typer.Option(metavar="RPS/BURST", help="Requests a second and at once, such as 16/50.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND[,KEY=VALUE...]", help="A fault rule, such as status,method=PATCH,nth=2,status=500."),
    ] = None,
    build_time: Annotated[float, typer.Option(min=0, max=600, help="Seconds that an action takes to build.")] = 0,
    token_lifetime: Annotated[int, typer.Option(min=1, help="Seconds that a token lives.")] = 86_400,
    load: Annotated[Path | None, typer.Option(dir_okay=False, help="A snapshot to start from.")] = None,
    snapshot: Annotated[Path | None, typer.Option(dir_okay=False, help="Write a snapshot here when it stops.")] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Behave as the Management API did in this month.")
    ] = None,
    enable_client_connections: Annotated[
        bool,
        typer.Option("--enable-client-connections", help="Enable each new application on every connection at once."),
    ] = False,
    legacy_enabled_clients: Annotated[
        bool,
        typer.Option(help="Show enabled_clients on connections, and take it in updates."),
    ] = True,
    tenants: Annotated[int, typer.Option(min=1, max=1000, help="How many tenants, each at a port of its own.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="Repeats which of two containers runs which script; without it, each run has its own order."
        ),
    ] = None,
) -> None:
    """Run a tenant of your own on localhost. It answers like Auth0, until Ctrl-C."""
    from deployer.sandbox.command import Settings, serve

    serve(
        Settings(
            port=port,
            data=data,
            as_json=as_json,
            tls=tls,
            ca_dir=ca_dir,
            latency=latency,
            rate_limit=rate_limit,
            faults=fault or [],
            build_time=build_time,
            token_lifetime=token_lifetime,
            load=load,
            snapshot=snapshot,
            tenants=tenants,
            as_of=as_of,
            enable_client_connections=enable_client_connections,
            legacy_enabled_clients=legacy_enabled_clients,
            seed=seed,
        ),
        typer.echo,
    )
