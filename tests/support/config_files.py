"""Writes the files of a project, and reads the tenants that they define."""

from pathlib import Path

import pytest

from deployer.config.models import Tenant
from deployer.config.problems import ConfigError
from deployer.project import Project

HEAD = "domain: acme.eu.auth0.com\ncredentials: {client_id: abc, client_secret: !env SECRET }\n"


class Files:
    """Files of a project. A tenant gets two lines, its domain and its credentials, before its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"SECRET": "canary-of-the-environment"}

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def tenant(self, body: str, name: str = "local") -> None:
        self.write(f"tenants/{name}.yaml", HEAD + body)

    @property
    def project(self) -> Project:
        return Project(self.root, self.environment)

    def load(self, body: str | None = None, name: str = "local") -> Tenant:
        if body is not None:
            self.tenant(body, name)
        return self.project.tenant(name)

    def mistakes(self, body: str | None = None, name: str = "local") -> list[str]:
        """What is wrong with a tenant, position and hint included."""
        with pytest.raises(ConfigError) as caught:
            self.load(body, name)
        return [str(problem) for problem in caught.value.problems]
