"""Many tenants at once: which they are, that one failure stops nobody, canaries, batches, and the same on Dask."""

import json
import re
import subprocess
import sys
import time

import pytest

from deployer.fleet.fleet import Job, JobResult, Waves, run_fleet
from deployer.state.process_identity import hostname
from deployer.state.state_store import StateStore


def test_plan_apply_and_drift_of_all(project, fleet):
    tenants = fleet(4)
    planned = project.run("plan", "--all", "--detailed-exitcode")
    assert planned.code == 2
    assert "4 tenants: 4 with changes." in planned.out
    refused = project.run("apply", "--all")
    assert refused.code == 1
    assert "--auto-approve" in refused.err
    applied = project.run("apply", "--all", "--auto-approve", "--json")
    assert applied.code == 0, applied.all
    assert [one["verdict"] for one in applied.json] == ["ok"] * 4
    for tenant in tenants.tenants:
        assert tenant.storage.named("connection", "users")["options"]["customScripts"]["login"]
    assert project.run("plan", "--all", "--detailed-exitcode").code == 0
    assert project.run("drift", "--all").code == 0
    from deployer.sandbox import dashboard

    dashboard.save_scripts(tenants.tenants[2], "users")
    drifted = project.run("drift", "--all")
    assert drifted.code == 2
    assert "1 with changes" in drifted.out


def test_globs_and_tags_choose(project, fleet):
    fleet(4)
    assert "2 tenants" in project.run("plan", "--tenant", "eu-*").out
    assert "2 tenants" in project.run("plan", "--tag", "us").out
    assert "1 tenant:" in project.run("plan", "--tag", "us", "--tenant", "*-000").out
    wrong = project.run("plan", "--tenant", "asia-*")
    assert wrong.code == 1
    assert "no tenant fits 'asia-*'" in wrong.err
    assert project.run("plan", "us-000", "--all").code == 1
    assert project.run("validate", "--tag", "eu").code == 0
    assert project.run("lint", "--tag", "eu").code == 0
    assert "no tenant fits 'asia-*'" in project.run("lint", "--tenant", "asia-*").err


def test_one_that_is_down_stops_nobody(project, fleet, monkeypatch):
    tenants = fleet(4)
    text = (project.root / "tenants" / "us-000.yaml").read_text()
    project.write("tenants/us-000.yaml", text.replace(tenants.tenants[0].base_url, "http://127.0.0.1:1"))
    ran = project.run("apply", "--all", "--auto-approve")
    assert ran.code == 1
    assert "3 done" in ran.out
    assert "1 failed" in ran.out
    assert all(tenant.storage.named("connection", "users") for tenant in tenants.tenants[1:])


def test_a_file_with_mistakes_is_never_left_out(project, fleet):
    fleet(2)
    project.write("tenants/broken.yaml", "domain: x.example.com\ntags: [eu]\nconections: {}\n")
    for selection in ("--all", "--tag=eu"):
        ran = project.run("plan", selection)
        assert ran.code == 1
        assert "unknown key 'conections'" in ran.err


def test_a_row_says_an_error_in_one_line_and_the_end_says_it_in_full(project, fleet, monkeypatch):
    fleet(2)
    monkeypatch.delenv("PG_URL")
    monkeypatch.delenv("SECRET_0")
    ran = project.run("plan", "--tenant", "us-000")
    row = next(line for line in ran.out.splitlines() if "us-000" in line)
    assert re.search(
        r"failed +us-000 +tenants/us-000.yaml:\d+:\d+: the environment variable \w+ is not set \(and 1 more\)", row
    )
    assert ran.err.count("is not set. Set it") == 2
    assert "\\n" not in ran.all
    assert "\\n" not in project.run("status").out


def test_a_canary_that_fails_saves_the_others(project, fleet):
    tenants = fleet(4)
    names = sorted(path.stem for path in (project.root / "tenants").glob("*.yaml"))
    first = next(t for n, t in enumerate(tenants.tenants) if names[0].endswith(f"{n:03}"))
    first.weather.add_fault("status", method="POST", path="/api/v2/connections", status=400, times=None)
    ran = project.run("apply", "--all", "--auto-approve", "--canary", "1")
    assert ran.code == 1
    assert "3 not begun" in ran.out
    assert [t.storage.named("connection", "users") for t in tenants.tenants] == [None] * 4


async def result(job: Job) -> JobResult:
    return JobResult(job.tenant, "failed" if job.command == "fail" else "ok", "")


def jobs(*fails: bool) -> list[Job]:
    return [Job("fail" if fail else "succeed", ".", str(n)) for n, fail in enumerate(fails)]


def test_max_failures_begins_nobody_further():
    found = run_fleet(result, jobs(True, False, True, False), waves=Waves(batch=1, max_failures=0))
    assert [one.verdict for one in found] == ["failed", "skipped", "skipped", "skipped"]
    found = run_fleet(result, jobs(True, False, True, False), waves=Waves(batch=1, max_failures=1))
    assert [one.verdict for one in found] == ["failed", "ok", "failed", "skipped"]


@pytest.mark.parametrize(
    "waves", [Waves(), Waves(canary=2), Waves(batch=3), Waves(canary=1, batch=4), Waves(canary=20)], ids=str
)
def test_waves_cover_every_tenant_once(waves):
    names = [str(n) for n in range(11)]
    assert [name for wave in waves.of(names) for name in wave] == names


def test_status_of_all(project, fleet):
    from deployer.sandbox import dashboard

    tenants = fleet(3)
    assert project.run("apply", "--all", "--auto-approve").code == 0
    dashboard.edit_option(tenants.tenants[1], "users", "import_mode", True)
    states = {one["name"]: one["state"] for one in project.run("status", "--json").json["tenants"]}
    assert sorted(states.values()) == ["drifted", "in_sync", "in_sync"]
    assert states["eu-001"] == "drifted"
    page = project.root / "status.html"
    assert project.run("status", "--format", "html", "--out", str(page)).code == 0
    assert "eu-001" in page.read_text()


@pytest.fixture
def half_done(project, fleet):
    """A function that leaves an apply of us-000 half done, of two tenants, as if that process ran there."""

    def leave(host: str, pid: int) -> None:
        fleet(2)
        store = StateStore.open(None, project.root)
        steps = [{"address": f"connection.{name}", "action": "create"} for name in ("users", "others")]
        store.journal("us-000", "apply", "sha256:0", steps).step_started(0)
        lock = store.lock("us-000", "apply us-000")
        record = lock.record.model_copy(update={"host": host, "pid": pid})
        store.objects.put("locks/us-000.json", record.model_dump_json().encode())

    return leave


def test_an_apply_that_was_killed_is_said(project, half_done):
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    half_done(hostname(), ended.pid)
    for command in ("plan", "drift"):
        shown = project.run(command, "--all")
        assert re.search(r"us-000 .* the apply that .* was interrupted after 0 of 2 changes", shown.out), shown.all
        assert shown.out.count("was interrupted") == 1
        alone = project.run(command, "us-000")
        assert (
            "was interrupted after 0 of 2 changes, and 1 more may have been made. `deployer recover us-000` takes it"
            in alone.err
        )
    status = project.run("status")
    assert re.search(r"us-000 +failed", status.out)
    assert "was interrupted after 0 of 2 changes" in status.out
    refused = project.run("apply", "us-000", "--auto-approve")
    assert refused.code == 3
    assert "`deployer recover us-000` takes its lock" in refused.err


def test_an_apply_that_may_be_at_work_elsewhere_is_said_to_be_that(project, half_done):
    half_done("another-machine", 4711)
    shown = project.run("plan", "--all")
    assert "is under way, or was interrupted, after 0 of 2 changes" in shown.out
    alone = project.run("plan", "us-000")
    unlock = re.search(r"deployer unlock us-000 --id \w+", alone.err)
    assert unlock, alone.err
    status = project.run("status")
    assert not re.search(r"us-000 +failed", status.out)
    assert "is under way, or was interrupted, after 0 of 2 changes" in status.out
    assert project.run(*unlock[0].split()[1:]).code == 0
    assert "was interrupted after 0 of 2 changes" in project.run("plan", "--all").out


@pytest.mark.slow
def test_the_same_on_a_dask_cluster(project, fleet, monkeypatch):
    pytest.importorskip("distributed", reason="the package distributed is not installed")
    fleet(4)
    scheduler = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(project.root / "scheduler.json"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    workers = []
    try:
        deadline = time.monotonic() + 60
        file = project.root / "scheduler.json"
        while not (file.exists() and file.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"].removeprefix("tcp://")
        workers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "distributed.cli.dask_worker",
                    f"tcp://{address}",
                    "--host",
                    "127.0.0.1",
                    "--nthreads",
                    "4",
                    "--no-nanny",
                    "--no-dashboard",
                    "--local-directory",
                    str(project.root / "dask"),
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(2)
        ]
        ran = project.run("apply", "--all", "--auto-approve", "--engine", f"dask://{address}", "--json")
        assert ran.code == 0, ran.all
        assert [one["verdict"] for one in ran.json] == ["ok"] * 4
        assert project.run("plan", "--all", "--engine", f"dask://{address}", "--detailed-exitcode").code == 0
    finally:
        end(*workers, scheduler)


def end(*processes: subprocess.Popen) -> None:
    """End them, each within some seconds. Dask's own way out waits for peers that may be gone."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def test_an_engine_that_is_none(project, fleet):
    fleet(1)
    ran = project.run("plan", "--all", "--engine", "kubernetes://x")
    assert ran.code == 1
    assert "dask://HOST:PORT" in ran.err


def test_one_slow_tenant_does_not_delay_the_rest(project, fleet):
    tenants = fleet(6)
    tenants.tenants[0].weather.add_fault("slow", path="/api/v2/connections", seconds=6)
    ran = project.run("plan", "--all", "--json")
    assert ran.code == 0, ran.all
    seconds = {one["tenant"]: one["seconds"] for one in ran.json}
    slow = seconds.pop("us-000")
    assert slow >= 6
    assert max(seconds.values()) < slow
