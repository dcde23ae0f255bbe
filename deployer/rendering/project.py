"""A project's folder in, its tenants and their scripts out: `tenants/` and `templates/` read together."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from deployer.config.loader import TenantFiles
from deployer.config.models import Tenant
from deployer.config.secrets import SecretResolver
from deployer.config.tree import SecretReference
from deployer.rendering.guards import RenderedAction, render_actions
from deployer.rendering.scripts import RenderedConnection, render_connection
from deployer.rendering.templates import Templates


class Project:
    """The folder that holds `tenants/` and `templates/`.

    `secrets_from` is the folder that `!file` references start from, and `templates` what takes the place of the
    project's own and this tool's.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] | None = None,
        *,
        secrets_from: Path | None = None,
        templates: Templates | None = None,
    ) -> None:
        self.root = root.absolute()
        self.tenants = TenantFiles(self.root / "tenants", environment)
        self.secrets = SecretResolver((secrets_from or root).absolute(), environment)
        self._templates = templates

    @cached_property
    def templates(self) -> Templates:
        """The project's templates over those of this tool."""
        return self._templates or Templates(self.root / "templates")

    def tenant(self, name: str) -> Tenant:
        """Load one tenant; see `TenantFiles.load`."""
        return self.tenants.load(name, self.templates)

    def domain(self, tenant: Tenant) -> str:
        """The tenant's domain. Raises ConfigError where it is a reference that cannot be read."""
        return self.secrets.resolve(tenant.domain)

    def render(self, tenant: Tenant, names: list[str] | None = None) -> dict[str, RenderedConnection]:
        """The scripts of the tenant's connections (of all, or of those named).

        A domain that is an unset `!env` is left undefined, so that scripts can be looked at without an environment.
        """
        domain = tenant.domain
        visible = self.tenants.visible_domain(domain) if isinstance(domain, SecretReference) else domain
        chosen = tenant.connections if names is None else names
        return {name: render_connection(tenant, name, visible, self.templates) for name in chosen}

    def render_actions(self, tenant: Tenant) -> dict[str, RenderedAction]:
        """The code of the Actions that the tenant's file declares."""
        domain = tenant.domain
        visible = self.tenants.visible_domain(domain) if isinstance(domain, SecretReference) else domain
        return render_actions(tenant, visible, self.templates)
