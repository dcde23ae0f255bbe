"""Installs pinned npm modules (`{'pg': '8.16.3'}`) into a folder: once per set of pins and machine user.

Install scripts never run. Several processes may ask at once: a file lock lets one install and the others wait.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from deployer.digests import digest
from deployer.errors import DeployerError
from deployer.runtime.node import Node, npm_command
from deployer.text import one_line

_NAME = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_INSTALL_SECONDS = 300
# What npm needs of our environment, and nothing else: its own settings, where programs are, how to get out.
_NPM_ENVIRONMENT = re.compile(
    r"PATH|HOME|USERPROFILE|APPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|npm_config_.*|https?_proxy|no_proxy|"
    r"NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class InstalledModules:
    """A folder with `node_modules` in it, the names that scripts may require, and whether native add-ons are there."""

    folder: Path
    names: tuple[str, ...]
    addons: bool


def install_modules(modules: Mapping[str, str], node: Node, *, cache: Path | None = None) -> InstalledModules | None:
    """Install the pinned modules, or find them installed; None for no modules. May take a minute the first time.

    `cache` is a folder of the user's own (default: the platform's cache folder). Raises DeployerError for a pin that
    is not an exact version, where npm is missing, and for whatever npm could not do.
    """
    if not modules:
        return None
    _check_pins(modules)
    root = cache or Path(platformdirs.user_cache_path("deployer")) / "modules"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = root.resolve()
    folder = root / digest(dict(modules)).removeprefix("sha256:")[:32]
    if not (folder / "installed.json").is_file():
        _install_once(modules, node, folder)
    addons = bool(json.loads((folder / "installed.json").read_text("utf-8"))["addons"])
    return InstalledModules(folder, tuple(sorted(modules)), addons)


def _check_pins(modules: Mapping[str, str]) -> None:
    for name, version in modules.items():
        shown = f"{one_line(str(name), 60)}@{one_line(str(version), 40)}"
        if len(name) > 214 or not _NAME.fullmatch(name):
            raise DeployerError(f"'{shown}' is not the name of an npm module", hint="Correct `modules`.")
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            raise DeployerError(
                f"the npm module '{shown}' is not pinned to one version", hint=f"Write it as `{name}: 1.2.3`."
            )


def _install_once(modules: Mapping[str, str], node: Node, folder: Path) -> None:
    try:
        with FileLock(f"{folder}.lock", timeout=2 * _INSTALL_SECONDS):
            if not (folder / "installed.json").is_file():
                _install(modules, node, folder)
    except Timeout:
        raise DeployerError(
            "another process has been installing the scripts' npm modules for too long",
            where=str(folder),
            hint="End that process, or delete the folder, and try again.",
        ) from None


def _install(modules: Mapping[str, str], node: Node, folder: Path) -> None:
    command = npm_command(node)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    partial.mkdir(mode=0o700)
    package = {"name": "scripts", "version": "0.0.0", "private": True, "dependencies": dict(modules)}
    (partial / "package.json").write_text(json.dumps(package), "utf-8")
    _run_npm(command, partial)
    for name, version in modules.items():
        found = json.loads((partial / "node_modules" / name / "package.json").read_text("utf-8"))["version"]
        if found != version.partition("+")[0]:
            raise DeployerError(f"npm installed {name} {one_line(found, 40)} instead of {version}")
    addons = any(partial.glob("node_modules/**/*.node"))
    (partial / "installed.json").write_text(json.dumps({"modules": dict(modules), "addons": addons}), "utf-8")
    partial.rename(folder)


def _run_npm(command: list[str], folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if _NPM_ENVIRONMENT.fullmatch(key)}
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--no-update-notifier", "--loglevel=error"]
    try:
        done = subprocess.run(
            [*command, "install", *options],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
            umask=0o077,
        )
    except subprocess.TimeoutExpired:
        raise DeployerError(
            f"npm did not install the scripts' modules within {_INSTALL_SECONDS} seconds",
            hint="Check the connection to the npm registry.",
        ) from None
    except OSError as error:
        raise DeployerError(
            f"npm cannot be started: {error.strerror}", where=command[0], hint="Reinstall it."
        ) from None
    if done.returncode != 0:
        raise DeployerError(
            f"npm could not install the scripts' modules: {_reason(done.stderr)}",
            hint="Check the names and versions under `modules` and the connection to the npm registry.",
        )


def _reason(stderr: str) -> str:
    """Pick the first lines of npm's output that say something; its log file's path and URLs do not."""
    lines = [re.sub(r"^npm (error|ERR!)\s*", "", line).strip() for line in stderr.splitlines()]
    lines_of_cause = [line for line in lines if line and not line.startswith(("A complete log", "code "))]
    return one_line(re.sub(r"https?://\S+", "(URL)", " ".join(lines_of_cause[:3])) or "it did not say why", 300)
