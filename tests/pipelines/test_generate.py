"""What is written: valid, least in permissions and secrets, and nothing of anybody else's overwritten."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployer.errors import DeployerError
from deployer.pipelines.generate import ACTIONS, MARK, STAGES, Options, generate, write_files
from deployer.pipelines.pipeline import read_pipeline
from deployer.project import Project
from tests.support.paths import ROOT

STORE = "s3://acme-deployer/logins"
STORE_NAMES = {"AWS_REGION", "AWS_ROLE_ARN"}
TOOLS = Path(sys.executable).parent
COMMIT = f"git+https://git.example.com/logins/deployer@{'5f' * 20}"


def load(path: Path) -> dict[str, Any]:
    """YAML as a dictionary; `on` is a key, not a truth."""
    found: dict[str, Any] = yaml.safe_load(re.sub(r"^on:", '"on":', path.read_text(), flags=re.MULTILINE))
    return found


def steps(workflow: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(job, step) for job, body in workflow["jobs"].items() for step in body["steps"]]


def test_zizmor_finds_nothing(write: Callable[..., Path]) -> None:
    pytest.importorskip("zizmor", reason="zizmor is not installed") if not (TOOLS / "zizmor").exists() else None
    root = write("github")
    done = subprocess.run(
        [TOOLS / "zizmor", "--offline", "--no-progress", "--persona=pedantic", "--collect=all", "--format=json", root],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == [], done.stdout
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("completed") >= 4


def test_zizmor_would_find_something(write: Callable[..., Path]) -> None:
    """The check above can fail: the same files with one tag instead of a commit, and one expression in a shell."""
    root = write("github")
    path = root / ".github/workflows/deployer-check.yml"
    text = path.read_text().replace(ACTIONS["checkout"], "actions/checkout@v6")
    text = text.replace('deployer plan "$TENANT"', "deployer plan ${{ github.head_ref }}")
    path.write_text(text)
    done = subprocess.run(
        [TOOLS / "zizmor", "--offline", "--no-progress", "--format=json", path],
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = {finding["ident"] for finding in json.loads(done.stdout)}
    assert {"unpinned-uses", "template-injection"} <= found


@pytest.mark.parametrize(
    ("host", "schema", "pattern"),
    [
        ("github", "vendor.github-workflows", ".github/workflows/*.yml"),
        ("github", "vendor.github-actions", ".github/actions/deployer/action.yml"),
        ("gitlab", "vendor.gitlab-ci", ".gitlab/deployer/pipeline.yml"),
        ("gitlab", "vendor.gitlab-ci", ".gitlab-ci.yml"),
        ("github", "custom.github-workflows-require-timeout", ".github/workflows/*.yml"),
    ],
)
def test_files_fit_their_schema(write: Callable[..., Path], host: str, schema: str, pattern: str) -> None:
    files = sorted(write(host).glob(pattern))
    assert files
    done = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", schema, *files], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["check", "deploy", "drift"])
def test_permissions_are_least_and_named(workflow: Callable[[str], dict[str, Any]], name: str) -> None:
    found = workflow(name)
    assert found["permissions"] == {}
    writes = {
        job: sorted(right for right, value in body["permissions"].items() if value == "write")
        for job, body in found["jobs"].items()
    }
    for job, rights in writes.items():
        kind = job.partition("-")[0]
        # A token for the store is asked for where the store is, and nowhere else.
        expected = {"id-token"} if kind in ("plan", "apply", "promote", "drift") else set()
        if name != "deploy":
            extra = {"lint": "security-events", "plan": "pull-requests", "report": "issues"}.get(kind)
            expected |= {extra} if extra else set()
        assert set(rights) == expected, job


def test_triggers_never_run_a_forks_code_with_rights(workflow: Callable[[str], dict[str, Any]]) -> None:
    check = workflow("check")
    assert set(check["on"]) == {"pull_request", "push"}
    assert set(workflow("deploy")["on"]) == {"push", "workflow_dispatch"}
    assert set(workflow("drift")["on"]) == {"schedule", "workflow_dispatch"}
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    for job, body in check["jobs"].items():
        text = json.dumps(body)
        if "secrets." in text or "vars." in text or "environment" in body:
            human = "github.event.pull_request.user.login != 'dependabot[bot]'"
            assert body["if"] == f"github.event_name == 'pull_request' && {same} && {human}", job
    assert "secrets." not in json.dumps(check["jobs"]["lint"])
    upload = next(step for job, step in steps(check) if "upload-sarif" in step.get("uses", ""))
    assert same in upload["if"]
    assert "dependabot" in upload["if"]


@pytest.mark.parametrize("name", ["check", "deploy", "drift"])
def test_every_job_has_only_its_own_secrets(workflow: Callable[[str], dict[str, Any]], name: str) -> None:
    found = workflow(name)
    for job, body in found["jobs"].items():
        named = set(re.findall(r"(?:secrets|vars)\.([A-Z_0-9]+)", json.dumps(body)))
        kind, _, tenant = job.partition("-")
        reads = {f"{tenant.upper()}_ID", f"{tenant.upper()}_SECRET"} | STORE_NAMES
        own = reads | {"PG_URL"}
        tests = {"TEST_PG_URL", "TEST_PASSWORD"}
        before = {"staging": "DEV", "prod": "STAGING"}.get(tenant)
        source = {f"{before}_ID", f"{before}_SECRET"} if before else set()
        expected = {
            "lint": set(),
            "report": set(),
            "test": tests,
            "plan": reads | source if name == "deploy" else reads,
            "drift": reads,
            "apply": own | tests,
            # Tests run where a release goes on to the next tenant.
            "promote": own | source | (tests if tenant == "staging" else set()),
        }[kind]
        assert named == expected, job
        assert ("environment" in body) == bool(expected), job


@pytest.mark.parametrize("name", ["check", "deploy", "drift"])
def test_shells_get_nothing_but_variables(workflow: Callable[[str], dict[str, Any]], name: str) -> None:
    scripts = 0
    for job, step in steps(workflow(name)):
        assert "${{" not in step.get("run", ""), job
        scripts += "run" in step
        for value in step.get("env", {}).values():
            texts = ("title", "body", "head_ref", "head.ref", "label", "user.login", "message", "actor")
            assert not any(text in str(value) for text in texts if "${{" in str(value))
        if "uses" in step and not step["uses"].startswith("$/"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
        if "actions/checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    assert scripts


@pytest.mark.parametrize("name", ["check", "deploy", "drift"])
def test_what_deployer_prints_of_tenants_and_templates_is_no_command(
    workflow: Callable[[str], dict[str, Any]], name: str
) -> None:
    prints = re.compile(r"^\s*deployer (?:-v )?(?:validate|test|plan|promote|apply|drift)\b", re.MULTILINE)
    found = 0
    for job, step in steps(workflow(name)):
        run = step.get("run", "")
        if first := prints.search(run):
            found += 1
            assert 'echo "::stop-commands::$word"' in run[: first.start()], job
    assert found >= 3


HEADS = {
    ("github", ".github/workflows/deployer-check.yml"): [
        "a tenant's file (its `domain` says where its credentials are sent)",
        "the secrets of the repository and of its organization",
        "all rights that runs may have here, for `permissions` stand in these files",
        "To approve a pull request too, unless Settings > Actions > General forbids it",
        "an OIDC token of this repository for any audience",
        "the groups of `concurrency`",
        "deployer-deploy.yml and deployer-drift.yml name are limited to the branch trunk",
        "as long as Settings > Actions > General sends neither to them",
        "What Dependabot proposes",
        "in the comment, the log, the summary and the artifact",
        "is made by its own files, and somebody who means ill lets it say anything",
    ],
    ("github", ".github/workflows/deployer-deploy.yml"): [
        "In a private repository, reviewers need GitHub Enterprise",
        '"Prevent self-review" on',
        "can start this by hand with any `allow`, and run again what ran in the last 30 days",
        "no approval but that of its environment's reviewers: dev.",
        "in log and summary as long as those are kept",
        "Let a role that may write it trust these by name: dev, staging, prod. One that may only read",
        "can write history, locks and results of tests of each",
        "native modules, where a script names some, are behind none",
        "any other than the one that its own run made",
    ],
    ("github", ".github/workflows/deployer-drift.yml"): [
        "Without that limit to a branch, whoever can push one reaches what they hold.",
        "in a public one everybody",
        "Whoever may write to it can turn this off",
    ],
    ("gitlab", ".gitlab/deployer/pipeline.yml"): [
        "a tenant's file (its `domain` says where its credentials are sent)",
        "with the rights of whoever started the job",
        "an OIDC token of this project for any audience",
        "the runners that are not protected",
        "trunk is the only protected branch",
        '"Minimum role to use pipeline variables"',
        "`deployer ci gitlab --image NAME@sha256:DIGEST` pins it",
        "The log of the job has the plan too",
        "An approval is one of the job, not of the plan",
        "with any ALLOW and with no plan shown before: dev.",
        '"Allow job retries for rollback deployments" off',
        "in the job that changes the tenant next, which has all variables of its environment",
        "can write history, locks and results of tests of each",
        "that of a fork's branch trunk passes for it",
        "is made by its own files, and somebody who means ill lets it say anything",
        'Where a member runs one in this project ("Run pipeline"), its files reach what a branch can reach',
    ],
}


@pytest.mark.parametrize(("host", "path"), HEADS)
def test_the_head_names_all_that_can_be_reached(write: Callable[..., Path], host: str, path: str) -> None:
    lines = (write(host, branch="trunk") / path).read_text().splitlines()
    head = " ".join(line.lstrip("# ").rstrip() for line in lines if line.startswith("#"))
    for words in HEADS[host, path]:
        assert words in head


def test_the_head_says_which_plans_put_a_release_into_the_store(write: Callable[..., Path], repository: Path) -> None:
    with (repository / "tenants/dev.yaml").open("a") as file:
        file.write("protect: true\nsecrets_key: !env DEV_KEY\n")
    text = (write("github") / ".github/workflows/deployer-deploy.yml").read_text()
    assert "trust these by name: dev, staging, prod, dev-saved-plan." in text


@pytest.mark.parametrize(
    "path", [".github/workflows/deployer-deploy.yml", ".gitlab/deployer/pipeline.yml"], ids=["github", "gitlab"]
)
def test_the_head_speaks_of_contract_tests_where_a_job_runs_some(
    write: Callable[..., Path], repository: Path, path: str
) -> None:
    base = repository / "tenants/base.yaml"
    assert "Contract tests run the scripts" in (write(path[1:7]) / path).read_text()
    base.write_text(base.read_text().split("    tests:")[0])
    assert "Contract tests run the scripts" not in (write(path[1:7]) / path).read_text()


def test_what_drifted_is_for_developers(write: Callable[..., Path]) -> None:
    found = yaml.safe_load((write("gitlab") / ".gitlab/deployer/pipeline.yml").read_text())
    kept = {job: body["artifacts"] for job, body in found.items() if "artifacts" in body}
    shown = {job: artifacts for job, artifacts in kept.items() if "paths" in artifacts}
    assert {"deployer-plan-dev", "deployer-plan-promotion-prod", "deployer-drift-dev"} <= set(shown)
    assert {artifacts["access"] for artifacts in shown.values()} == {"developer"}


def test_a_release_goes_from_tenant_to_tenant(workflow: Callable[[str], dict[str, Any]]) -> None:
    deploy = workflow("deploy")
    jobs = deploy["jobs"]
    assert list(jobs) == ["apply-dev", "plan-staging", "promote-staging", "plan-prod", "promote-prod"]
    assert "needs" not in jobs["apply-dev"]
    assert [body["needs"] for name, body in jobs.items() if name != "apply-dev"] == [[name] for name in list(jobs)[:-1]]
    # Reviewers are those of the environments without `-plan`: the plan is made before they are asked.
    assert [body["environment"] for body in jobs.values()] == [
        "dev",
        "staging-saved-plan",
        "staging",
        "prod-saved-plan",
        "prod",
    ]
    assert {body["if"] for body in jobs.values()} == {"github.ref == 'refs/heads/main'"}
    assert "concurrency" not in deploy
    groups = [body["concurrency"]["group"] for body in jobs.values()]
    assert len(set(groups)) == len(groups)  # what waits for an approval keeps no other tenant waiting
    assert not any(body["concurrency"]["cancel-in-progress"] for body in jobs.values())
    for job in ("plan-prod", "promote-prod"):
        environment = next(step["env"] for step in jobs[job]["steps"] if "env" in step)
        assert (environment["FROM"], environment["TENANT"]) == ("staging", "prod")


def test_the_plan_goes_from_job_to_job_and_is_not_kept_long(workflow: Callable[[str], dict[str, Any]]) -> None:
    jobs = workflow("deploy")["jobs"]
    for tenant in ("staging", "prod"):
        kept = next(step for step in jobs[f"plan-{tenant}"]["steps"] if "upload-artifact" in step.get("uses", ""))
        fetched = next(step for step in jobs[f"promote-{tenant}"]["steps"] if "download" in step.get("uses", ""))
        assert kept["with"]["name"] == fetched["with"]["name"] == f"plan-{tenant}"
        assert kept["with"]["path"] == f"{fetched['with']['path']}/saved.plan"
        assert (kept["with"]["retention-days"], kept["with"]["if-no-files-found"]) == (7, "error")
        text = json.dumps(jobs[f"promote-{tenant}"])
        assert "--auto-approve" not in text
        assert f"plan-{tenant}" in text


def test_a_protected_tenant_that_releases_start_from_is_planned_first_too(
    repository: Path, write: Callable[..., Path]
) -> None:
    with (repository / "tenants/dev.yaml").open("a") as file:
        file.write("protect: true\nsecrets_key: !env DEV_KEY\n")
    path = write("github") / ".github/workflows/deployer-deploy.yml"
    jobs = load(path)["jobs"]
    assert list(jobs)[:3] == ["plan-dev", "apply-dev", "plan-staging"]
    assert (jobs["apply-dev"]["needs"], jobs["plan-staging"]["needs"]) == (["plan-dev"], ["apply-dev"])
    assert (jobs["plan-dev"]["environment"], jobs["apply-dev"]["environment"]) == ("dev-saved-plan", "dev")
    runs = [step["run"] for job in ("plan-dev", "apply-dev") for step in jobs[job]["steps"] if "run" in step]
    planned = next(run for run in runs if "mkdir plan" in run)
    assert 'deployer plan "$TENANT" --without-secrets "${allow[@]}" --out plan/saved.plan' in planned
    assert 'deployer -v apply "$TENANT" plan/saved.plan ' in runs[-1]
    notes = path.read_text().split("name: deployer deploy")[0]
    assert "dev has no `secrets_key`" not in notes
    assert "prod has no `secrets_key`: no plan of it" in notes
    found = yaml.safe_load((write("gitlab") / ".gitlab/deployer/pipeline.yml").read_text())
    assert found["deployer-apply-dev"]["needs"] == ["deployer-plan-apply-dev"]
    assert found["deployer-apply-dev"]["rules"][0]["when"] == "manual"
    assert 'deployer -v apply "$TENANT" plan/saved.plan ' in found["deployer-apply-dev"]["script"][-1]


def test_contract_tests_write_down_what_the_next_promotion_asks_for(workflow: Callable[[str], dict[str, Any]]) -> None:
    jobs = workflow("deploy")["jobs"]
    tested = {job: step["env"] for job, body in jobs.items() for step in body["steps"] if "Contract" in str(step)}
    assert list(tested) == ["apply-dev", "promote-staging"]
    assert {found["DEPLOYER_STATE"] for found in tested.values()} == {"s3://acme-deployer/logins"}


def test_what_a_pull_request_tests_is_written_nowhere(write: Callable[..., Path]) -> None:
    """Its jobs cannot sign in to the store: with one to write to, they failed after all tests had passed."""
    check = load(write("github") / ".github/workflows/deployer-check.yml")["jobs"]
    gitlab = yaml.safe_load((write("gitlab") / ".gitlab/deployer/pipeline.yml").read_text())
    for tenant in ("dev", "staging", "prod"):
        assert check[f"test-{tenant}"]["steps"][-1]["run"].endswith('deployer test "$TENANT" --no-record\n')
        assert gitlab[f"deployer-test-{tenant}"]["script"] == ['deployer test "$TENANT" --no-record']
    assert gitlab["deployer-apply-dev"]["script"][0] == 'deployer test "$TENANT"'


def test_gitlab_promotes_by_hand_and_shields_forks(write: Callable[..., Path]) -> None:
    jobs = yaml.safe_load((write("gitlab") / ".gitlab/deployer/pipeline.yml").read_text())
    assert "when" not in jobs["deployer-apply-dev"]["rules"][0]
    for name, before in (("staging", "deployer-apply-dev"), ("prod", "deployer-promote-staging")):
        job, plan = jobs[f"deployer-promote-{name}"], jobs[f"deployer-plan-promotion-{name}"]
        assert (plan["needs"], job["needs"]) == ([before], [f"deployer-plan-promotion-{name}"])
        assert "when" not in plan["rules"][0]
        assert job["rules"][0]["when"] == "manual"
        # With an action that deploys nothing, GitLab 18 asks for no approval, and lets every developer plan again.
        assert plan["environment"] == {"name": f"{name}-saved-plan"}
        assert job["environment"] == {"name": name}
        assert job["resource_group"] == f"deployer-{name}"
        kept = {"access": "developer", "expire_in": "1 week", "paths": ["plan/saved.plan", "plan/plan.html"]}
        assert plan["artifacts"] == kept
        assert "--auto-approve" not in json.dumps(job)
        assert ('deployer test "$TENANT"' in job["script"]) == (name == "staging")
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in jobs[".deployer-merge-request"]["rules"][0]["if"]
    for name in ("dev", "staging", "prod"):
        assert ".deployer-merge-request" in jobs[f"deployer-plan-{name}"]["extends"]
        assert jobs[f"deployer-drift-{name}"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]


def test_the_sandbox_is_left_out_unless_named(repository: Path) -> None:
    project = Project(repository)
    store = "s3://acme-deployer/logins"
    assert [stage.name for stage in read_pipeline(project, None, store).stages] == ["dev", "staging", "prod"]
    assert [stage.name for stage in read_pipeline(project, ["local"], store).stages] == ["local"]


@pytest.mark.parametrize("name", ["010", "1_0", "null", "on"])
def test_names_that_yaml_reads_as_something_else_stay_names(
    write: Callable[..., Path], repository: Path, name: str
) -> None:
    """A job for 010 was one for 8, on the branch 1.10 for 1.1."""
    (repository / f"tenants/{name}.yaml").write_text((repository / "tenants/dev.yaml").read_text())
    path = repository / "tenants/staging.yaml"
    path.write_text(path.read_text().replace("promote_from: dev", f"promote_from: '{name}'").replace("STAGING", "S"))
    (repository / "tenants/dev.yaml").unlink()
    write("github", [name, "staging"], branch="1.10")
    write("gitlab", [name, "staging"], branch="1.10")
    workflows = {
        one: load(repository / f".github/workflows/deployer-{one}.yml") for one in ("check", "deploy", "drift")
    }
    assert {tuple(workflows[one]["on"]["push"]["branches"]) for one in ("check", "deploy")} == {("1.10",)}
    assert workflows["deploy"]["jobs"][f"apply-{name}"]["environment"] == name
    found = yaml.safe_load((repository / ".gitlab/deployer/pipeline.yml").read_text())
    assert found[f"deployer-apply-{name}"]["environment"]["name"] == name
    given = [step["env"] for workflow in workflows.values() for _, step in steps(workflow) if "env" in step]
    given += [job["variables"] for key, job in found.items() if key.startswith("deployer-") and "variables" in job]
    assert {text for one in given for key, text in one.items() if key in ("TENANT", "FROM")} == {name, "staging"}
    assert {text for one in given for key, text in one.items() if key == "TENANTS"} == {f"{name} staging"}


def test_a_circle_of_promotions_is_refused(repository: Path) -> None:
    with (repository / "tenants/dev.yaml").open("a") as file:
        file.write("promote_from: prod\n")
    with pytest.raises(DeployerError, match="gets its releases from"):
        read_pipeline(Project(repository), None, "s3://acme-deployer/logins")
    with pytest.raises(DeployerError, match="gets its releases from 'staging'"):
        read_pipeline(Project(repository), ["prod"], "s3://acme-deployer/logins")


@pytest.mark.parametrize("name", ["dev-plan", "dev-saved-plan", "dev-test", "dev-drift", "dev-html", "Dev", "DEV-Plan"])
def test_no_two_tenants_share_an_environment(repository: Path, name: str) -> None:
    """A pull request's job for dev would be given the secrets that change the other one."""
    (repository / f"tenants/{name}.yaml").write_text((repository / "tenants/dev.yaml").read_text())
    with pytest.raises(DeployerError, match="would share the environment"):
        read_pipeline(Project(repository), ["dev", name], STORE)
    assert len(read_pipeline(Project(repository), ["dev", "staging", "prod"], STORE).stages) == 3


@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_no_promotion_signs_in_to_both_tenants_with_the_secrets_of_one(
    project: Any, repository: Path, host: str
) -> None:
    path = repository / "tenants/staging.yaml"
    path.write_text(path.read_text().replace("STAGING_SECRET", "DEV_SECRET"))
    ran = project.run("--chdir", str(repository), "ci", host, "--store", STORE, "--requirement", COMMIT)
    assert ran.code == 1
    assert "dev and staging sign in with the same variable 'DEV_SECRET'" in ran.err
    assert "STAGING_DEV_SECRET" in ran.err
    assert not (repository / ".github").exists()
    assert not (repository / ".gitlab").exists()


def test_a_variable_of_two_kinds_is_named_once(write: Callable[..., Path], repository: Path) -> None:
    """GitHub refuses a whole workflow in which a key is there twice."""
    path = repository / "tenants/staging.yaml"
    path.write_text(path.read_text() + "connections: {legacy-users: {configuration: {OTHER: !env DEV_ID}}}\n")
    text = (write("github") / ".github/workflows/deployer-deploy.yml").read_text()
    step = text.split("- name: Promote\n")[1].split("run: |")[0]
    assert step.count(" DEV_ID: ") == 1
    assert step.count(" STAGING_ID: ") == 1


def test_a_secret_cannot_have_a_name_of_the_hosts(repository: Path) -> None:
    path = repository / "tenants/dev.yaml"
    path.write_text(path.read_text().replace("DEV_ID", "GITHUB_TOKEN"))
    with pytest.raises(DeployerError, match="cannot be a secret"):
        read_pipeline(Project(repository), None, "s3://acme-deployer/logins")


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (None, "needs a state that outlives its runs"),
        ("", "needs a state that outlives its runs"),
        ("./folder", "'./folder' is a folder of one machine"),
        ("file:///srv/x", "'file:///srv/x' is a folder of one machine"),
        ("foo://x", "'foo://' is no place for a state"),
        ("s3://b", "'b' is not the name of a bucket or container, which has at least 3 characters"),
        ("s3://", "'' is not the name of a bucket"),
        ("s3://me:secret@bucket/x", "must not hold credentials"),
        ("s3://bucket/$(id)", "holds characters that cannot stand in a pipeline"),
        ("s3://bucket/x\nname: y", r"'s3://bucket/x\\nname: y' holds characters"),
    ],
)
def test_a_pipeline_needs_a_shared_store(repository: Path, store: str | None, words: str) -> None:
    with pytest.raises(DeployerError, match=words) as error:
        read_pipeline(Project(repository), None, store)
    assert "s3://BUCKET/PREFIX" in str(error.value)
    assert "secret" not in str(error.value)


def test_tenants_with_stores_of_their_own_need_one_for_all(repository: Path) -> None:
    for name in ("dev", "prod"):
        with (repository / f"tenants/{name}.yaml").open("a") as file:
            file.write(f"state: s3://acme-{name}/logins\n")
    with pytest.raises(DeployerError, match="their `state` names 2"):
        read_pipeline(Project(repository), ["dev", "prod", "staging"], None)
    assert read_pipeline(Project(repository), None, "s3://acme/logins").state == "s3://acme/logins"


@pytest.mark.parametrize("store", ["s3://acme", "gs://acme/logins", "az://abc/a/b"])
def test_stores_that_pipelines_share(repository: Path, store: str) -> None:
    assert read_pipeline(Project(repository), None, store).state == store


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"branch": "a b"}, "--branch: 'a b' cannot stand in a pipeline. Name a branch of letters"),
        ({"branch": "-x"}, "--branch: '-x' cannot stand in a pipeline"),
        ({"image": "x\ny"}, "--image: 'x\\ny' cannot stand in a pipeline. Name an image"),
        ({"schedule": '"; x: "'}, "it holds other characters"),
        ({"schedule": "0 0 * *\n*"}, "it holds other characters"),
        ({"schedule": "bad"}, "--schedule: 'bad' is no time in cron's form: it holds other characters"),
        ({"schedule": "5 * *"}, "it has 3 fields. Five fields: minute, hour,"),
        ({"schedule": "17 25 * * *"}, "the hour is 25, and goes from 0 to 23"),
        ({"schedule": "17 5 0 * *"}, "the day of the month is 0, and goes from 1 to 31"),
        ({"schedule": "17 9-5 * * *"}, "the hour is 9-5"),
        ({"schedule": "*/0 5 * * *"}, "the minute is */0"),
        ({"schedule": "17 , * * *"}, "the hour is ','"),
    ],
)
def test_options_cannot_break_out(repository: Path, options: dict[str, str], words: str) -> None:
    pipeline = read_pipeline(Project(repository), ["dev"], "s3://acme-deployer/logins")
    with pytest.raises(DeployerError) as error:
        generate("github", pipeline, Options(**options))
    assert words in str(error.value)


@pytest.mark.parametrize("schedule", ["17 5 * * *", "*/15 8-18/2 1,15 * 1-5", "0 0 31 12 0"])
def test_schedules_as_github_takes_them(repository: Path, schedule: str) -> None:
    pipeline = read_pipeline(Project(repository), ["dev"], "s3://acme-deployer/logins")
    texts = [file.text for file in generate("github", pipeline, Options(schedule=schedule))]
    assert any(schedule in text for text in texts)


def test_an_own_pipeline_of_gitlab_is_told_how_to_run_this_one(repository: Path, project: Any) -> None:
    own = repository / ".gitlab-ci.yml"
    arguments = ["--chdir", str(repository), "ci", "gitlab", "--store", "gs://acme/logins", "--requirement", COMMIT]
    for text in ("stages: [build]\n", "# include:\n#   - local: .gitlab/deployer/pipeline.yml\n"):
        own.write_text(text)
        ran = project.run(*arguments, "--force")
        assert "left alone: .gitlab-ci.yml is there already\n" in ran.out
        assert "Add to it:\n\ninclude:\n  - local: .gitlab/deployer/pipeline.yml\n" in ran.out
        assert "add to them: check, plan, deploy, drift." in ran.out
        assert own.read_text() == text
    own.write_text("include: [{local: '/.gitlab/deployer/pipeline.yml'}, {local: mine.yml}]\n")
    assert "Add to it" not in project.run(*arguments).out
    own.unlink()
    assert "wrote .gitlab-ci.yml" in project.run(*arguments).out
    again = project.run(*arguments)
    assert "left alone: .gitlab-ci.yml" in again.out
    assert "Add to it" not in again.out


def test_the_stages_that_are_named_are_those_of_the_pipeline(repository: Path) -> None:
    pipeline = read_pipeline(Project(repository), None, "s3://acme-deployer/logins")
    text = next(one.text for one in generate("gitlab", pipeline, Options()) if one.path.endswith("pipeline.yml"))
    assert tuple(yaml.safe_load(text)["stages"]) == STAGES


def test_a_link_is_not_followed_even_by_force(repository: Path, tmp_path: Path) -> None:
    pipeline = read_pipeline(Project(repository), None, "s3://acme-deployer/logins")
    (repository / ".gitlab/deployer").mkdir(parents=True)
    (repository / ".gitlab/deployer/pipeline.yml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeployerError, match="is a link") as error:
        write_files(repository, generate("gitlab", pipeline, Options()), force=True)
    assert "--force" not in str(error.value)
    assert not (tmp_path / "elsewhere").exists()


def test_files_of_others_are_not_replaced(write: Callable[..., Path], repository: Path) -> None:
    own = repository / ".pre-commit-config.yaml"
    own.write_text("repos: []\n")
    write("github")
    assert own.read_text() == "repos: []\n"
    check = repository / ".github/workflows/deployer-check.yml"
    assert check.read_text().startswith(MARK)
    write("github", branch="trunk")
    assert "trunk" in check.read_text()
    check.write_text("name: mine\n")
    drift = repository / ".github/workflows/deployer-drift.yml"
    before = drift.read_text()
    with pytest.raises(DeployerError, match="not written by deployer") as error:
        write("github", schedule="0 0 * * *")
    assert error.value.where == ".github/workflows/deployer-check.yml"
    assert (check.read_text(), drift.read_text()) == ("name: mine\n", before)
    pipeline = read_pipeline(Project(repository), None, "s3://acme-deployer/logins")
    written, kept = write_files(repository, generate("github", pipeline, Options()), force=True)
    assert ".github/workflows/deployer-check.yml" in written
    assert kept == [".pre-commit-config.yaml"]
    assert check.read_text().startswith(MARK)


def test_the_command_writes_them(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from deployer.cli.entry import execute

    for host, path in (
        ("github", ".github/workflows/deployer-deploy.yml"),
        ("gitlab", ".gitlab/deployer/pipeline.yml"),
    ):
        assert (
            execute(
                [
                    "--chdir",
                    str(repository),
                    "ci",
                    host,
                    "--store",
                    "gs://acme/logins",
                    "--branch",
                    "trunk",
                    "--requirement",
                    COMMIT,
                ]
            )
            == 0
        )
        assert f"wrote {path}" in capsys.readouterr().out
        assert "trunk" in (repository / path).read_text()
        assert "GOOGLE_SERVICE_ACCOUNT_KEY" in (repository / path).read_text()
    assert execute(["--chdir", str(repository), "ci", "github"]) == 1
    assert "--store" in capsys.readouterr().err


def test_the_hooks_name_commands_that_exist(project: Any) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} == {"deployer-validate", "deployer-lint"}
    project.tenant()
    for hook in hooks:
        ran = project.run(*hook["entry"].split()[1:])
        assert ran.code in (0, 1), ran.all
        assert "No such command" not in ran.all
        assert re.compile(hook["files"]).match("tenants/dev.yaml")
