"""Many tenants at once: `plan --all` of 200 local tenants, each answer 50 ms late, over what latency and CPU impose.

Run by hand: `python tests/benchmarks/bench_fleet.py [--short] [--dask]`; `--short` takes 40 tenants. The tenants run in
another process. Measured is the whole command, from its start to its end, and how much of that a fleet of one takes.
Printed for each run: wall time; the floor that latency sets (a tenant's requests follow each other, as many tenants at
once as the engine takes); the floor that CPU time sets on this machine's cores; the time over the sum and over the
larger of the two; and over the same requests made by bare httpx in one process. The first run has an empty cache and no
tokens.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx

LATENCY = 0.05
WORKER_THREADS = 32
DEFINITION = """\
extends: base
domain: {domain}
base_url: {base_url}
credentials: {{client_id: {client_id}, client_secret: !env SECRET_{number}}}
"""
BASE = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
"""


def serve(count: int) -> None:
    """In the other process: tenants until standard input ends; weather by lines `latency S`, `down N`, `slow N`."""
    from deployer.sandbox.server import LocalTenants
    from deployer.sandbox.weather import RateLimit

    with LocalTenants(count) as tenants:
        known = [
            {"base_url": t.base_url, "domain": t.domain, "client_id": t.client_id, "client_secret": t.client_secret}
            for t in tenants.tenants
        ]
        print(json.dumps(known), flush=True)
        for line in sys.stdin:
            word, value = line.split()
            if word == "latency":
                for tenant in tenants.tenants:
                    tenant.weather.latency = float(value)
            elif word == "down":
                tenants.tenants[int(value)].weather.add_fault("drop_before", times=None)
            elif word == "slow":
                tenants.tenants[int(value)].weather.rate_limit = RateLimit(1, 1)
            print(json.dumps([os.times().user + os.times().system]), flush=True)


class Server:
    """The other process."""

    def __init__(self, count: int) -> None:
        command = [sys.executable, __file__, "--serve", str(count)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.tenants: list[dict[str, str]] = self._answer()

    def say(self, line: str) -> float:
        """Change the weather; the CPU seconds that the server has used so far."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return float(self._answer()[0])

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@dataclass(frozen=True)
class Run:
    """One `plan --all`, in a process of its own; by tenant how long it took and what became of it."""

    wall: float
    cpu: float
    seconds: dict[str, float]
    verdicts: dict[str, str]


def plan_all(folder: Path, engine: str | None, which: Sequence[str] = ("--all",)) -> Run:
    program = [sys.executable, "-c", "from deployer.cli.entry import run; run()", "--chdir", str(folder), "plan"]
    spent, began = cpu_of_children(), time.perf_counter()
    done = subprocess.run(
        [*program, *which, *(["--engine", engine] if engine else [])], capture_output=True, text=True, check=False
    )
    wall, cpu = time.perf_counter() - began, cpu_of_children() - spent
    found = {match["tenant"]: match for match in _RESULT.finditer(done.stdout)}
    assert found, done.stderr
    seconds = {tenant: float(match["seconds"]) for tenant, match in found.items()}
    return Run(wall, cpu, seconds, {tenant: match["verdict"] for tenant, match in found.items()})


_RESULT = re.compile(
    r"^(?P<verdict>with changes|done|failed|refused) +(?P<tenant>t\d+) .* (?P<seconds>[\d.]+) s$", re.MULTILINE
)


def cpu_of_children() -> float:
    """CPU seconds of the processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


async def bare(tenants: list[dict[str, str]], tokens: dict[str, str], at_once: int) -> float:
    """Seconds for the same requests by bare httpx, as many tenants at once: a token where there is none, and a page."""
    slots, trust = asyncio.Semaphore(at_once), httpx.create_ssl_context()

    async def one(tenant: dict[str, str]) -> None:
        root = tenant["base_url"]
        async with slots, httpx.AsyncClient(base_url=root, trust_env=False, verify=trust) as client:
            if root not in tokens:
                known = {key: tenant[key] for key in ("client_id", "client_secret")}
                grant = {**known, "grant_type": "client_credentials", "audience": f"{root}/api/v2/"}
                answer = await client.post("/oauth/token", json=grant)
                tokens[root] = answer.raise_for_status().json()["access_token"]
            headers = {"Authorization": f"Bearer {tokens[root]}"}
            query = "strategy=auth0&page=0&per_page=100&include_totals=true"
            (await client.get(f"/api/v2/connections?{query}", headers=headers)).raise_for_status().json()

    began = time.perf_counter()
    await asyncio.gather(*(one(tenant) for tenant in tenants))
    return time.perf_counter() - began


class Cpu(NamedTuple):
    """Seconds of CPU by process: the command itself, Dask's processes, the process of the tenants."""

    command: float
    workers: float
    tenants: float

    @property
    def floor(self) -> float:
        """No less wall time than this: one interpreter runs on one core, and all share this machine's."""
        return max(self.command, sum(self) / (os.cpu_count() or 1))


def show(label: str, run: Run, alone: float, used: Cpu, at_once: int, requests: int, bare_seconds: float) -> None:
    count = len(run.seconds)
    latency = -(-count // at_once) * requests * LATENCY
    cpu = used.floor
    print(
        f"{label}: {run.wall:.2f} s for {count} tenants ({alone:.2f} s for one); "
        f"latency alone {latency:.2f} s ({requests} requests each, {at_once} tenants at once), "
        f"CPU alone {cpu:.2f} s (the command's {used.command:.2f}, the workers' {used.workers:.2f}, "
        f"the tenants' {used.tenants:.2f}); "
        f"{run.wall / (latency + cpu):.2f} times the sum, {run.wall / max(latency, cpu):.2f} times the larger, "
        f"{run.wall / latency:.1f} times latency (aim 1.5), {run.wall / bare_seconds:.1f} times the same requests by "
        f"bare httpx ({bare_seconds:.2f} s)"
    )


def write(folder: Path, tenants: list[dict[str, str]]) -> None:
    (folder / "tenants").mkdir()
    (folder / "tenants" / "base.yaml").write_text(BASE)
    for number, known in enumerate(tenants):
        (folder / "tenants" / f"t{number:03}.yaml").write_text(DEFINITION.format(number=number, **known))
        os.environ[f"SECRET_{number}"] = known["client_secret"]
    os.environ["PG_URL"] = "postgres://nobody@127.0.0.1/users"


@contextlib.contextmanager
def cluster() -> Iterator[tuple[str, Callable[[], float]]]:
    """A Dask scheduler and two workers on loopback and free ports: where it is, and the CPU seconds it has used."""
    with contextlib.ExitStack() as stack:
        processes = []
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "scheduler.json"
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
        commands = [["dask", "scheduler", "--port", "0", *common]]
        commands += [
            ["dask", "worker", *common, "--nthreads", str(WORKER_THREADS), "--no-nanny", "--name", f"w{n}"]
            for n in range(2)
        ]
        for command in commands:
            path = str(Path(sys.executable).with_name(command[0]))
            process = subprocess.Popen([path, *command[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            processes.append(process)
            stack.callback(end, process)
            while not file.exists() or not file.read_text().strip():
                time.sleep(0.05)
        from distributed import Client

        address = json.loads(file.read_text())["address"]
        with Client(address, timeout="20s") as client:
            client.wait_for_workers(2, timeout=60)
        yield f"dask://{address.removeprefix('tcp://')}", lambda: sum(cpu_of(process.pid) for process in processes)


def end(process: subprocess.Popen[bytes]) -> None:
    """End it within some seconds: Dask's own way out waits for peers that may be gone."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


def cpu_of(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def measure(count: int, *, dask: bool) -> None:
    from deployer.fleet.fleet import AT_ONCE

    server = Server(count)
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["DEPLOYER_CACHE"] = str(folder / "cache")
        os.environ["XDG_CACHE_HOME"] = str(folder / "tokens")
        write(folder, server.tenants)
        engine, workers_cpu = stack.enter_context(cluster()) if dask else (None, lambda: 0.0)
        name = "Dask, two workers" if dask else "one process"
        at_once = min(count, 2 * WORKER_THREADS if dask else AT_ONCE)
        tokens: dict[str, str] = {}
        for label, requests in (("first", 2), ("next", 1)):
            before, ours = server.say(f"latency {LATENCY}"), workers_cpu()
            run = plan_all(folder, engine)
            after = server.say(f"latency {LATENCY}")
            assert len(run.verdicts) == count, run.verdicts
            assert set(run.verdicts.values()) == {"with changes"}, run.verdicts
            alone = plan_all(folder, engine, ("--tenant", "t000")).wall
            cpu = Cpu(run.cpu, workers_cpu() - ours, after - before)
            bare_seconds = asyncio.run(bare(server.tenants, tokens, at_once))
            show(f"{name}, {label}", run, alone, cpu, at_once, requests, bare_seconds)
        server.say("down 0")
        server.say("slow 1")
        run = plan_all(folder, engine)
        others = [seconds for tenant, seconds in run.seconds.items() if tenant not in ("t000", "t001")]
        print(
            f"{name}, one down and one throttled: {run.wall:.2f} s; down {run.seconds['t000']:.1f} s "
            f"({run.verdicts['t000']}), throttled {run.seconds['t001']:.1f} s "
            f"({run.verdicts['t001']}), the others at most {max(others):.1f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--dask", action="store_true", help="on a cluster of two workers")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    else:
        count = 40 if given.short else 200
        measure(count, dask=given.dask)


if __name__ == "__main__":
    main()
