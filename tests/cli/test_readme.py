"""The README's first deployment, line by line, as somebody types it who has only the README."""

import re
import shlex

from deployer.cli import entry
from tests.support.paths import ROOT

README = ROOT / "README.md"


def lines() -> list[list[str]]:
    block = re.search(r"## A first deployment\n+```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    return [shlex.split(line, comments=True) for line in block[1].splitlines() if line.strip()]


def test_a_first_deployment(local_tenant, reach, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    reach(local_tenant)  # what the sandbox prints, pasted
    monkeypatch.delenv("PG_URL")
    done = []
    for words in lines():
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
        elif words[0] == "export":
            name, _, value = words[1].partition("=")
            monkeypatch.setenv(name, value)
        elif words[:2] != ["deployer", "sandbox"]:
            answer = ["--auto-approve"] if words[1] == "apply" else []
            code = entry.execute(["--no-token-cache", *words[1:], *answer])
            assert code == 0, (words, capsys.readouterr())
            done.append(words[1])
    assert done == ["init", "validate", "lint", "plan", "apply", "drift"]
    assert "No drift. 1 resource as defined." in capsys.readouterr().out


def test_the_sandbox_prints_the_variables_that_a_tenant_file_reads(capsys):
    from deployer.sandbox.command import Settings, _announce
    from deployer.sandbox.server import LocalTenant

    with LocalTenant() as tenant:
        _announce(tenant, None, Settings(), print)
        out = capsys.readouterr().out
        assert f"\nexport AUTH0_DOMAIN={tenant.domain}\n" in out
        assert f"\nexport AUTH0_BASE_URL={tenant.base_url}\n" in out
        assert f"\nexport AUTH0_CLIENT_ID={tenant.client_id}\n" in out
        assert f"\nexport AUTH0_CLIENT_SECRET={shlex.quote(tenant.client_secret)}\n" in out


def test_the_program_of_the_readme(undeployed, live_connection, capsys):
    """The program under "From Python" plans and applies to a tenant, as it stands there."""
    block = re.search(r"<!-- python -->\n```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    program = block[1].replace('Path()), "prod"', f'Path({str(undeployed.root)!r})), "local"')
    for expected in (["create connection.legacy-users", "complete"], ["complete"]):
        exec(compile(program, "README.md", "exec"), {"__name__": "program"})
        assert capsys.readouterr().out.splitlines() == expected
    assert live_connection()["options"]["customScripts"]["login"]
