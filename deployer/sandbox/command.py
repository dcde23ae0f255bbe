"""Runs `deployer sandbox`: serves the tenants that the settings ask for, and announces them, until a signal comes."""

import json
import shlex
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import FrameType
from typing import Any

from deployer.errors import DeployerError
from deployer.sandbox.server import LocalTenants
from deployer.sandbox.snapshot import read_snapshot, write_snapshot
from deployer.sandbox.tenant import Behaviour, Tenant
from deployer.sandbox.weather import KINDS, Fault, RateLimit


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of the command, as they were given."""

    port: int = 0
    data: Path | None = None
    as_json: bool = False
    tls: bool = False
    ca_dir: Path | None = None
    latency: float = 0
    rate_limit: str | None = None
    faults: list[str] = field(default_factory=list)
    build_time: float = 0
    token_lifetime: int = 86_400
    load: Path | None = None
    snapshot: Path | None = None
    tenants: int = 1
    as_of: str | None = None
    enable_client_connections: bool = False
    legacy_enabled_clients: bool = True
    seed: int | None = None


def parse_rate_limit(text: str) -> RateLimit:
    """Parse `16/50`: 16 requests a second and 50 at once. Raises DeployerError."""
    rate, _, burst = text.partition("/")
    try:
        limit = RateLimit(float(rate), int(burst) if burst else max(1, int(float(rate))))
        if not 0 < limit.per_second < 1e9 or limit.burst < 1:
            raise ValueError(text)
    except (ValueError, OverflowError) as error:
        raise DeployerError(
            f"{text!r} is not a rate limit", where="--rate-limit", hint="Write it as RPS/BURST, such as 16/50."
        ) from error
    return limit


def parse_fault(text: str) -> dict[str, Any]:
    """Parse `drop_after,method=PATCH,path=/api/v2/*,nth=2` into arguments of `add_fault`. Raises DeployerError."""
    kind, *pairs = text.split(",")
    known = {item.name for item in fields(Fault)} - {"kind", "seen"}
    rule: dict[str, Any] = {}
    try:
        if kind not in KINDS:
            raise ValueError(kind)
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if key not in known or not equals:
                raise ValueError(pair)
            rule[key] = value if key in ("method", "path") else float(value) if key == "seconds" else int(value)
    except ValueError as error:
        raise DeployerError(
            f"{text!r} is not a fault rule",
            where="--fault",
            hint=f"Write it as KIND,KEY=VALUE,...: kinds are {', '.join(KINDS)}; keys are {', '.join(sorted(known))}.",
        ) from error
    return {"kind": kind, **rule}


def _files(settings: Settings) -> list[Path] | None:
    """Name one file for each tenant: FILE, then FILE-2, FILE-3 before its suffix."""
    if settings.data is None:
        return None
    data = settings.data
    numbered = [data.with_name(f"{data.stem}-{number}{data.suffix}") for number in range(2, settings.tenants + 1)]
    return [data, *numbered]


_NAMES = ("domain", "base_url", "client_id", "client_secret")


def announcement(tenant: Tenant, ca_file: Path | None) -> dict[str, str]:
    """Collect what a client needs to know: address and credentials."""
    return {
        "base_url": tenant.base_url,
        "domain": tenant.domain,
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        **({"ca_file": str(ca_file)} if ca_file else {}),
    }


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. Raises DeployerError."""
    limit = parse_rate_limit(settings.rate_limit) if settings.rate_limit else None
    rules = [parse_fault(text) for text in settings.faults]
    running = LocalTenants(
        settings.tenants,
        data=_files(settings),
        port=settings.port,
        tls=settings.tls,
        ca_dir=settings.ca_dir,
        behaviour=Behaviour(
            settings.token_lifetime,
            settings.build_time,
            settings.enable_client_connections or None,
            settings.legacy_enabled_clients,
            seed=settings.seed,
        ),
        as_of=settings.as_of,
    )
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running:
            for tenant in running.tenants:
                if settings.load is not None:
                    read_snapshot(tenant, settings.load)
                tenant.weather.latency = settings.latency
                tenant.weather.rate_limit = limit
                for rule in rules:
                    tenant.weather.add_fault(**rule)
                _announce(tenant, running.ca_file, settings, say)
            while not stopped.wait(3600):
                pass
            if settings.snapshot is not None:
                write_snapshot(running.tenants[0], settings.snapshot)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(tenant: Tenant, ca_file: Path | None, settings: Settings, say: Callable[[str], None]) -> None:
    known = announcement(tenant, ca_file)
    if settings.as_json:
        say(json.dumps(known))
        return
    lines = [f"{name.replace('_', ' ') + ':':<15}{value}" for name, value in known.items()]
    if ca_file is not None:
        lines += [f"Trust it with:  SSL_CERT_FILE={ca_file}", f"                NODE_EXTRA_CA_CERTS={ca_file}"]
    place = settings.data or "memory; it is gone when it stops"
    variables = [f"export AUTH0_{name.upper()}={shlex.quote(value)}" for name, value in known.items() if name in _NAMES]
    if ca_file is not None:
        variables.append(f"export SSL_CERT_FILE={shlex.quote(str(ca_file.absolute()))}")
    if settings.tenants == 1:
        lines += ["", "For tenants/local.yaml, paste this into another terminal:", "", *variables]
    say("\n".join(["A local tenant is running. Ctrl-C stops it.", "", f"state:         {place}", *lines, ""]))
