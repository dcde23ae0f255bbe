"""Renders a connection's guards and the tenant's own Actions, and names the secrets that they read.

Most guards are an Action, or a Rule where `guard_type: rule` says so. What machines are given has no counterpart among
Rules: that part is an Action in any case.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jinja2 import TemplateError

from deployer.config.models import Connection, Tenant
from deployer.config.tree import REMOVE
from deployer.rendering.errors import Mistake, RenderError, template_mistake
from deployer.rendering.templates import Templates
from deployer.text import one_line

API_KEYS = {
    "client_id": "API_CLIENT_ID",
    "client_secret": "API_CLIENT_SECRET",
    "audience": "API_AUDIENCE",
    "domain": "AUTH0_DOMAIN",
}
"""Under which keys of `configuration` the shipped templates read the values of a declared API."""

_MADE_FOR = re.compile(r"// Managed by deployer: connection (?P<connection>[^\s,]+), guard (?P<guard>[^\s,]+), ")
_CALLS = ("API_URL", *API_KEYS.values())


@dataclass(frozen=True, slots=True)
class _Part:
    trigger: str
    name: str
    position: Literal["first", "last"]
    reads: tuple[str, ...]


_PARTS: dict[str, tuple[_Part, ...]] = {
    "restrict-audience": (
        _Part("post-login", "restrict-audience", "first", ("API_AUDIENCE",)),
        _Part("credentials-exchange", "restrict-audience-machines", "first", ("API_AUDIENCE", "API_CLIENT_ID")),
    ),
    "backfill-metadata": (_Part("post-login", "backfill-metadata", "last", _CALLS),),
    # After the backfill, which stands before it whatever the order of the definition.
    "mark-migrated": (_Part("post-login", "mark-migrated", "last", _CALLS),),
}


@dataclass(frozen=True, slots=True)
class RenderedGuard:
    """One Action or Rule of a guard: its name in the tenant, its place in the trigger's flow, and what it reads."""

    guard: str
    name: str
    form: Literal["action", "rule"]
    trigger: str
    position: Literal["first", "last"]
    reads: tuple[str, ...]
    source: str
    template: str


@dataclass(frozen=True, slots=True)
class RenderedAction:
    """The code of an Action that a tenant file declares."""

    name: str
    source: str
    template: str


def render_guards(
    tenant: Tenant, name: str, context: Mapping[str, Any], templates: Templates
) -> tuple[RenderedGuard, ...]:
    """Render everything that the guards of the connection `name` put into the tenant.

    Raises:
        RenderError: for templates that cannot be rendered.
    """
    definition = tenant.connections[name]
    found = []
    mistakes: list[Mistake] = []
    for guard in (each for each in _PARTS if each in definition.guards):
        for part in _PARTS[guard]:
            is_rule = definition.guard_type == "rule" and part.trigger == "post-login"
            template = f"guards/{guard}.{'rule' if is_rule else part.trigger}.js.j2"
            try:
                source = _render(templates, template, context)
            except TemplateError as error:
                position = tenant.position("connections", name, "guards", definition.guards.index(guard))
                mistakes.append(template_mistake(error, position, f"connection.{name} guard {guard}", template))
                continue
            head = _header(f"connection {name}, guard {guard}", template)
            found.append(
                RenderedGuard(
                    guard=guard,
                    name=f"{name}-{part.name}",
                    form="rule" if is_rule else "action",
                    trigger=part.trigger,
                    position=part.position,
                    reads=part.reads,
                    source=head + source,
                    template=template,
                )
            )
    if mistakes:
        raise RenderError(mistakes)
    return tuple(found)


def render_actions(tenant: Tenant, domain: str | None, templates: Templates) -> dict[str, RenderedAction]:
    """Render the Actions that the tenant file declares, by name.

    Raises:
        RenderError: for templates that cannot be rendered.
    """
    found = {}
    mistakes: list[Mistake] = []
    for name, definition in tenant.actions.items():
        template = definition.code.removeprefix("templates/")
        secrets = sorted(key for key, source in definition.secrets.items() if source is not REMOVE)
        context = {
            **definition.variables,
            "variables": dict(definition.variables),
            "tenant": {"name": tenant.name, "tags": list(tenant.tags), **({"domain": domain} if domain else {})},
            "action": {"name": name, "trigger": definition.trigger, "secrets": secrets},
        }
        try:
            source = _render(templates, template, context)
        except TemplateError as error:
            position = tenant.position("actions", name, "code")
            mistakes.append(template_mistake(error, position, f"action.{one_line(name)}", template))
            continue
        found[name] = RenderedAction(name, _header(f"action {name}", template) + source, template)
    if mistakes:
        raise RenderError(mistakes)
    return found


def api_keys(definition: Connection, configuration: Mapping[str, str]) -> dict[str, str]:
    """Find which value of a declared API (`client_id`, ...) goes under which key of the connection's `configuration`.

    Args:
        definition: the connection.
        configuration: the keys that the store's manifest says the scripts read.
    """
    if definition.api is None:
        return {}
    keys: dict[str, str] = {value: key for value, key in API_KEYS.items() if key in configuration}
    keys |= {str(value): key for value, key in definition.api.configuration.items()}
    # What the definition gives by itself is its own choice, such as another issuer's address.
    return {value: key for value, key in keys.items() if key not in definition.configuration}


def guard_of(source: str) -> tuple[str, str] | None:
    """Find the connection and the guard that the comment of rendered code names; None for code that no guard has."""
    found = _MADE_FOR.match(source)
    return (found["connection"], found["guard"]) if found else None


def _render(templates: Templates, template: str, context: Mapping[str, Any]) -> str:
    return templates.environment.get_template(template).render(context).lstrip("\n")


def _header(what: str, template: str) -> str:
    return (
        f"// Managed by deployer: {one_line(what)}, template templates/{one_line(template)}.\n"
        "// Change it there: an edit made in the Dashboard is overwritten by the next deploy.\n"
    )
