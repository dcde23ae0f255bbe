"""What the pipelines install is known: by hashes, or a commit; never by a name that somebody else may hold."""

import base64
import hashlib
import io
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

WHEEL = "auth0_db_deployer-0.1.0-py3-none-any.whl"
STORE = ("--store", "s3://acme-deployer/logins")


def wheel(name: str, version: str, *needs: str) -> bytes:
    """A wheel of nothing."""
    folder = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name.replace('_', '-')}", f"Version: {version}"]
    lines += ["Provides-Extra: scripts", *(f"Requires-Dist: {need}" for need in needs)]
    files = {
        f"{name}.py": b"",
        f"{folder}/METADATA": "\n".join([*lines, ""]).encode(),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    records = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        records.append(f"{path},sha256={digest},{len(data)}\n")
    files[f"{folder}/RECORD"] = "".join([*records, f"{folder}/RECORD,,\n"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, str]]]:
    """An index of its own on this machine: its address, and the hash of each file. pip here is set up with another."""
    files = {
        WHEEL: wheel("auth0_db_deployer", "0.1.0", "tiny-part>=1", 'tiny-extra; extra == "scripts"'),
        "tiny_part-1.2-py3-none-any.whl": wheel("tiny_part", "1.2"),
        "tiny_extra-3.0-py3-none-any.whl": wheel("tiny_extra", "3.0"),
    }
    for name, data in files.items():
        project = tmp_path / "index/simple" / name.partition("-")[0].replace("_", "-")
        project.mkdir(parents=True)
        digest = hashlib.sha256(data).hexdigest()
        (project / "index.html").write_text(f'<a href="/files/{name}#sha256={digest}">{name}</a>')
        (tmp_path / "index/files").mkdir(exist_ok=True)
        (tmp_path / "index/files" / name).write_bytes(data)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "index"))) as server:
        threading.Thread(target=server.serve_forever).start()
        yield (
            f"http://127.0.0.1:{server.server_port}/simple/",
            {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        )
        server.shutdown()


@pytest.fixture
def only(index: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, str]]:
    """The same, as the index that pip is set up with."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", index[0])
    return index


def ci(project: Any, repository: Path, *more: str) -> Any:
    return project.run("--chdir", str(repository), "ci", "github", *STORE, *more)


def requirements(repository: Path) -> list[str]:
    return (repository / ".github/actions/deployer/requirements.txt").read_text().splitlines()[1:]


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--requirement", "auth0-db-deployer"),
        ("--requirement", "auth0-db-deployer[scripts]==0.1.0"),
        ("--requirement", "deployer[scripts]==0.1.0"),
        ("--requirement", f"https://files.example.com/{WHEEL}"),
        ("--requirement", "git+https://git.example.com/deployer@main"),
        ("--requirement", f"https://files.example.com/other-0.1.0-py3-none-any.whl#sha256={'0' * 64}"),
        ("--requirement", f"http://files.example.com/{WHEEL}#sha256={'0' * 64}"),
        ("--requirement", f"../{WHEEL}"),
        ("--requirement", "--index-url=x"),
        ("--index", "https://me:secret@index.example.com/simple"),
        ("--index", "http://index.example.com/simple"),
    ],
)
def test_what_pins_nothing_is_refused_with_what_to_give(project: Any, repository: Path, given: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    ran = ci(project, repository, *given)
    assert ran.code == 1
    assert re.search("--requirement|sha256|https|netrc", ran.err)
    assert "secret" not in ran.err
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_a_commit(project: Any, repository: Path) -> None:
    commit = f"git+https://git.example.com/logins/deployer@{'5f' * 20}"
    ran = ci(project, repository, "--requirement", commit)
    assert ran.code == 0, ran.all
    *notes, line = filter(None, requirements(repository))
    assert line == f"auth0-db-deployer[scripts] @ {commit}"
    assert "runs it beside its secrets" in notes[-1]


def test_a_wheel_of_the_repository_with_all_that_it_needs(
    project: Any, repository: Path, only: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    hashes = only[1]
    (repository / "vendor").mkdir()
    (repository / "vendor" / WHEEL).write_bytes((tmp_path / "index/files" / WHEEL).read_bytes())
    ran = ci(project, repository, "--requirement", f"vendor/{WHEEL}")
    assert ran.code == 0, ran.all
    assert [line for line in requirements(repository) if line] == [
        f"./vendor/{WHEEL} --hash=sha256:{hashes[WHEEL]}",
        f"tiny-extra==3.0 --hash=sha256:{hashes['tiny_extra-3.0-py3-none-any.whl']}",
        f"tiny-part==1.2 --hash=sha256:{hashes['tiny_part-1.2-py3-none-any.whl']}",
    ]
    # pip takes it as it stands, from the repository's root, and refuses other bytes.
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        str(tmp_path / "into"),
        "--require-hashes",
    ]
    command += ["--require-hashes", "--requirement", ".github/actions/deployer/requirements.txt"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "into/tiny_part.py").exists()
    (repository / "vendor" / WHEEL).write_bytes(wheel("auth0_db_deployer", "0.1.0", "tiny-part"))
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "DO NOT MATCH" in done.stderr


def test_an_address_with_its_hash(project: Any, repository: Path, only: tuple[str, dict[str, str]]) -> None:
    address = only[0].replace("simple/", f"files/{WHEEL}")
    ran = ci(project, repository, "--requirement", f"{address}#sha256={only[1][WHEEL]}")
    assert ran.code == 0, ran.all
    assert requirements(repository)[0] == f"auth0-db-deployer @ {address} --hash=sha256:{only[1][WHEEL]}"
    wrong = ci(project, repository, "--requirement", f"{address}#sha256={'0' * 64}")
    assert wrong.code == 1
    assert "pip cannot tell" in wrong.err


def test_an_index_of_ones_own_and_no_other(
    project: Any, repository: Path, index: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://127.0.0.1:9/simple/")
    ran = ci(project, repository, "--index", index[0])
    assert ran.code == 0, ran.all
    lines = requirements(repository)
    assert lines[0] == f"--index-url {index[0]}"
    assert f"auth0-db-deployer==0.1.0 --hash=sha256:{index[1][WHEEL]}" in lines
    assert sum("--hash=sha256:" in line for line in lines) == 3
    absent = ci(project, repository, "--index", index[0], "--requirement", "auth0-db-deployer==9.9")
    assert absent.code == 1
    assert "pip cannot tell" in absent.err


def test_tenants_get_a_key_of_their_own(project: Any, repository: Path) -> None:
    (repository / "tenants/dev.yaml").write_text((repository / "tenants/dev.yaml").read_text().rstrip())
    ran = ci(project, repository, "--requirement", f"git+https://git.example.com/x@{'5f' * 20}")
    assert ran.code == 0, ran.all
    for name in ("dev", "staging", "prod"):
        assert (
            (repository / f"tenants/{name}.yaml")
            .read_text()
            .endswith(f"\nsecrets_key: !env {name.upper()}_SECRETS_KEY\n")
        )
        assert f"added a secrets_key to tenants/{name}.yaml" in ran.out
    assert "secrets_key" not in (repository / "tenants/local.yaml").read_text()
    workflow = (repository / ".github/workflows/deployer-deploy.yml").read_text()
    assert "PROD_SECRETS_KEY: ${{ secrets.PROD_SECRETS_KEY }}" in workflow
    assert "has no `secrets_key`" not in workflow
    again = ci(project, repository, "--requirement", f"git+https://git.example.com/x@{'5f' * 20}")
    assert "added" not in again.out


@pytest.mark.parametrize(
    "name",
    [
        *(
            "TENANT",
            "DEPLOYER_STATE",
            "DEPLOYER_STORE",
            "PATH",
            "LD_PRELOAD",
            "GITHUB_ENV",
            "CI_JOB_TOKEN",
            "BASH_ENV",
            "PYTHONPATH",
            "path",
        ),
        *("PIP_INDEX_URL", "SSL_CERT_FILE", "HTTPS_PROXY", "AWS_ROLE_ARN", "RUNNER_TEMP", "NODE_OPTIONS", "FROM"),
        *("AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "SHA256"),
    ],
)
def test_variables_that_would_break_the_jobs_are_refused(project: Any, repository: Path, name: str) -> None:
    path = repository / "tenants/base.yaml"
    path.write_text(path.read_text().replace("PG_URL: !env PG_URL", f"PG_URL: !env {name}"))
    ran = ci(project, repository, "--requirement", f"git+https://git.example.com/x@{'5f' * 20}")
    assert ran.code == 1
    assert f"the variable '{name}' cannot be a secret of a pipeline" in ran.err
    assert not (repository / ".github").exists()


def test_nothing_tells_anybody_to_install_it_by_its_name_alone() -> None:
    """Of a public index, everything that is named after `pip install` is a declared dependency, or a path."""
    declared = (ROOT / "pyproject.toml").read_text()
    assert 'name = "auth0-db-deployer"' in declared
    files = [ROOT / "README.md", ROOT / ".pre-commit-hooks.yaml"]
    files += [path for path in (ROOT / "deployer").rglob("*") if path.suffix in {".py", ".j2", ".md", ".cjs", ".yaml"}]
    files += list((ROOT / "templates").rglob("*.md"))
    for path in files:
        for line in path.read_text().splitlines():
            for found in re.findall(r"pip install ([^`\n&]*)|pipx? install ([^`\n&]*)|uvx ([^`\n&]*)", line):
                words = " ".join(found).replace("'", " ").replace('"', " ").split()
                paths = ("-", ".", "{", "*", "$", "constraints.txt")
                names = [word for word in words if not word.startswith(paths)]
                for name in names:
                    assert re.match(r"[a-z0-9-]+$", name), f"{path}: {line}"
                    assert f'"{name}' in declared, f"{path}: {line}"
            assert "deployer[" not in line.replace("auth0-db-deployer[{_EXTRA}]", "").replace("{DISTRIBUTION}[", ""), (
                f"{path}: {line}"
            )
