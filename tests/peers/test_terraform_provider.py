"""Terraform's Auth0 provider judges the local tenant: its own acceptance tests, as they are, live over HTTPS.

    pytest -m peers tests/peers

They are built from the Go module proxy. The provider's own recordings are never used and not even copied: every request
goes to the tenant. Go and Terraform are needed. The first run builds for minutes; all 83 tests take about half an hour.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pytest

from deployer.sandbox.server import LocalTenant
from deployer.sandbox.tenant import Tenant

MODULE = "github.com/auth0/terraform-provider-auth0"
VERSION = "v1.54.1"
RECORDINGS = "recordings"
"""The folder below `test/data` with the provider's own recordings."""
_RESULT = re.compile(r"^--- (PASS|FAIL|SKIP): (\w+)", re.MULTILINE)
_BUILD_SECONDS, _RUN_SECONDS = 1800, 2400
PACKAGES = {"connection": 23, "action": 7, "rule": 2, "resourceserver": 9, "client": 42}
"""How many tests of each package are run: 83."""
LEFT_OUT = re.compile(
    "SCIM|Directory|Keys|ConnectionProfile|ActionModule|CIMD|CrossAppAccess|OIDCMetadata|"
    "TestAccConnection(AD|AzureAD|ADFS|OIDC|Okta|OAuth2|SMS|CustomSMS|Email|Salesforce|GoogleOAuth2|GoogleApps|Facebook|"
    "Apple|Linkedin|Line|GitHub|Windowslive|SAML|Twitter|PingFederate)$"
)
"""Other strategies, and features that have nothing to do with databases."""
EXPECTED_FAILURES = {
    "TestAccConnectionConnectedAccounts": "connections of the strategy oidc",
    "TestAccClientWithDefaultOrganization": "organizations",
    "TestAccClientExpressAppConfiguration": "user attribute profiles",
    "TestAccClientMyOrganizationConfiguration": "connection profiles and user attribute profiles",
    "TestAccClientAuthenticationMethodsTLSClientAuth": "certificates of clients (mTLS)",
    "TestAccClientAuthenticationMethodsSelfSignedTLSClientAuth": "certificates of clients (mTLS)",
}
"""What these need and the local tenant does not have."""

pytestmark = [
    pytest.mark.peers,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    *(
        pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is missing")
        for program in ("go", "terraform")
    ),
]


class PeerUnavailableError(Exception):
    """The provider cannot be had or built on this machine."""


@dataclass(frozen=True)
class Results:
    """What became of each test (`PASS`, `FAIL`, `SKIP`, by name), and all that was printed."""

    outcomes: dict[str, str]
    output: str

    def named(self, outcome: str) -> set[str]:
        """The tests with this outcome."""
        return {name for name, found in self.outcomes.items() if found == outcome}

    def excerpt(self, name: str) -> str:
        """What was printed while a test ran, its end."""
        _, _, rest = self.output.partition(f"=== RUN   {name}\n")
        return rest.partition("=== RUN ")[0][-2000:]


def _command(
    *arguments: str, cwd: Path, seconds: float, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["nice", "-n", "10", *arguments],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerUnavailableError(f"{arguments[0]}: {error}") from error


def _go(*arguments: str, cwd: Path) -> str:
    done = _command("go", *arguments, cwd=cwd, seconds=_BUILD_SECONDS, environment={"GOFLAGS": "-p=2"})
    if done.returncode:
        raise PeerUnavailableError(f"go {arguments[0]}: {(done.stdout + done.stderr)[-600:]}")
    return done.stdout


def _fetch() -> Path:
    """Fetch the provider's source, without its recordings, into a cache folder, once. Raises PeerUnavailableError."""
    cache = Path(platformdirs.user_cache_dir("deployer", appauthor=False)) / f"terraform-provider-auth0-{VERSION}"
    if (cache / "go.mod").exists():
        return cache
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as scratch:
        module = json.loads(_go("mod", "download", "-json", f"{MODULE}@{VERSION}", cwd=Path(scratch)))
        fresh = Path(scratch) / "source"
        # The module cache is read-only, its folders as well.
        shutil.copytree(module["Dir"], fresh, ignore=_leave_out, copy_function=shutil.copyfile)
        for folder in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
            folder.chmod(folder.stat().st_mode | stat.S_IWUSR)
        try:
            fresh.rename(cache)
        except OSError:
            if not (cache / "go.mod").exists():  # else another worker was faster
                raise
    return cache


def _leave_out(folder: str, names: list[str]) -> set[str]:
    return {RECORDINGS} & set(names) if Path(folder).parts[-2:] == ("test", "data") else set()


def _build(source: Path, package: str) -> Path:
    """Build the tests of a package below `internal/auth0`; the program. Raises PeerUnavailableError."""
    program = source / "bin" / f"{package}.test"
    if not program.exists():
        program.parent.mkdir(exist_ok=True)
        fresh = program.with_name(f"{package}.{os.getpid()}")
        _go("test", "-c", "-o", str(fresh), f"./internal/auth0/{package}", cwd=source)
        fresh.rename(program)
    return program


def _names(program: Path) -> list[str]:
    """The acceptance tests of a program."""
    done = _command(str(program), "-test.list", "^TestAcc", cwd=program.parent, seconds=60, environment={})
    return [line for line in done.stdout.split() if line.startswith("TestAcc")]


def _run(source: Path, package: str, wanted: list[str], tenant: Tenant, ca_file: Path, scratch: Path) -> Results:
    """Run these acceptance tests of a package, live against the tenant, one after the other."""
    settings = scratch / "terraform.rc"
    settings.write_text("")  # what the user of this machine has set is nothing to these tests
    terraform = shutil.which("terraform")
    environment = {
        "TF_ACC": "1",
        "TF_ACC_TERRAFORM_PATH": str(terraform),
        "TF_CLI_CONFIG_FILE": str(settings),
        "CHECKPOINT_DISABLE": "1",
        "AUTH0_HTTP_RECORDINGS": "off",
        "AUTH0_DOMAIN": tenant.domain,
        "AUTH0_CLIENT_ID": tenant.client_id,
        "AUTH0_CLIENT_SECRET": tenant.client_secret,
        "SSL_CERT_FILE": str(ca_file.absolute()),
    }
    done = _command(
        str(_build(source, package)),
        *("-test.v", "-test.parallel", "1", "-test.timeout", f"{_RUN_SECONDS}s"),
        *("-test.run", f"^({'|'.join(wanted)})$"),
        cwd=source / "internal" / "auth0" / package,
        seconds=_RUN_SECONDS + 60,
        environment=environment,
    )
    output = done.stdout + done.stderr
    return Results({name: outcome for outcome, name in _RESULT.findall(output)}, output)


@pytest.fixture(scope="session")
def source() -> Path:
    """The provider's source."""
    try:
        return _fetch()
    except PeerUnavailableError as error:
        pytest.skip(f"the provider cannot be fetched: {error}")


@pytest.mark.parametrize("package", PACKAGES)
def test_acceptance(package: str, source: Path, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    try:
        program = _build(source, package)
    except PeerUnavailableError as error:
        pytest.skip(f"the provider cannot be built: {error}")
    wanted = [name for name in _names(program) if not LEFT_OUT.search(name)]
    assert len(wanted) == PACKAGES[package], wanted
    with LocalTenant(tls=True, ca_dir=tmp_path / "ca") as tenant:
        assert tenant.ca_file is not None
        results = _run(source, package, wanted, tenant.state, tenant.ca_file, tmp_path)
    for name in wanted:
        outcome = results.outcomes.get(name, "FAIL")
        why = f" (needs {EXPECTED_FAILURES[name]})" if outcome == "FAIL" and name in EXPECTED_FAILURES else ""
        record_property("peers", f"{package:<15} {outcome} {name}{why}")
    assert set(results.outcomes) == set(wanted), results.output[-3000:]
    unexpected = results.named("FAIL") - set(EXPECTED_FAILURES)
    assert not unexpected, "\n\n".join(results.excerpt(name) for name in sorted(unexpected))
