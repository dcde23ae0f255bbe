"""How fast a local tenant answers: single reads and list pages of 1,000 connections, and what a tenant costs to start.

    python tests/benchmarks/bench_sandbox.py [--short]

The server runs as `deployer sandbox` in a process of its own; the client speaks HTTP/1.1 over kept connections with the
standard library alone, so that what is measured is the server.
"""

import argparse
import contextlib
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

SCRIPT = "function login(email, password, callback) {\n" + "  // a line of a script of some length\n" * 40 + "}\n"
OPTIONS = {
    "enabledDatabaseCustomization": True,
    "customScripts": dict.fromkeys(("login", "get_user", "create", "verify", "change_password", "delete"), SCRIPT),
    "configuration": {"URL": "postgres://localhost/users", "KEY": "a-secret"},
}
AIMS = {"reads": 500, "page": 50.0}


class Client:
    """One kept connection to a tenant."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._http = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        """The body of a successful answer."""
        self._http.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = self._http.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:200]!r}")
        return data


@contextlib.contextmanager
def running(*options: str) -> Iterator[dict[str, str]]:
    """`deployer sandbox` in a process of its own."""
    code = "from deployer.cli.main import app; app()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "sandbox", "--json", *options], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


def get_token(known: dict[str, str]) -> str:
    """A token for the benchmark."""
    body = {"grant_type": "client_credentials", "audience": known["base_url"] + "/api/v2/"}
    credentials = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    return str(
        json.loads(Client(known["base_url"]).send("POST", "/oauth/token", {**body, **credentials}))["access_token"]
    )


def reads_per_second(known: dict[str, str], token: str, ids: list[str], seconds: float, clients: int) -> float:
    """Single reads of random connections, by several clients at once."""
    counts = [0] * clients
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        client = Client(known["base_url"], token)
        while time.perf_counter() < end:
            client.send("GET", f"/api/v2/connections/{ids[(counts[number] * 7 + number) % len(ids)]}")
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def milliseconds(client: Client, path: str, times: int) -> tuple[float, float]:
    """Median and 95th percentile of a request."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        client.send("GET", path)
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken), sorted(taken)[int(len(taken) * 0.95) - 1]


def measure(count: int, seconds: float, times: int) -> None:
    """Fill a tenant and print the figures."""
    with running() as known:
        token = get_token(known)
        client = Client(known["base_url"], token)
        begin = time.perf_counter()
        ids = [
            json.loads(
                client.send("POST", "/api/v2/connections", {"name": f"u-{n}", "strategy": "auth0", "options": OPTIONS})
            )["id"]
            for n in range(count)
        ]
        print(f"{count} connections made: {count / (time.perf_counter() - begin):.0f} writes/s in memory")
        for clients in (1, 4):
            rate = reads_per_second(known, token, ids, seconds, clients)
            print(f"single reads, {clients} client(s): {rate:.0f}/s = {rate / AIMS['reads']:.1f} x the aim of 500/s")
        size = len(client.send("GET", "/api/v2/connections?per_page=100"))
        for label, path in (
            ("page 0", "/api/v2/connections?per_page=100&page=0&include_totals=true"),
            ("last page", f"/api/v2/connections?per_page=100&page={count // 100 - 1}&include_totals=true"),
            ("take", "/api/v2/connections?take=100&strategy=auth0"),
            ("names only", "/api/v2/connections?per_page=100&fields=name,id"),
        ):
            median, late = milliseconds(client, path, times)
            print(
                f"list of 100 ({label}): median {median:.1f} ms, 95% {late:.1f} ms "
                f"= {median / AIMS['page']:.2f} x the aim of 50 ms"
            )
        print(f"a page of 100 is {size / 1024:.0f} KiB")


def measure_start(tenants: int) -> None:
    """What tenants cost to start in one process."""
    from deployer.sandbox.server import LocalTenants

    for count in (1, tenants):
        begin = time.perf_counter()
        with LocalTenants(count):
            print(f"{count} tenant(s) up after {(time.perf_counter() - begin) * 1000:.0f} ms")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer and shorter measurements")
    short = parser.parse_args().short
    measure(1000, 2 if short else 8, 20 if short else 100)
    measure_start(50 if short else 200)


if __name__ == "__main__":
    main()
