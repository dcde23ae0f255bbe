"""`deployer sandbox` as a program: what it prints, HTTPS, options, and how it ends."""

import json
import shlex
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployer.errors import DeployerError
from deployer.sandbox.command import parse_fault, parse_rate_limit
from deployer.sandbox.server import LocalTenant
from deployer.sandbox.weather import RateLimit

CODE = "from deployer.cli.main import app; app()"


def token_body(known: dict[str, str]) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": known["client_id"],
        "client_secret": known["client_secret"],
        "audience": f"https://{known['domain']}/api/v2/",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_serves_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    snapshot = tmp_path / "end.json"
    options = ["--tls", "--ca-dir", str(tmp_path / "ca"), "--rate-limit", "16/50", "--snapshot", str(snapshot)]
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, "sandbox", "--json", *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    known = json.loads(process.stdout.readline())
    assert set(known) == {"base_url", "domain", "client_id", "client_secret", "ca_file"}
    context = ssl.create_default_context(cafile=known["ca_file"])
    with httpx.Client(base_url=known["base_url"], verify=context) as client:
        token = client.post("/oauth/token", json=token_body(known)).json()["access_token"]
        answer = client.get("/api/v2/connections", headers={"Authorization": f"Bearer {token}"})
    assert answer.headers["x-ratelimit-limit"] == "50"
    process.send_signal(number)
    rest = process.communicate(timeout=20)[0]
    assert process.returncode == 0
    assert rest == ""
    assert json.loads(snapshot.read_text())["documents"]


def test_with_tls_what_is_to_be_pasted_is_enough_for_a_plan(tmp_path: Path, project: Any) -> None:
    project.tenant("connections: {}\n")
    process = subprocess.Popen(
        [sys.executable, "-uc", CODE, "sandbox", "--tls", "--ca-dir", "its own ca"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        pasted = ""
        for line in process.stdout:
            if line.startswith("export "):
                pasted += line
            elif pasted:
                break
        root = shlex.quote(str(project.root))
        plan = f"{shlex.quote(sys.executable)} -c {shlex.quote(CODE)} --chdir {root} --no-token-cache plan local"
        done = subprocess.run(["/bin/sh", "-c", pasted + plan], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert "No changes." in done.stdout
    finally:
        process.kill()
        process.wait()


def test_a_client_that_does_not_trust_the_authority_is_not_served(secure: LocalTenant) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(secure.base_url)


def test_the_authority_is_made_once(ca_dir: Path, secure: LocalTenant) -> None:
    assert secure.ca_file is not None
    before = secure.ca_file.read_bytes()
    with LocalTenant(tls=True, ca_dir=ca_dir) as other:
        assert other.ca_file == secure.ca_file
        assert other.ca_file.read_bytes() == before
    key = secure.ca_file.with_name("ca-key.pem")
    assert key.stat().st_mode & 0o077 == 0


def test_what_options_say() -> None:
    assert parse_rate_limit("2/10") == RateLimit(2, 10)
    assert parse_rate_limit("0.5") == RateLimit(0.5, 1)
    assert parse_fault("status,method=PATCH,nth=2,status=502") == {
        "kind": "status",
        "method": "PATCH",
        "nth": 2,
        "status": 502,
    }
    for text in ("", "x/y", "0/5", "5/0", "inf/1"):
        with pytest.raises(DeployerError):
            parse_rate_limit(text)
    for text in ("", "storm", "status,when=1", "status,nth=x"):
        with pytest.raises(DeployerError):
            parse_fault(text)
