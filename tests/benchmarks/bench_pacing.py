"""Pacing and reading: 200 writes under a rate limit over what the limit allows; reads over the bare HTTP requests.

Run by hand: `python tests/benchmarks/bench_pacing.py`; `--short` writes fewer and leaves out 1,000 connections.
The tenant runs in a process of its own, so that its work is not counted as ours more than it must be.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from deployer.management.access import Access, Credentials, RateLimit
from deployer.management.gateway import Gateway

PER_SECOND, BURST = 16, 50
SCRIPT = (
    "function login(email, password, callback) {\n"
    + "  // a line of a usual length, as scripts have them\n" * 60
    + "}\n"
)
SCRIPTS = ("login", "get_user", "create", "verify", "change_password", "delete", "change_email")


@contextmanager
def sandbox(*options: str) -> Iterator[dict[str, str]]:
    """A local tenant in another process: base_url, domain, client_id, client_secret."""
    command = [str(Path(sys.executable).with_name("deployer")), "sandbox", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def access(tenant: dict[str, str], limit: RateLimit | None = None) -> Access:
    credentials = Credentials(tenant["client_id"], tenant["client_secret"])
    return Access("bench", tenant["domain"], credentials, base_url=tenant["base_url"], rate_limit=limit)


async def paced_writes(tenant: dict[str, str], count: int, limit: RateLimit | None) -> None:
    async with Gateway(access(tenant, limit)) as gateway:
        made = await gateway.create_connection({"name": "paced", "strategy": "auth0"})
        await asyncio.sleep(BURST / PER_SECOND)  # the bucket is full again
        before, began = gateway.requests, time.perf_counter()
        await asyncio.gather(
            *(gateway.update_connection(made["id"], {"display_name": f"Number {n}"}) for n in range(count))
        )
        took, requests = time.perf_counter() - began, gateway.requests - before
        await gateway.delete_connection(made["id"])
    allowed = (count - BURST) / PER_SECOND
    known = "configured" if limit else "learned from the headers"
    print(
        f"{count} writes under {PER_SECOND}/s, burst {BURST}, {known}: {took / allowed:.3f} times what the limit "
        f"allows ({took:.2f} s over {allowed:.2f} s; aim 1.08); {requests - count} throttled, none final"
    )


@asynccontextmanager
async def bare_client(tenant: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=tenant["base_url"]) as client:
        grant = {
            "grant_type": "client_credentials",
            "client_id": tenant["client_id"],
            "client_secret": tenant["client_secret"],
            "audience": f"{tenant['base_url']}/api/v2/",
        }
        said = (await client.post("/oauth/token", json=grant)).json()
        client.headers["authorization"] = f"Bearer {said['access_token']}"
        yield client


async def best(what: Callable[[], Coroutine[Any, Any, Any]], rounds: int = 7) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        await what()
        times.append(time.perf_counter() - began)
    return min(times)


async def reads(tenant: dict[str, str], count: int) -> None:
    """All connections, through the gateway and by bare requests that are made and decoded alike."""
    options = {"enabledDatabaseCustomization": True, "customScripts": dict.fromkeys(SCRIPTS, SCRIPT)}
    began = time.perf_counter()
    async with Gateway(access(tenant)) as gateway:
        await gateway.connections()
        first = time.perf_counter() - began
        have = len(await gateway.connections())
        names = [f"users-{n}" for n in range(have, count)]
        await asyncio.gather(
            *(gateway.create_connection({"name": name, "strategy": "auth0", "options": options}) for name in names)
        )
        before = gateway.requests
        assert len(await gateway.connections()) == count
        requests = gateway.requests - before
        ours = await best(gateway.connections)
    async with bare_client(tenant) as client:

        async def page(query: dict[str, Any]) -> Any:
            answer = await client.get("/api/v2/connections", params={"strategy": "auth0", **query})
            return answer.json()

        async def bare() -> None:
            if count < 1000:
                pages = -(-count // 100)
                queries = [{"page": n, "per_page": 100, "include_totals": "true"} for n in range(pages)]
                await asyncio.gather(*(page(query) for query in queries))
                return
            said = await page({"page": 0, "per_page": 100, "include_totals": "true"})
            said = await page({"take": 100})
            while "next" in said:
                said = await page({"take": 100, "from": said["next"]})

        theirs = await best(bare)
    print(
        f"read {count:,} connections: {requests} requests, {ours / theirs:.2f} times the bare requests "
        f"({ours * 1000:.0f} ms over {theirs * 1000:.0f} ms); "
        f"first call of the process, token and imports included: {first * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    count = 100 if short else 200
    for number in (100,) if short else (100, 1000):
        with sandbox() as tenant:
            asyncio.run(reads(tenant, number))
    for limit in (None,) if short else (None, RateLimit(PER_SECOND, BURST)):
        with sandbox("--rate-limit", f"{PER_SECOND}/{BURST}") as tenant:
            asyncio.run(paced_writes(tenant, count, limit))


if __name__ == "__main__":
    main()
