"""The shell steps of the pipelines, taken out of the files: the real deployer, a local tenant, a stub for gh."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployer.sandbox.server import LocalTenant
from tests.support.definitions import LEGACY_USERS, definition_of
from tests.support.pipelines import Promotion, outputs_of, script_of
from tests.support.tenants import Api

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed (gh has its own)")
REPOSITORY = "acme/logins"


def marker(workflow: dict[str, Any], job: str) -> str:
    (found,) = (step["env"]["MARKER"] for step in workflow["jobs"][job]["steps"] if "MARKER" in step.get("env", {}))
    return str(found)


@pytest.fixture
def output(tmp_path: Path) -> dict[str, str]:
    """The files that GitHub hands to a step, and the variables that it always sets."""
    for name in ("output", "summary"):
        (tmp_path / name).touch()
    return {
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GH_TOKEN": "token",
    }


def github(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "gh.json").read_text())
    return found


@needs_jq
def test_a_plan_becomes_one_comment_that_is_updated(
    workflow: Callable[[str], dict[str, Any]],
    shell: Callable[..., Any],
    undeployed: Any,
    output: dict[str, str],
    tmp_path: Path,
) -> None:
    check = workflow("check")
    environment = output | {"TENANT": "local", "NUMBER": "12", "MARKER": marker(check, "plan-dev")}
    environment |= {"RUN": "https://github.example/run/1", "HTML": "plan-dev-html"}
    plan, comment = script_of(check, "plan-dev", "Plan"), script_of(check, "plan-dev", "Comment")

    def turn() -> str:
        done = shell(plan, undeployed.root, **environment)
        assert done.code == 0, done.out
        done = shell(comment, undeployed.root, **environment)
        assert done.code == 0, done.out
        (written,) = [one for one in github(tmp_path)["comments"] if one["user"]["login"] == "github-actions[bot]"]
        return str(written["body"])

    first = turn()
    assert first.startswith("<!-- deployer plan dev -->\n")
    assert "legacy-users" in first
    rest = (
        "The whole plan: in the log of [this run](https://github.example/run/1), and in its artifact `plan-dev-html`."
    )
    assert first.rstrip().endswith(rest)
    assert "<!doctype html>" in (undeployed.root / "report/plan.html").read_text().lower()
    assert "legacy-users" in (tmp_path / "summary").read_text()
    assert "code=0" in (tmp_path / "output").read_text()
    # Somebody else's comment with the same beginning is not ours to change.
    state = github(tmp_path)
    state["comments"].insert(0, {"id": 1, "pull": "12", "user": {"login": "mallory"}, "body": first})
    (tmp_path / "gh.json").write_text(json.dumps(state))
    assert undeployed.run("apply", "local", "--auto-approve").code == 0
    second = turn()
    assert second != first
    assert second.startswith("<!-- deployer plan dev -->\n")
    state = github(tmp_path)
    assert [one["user"]["login"] for one in state["comments"]] == ["mallory", "github-actions[bot]"]
    assert state["comments"][0]["body"] == first
    assert [call.split()[0] for call in state["calls"]] == ["GET", "POST", "GET", "PATCH"]


@needs_jq
def test_another_tenants_comment_stays(
    workflow: Callable[[str], dict[str, Any]], shell: Callable[..., Any], output: dict[str, str], tmp_path: Path
) -> None:
    check = workflow("check")
    (tmp_path / "plan.md").write_text("the plan")
    for job in ("plan-dev", "plan-prod", "plan-dev"):
        done = shell(script_of(check, job, "Comment"), tmp_path, **output, NUMBER="3", MARKER=marker(check, job))
        assert done.code == 0, done.out
    bodies = [one["body"].splitlines()[0] for one in github(tmp_path)["comments"]]
    assert bodies == ["<!-- deployer plan dev -->", "<!-- deployer plan prod -->"]


@needs_jq
def test_a_huge_plan_is_cut_and_a_hostile_one_is_only_text(
    workflow: Callable[[str], dict[str, Any]], shell: Callable[..., Any], output: dict[str, str], tmp_path: Path
) -> None:
    check = workflow("check")
    evil = '$(touch pwned) `touch pwned` "; touch pwned; " @file %s \\n' + "ü" * 50_000
    (tmp_path / "plan.md").write_text(evil)
    done = shell(
        script_of(check, "plan-dev", "Comment"), tmp_path, **output, NUMBER="3", MARKER=marker(check, "plan-dev")
    )
    assert done.code == 0, done.out
    (comment,) = github(tmp_path)["comments"]
    assert comment["body"].startswith(f"<!-- deployer plan dev -->\n{evil[:1000]}")
    assert "Cut here" in comment["body"]
    assert "\ufffd" not in comment["body"]
    assert not (tmp_path / "pwned").exists()


@needs_jq
def test_a_plan_that_cannot_be_made_is_said_and_fails(
    workflow: Callable[[str], dict[str, Any]],
    shell: Callable[..., Any],
    project: Any,
    output: dict[str, str],
    tmp_path: Path,
) -> None:
    check = workflow("check")
    project.write("tenants/local.yaml", "domain: [")
    environment = output | {"TENANT": "local", "NUMBER": "12", "MARKER": marker(check, "plan-dev")}
    assert shell(script_of(check, "plan-dev", "Plan"), project.root, **environment).code == 0
    assert shell(script_of(check, "plan-dev", "Comment"), project.root, **environment).code == 0
    assert "could not be made (exit code 1)" in github(tmp_path)["comments"][0]["body"]
    assert (tmp_path / "output").read_text() == "code=1\n"
    assert shell(script_of(check, "plan-dev", "Fail without a plan"), project.root, CODE="1").code == 1
    assert shell(script_of(check, "plan-dev", "Fail without a plan"), project.root, CODE="0").code == 0


def test_validate_and_lint_write_sarif_and_fail_on_errors(
    workflow: Callable[[str], dict[str, Any]], shell: Callable[..., Any], project: Any, output: dict[str, str]
) -> None:
    check = workflow("check")
    project.tenant()
    assert shell(script_of(check, "lint", "Validate"), project.root, **output).code == 0
    done = shell(script_of(check, "lint", "Lint"), project.root, **output)
    assert done.code == 0, done.out
    sarif = json.loads((project.root / "deployer.sarif").read_text())
    assert sarif["version"] == "2.1.0"
    assert Path(output["GITHUB_OUTPUT"]).read_text() == "code=0\n"
    project.write("templates/postgres/login.js.j2", "function login(email, password, callback) { eval(email); }\n")
    assert shell(script_of(check, "lint", "Lint"), project.root, **output).code == 0
    assert json.loads((project.root / "deployer.sarif").read_text())["runs"][0]["results"]
    assert Path(output["GITHUB_OUTPUT"]).read_text() == "code=0\ncode=1\n"
    assert shell(script_of(check, "lint", "Fail on errors"), project.root, CODE="1").code == 1


def obeyed(log: str) -> list[str]:
    """What GitHub's runner takes for a command and does not show: `::` that begins a line, `##[` anywhere in one.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    found: list[str] = []
    word: str | None = None
    for line in map(str.strip, log.splitlines()):
        if word is not None:
            word = None if line == f"::{word}::" else word
        elif line.startswith("::stop-commands::"):
            word = line.removeprefix("::stop-commands::")
            assert len(word) == 32
        elif line.startswith("::") or "##[" in line:
            found.append(line)
    assert word is None, "commands are taken again at the end"
    return found


@pytest.mark.parametrize(
    ("name", "job", "step"),
    [("check", "plan-dev", "Plan"), ("deploy", "apply-dev", "Apply"), ("check", "lint", "Lint")],
)
def test_a_script_cannot_hide_its_lines_from_the_log(
    workflow: Callable[[str], dict[str, Any]],
    shell: Callable[..., Any],
    undeployed: Any,
    output: dict[str, str],
    name: str,
    job: str,
    step: str,
) -> None:
    undeployed.write(
        "templates/postgres/login.js.j2",
        "function login(email, password, callback) {\n"
        "/*\n::add-mask::email\n*/ callback(null, { user_id: email }); /* ##[debug] */\n}\n",
    )
    done = shell(script_of(workflow(name), job, step), undeployed.root, **output, TENANT="local")
    assert done.code == 0, done.out
    if step == "Lint":  # its commands are the findings
        assert {line.split()[0].strip(":") for line in obeyed(done.out)} <= {"error", "warning", "notice"}
    else:
        assert ("##[debug]" in done.out) == (step == "Plan")
        assert "::stop-commands::" in done.out
        assert obeyed(done.out) == []


def test_apply_makes_the_tenant_as_the_files_say(
    workflow: Callable[[str], dict[str, Any]], shell: Callable[..., Any], undeployed: Any
) -> None:
    done = shell(script_of(workflow("deploy"), "apply-dev", "Apply"), undeployed.root, TENANT="local")
    assert done.code == 0, done.out
    planned = undeployed.run("plan", "local", "--detailed-exitcode")
    assert planned.code == 0, planned.all


@pytest.fixture
def promotion(
    workflow: Callable[[str], dict[str, Any]],
    shell: Callable[..., Any],
    deployed: Any,
    several_tenants: Callable[..., dict[str, LocalTenant]],
    output: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Promotion:
    """A protected tenant that gets its releases from the one that is deployed, and the jobs that do it."""
    definition = definition_of("next") + LEGACY_USERS + "secrets_key: !env NEXT_KEY\n"
    deployed.write("tenants/next.yaml", definition + "promote_from: local\nprotect: true\n")
    monkeypatch.setenv("NEXT_KEY", "the-key-of-next")
    variables = output | {"FROM": "local", "TENANT": "next"}
    return Promotion(workflow("deploy"), shell, deployed, several_tenants("next")["next"], variables, tmp_path)


def test_the_plan_of_a_promotion_is_shown_and_exactly_that_is_applied(
    promotion: Promotion, deployed: Any, tmp_path: Path
) -> None:
    store = deployed.root / ".deployer"
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    done = promotion.plan()
    assert done.code == 0, done.out
    # The heads say that this job needs to read the store, and no more.
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before
    shown = (tmp_path / "summary").read_text()
    assert shown.startswith("## Plan for `next`")
    saved = json.loads((deployed.root / "plan/saved.plan").read_text())
    assert saved["digest"] in shown
    assert "connection.legacy-users will be created" in done.out
    assert "function login" in done.out  # all of a new script
    assert "function login" in (deployed.root / "report/plan.html").read_text()
    assert "`connection.legacy-users` | create" in shown
    assert "Values of <code>next</code> that are others than those of <code>local</code>" in shown
    assert not promotion.has_arrived()
    # The job after the approval begins in a folder of its own, with the artifact and nothing else of the first.
    fresh = tmp_path / "checkout"
    shutil.copytree(deployed.root, fresh, ignore=shutil.ignore_patterns("plan.md"))
    done = promotion.promote(fresh, DEPLOYER_STATE=str(deployed.root / ".deployer"))
    assert done.code == 0, done.out
    assert "::error" not in done.out
    assert f"Plan {saved['digest']}" in done.out
    assert "connection.legacy-users will be created" in done.out
    assert promotion.has_arrived()


def test_no_other_plan_is_applied_than_the_one_that_this_run_made_and_showed(
    promotion: Promotion, deployed: Any
) -> None:
    """Not one that was turned down before, whose file everybody has who can read artifacts."""
    path = deployed.root / "plan/saved.plan"
    assert promotion.plan().code == 0
    turned_down = path.read_bytes()
    assert promotion.plan().code == 0
    shown = path.read_bytes()
    # The artifact is deleted, and the repository has a file of this name.
    path.write_bytes(turned_down)
    for sum_ in (promotion.variables["SHA256"], ""):
        done = promotion.promote(SHA256=sum_)
        assert done.code == 1, done.out
        assert "::error title=This is another plan::" in done.out
        assert not promotion.has_arrived()
    path.write_bytes(shown)
    done = promotion.promote()
    assert done.code == 0, done.out
    assert promotion.has_arrived()
    jobs = promotion.deploy["jobs"]
    assert jobs["plan-staging"]["outputs"] == {"sha256": "${{ steps.plan.outputs.sha256 }}"}
    (given,) = (step["env"]["SHA256"] for step in jobs["promote-staging"]["steps"] if "SHA256" in step.get("env", {}))
    assert given == "${{ needs.plan-staging.outputs.sha256 }}"
    assert [step["name"] for step in jobs["plan-staging"]["steps"] if step.get("id") == "plan"] == ["Plan"]


def test_a_plan_that_is_stale_or_gone_is_said_and_changes_nothing(promotion: Promotion, deployed: Any) -> None:
    gone = promotion.promote()
    assert gone.code == 1
    assert "::error title=The plan is gone::" in gone.out
    assert promotion.plan().code == 0
    # Between the plan and the approval, local gets another release.
    path = deployed.root / "tenants/local.yaml"
    deployed.write("tenants/common.yaml", "tags: [eu]\n")
    path.write_text("extends: common\n" + path.read_text())
    assert deployed.run("apply", "local", "--auto-approve").code == 0
    stale = promotion.promote()
    assert stale.code == 3
    assert "the plan is stale: local runs the release" in stale.out
    assert "::error title=Refused, and nothing was changed::" in stale.out
    assert 'run the job "Plan the promotion of dev to staging" again' in stale.out
    assert not promotion.has_arrived()


def test_a_promotion_that_cannot_be_planned_asks_for_no_approval(
    promotion: Promotion, deployed: Any, local_tenant: LocalTenant
) -> None:
    document = local_tenant.state.storage.named("connection", "legacy-users")
    assert document is not None
    document["options"]["customScripts"]["login"] += "\n// by hand\n"
    connect(local_tenant, document)
    deployed.write("plan/saved.plan", "of the repository")
    done = promotion.plan()
    assert done.code == 3
    assert "local is not what its release says" in done.out
    assert not (deployed.root / "plan/saved.plan").exists()


def test_a_protected_tenant_that_releases_start_from_gets_its_plan_too(
    repository: Path,
    write: Callable[..., Path],
    shell: Callable[..., Any],
    undeployed: Any,
    local_tenant: LocalTenant,
    output: dict[str, str],
    tmp_path: Path,
) -> None:
    for path in (repository / "tenants/dev.yaml", undeployed.root / "tenants/local.yaml"):
        path.write_text(path.read_text() + "protect: true\nsecrets_key: !env LOCAL_KEY\n")
    deploy = yaml.safe_load((write("github") / ".github/workflows/deployer-deploy.yml").read_text())
    variables = output | {"TENANT": "local", "LOCAL_KEY": "the-key-of-local"}
    done = shell(script_of(deploy, "plan-dev", "Plan"), undeployed.root, **variables)
    assert done.code == 0, done.out
    assert "legacy-users" in (tmp_path / "summary").read_text()
    assert local_tenant.state.storage.named("connection", "legacy-users") is None
    variables["SHA256"] = outputs_of(tmp_path)["sha256"]
    done = shell(script_of(deploy, "apply-dev", "Apply"), undeployed.root, **variables)
    assert done.code == 0, done.out
    assert local_tenant.state.storage.named("connection", "legacy-users") is not None


@needs_jq
def test_drift_opens_updates_and_closes_one_issue(
    workflow: Callable[[str], dict[str, Any]],
    shell: Callable[..., Any],
    deployed: Any,
    local_tenant: LocalTenant,
    output: dict[str, str],
    tmp_path: Path,
) -> None:
    drift = workflow("drift")
    look, report = (
        script_of(drift, "drift-dev", "Look for drift"),
        script_of(drift, "report", "Open, update or close the issue"),
    )
    environment = output | {"TENANT": "local", "TENANTS": "local", "RUN": "https://github.example/run/1"}
    environment["MARKER"] = marker(drift, "report")
    deployed.write("drift/prod.state", "none")  # of the repository, which would stand for a tenant that was not asked

    def turn() -> list[dict[str, Any]]:
        done = shell(look, deployed.root, **environment)
        assert done.code == 0, done.out
        done = shell(report, deployed.root, **environment)
        assert done.code == 0, done.out
        return list(github(tmp_path)["issues"])

    assert turn() == []
    assert sorted(path.name for path in (deployed.root / "drift").iterdir()) == ["local.state", "local.txt"]
    document = local_tenant.state.storage.named("connection", "legacy-users")
    assert document is not None
    document["options"]["customScripts"]["login"] += "\n// ```\n// @everyone\n"
    connect(local_tenant, document)
    (opened,) = turn()
    assert opened["title"] == "Drift in Auth0 tenants"
    assert opened["state"] == "open"
    assert "### local" in opened["body"]
    assert "    " in opened["body"].split("### local")[1].splitlines()[2]
    (same,) = turn()
    assert same["number"] == opened["number"]
    assert deployed.run("apply", "local", "--auto-approve").code == 0
    (closed,) = turn()
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")
    calls = [call.split("?")[0] for call in github(tmp_path)["calls"]]
    assert calls.count(f"POST repos/{REPOSITORY}/issues") == 1


def connect(tenant: LocalTenant, document: dict[str, Any]) -> None:
    """Save a change of somebody else's in the local tenant."""
    import httpx

    answer = httpx.patch(
        f"{tenant.base_url}/api/v2/connections/{document['id']}",
        json={"options": document["options"]},
        headers={"Authorization": f"Bearer {Api(tenant).token}"},
    )
    assert answer.status_code == 200, answer.text


@needs_jq
def test_a_check_that_failed_neither_opens_nor_closes(
    workflow: Callable[[str], dict[str, Any]], shell: Callable[..., Any], output: dict[str, str], tmp_path: Path
) -> None:
    drift = workflow("drift")
    report = script_of(drift, "report", "Open, update or close the issue")
    environment = output | {"TENANTS": "dev prod", "RUN": "https://x", "MARKER": marker(drift, "report")}
    (tmp_path / "drift").mkdir()
    (tmp_path / "drift/dev.state").write_text("none\n")
    assert shell(report, tmp_path, **environment).code == 0
    assert github(tmp_path)["issues"] == []
    (tmp_path / "drift/dev.state").write_text("drift\n")
    (tmp_path / "drift/dev.txt").write_text("what changed\n")
    assert shell(report, tmp_path, **environment).code == 0
    (issue,) = github(tmp_path)["issues"]
    assert "### prod\n\nNot known" in issue["body"]
    (tmp_path / "drift/dev.state").write_text("none\n")
    assert shell(report, tmp_path, **environment).code == 0
    assert github(tmp_path)["issues"][0]["state"] == "open"
    look = script_of(drift, "drift-dev", "Look for drift")
    assert shell(look, tmp_path, **output, TENANT="dev").code == 0
    assert (tmp_path / "drift/dev.state").read_text() == "failed\n"
    assert shell(script_of(drift, "drift-dev", "Fail without an answer"), tmp_path, STATE="failed").code == 1
