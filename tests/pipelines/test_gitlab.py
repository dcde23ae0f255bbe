"""GitLab's jobs, run as they are written, and the notes and issues that they leave in a server with GitLab's paths."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from deployer.pipelines.gitlab_api import main
from deployer.sandbox.server import LocalTenant
from tests.support.tenants import Api

TOKEN = "canary-glpat-4f2a"
ME, MALLORY = {"id": 5}, {"id": 6}


class Host(ThreadingHTTPServer):
    """Notes of merge request 3 and issues of project 42, three to a page."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notes: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.refuse = False


class Handler(BaseHTTPRequestHandler):
    server: Host

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self, status: int, body: Any, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self) -> None:
        url = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else {}
        if self.headers.get("PRIVATE-TOKEN") != TOKEN or self.server.refuse:
            self.answer(403, {"message": f"insufficient_scope {TOKEN}"})
            return
        if url.path == "/api/v4/user":
            self.answer(200, ME)
            return
        kind = re.fullmatch(r"/api/v4/projects/42/(merge_requests/3/notes|issues)(?:/(\d+))?", url.path)
        assert kind, url.path
        items = self.server.issues if kind[1] == "issues" else self.server.notes
        name = "iid" if kind[1] == "issues" else "id"
        if self.command == "GET":
            query = parse_qs(url.query)
            if kind[1] == "issues":
                assert query["state"] == ["opened"]
                items = [
                    one for one in items if one["state"] == "opened" and str(one["author"]["id"]) in query["author_id"]
                ]
            page = int(query["page"][0])
            more = str(page + 1) if len(items) > 3 * page else ""
            self.answer(200, items[3 * page - 3 : 3 * page], X_Next_Page=more)
        elif self.command == "POST":
            items.append({name: len(items) + 1, "author": ME, "state": "opened", **body})
            self.answer(201, items[-1])
        else:
            (found,) = [one for one in items if str(one[name]) == kind[2]]
            if body.pop("state_event", None) == "close":
                found["state"] = "closed"
            found.update(body)
            self.answer(200, found)

    do_GET = do_POST = do_PUT = handle_any  # noqa: N815  names of the standard library


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    server = Host()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name, value in {
        "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4",
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "3",
        "DEPLOYER_GITLAB_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    thread.join(10)


def write(tmp_path: Path, text: str) -> str:
    (tmp_path / "text.md").write_text(text)
    return str(tmp_path / "text.md")


def test_one_note_per_marker_is_updated_in_place(host: Host, tmp_path: Path) -> None:
    # Ours is on the third page, behind somebody's who begins like us.
    host.notes += [{"id": number + 1, "author": MALLORY, "body": "<!-- a -->\nfake"} for number in range(7)]
    for text in ("one", "two"):
        assert main(["note", "--marker", "<!-- a -->", "--file", write(tmp_path, text)]) == 0
    assert main(["note", "--marker", "<!-- b -->", "--file", write(tmp_path, "x" * 2_000_000)]) == 0
    ours = [note["body"] for note in host.notes if note["author"] == ME]
    assert ours[0] == "<!-- a -->\ntwo"
    assert len(ours) == 2
    assert len(ours[1]) < 1_000_000
    assert ours[1].endswith("Cut here: too long for GitLab. All of it is in the log of the job")
    assert {note["body"] for note in host.notes if note["author"] == MALLORY} == {"<!-- a -->\nfake"}


def test_one_issue_is_opened_updated_and_closed(host: Host, tmp_path: Path) -> None:
    assert main(["close", "--marker", "<!-- d -->"]) == 0
    assert host.issues == []
    for text in ("one", "two"):
        assert main(["issue", "--marker", "<!-- d -->", "--title", "Drift", "--file", write(tmp_path, text)]) == 0
    (issue,) = host.issues
    assert (issue["title"], issue["description"], issue["state"]) == ("Drift", "<!-- d -->\ntwo", "opened")
    assert issue["confidential"] is True  # it shows what tenants hold
    assert main(["close", "--marker", "<!-- d -->"]) == 0
    assert issue["state"] == "closed"
    assert main(["issue", "--marker", "<!-- d -->", "--file", write(tmp_path, "again")]) == 0
    assert [one["state"] for one in host.issues] == ["closed", "opened"]


def test_a_refusal_is_clear_and_shows_no_token(
    host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host.refuse = True
    assert main(["note", "--marker", "m", "--file", write(tmp_path, "x")]) == 1
    said = capsys.readouterr().err
    assert "status 403" in said
    assert "scope 'api'" in said
    assert TOKEN not in said
    monkeypatch.delenv("DEPLOYER_GITLAB_TOKEN")
    assert main(["note", "--marker", "m", "--file", write(tmp_path, "x")]) == 1
    assert "DEPLOYER_GITLAB_TOKEN is not set" in capsys.readouterr().err
    monkeypatch.setenv("DEPLOYER_GITLAB_TOKEN", TOKEN)
    monkeypatch.setenv("CI_API_V4_URL", "http://127.0.0.1:9")
    assert main(["note", "--marker", "m", "--file", write(tmp_path, "x")]) == 1
    assert "did not answer" in capsys.readouterr().err


@pytest.fixture
def jobs(request: pytest.FixtureRequest) -> dict[str, Any]:
    root = request.getfixturevalue("write")("gitlab")
    found: dict[str, Any] = yaml.safe_load((root / ".gitlab/deployer/pipeline.yml").read_text())
    return found


def environment(host: Host) -> dict[str, str]:
    return {
        "CI_API_V4_URL": f"http://127.0.0.1:{host.server_port}/api/v4",
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "3",
        "CI_JOB_URL": "https://gitlab.example/job/1",
        "DEPLOYER_GITLAB_TOKEN": TOKEN,
    }


def test_the_plan_job_writes_its_note(
    jobs: dict[str, Any], shell: Callable[..., Any], undeployed: Any, host: Host
) -> None:
    script = "\n".join(jobs["deployer-plan-dev"]["script"])
    for _ in range(2):
        done = shell(script, undeployed.root, **environment(host), TENANT="local")
        assert done.code == 0, done.out
        assert TOKEN not in done.out
    (note,) = host.notes
    assert note["body"].startswith("<!-- deployer plan local -->\n")
    assert "legacy-users" in note["body"]
    assert "The whole plan: in the log of [this job](https://gitlab.example/job/1)" in note["body"]
    assert "connection.legacy-users will be created" in done.out
    assert "<!doctype html>" in (undeployed.root / "report/plan.html").read_text().lower()
    done = shell(script, undeployed.root, **environment(host), TENANT="nowhere")
    assert done.code == 1
    assert "could not be made" in host.notes[1]["body"]


def test_the_plan_of_a_promotion_is_in_the_log_and_exactly_that_is_applied(
    jobs: dict[str, Any], shell: Callable[..., Any], deployed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = (deployed.root / "tenants/local.yaml").read_text().replace("AUTH0_", "NEXT_")
    deployed.write("tenants/next.yaml", definition + "promote_from: local\nprotect: true\nsecrets_key: !env NEXT_KEY\n")
    plan, promote = ("\n".join(jobs[f"deployer-{job}-staging"]["script"]) for job in ("plan-promotion", "promote"))
    with LocalTenant() as tenant:
        variables = {
            "FROM": "local",
            "TENANT": "next",
            "NEXT_KEY": "the-key-of-next",
            "NEXT_DOMAIN": tenant.domain,
            "NEXT_BASE_URL": tenant.base_url,
            "NEXT_CLIENT_ID": tenant.client_id,
            "NEXT_CLIENT_SECRET": tenant.client_secret,
        }
        promote = promote.replace('deployer test "$TENANT"\n', "")  # a test of its own: tests/runtime
        planned = shell(plan, deployed.root, **variables)
        assert planned.code == 0, planned.out
        assert "connection.legacy-users will be created" in planned.out
        assert tenant.state.storage.named("connection", "legacy-users") is None
        done = shell(promote, deployed.root, **variables)
        assert done.code == 0, done.out
        assert tenant.state.storage.named("connection", "legacy-users") is not None
        again = shell(promote, deployed.root, **variables)
        assert again.code == 3
        assert "the plan is stale" in again.out
        assert "run deployer-plan-promotion-staging again" in again.out


def test_what_a_manual_run_accepts_goes_with_the_plan(
    jobs: dict[str, Any],
    shell: Callable[..., Any],
    deployed: Any,
    local_tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    definition = (deployed.root / "tenants/local.yaml").read_text().replace("AUTH0_", "NEXT_")
    deployed.write("tenants/next.yaml", definition + "promote_from: local\nprotect: true\nsecrets_key: !env NEXT_KEY\n")
    plan, promote = ("\n".join(jobs[f"deployer-{job}-staging"]["script"]) for job in ("plan-promotion", "promote"))
    promote = promote.replace('deployer test "$TENANT"\n', "")
    with LocalTenant() as tenant:
        make_by_hand(tenant)
        variables = {"FROM": "local", "TENANT": "next", "NEXT_KEY": "the-key-of-next"}
        for name in ("domain", "base_url", "client_id", "client_secret"):
            variables[f"NEXT_{name.upper()}"] = getattr(tenant, name)
        assert shell(plan, deployed.root, **variables).code == 0
        assert shell(promote, deployed.root, **variables).code == 3
        allow = "--allow adopt:connection.legacy-users 'adopt:client.Of two words'"
        done = shell(plan, deployed.root, **variables, ALLOW=allow)
        assert done.code == 0, done.out
        assert "accepted by --allow adopt:connection.legacy-users" in done.out
        assert "--allow adopt:client.Of two words names nothing" in done.out
        done = shell(promote, deployed.root, **variables)
        assert done.code == 0, done.out
        wrong = shell(plan, deployed.root, **variables, ALLOW="$(touch pwned) ; adpot:x.y")
        assert wrong.code == 1
        assert not (deployed.root / "pwned").exists()


def make_by_hand(tenant: LocalTenant) -> None:
    """A connection that deployer has not made."""
    Api(tenant)("POST", "connections", {"name": "legacy-users", "strategy": "auth0"})


def test_the_lint_job_writes_a_report_and_fails_on_errors(
    jobs: dict[str, Any], shell: Callable[..., Any], project: Any
) -> None:
    project.tenant()
    script = "\n".join(jobs["deployer-lint"]["script"])
    done = shell(script, project.root)
    assert done.code == 0, done.out
    assert "<testsuite" in (project.root / "deployer-lint.xml").read_text()
    project.write("templates/postgres/login.js.j2", "function login(email, password, callback) { eval(email); }\n")
    assert shell(script, project.root).code == 1


def test_the_drift_jobs_open_and_close_one_issue(
    jobs: dict[str, Any], shell: Callable[..., Any], host: Host, tmp_path: Path, deployed: Any
) -> None:
    report = "\n".join(jobs["deployer-drift-report"]["script"])
    look = "\n".join(jobs["deployer-drift-dev"]["script"])
    variables = environment(host) | {"TENANTS": "local other", "CI_PIPELINE_ID": "7001"}
    deployed.write("drift/other.state", "none\n")  # of the repository
    assert shell(look, deployed.root, **variables, TENANT="local").code == 0
    drift = deployed.root / "drift"
    assert (drift / "local.state").read_text() == "none 7001\n"
    assert not (drift / "other.state").exists()
    (drift / "other.state").write_text("drift 7001\n")
    (drift / "other.txt").write_text("```\n@all $(touch pwned)\n")
    for _ in range(2):
        done = shell(report, deployed.root, **variables)
        assert done.code == 0, done.out
    (issue,) = host.issues
    assert "### other\n\n    ```\n    @all $(touch pwned)\n" in issue["description"]
    assert "### local" not in issue["description"]
    assert not (deployed.root / "pwned").exists()
    (drift / "other.state").unlink()
    assert shell(report, deployed.root, **variables).code == 0
    assert issue["state"] == "opened"
    for of_no_job in ("none\n", "none 7000\n"):
        (drift / "other.state").write_text(of_no_job)
        assert shell(report, deployed.root, **variables).code == 0
        assert issue["state"] == "opened"
    (drift / "other.state").write_text("none 7001\n")
    assert shell(report, deployed.root, **variables).code == 0
    assert issue["state"] == "closed"
    done = shell(look, deployed.root, **variables, TENANT="nowhere")
    assert done.code == 1
    assert (drift / "nowhere.state").read_text() == "failed 7001\n"
