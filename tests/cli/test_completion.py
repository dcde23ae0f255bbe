"""What a shell offers at Tab: the names of tenants, not of bases, and never an error."""

import subprocess
import sys

import pytest


def complete(*words, cwd):
    """What `deployer` answers to bash with the cursor behind the last word."""
    environment = {
        "_DEPLOYER_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("deployer", *words)),
        "COMP_CWORD": str(len(words)),
    }
    program = "import sys; sys.argv = ['deployer']; from deployer.cli.entry import run; run()"
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=cwd, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def tenants(project):
    project.tenant(name="prod")
    project.tenant(name="preview")
    project.write("tenants/base.yaml", "connections: {}\n")
    project.write("tenants/small.yml", "extends: base\n")
    project.write("tenants/prod.imported.yaml", "connections: {}\n")
    project.write("tenants/broken.yaml", "domain: [\0\xff")
    return project


@pytest.mark.parametrize("command", ["plan", "lint", "import", "promote prod"])
def test_tenants_are_offered(tenants, command):
    ran = complete(*command.split(), "pr", cwd=tenants.root)
    assert (ran.stdout.split(), ran.stderr) == (["preview", "prod"], "")


def test_the_folder_may_be_another_one(tenants, tmp_path):
    ran = complete("--chdir", str(tenants.root), "apply", "s", cwd=tmp_path)
    assert (ran.stdout.split(), ran.stderr) == (["small"], "")


@pytest.mark.parametrize("chdir", [(), ("--chdir", "nowhere"), ("--chdir", "/dev/null")])
def test_without_a_project_nothing_is_offered_and_nothing_said(tmp_path, chdir):
    ran = complete(*chdir, "plan", "p", cwd=tmp_path)
    assert (ran.stdout.strip(), ran.stderr) == ("", "")
