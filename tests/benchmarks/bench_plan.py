"""How fast a plan is: start-up as a multiple of bare Python, a whole plan over the time of the bare HTTP requests.

Run by hand: `python tests/benchmarks/bench_plan.py`; `--short` leaves out 1,000 connections. The tenant runs in a
process of its own. A plan is everything that `deployer plan` does once modules, certificates and token are there: read
the files, render, lint, read the tenant, compare. It is the best of three, each in a new process, that follow one with
an empty cache, whose parts are shown last. Parts are CPU time, which other work on the machine lengthens less.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

DEFINITION = """\
domain: !env AUTH0_DOMAIN
base_url: !env AUTH0_BASE_URL
credentials: {client_id: !env AUTH0_CLIENT_ID, client_secret: !env AUTH0_CLIENT_SECRET}
connections:
"""
CONNECTION = """\
  users-{n}:
    {{store: postgres, migration: trickle, variables: {{table: users}}, configuration: {{PG_URL: !env PG_URL}}}}
"""
PARTS = ("load", "render", "lint", "compare")


@contextmanager
def sandbox() -> Iterator[dict[str, str]]:
    """A local tenant in another process: base_url, domain, client_id, client_secret."""
    command = [str(Path(sys.executable).with_name("deployer")), "sandbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


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


def plan_once(root: str) -> dict[str, Any]:
    """One whole plan in this process, which has loaded every module but done nothing: seconds and requests."""
    from deployer.cli.entry import collect_rarely
    from deployer.linting.lint_cache import lint_errors
    from deployer.linting.registry import all_rules
    from deployer.management.gateway import Gateway
    from deployer.planning.resolve import make_plan, resolve_tenant
    from deployer.project import Project
    from deployer.state.state_store import StateStore

    collect_rarely()
    all_rules()
    project = Project(Path(root))
    cpu: dict[str, float] = {}

    @contextmanager
    def part(name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        cpu[name] = time.process_time() - began

    began = time.perf_counter()
    with part("load"):
        tenant = project.tenant("local")
    with part("render"):
        project.render(tenant)
    known = time.perf_counter()
    ready = resolve_tenant(Project(Path(root)), "local")  # all of it again: not counted below
    again = time.perf_counter() - known
    with part("lint"):
        report = lint_errors(ready.tenant, ready.rendered, project.root)
    assert not report.errors, report.errors[0]

    store = StateStore.open(None, project.root)

    async def compare() -> tuple[float, int, int]:
        async with Gateway(ready.access) as gateway:
            waited = time.perf_counter()
            await gateway.clients()  # loads auth0-python and fetches a token, which serves for a day: start-up
            waited, before = time.perf_counter() - waited, gateway.requests
            with part("compare"):
                made = await make_plan(ready, gateway, store=store)
            return waited, gateway.requests - before, len(made.changes)

    entered = time.perf_counter()
    opening = Gateway(ready.access)  # reads the trusted certificates: start-up
    asyncio.run(opening.__aexit__(None, None, None))
    opened = time.perf_counter() - entered
    waited, requests, changes = asyncio.run(compare())
    wall = time.perf_counter() - began - again - opened - waited
    return {"wall": wall, "cpu": cpu, "requests": requests, "changes": changes}


def in_new_process(root: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, "--once", str(root)], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def plan(count: int, folder: Path) -> None:
    from deployer.planning.resolve import resolve_tenant
    from deployer.project import Project

    with sandbox() as tenant:
        os.environ |= {
            "AUTH0_DOMAIN": tenant["domain"],
            "AUTH0_BASE_URL": tenant["base_url"],
            "AUTH0_CLIENT_ID": tenant["client_id"],
            "AUTH0_CLIENT_SECRET": tenant["client_secret"],
            "PG_URL": "postgres://nobody@127.0.0.1/users",
            "DEPLOYER_CACHE": str(folder / "cache"),
        }
        (folder / "tenants").mkdir(exist_ok=True)
        body = "".join(CONNECTION.format(n=n) for n in range(count))
        (folder / "tenants" / "local.yaml").write_text(DEFINITION + body)
        first = in_new_process(folder)
        bearer = token(tenant)
        fill(tenant, bearer, resolve_tenant(Project(folder), "local").desired)
        runs = [in_new_process(folder) for _ in range(3)]
        best = min(runs, key=lambda run: float(run["wall"]))
        bare = min(bare_requests(tenant, count, bearer) for _ in range(5))
    parts = ", ".join(f"{name} {best['cpu'][name] * 1000:.0f}" for name in PARTS)
    print(
        f"plan of {count:,} connections: {best['requests']} requests (aim 5 for 100), "
        f"{best['wall'] / bare:.1f} times the bare requests ({best['wall'] * 1000:.0f} ms over {bare * 1000:.0f} ms; "
        f"aim 3); CPU ms: {parts}; the first plan: render {first['cpu']['render'] * 1000:.0f}, "
        f"lint {first['cpu']['lint'] * 1000:.0f}"
    )


def fill(tenant: dict[str, str], bearer: str, desired: Any) -> None:
    """Put the connections into the tenant, with their scripts, as an apply would."""
    headers = {"Authorization": f"Bearer {bearer}"}
    with httpx.Client(base_url=tenant["base_url"], headers=headers, trust_env=False) as client:
        for wanted in desired:
            body = {"name": wanted.name, "strategy": "auth0", "options": wanted.attributes["options"]}
            client.post("/api/v2/connections", json=body).raise_for_status()


def token(tenant: dict[str, str]) -> str:
    request = {
        "grant_type": "client_credentials",
        "client_id": tenant["client_id"],
        "client_secret": tenant["client_secret"],
        "audience": f"{tenant['base_url']}/api/v2/",
    }
    answer = httpx.post(f"{tenant['base_url']}/oauth/token", json=request, trust_env=False)
    return str(answer.json()["access_token"])


def bare_requests(tenant: dict[str, str], count: int, bearer: str) -> float:
    """The same pages, fetched and decoded on a new connection: nothing else."""
    headers = {"Authorization": f"Bearer {bearer}"}
    with httpx.Client(base_url=tenant["base_url"], headers=headers, trust_env=False) as client:
        began = time.perf_counter()
        for page in range((count + 99) // 100):
            query = f"strategy=auth0&page={page}&per_page=100&include_totals=true"
            client.get(f"/api/v2/connections?{query}").raise_for_status().json()
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--once", metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(plan_once(given.once)))
        return
    start_up(5 if given.short else 20)
    for count in (1, 100) if given.short else (1, 100, 1000):
        with tempfile.TemporaryDirectory() as folder:
            plan(count, Path(folder))


if __name__ == "__main__":
    main()
