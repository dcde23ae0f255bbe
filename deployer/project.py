"""Reads a project's folder: its tenants from `tenants/`, and their scripts from `templates/`."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from deployer.config.loader import TenantFiles
from deployer.config.models import Tenant
from deployer.config.problems import ConfigError, Problem
from deployer.config.secrets import SecretResolver
from deployer.config.tree import SecretReference
from deployer.rendering.errors import Mistake, RenderError
from deployer.rendering.guards import RenderedAction, render_actions
from deployer.rendering.scripts import RenderedConnection, render_connection
from deployer.rendering.templates import Templates


class Project:
    """The folder that holds `tenants/` and `templates/`.

    `secrets_from` is the folder that `!file` references start from, and `templates` what takes the place of the
    project's own and this tool's. `deployed` says that its definitions are those of a release, `without_secrets` that
    plans are made with the credentials alone.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] | None = None,
        *,
        secrets_from: Path | None = None,
        templates: Templates | None = None,
        deployed: bool = False,
        without_secrets: bool = False,
    ) -> None:
        self.root = root.absolute()
        self.tenants = TenantFiles(self.root / "tenants", environment, deployed=deployed)
        self.secrets = SecretResolver((secrets_from or root).absolute(), environment)
        self._templates = templates
        self.without_secrets = without_secrets

    @cached_property
    def templates(self) -> Templates:
        """The project's templates over those of this tool."""
        return self._templates or Templates(self.root / "templates")

    def tenant(self, name: str) -> Tenant:
        """Load one tenant.

        Raises:
            ConfigError: every mistake of its files, and on top of those what cannot be rendered of the rest.
            DeployerError: where there is no such tenant.
        """
        tenant, problems = self.read(name)
        if problems or tenant is None:
            raise ConfigError(problems)
        return tenant

    def read(self, name: str) -> tuple[Tenant | None, list[Problem]]:
        """Read one tenant without mistakes; or everything that is wrong and the rest of it, not to be deployed.

        What cannot be rendered is among the mistakes where there are others; else rendering tells.

        Raises:
            ConfigError: where a file cannot even be parsed or merged.
            DeployerError: where there is no such tenant.
        """
        tenant, problems = self.tenants.read(name, self.templates)
        return tenant, [*problems, *self._unrendered(tenant)] if problems and tenant is not None else problems

    def _unrendered(self, tenant: Tenant) -> list[Problem]:
        try:
            self.render(tenant)
            self.render_actions(tenant)
        except RenderError as error:
            return error.problems
        return []

    def render(self, tenant: Tenant, names: list[str] | None = None) -> dict[str, RenderedConnection]:
        """Render the scripts of the tenant's connections (of all, or of those named).

        A domain that is an unset `!env` is left undefined, so that scripts can be looked at without an environment.

        Raises:
            RenderError: everything that cannot be rendered; where all are asked for, of the tenant's Actions as well.
        """
        visible, found = self._visible_domain(tenant), {}
        mistakes: list[Mistake] = []
        for name in tenant.connections if names is None else names:
            try:
                found[name] = render_connection(tenant, name, visible, self.templates)
            except RenderError as error:
                mistakes += error.mistakes
        if mistakes and names is None:
            mistakes += self._action_mistakes(tenant)
        if mistakes:
            raise RenderError(mistakes)
        return found

    def render_actions(self, tenant: Tenant) -> dict[str, RenderedAction]:
        """Render the code of the Actions that the tenant's file declares.

        Raises:
            RenderError: everything in them that cannot be rendered.
        """
        return render_actions(tenant, self._visible_domain(tenant), self.templates)

    def _action_mistakes(self, tenant: Tenant) -> list[Mistake]:
        try:
            self.render_actions(tenant)
        except RenderError as error:
            return error.mistakes
        return []

    def _visible_domain(self, tenant: Tenant) -> str | None:
        domain = tenant.domain
        return self.tenants.visible_domain(domain) if isinstance(domain, SecretReference) else domain
