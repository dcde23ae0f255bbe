"""Finds what a pipeline installs, pinned by hashes: from a wheel file, an address with its hash, an index, or a commit.

The name alone installs nothing of ours: on a public index anybody may hold it. So what is given must be bytes that are
known (a hash) or a commit, and all that comes with it is pinned in the same way, by pip's own resolution.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from deployer import __version__
from deployer.config.addresses import is_loopback
from deployer.errors import DeployerError
from deployer.text import count, one_line

DISTRIBUTION = "auth0-db-deployer"
_EXTRA = "scripts"  # what contract tests need
PYTHON = "3.12"
"""What the pipelines run: the files are chosen for CPython of this version on Linux, x86-64."""

_WHEEL = re.compile(r"(auth0_db_deployer-[A-Za-z0-9.+!_]{1,60}-py3-none-any\.whl)\Z")
_HASH = re.compile(r"sha256[=:]([0-9a-f]{64})\Z")
_COMMIT = re.compile(r"git\+(https|ssh)://[A-Za-z0-9][A-Za-z0-9_.:@/~+-]{1,250}@[0-9a-f]{40}\Z")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[][A-Za-z0-9_.:/~%+\[\]-]{1,400}\Z")
_PATH = re.compile(r"[A-Za-z0-9_./+-]{1,200}\Z")
_PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}\Z")
_PLATFORMS = [
    *(f"manylinux_2_{minor}_x86_64" for minor in (35, 34, 31, 28, 27, 24, 17, 12, 5)),
    *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"),
]
_SECONDS = 300
_PIP = (sys.executable, "-m", "pip")

GIVE = (
    "Give --requirement one of: a wheel file in this repository "
    f"(vendor/auth0_db_deployer-{__version__}-py3-none-any.whl); a wheel's address with its hash "
    "(https://HOST/auth0_db_deployer-...whl#sha256=HEX); a commit "
    "(git+https://HOST/REPOSITORY@40 hex digits). Or --index the address of your own package index that has it."
)


def lock(root: Path, requirement: str | None, index: str | None) -> str:
    """Write a requirements file, without its first line, for what `--requirement` and `--index` say.

    Raises DeployerError for what pins nothing, and where pip cannot resolve it.
    """
    if index is not None:
        return _from_index(requirement, _checked_index(index))
    if requirement is None:
        raise DeployerError(
            f"a pipeline must know what it installs, and {DISTRIBUTION} is on no public index", where="ci", hint=GIVE
        )
    spec = requirement.strip()
    if named := re.match(rf"{DISTRIBUTION}(\[[a-z,]*\])?\s*@\s*(.*)\Z", spec):
        spec = named.group(2)
    if _COMMIT.match(spec):
        return (
            "# A commit: its code is known. What it is built with and depends on is not: each job chooses it anew and\n"
            "# runs it beside its secrets. A wheel with its hash pins that too.\n"
            f"{DISTRIBUTION}[{_EXTRA}] @ {spec}\n"
        )
    if "://" in spec:
        return _from_address(spec)
    if spec.endswith(".whl"):
        return _from_file(root, spec)
    raise DeployerError(
        f"'{one_line(requirement, 80)}' pins nothing that is known: whoever holds that name on an index is installed",
        where="--requirement",
        hint=GIVE,
    )


def _from_file(root: Path, spec: str) -> str:
    path = root / spec
    relative = Path(spec).as_posix().removeprefix("./")
    if Path(spec).is_absolute() or ".." in Path(spec).parts or not _PATH.match(relative):
        raise DeployerError(
            "the wheel must be in this repository, where the pipelines find it", where="--requirement", hint=GIVE
        )
    _check_name(path.name)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DeployerError(f"the wheel cannot be read: {error.strerror}", where=one_line(spec), hint=GIVE) from None
    rest = _pins(_resolved([f"{path}[{_EXTRA}]"]), leave_out=DISTRIBUTION)
    return f"./{relative} --hash=sha256:{digest}\n" + "".join(rest)


def _from_address(spec: str) -> str:
    address, _, fragment = spec.partition("#")
    found = _HASH.match(fragment)
    parts = urlsplit(address)
    if found is None:
        raise DeployerError(
            "the address has no hash, so anything may be behind it tomorrow",
            where="--requirement",
            hint="Write #sha256= and the 64 hex digits of the file behind it (sha256sum FILE).",
        )
    if "@" in parts.netloc or "?" in address:
        raise DeployerError("an address must not hold credentials or a query", where="--requirement", hint=GIVE)
    _check_transport(address, "--requirement")
    _check_name(Path(parts.path).name)
    rest = _pins(_resolved([f"{DISTRIBUTION}[{_EXTRA}] @ {address}#sha256={found.group(1)}"]), leave_out=DISTRIBUTION)
    return f"{DISTRIBUTION} @ {address} --hash=sha256:{found.group(1)}\n" + "".join(rest)


def _from_index(requirement: str | None, index: str) -> str:
    spec = (requirement or f"{DISTRIBUTION}[{_EXTRA}]=={__version__}").replace(" ", "")
    if not re.fullmatch(rf"{DISTRIBUTION}(\[[a-z,]+\])?==[A-Za-z0-9.+!]+", spec):
        raise DeployerError(
            f"'{one_line(spec, 80)}' is no version of {DISTRIBUTION}",
            where="--requirement",
            hint=f"With --index, write {DISTRIBUTION}=={__version__}, or leave it out.",
        )
    pins = _pins(_resolved([spec], index))
    return f"--index-url {index}\n" + "".join(pins)


def _checked_index(index: str) -> str:
    parts = urlsplit(index)
    if "@" in parts.netloc or "?" in index or "#" in index:
        raise DeployerError(
            "an index's address must not hold credentials or a query",
            where="--index",
            hint="Give the runners its credentials in a netrc file or PIP_INDEX_URL.",
        )
    _check_transport(index, "--index")
    return urlunsplit(parts)


def _check_transport(address: str, where: str) -> None:
    host = urlsplit(address).hostname
    if not _ADDRESS.match(address) or not host:
        raise DeployerError(f"'{one_line(address, 80)}' is no address", where=where, hint=GIVE)
    if address.startswith("http:") and not is_loopback(host):
        raise DeployerError("plain http can be changed on its way", where=where, hint="Use https.")


def _check_name(name: str) -> None:
    if not _WHEEL.match(name):
        raise DeployerError(
            f"'{one_line(name, 80)}' is no wheel of {DISTRIBUTION}",
            where="--requirement",
            hint=f"It is named auth0_db_deployer-{__version__}-py3-none-any.whl, as it was built.",
        )


def _resolved(requirements: list[str], index: str | None = None) -> list[Mapping[str, Any]]:
    """Find what pip would install in a pipeline, each with its name, version and hash; nothing is installed here."""
    platforms = [argument for platform in _PLATFORMS for argument in ("--platform", platform)]
    with tempfile.TemporaryDirectory(prefix="deployer-ci-") as folder:
        report = Path(folder) / "report.json"
        command = [
            *(*_PIP, "install", "--dry-run", "--ignore-installed", "--quiet", "--no-input"),
            *("--disable-pip-version-check", "--only-binary", ":all:", "--target", folder),
            *("--python-version", PYTHON, "--implementation", "cp", *platforms, "--report", str(report)),
            *requirements,
        ]
        environment = dict(os.environ)
        if index is not None:
            # This index and no other: one that pip is set up with besides could have the name as well.
            environment = {name: value for name, value in environment.items() if not name.startswith("PIP_")}
            environment["PIP_CONFIG_FILE"] = os.devnull
            command += ["--index-url", index, *(["--cert", authorities] if (authorities := _authorities()) else [])]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=environment
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _unresolved(type(error).__name__) from None
        if done.returncode != 0 or not report.exists():
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or [
                line for line in done.stderr.splitlines() if line.strip()
            ]
            raise _unresolved(errors[-1].removeprefix("ERROR:").strip() if errors else f"exit code {done.returncode}")
        found: list[Mapping[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return found


def _authorities() -> str | None:
    """Find the file of certificate authorities that pip is set up with here."""
    for name in ("global.cert", ":env:.cert"):
        done = subprocess.run([*_PIP, "config", "get", name], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip()
    return None


def _pins(found: list[Mapping[str, Any]], leave_out: str | None = None) -> Iterator[str]:
    for each in sorted(found, key=lambda one: str(one["metadata"]["name"]).lower()):
        name, version = str(each["metadata"]["name"]), str(each["metadata"]["version"])
        if re.sub(r"[-_.]+", "-", name).lower() == leave_out:
            continue
        digest = (each.get("download_info", {}).get("archive_info", {}).get("hashes") or {}).get("sha256", "")
        if not _PIN.match(name) or not _PIN.match(version.replace("+", "").replace("!", "")) or len(digest) != 64:
            raise _unresolved(f"pip names no hash for {one_line(name, 80)}")
        yield f"{name}=={version} --hash=sha256:{digest}\n"


def _unresolved(why: str) -> DeployerError:
    return DeployerError(
        f"pip cannot tell what the pipelines would install: {one_line(why, 300)}",
        where="--requirement",
        hint="It is run as `python -m pip install --dry-run` beside deployer: it must be there and reach its index.",
    )


def pinned(text: str) -> str:
    """Count the packages that a lock pins, in words."""
    return count(sum(" --hash=" in line for line in text.splitlines()), "package")
