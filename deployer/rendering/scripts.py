"""A connection of a tenant and the templates in, the JavaScript of its complete script set out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from deployer.config.models import Connection, Tenant
from deployer.config.tree import REMOVE
from deployer.digests import digest
from deployer.rendering.errors import RenderError, render_error
from deployer.rendering.guards import RenderedGuard, api_keys, render_guards
from deployer.rendering.manifest import Manifest, VariablesError
from deployer.rendering.templates import Templates
from deployer.scripts import MAX_SCRIPT_BYTES, SCRIPT_KINDS
from deployer.text import one_line

_HEADER = re.compile(r"\A// Managed by deployer: connection [^\n]*\n// Change it there: [^\n]*\n")


@dataclass(frozen=True, slots=True)
class RenderedScript:
    """One action script: its kind's name, its JavaScript, and the template that it came from."""

    name: str
    source: str
    template: str


@dataclass(frozen=True, slots=True)
class RenderedConnection:
    """Every action script of one connection, and what its store's manifest says of them."""

    name: str
    scripts: Mapping[str, RenderedScript]
    modules: Mapping[str, str]
    manifest: Manifest
    guards: tuple[RenderedGuard, ...] = ()

    @property
    def sources(self) -> dict[str, str]:
        """The JavaScript by script."""
        return {name: script.source for name, script in self.scripts.items()}

    @property
    def digest(self) -> str:
        """The digest of everything that runs: scripts and modules."""
        return digest({"scripts": self.sources, "modules": dict(self.modules)})


def render_connection(tenant: Tenant, name: str, domain: str | None, templates: Templates) -> RenderedConnection:
    """Render the complete script set of the connection `name`.

    Args:
        tenant: the tenant; its secrets are not visible to templates.
        name: one of its connections.
        domain: the tenant's domain, None where it is not known (templates that read it then fail).
        templates: the project's templates and those that come with this tool.

    Raises:
        RenderError: for a template that is missing, reads an undefined variable, leaves its folder or does not end.
    """
    definition = tenant.connections[name]
    manifest = templates.manifest(definition.store)
    values = _variables(tenant, name, definition, manifest)
    modules = {**manifest.modules, **definition.modules}
    context: dict[str, Any] = {
        **values,
        "variables": values,
        "tenant": {"name": tenant.name, "tags": list(tenant.tags), **({"domain": domain} if domain else {})},
        "connection": {
            "name": name,
            "store": definition.store,
            "migration": definition.migration,
            "import_mode": definition.import_mode,
            "enable_script_context": definition.enable_script_context,
            "requires_username": has_usernames(definition),
            "configuration": sorted(
                {*definition.configuration, *api_keys(definition, manifest.configuration).values()}
            ),
            "modules": modules,
            "guards": list(definition.guards),
        },
    }
    chosen = script_templates(definition, manifest)
    seen = {**context, "script": definition.enable_script_context}  # what else `script` says is in `chosen`
    sources = templates.memory.sources(chosen, seen, lambda: _render_all(templates, chosen, context, name))
    scripts = {}
    for kind, template in chosen.items():
        source = sources[kind]
        if manifest.header or not template.startswith(f"{definition.store}/"):
            source = _header(name, kind, template) + source.lstrip("\n")
        scripts[kind] = RenderedScript(kind, source, template)
        if len(scripts[kind].source.encode()) > MAX_SCRIPT_BYTES:
            raise RenderError(
                f"the script is larger than {MAX_SCRIPT_BYTES:,} bytes, which Auth0 does not take",
                where=f"connection.{name} {kind} ({template})",
                hint="Move what it contains into a module.",
            )
    guards = render_guards(name, definition, context, templates)
    return RenderedConnection(name, scripts, modules, manifest, guards)


def script_templates(definition: Connection, manifest: Manifest) -> dict[str, str]:
    """The template of each script of the complete set, in the order of the kinds."""
    chosen = {kind: f"{definition.store}/{kind}.js.j2" for kind in manifest.scripts}
    if not has_usernames(definition):
        chosen.pop("change_username", None)
    for kind, source in definition.scripts.items():
        if source is REMOVE:
            chosen.pop(kind, None)
        else:
            chosen[kind] = str(source).removeprefix("templates/")
    return {kind: chosen[kind] for kind in SCRIPT_KINDS if kind in chosen}


def has_usernames(definition: Connection) -> bool:
    """Whether users of the connection have a username beside their e-mail."""
    attributes = definition.options.get("attributes")
    username = attributes.get("username") if isinstance(attributes, Mapping) else None
    return definition.options.get("requires_username") is True or isinstance(username, Mapping)


def _variables(tenant: Tenant, name: str, definition: Connection, manifest: Manifest) -> dict[str, Any]:
    """The manifest's variables with the definition's values; a definition with templates of its own may have more."""
    shared = {key: value for key, value in tenant.variables.items() if key in manifest.variables}
    given = {**shared, **definition.variables}
    free = {key: value for key, value in given.items() if key not in manifest.variables}
    own_templates = bool(definition.scripts) or not manifest.variables
    try:
        values = manifest.values(
            {key: value for key, value in given.items() if key not in free or not own_templates}, store=definition.store
        )
    except VariablesError as error:
        raise RenderError(error.what, where=f"connection.{name} variables", hint=error.hint) from None
    return {**values, **free}


def _render_all(
    templates: Templates, chosen: Mapping[str, str], context: Mapping[str, Any], name: str
) -> dict[str, str]:
    return {
        kind: _render_script(templates, template, kind, context, f"connection.{name} {kind}")
        for kind, template in chosen.items()
    }


def _render_script(templates: Templates, template: str, kind: str, context: Mapping[str, Any], where: str) -> str:
    script = SCRIPT_KINDS[kind]
    connection = context["connection"]
    parameters = list(script.parameters(with_context=connection["enable_script_context"]))
    values = {**context, "script": {"name": kind, "function": script.function, "arguments": parameters}}
    try:
        return templates.environment.get_template(template).render(values)
    except TemplateError as error:
        raise render_error(error, where, template) from None


def without_header(source: str) -> str:
    """A script without the comment that `render_connection` puts before it; any other script as it is."""
    return _HEADER.sub("", source)


def _header(connection: str, kind: str, template: str) -> str:
    """What a person sees first who opens the script in the Dashboard. It changes only when the template's name does."""
    return (
        f"// Managed by deployer: connection {connection}, script {kind}, template templates/{one_line(template)}.\n"
        "// Change it there: an edit made in the Dashboard is overwritten by the next deploy.\n"
    )
