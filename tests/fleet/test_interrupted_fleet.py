"""Ctrl-C, or a cancelled pipeline, while many tenants are changed: nobody further, nobody half way, and it is said."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, wait
from functools import partial

import pytest

from deployer.concurrency import EventLoop
from deployer.fleet.fleet import Job, JobResult, Waves, run_fleet
from deployer.sandbox.server import LocalTenants

BODY = """\
domain: {domain}
base_url: {url}
credentials: {{client_id: {id}, client_secret: !env SECRET_{n}}}
connections:
  users:
    store: postgres
    configuration: {{PG_URL: !env PG_URL}}
"""
COUNT = 6


@pytest.fixture
def slow_tenants(project, monkeypatch):
    """Six tenants; each takes three seconds for the answer to the one write, which it has made by then."""
    monkeypatch.setenv("PG_URL", "postgres://nobody@db.example.com/users")
    with LocalTenants(COUNT) as running:
        for n, tenant in enumerate(running.tenants):
            monkeypatch.setenv(f"SECRET_{n}", tenant.client_secret)
            text = BODY.format(domain=tenant.domain, url=tenant.base_url, id=tenant.client_id, n=n)
            project.write(f"tenants/t{n}.yaml", text)
            tenant.weather.add_fault("late", method="POST", path="/api/v2/connections", seconds=3)
        yield running.tenants


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_those_under_way_are_taken_back_and_the_others_are_not_begun(project, slow_tenants, number):
    command = [sys.executable, "-c", PROGRAM, "--chdir", str(project.root), "--no-token-cache"]
    process = subprocess.Popen(
        [*command, "apply", "--all", "--auto-approve", "--batch", "3", "--no-lint", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        end = time.monotonic() + 60
        while sum(made(tenant) for tenant in slow_tenants) < 3:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in err
    assert [one["verdict"] for one in json.loads(out)] == ["interrupted"] * COUNT
    assert [one["summary"] for one in json.loads(out)][3:] == ["not begun"] * 3
    assert not any(made(tenant) for tenant in slow_tenants)
    # Nothing is locked or half done.
    again = project.run("apply", "--all", "--auto-approve", "--no-lint")
    assert again.code == 0, again.all
    assert all(made(tenant) for tenant in slow_tenants)


# A shell gives its background processes an ignored SIGINT, and the tests may run in one.
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from deployer.cli import entry
sys.exit(entry.execute(sys.argv[1:]))
"""


def made(tenant) -> bool:
    return tenant.storage.named("connection", "users") is not None


def test_an_interruption_is_in_the_results():
    """Of three, the first has ended, the second is under way, the third waits for its wave."""
    under_way = threading.Event()

    async def work(job: Job) -> JobResult:
        if job.tenant == "1":
            under_way.set()
            try:
                await asyncio.sleep(20)
            except asyncio.CancelledError:
                return JobResult(job.tenant, "interrupted", "taken back")
        return JobResult(job.tenant, "ok", "")

    def heard(result: JobResult) -> None:
        if result.tenant == "0":
            assert under_way.wait(20)
            raise KeyboardInterrupt

    jobs = [Job("x", ".", str(n)) for n in range(3)]
    found = run_fleet(work, jobs, waves=Waves(batch=2), on_result=heard)
    assert [one.verdict for one in found] == ["ok", "interrupted", "interrupted"]
    assert [one.brief for one in found] == ["", "taken back", "not begun"]


def test_what_is_stopped_is_waited_for():
    """A cancelled job has ended, its roll-back included, when whoever waits for it goes on."""
    loop, begun, ended = EventLoop(), threading.Event(), []

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.1)
            ended.append(True)

    threading.Thread(target=lambda: (begun.wait(20), loop.stop())).start()
    with pytest.raises(CancelledError):
        loop.run(work)
    assert ended


def test_only_what_has_not_begun_can_be_withdrawn():
    loop, slots, go, done = EventLoop(), asyncio.Semaphore(1), threading.Event(), []

    async def work(number: int) -> int:
        await asyncio.get_running_loop().run_in_executor(None, go.wait, 20)
        done.append(number)
        return number

    begun = [loop.begin(partial(work, number), slots) for number in range(3)]
    while not begun[0].running():
        time.sleep(0.01)
    assert [future.cancel() for future in begun] == [False, True, True]
    go.set()
    finished, waiting = wait(begun, 20)
    assert (len(finished), len(waiting)) == (3, 0)
    assert begun[0].result() == 0
    assert done == [0]


def test_what_waits_for_its_turn_ends_with_a_stop_as_well():
    loop, slots, begun = EventLoop(), asyncio.Semaphore(1), threading.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(60)

    futures = [loop.begin(work, slots) for _ in range(2)]
    assert begun.wait(20)
    loop.stop()
    finished, waiting = wait(futures, 20)
    assert (len(finished), len(waiting)) == (2, 0)
    assert isinstance(futures[0].exception(), CancelledError)
    assert futures[1].cancelled()
