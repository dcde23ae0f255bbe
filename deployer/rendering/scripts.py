"""Renders the complete set of action scripts of a connection from its store's templates."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from deployer.config.models import Connection, Tenant
from deployer.config.problems import ConfigError, Position
from deployer.config.tree import REMOVE
from deployer.digests import digest
from deployer.errors import DeployerError
from deployer.rendering.errors import Mistake, RenderError, template_mistake
from deployer.rendering.guards import RenderedGuard, api_keys, render_guards
from deployer.rendering.manifest import Manifest, VariablesError
from deployer.rendering.password_formats import PasswordFormats
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
        RenderError: for a store that is not there, for variables that do not fit, and for templates that are missing,
            read an undefined variable, leave their folder or do not end; as many of them as can be known together.
    """
    definition = tenant.connections[name]
    manifest, formats = _manifest(tenant, name, definition, templates)
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
        "known_password_formats": formats.for_templates(),
    }
    chosen = script_templates(definition, manifest)
    seen = {**context, "script": definition.enable_script_context}  # what else `script` says is in `chosen`
    try:
        sources = templates.render_cache.sources(
            chosen, seen, lambda: _render_all(tenant, name, templates, chosen, context)
        )
    except RenderError as error:
        raise RenderError([*error.mistakes, *_guard_mistakes(tenant, name, context, templates)]) from None
    scripts = {}
    for kind, template in chosen.items():
        source = sources[kind]
        if manifest.header or not template.startswith(f"{definition.store}/"):
            source = _header(name, kind, template) + source.lstrip("\n")
        scripts[kind] = RenderedScript(kind, source, template)
        if len(scripts[kind].source.encode()) > MAX_SCRIPT_BYTES:
            what = f"the script is larger than {MAX_SCRIPT_BYTES:,} bytes, which Auth0 does not take"
            subject, place = f"connection.{name} {kind}", f"templates/{one_line(template)}"
            position = script_position(tenant, name, kind)
            raise RenderError([Mistake(position, subject, place, what, "Move what it contains into a module.")])
    guards = render_guards(tenant, name, context, templates)
    return RenderedConnection(name, scripts, modules, manifest, guards)


def script_templates(definition: Connection, manifest: Manifest) -> dict[str, str]:
    """Choose the template of each script of the complete set, in the order of the kinds."""
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
    """Tell whether users of the connection have a username beside their e-mail."""
    attributes = definition.options.get("attributes")
    username = attributes.get("username") if isinstance(attributes, Mapping) else None
    return definition.options.get("requires_username") is True or isinstance(username, Mapping)


def _variables(tenant: Tenant, name: str, definition: Connection, manifest: Manifest) -> dict[str, Any]:
    """Fill the manifest's variables with the definition's values, which may be more where it has its own templates."""
    shared = {key: value for key, value in tenant.variables.items() if key in manifest.variables}
    given = {**shared, **definition.variables}
    free = {key: value for key, value in given.items() if key not in manifest.variables}
    own_templates = bool(definition.scripts) or not manifest.variables
    try:
        values = manifest.values(
            {key: value for key, value in given.items() if key not in free or not own_templates}, store=definition.store
        )
    except VariablesError as error:
        raise RenderError(_variable_mistakes(tenant, name, error)) from None
    if REMOVE in given.values():
        raise RenderError([])  # of what is left of a tenant with mistakes: those are known, and no script can be made
    return {**values, **free}


def _variable_mistakes(tenant: Tenant, name: str, error: VariablesError) -> Iterator[Mistake]:
    """Place what is wrong with the variables where it is given: by the connection, or for all by the tenant."""
    own = tenant.connections[name].variables
    for variable, (what, hint) in error.problems.items():
        shared = variable in tenant.variables and variable not in own
        path = ("variables", variable) if shared else ("connections", name, "variables", variable)
        yield Mistake(tenant.position(*path), f"connection.{name} variables", "", what, hint)


def _manifest(
    tenant: Tenant, name: str, definition: Connection, templates: Templates
) -> tuple[Manifest, PasswordFormats]:
    try:
        return templates.manifest(definition.store), templates.password_formats
    except ConfigError as error:  # of the manifest's own file, or the registry's
        raise RenderError(Mistake(each.position, "", "", each.message, each.hint) for each in error.problems) from None
    except DeployerError as error:
        position = tenant.position("connections", name, "store")
        raise RenderError([Mistake(position, error.where or "", "", error.what, error.hint)]) from None


def _guard_mistakes(tenant: Tenant, name: str, context: Mapping[str, Any], templates: Templates) -> list[Mistake]:
    try:
        render_guards(tenant, name, context, templates)
    except RenderError as error:
        return error.mistakes
    return []


def script_position(tenant: Tenant, name: str, kind: str) -> Position | None:
    """Find where the definition says which template the script comes from."""
    own = kind in tenant.connections[name].scripts
    return tenant.position("connections", name, *(("scripts", kind) if own else ("store",)))


def _render_all(
    tenant: Tenant, name: str, templates: Templates, chosen: Mapping[str, str], context: Mapping[str, Any]
) -> dict[str, str]:
    sources: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for kind, template in chosen.items():
        try:
            sources[kind] = _render_script(templates, template, kind, context)
        except TemplateError as error:
            position = script_position(tenant, name, kind)
            mistakes.append(template_mistake(error, position, f"connection.{name} {kind}", template))
    if mistakes:
        raise RenderError(mistakes)
    return sources


def _render_script(templates: Templates, template: str, kind: str, context: Mapping[str, Any]) -> str:
    script = SCRIPT_KINDS[kind]
    connection = context["connection"]
    parameters = list(script.parameters(with_context=connection["enable_script_context"]))
    values = {**context, "script": {"name": kind, "function": script.function, "arguments": parameters}}
    return templates.environment.get_template(template).render(values)


def without_header(source: str) -> str:
    """Remove the comment that `render_connection` puts before a script; any other script stays as it is."""
    return _HEADER.sub("", source)


def _header(connection: str, kind: str, template: str) -> str:
    """Write what a person sees first who opens the script in the Dashboard: it changes only with the template."""
    return (
        f"// Managed by deployer: connection {connection}, script {kind}, template templates/{one_line(template)}.\n"
        "// Change it there: an edit made in the Dashboard is overwritten by the next deploy.\n"
    )
