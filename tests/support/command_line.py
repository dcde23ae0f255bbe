"""Runs the command line in this process, in the folder of a project."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployer.cli import entry
from tests.support.definitions import DEFINITION, LEGACY_USERS


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)

    @property
    def all(self) -> str:
        """Both outputs."""
        return self.out + self.err


class Project:
    """A project's folder, and the command line in it."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture
        (root / "tenants").mkdir()

    def write(self, path: str, text: str) -> Path:
        """Write a file, whose path is relative to the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def tenant(self, body: str = LEGACY_USERS, name: str = "local") -> Path:
        """Write a tenant file that reaches the local tenant, with this body."""
        return self.write(f"tenants/{name}.yaml", DEFINITION + body)

    def run(self, *arguments: str) -> Ran:
        """Run `deployer ARGUMENTS` in this folder."""
        self._capture.readouterr()
        code = entry.execute(["--chdir", str(self.root), "--no-token-cache", *arguments])
        captured = self._capture.readouterr()
        return Ran(code, captured.out, captured.err)
