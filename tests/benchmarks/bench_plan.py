"""How fast a plan is: start-up as a multiple of bare Python, a plan over the time of the bare HTTP requests.

Run by hand: `python tests/benchmarks/bench_plan.py`; `--short` leaves out 1,000 connections.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from deployer.management.gateway import Gateway
from deployer.planning.preparation import make_plan, prepare
from deployer.rendering.project import Project
from deployer.sandbox.server import LocalTenant

DEFINITION = """\
domain: !env AUTH0_DOMAIN
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
connections:
"""
CONNECTION = "  users-{n}: {{store: postgres, migration: trickle, variables: {{table: users}}}}\n"


def seconds(arguments: list[str], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(arguments, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def start_up(rounds: int) -> None:
    bare = seconds([sys.executable, "-c", "pass"], rounds)
    version = seconds([str(Path(sys.executable).with_name("deployer")), "--version"], rounds)
    print(f"deployer --version: {version / bare:.1f} times `python -c pass` ({version * 1000:.0f} ms; aim 6)")


def plan(count: int, folder: Path) -> None:
    with LocalTenant() as tenant:
        os.environ |= {
            "AUTH0_DOMAIN": tenant.domain,
            "AUTH0_BASE_URL": tenant.base_url,
            "AUTH0_CLIENT_ID": tenant.client_id,
            "AUTH0_CLIENT_SECRET": tenant.client_secret,
        }
        (folder / "tenants").mkdir(exist_ok=True)
        body = "".join(CONNECTION.format(n=n) for n in range(count))
        (folder / "tenants" / "local.yaml").write_text(DEFINITION + body)
        began = time.perf_counter()
        ready = prepare(Project(folder), "local")
        rendered = time.perf_counter() - began
        fill(tenant, ready)

        async def timed() -> tuple[float, int]:
            async with Gateway(ready.access) as gateway:
                began = time.perf_counter()
                made = await make_plan(ready, gateway)
                assert len(made.changes) == count
                return time.perf_counter() - began, gateway.requests

        runs = [asyncio.run(timed()) for _ in range(3)]
        took, requests = min(runs)
        bearer = token(tenant)
        bare = min(bare_requests(tenant, count, bearer) for _ in range(3))
    print(
        f"plan of {count:,} connections: {requests} requests, {took / bare:.1f} times the bare requests "
        f"({took * 1000:.0f} ms over {bare * 1000:.0f} ms; aim 3); rendering before it {rendered * 1000:.0f} ms"
    )


def fill(tenant: LocalTenant, ready: object) -> None:
    """Put the connections into the tenant, with their scripts, as an apply would."""
    headers = {"Authorization": f"Bearer {token(tenant)}"}
    with httpx.Client(base_url=tenant.base_url, headers=headers, trust_env=False) as client:
        for wanted in ready.desired:  # type: ignore[attr-defined]
            body = {"name": wanted.name, "strategy": "auth0", "options": wanted.attributes["options"]}
            client.post("/api/v2/connections", json=body).raise_for_status()


def token(tenant: LocalTenant) -> str:
    request = {
        "grant_type": "client_credentials",
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "audience": f"{tenant.base_url}/api/v2/",
    }
    return str(httpx.post(f"{tenant.base_url}/oauth/token", json=request, trust_env=False).json()["access_token"])


def bare_requests(tenant: LocalTenant, count: int, bearer: str) -> float:
    """The same pages, fetched and decoded: nothing else."""
    headers = {"Authorization": f"Bearer {bearer}"}
    with httpx.Client(base_url=tenant.base_url, headers=headers, trust_env=False) as client:
        began = time.perf_counter()
        for page in range((count + 99) // 100):
            query = f"strategy=auth0&page={page}&per_page=100&include_totals=true"
            client.get(f"/api/v2/connections?{query}").raise_for_status().json()
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    start_up(5 if short else 20)
    for count in (1, 100) if short else (1, 100, 1000):
        with tempfile.TemporaryDirectory() as folder:
            plan(count, Path(folder))


if __name__ == "__main__":
    main()
