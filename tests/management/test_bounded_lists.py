"""Lists that lie about their length or never end take no memory: an error comes early, in a process below 300 MB."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.misbehaving import Reply, Request, Server, answer

ASK = """\
import asyncio, json, sys
from deployer.errors import DeployerError
from deployer.management.access import Access, Credentials
from deployer.management.gateway import Gateway

async def main():
    access = Access("test", "acme.test", Credentials("the-client", "the-secret"), base_url=sys.argv[1])
    async with Gateway(access) as gateway:
        return await getattr(gateway, sys.argv[2])()

try:
    found, text = asyncio.run(main()), ""
except DeployerError as error:
    found, text = [], str(error)
# Of this process alone: the kernel's ru_maxrss begins with what the process that started it had.
peak = next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"count": len(found), "error": text, "peak": peak}))
"""
MEGABYTES = 300


def ask(replies: Callable[[Request], Reply], what: str = "connections", **environment: str) -> dict[str, Any]:
    """Read one list in a process of its own: how many entries, what it said, and its largest size in MB."""
    with Server(replies) as server:
        done = subprocess.run(
            [sys.executable, "-c", ASK, server.url, what],
            capture_output=True,
            text=True,
            timeout=250,
            env=os.environ | environment,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found | {"requests": len(server.api)}


def entries(first: int, number: int, weight: int = 200) -> list[dict[str, Any]]:
    return [
        {"id": f"con_{n:09}", "client_id": f"client_{n:09}", "name": f"c{n}", "options": {"x": "y" * weight}}
        for n in range(first, first + number)
    ]


@pytest.mark.slow
def test_fifty_thousand_connections_are_read() -> None:
    whole = 50_000

    def tenant(request: Request) -> Reply:
        start = int(request.query.get("from", "0"))
        if "page" in request.query:
            return answer({"connections": entries(0, 100), "total": whole, "limit": 100})
        more = {"next": str(start + 100)} if start + 100 < whole else {}
        return answer({"connections": entries(start, 100), **more})

    said = ask(tenant)
    assert (said["count"], said["error"]) == (whole, "")
    assert said["peak"] < MEGABYTES


@pytest.mark.slow
def test_fifty_thousand_applications_are_read() -> None:
    def tenant(request: Request) -> Reply:
        start = int(request.query["page"]) * 100
        return answer({"clients": entries(start, 100), "total": 50_000, "start": start, "limit": 100})

    said = ask(tenant, "clients")
    assert (said["count"], said["error"]) == (50_000, "")
    assert said["peak"] < MEGABYTES


@pytest.mark.parametrize(("total", "shown"), [(100_000, 1), (100_000, 100), (10**15, 100)])
def test_a_total_that_the_pages_do_not_bear_out(total: int, shown: int) -> None:
    def tenant(request: Request) -> Reply:
        return answer({"clients": entries(0, shown), "total": total, "limit": 100})

    said = ask(tenant, "clients")
    assert f"says it has {total:,} entries" in said["error"]
    assert said["requests"] < 50
    assert said["peak"] < MEGABYTES


@pytest.mark.slow
def test_pages_without_end() -> None:
    def tenant(request: Request) -> Reply:
        start = int(request.query.get("from", "0"))
        more = {"total": 5000} if "page" in request.query else {"next": str(start + 100)}
        return answer({"connections": entries(start, 100, 50_000), **more})

    said = ask(tenant)
    assert "is larger than 160 MB, or never ends" in said["error"]
    assert "DEPLOYER_LIST_LIMIT_MB" in said["error"]
    assert said["peak"] < MEGABYTES


def test_pages_without_totals_and_without_end() -> None:
    def tenant(request: Request) -> Reply:
        return answer(entries(int(request.query["page"]) * 100, 100))

    said = ask(tenant, "clients", DEPLOYER_LIST_LIMIT_MB="3")
    assert "is larger than 3 MB, or never ends" in said["error"]
    assert said["peak"] < MEGABYTES


def test_the_same_entries_under_ever_new_checkpoints() -> None:
    def tenant(request: Request) -> Reply:
        start = int(request.query.get("from", "0"))
        more = {"total": 5000} if "page" in request.query else {"next": str(start + 1)}
        return answer({"connections": entries(0, 100), **more})

    said = ask(tenant)
    assert "never ends" in said["error"]
    assert said["requests"] < 10


def test_the_bound_is_a_number() -> None:
    said = ask(lambda _: answer([]), "clients", DEPLOYER_LIST_LIMIT_MB="much")
    assert "DEPLOYER_LIST_LIMIT_MB is no number" in said["error"]
