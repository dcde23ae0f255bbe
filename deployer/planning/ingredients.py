"""Digests what each connection and Action of a tenant is made of, as its files define it.

With those that were noted at the last deployment they tell why something changes: another template, other variables,
or another definition.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from deployer.config.models import Tenant
from deployer.digests import digest
from deployer.rendering.guards import RenderedAction
from deployer.rendering.scripts import RenderedConnection
from deployer.rendering.templates import Templates
from deployer.resources.definitions import Definitions
from deployer.state.inventory import Ingredients

_APART = ("variables", "tests")  # the former have a digest of their own, the latter are not deployed


def ingredients_of(
    tenant: Tenant,
    domain: str,
    rendered: Mapping[str, RenderedConnection],
    actions: Mapping[str, RenderedAction],
    templates: Templates,
) -> dict[str, Ingredients]:
    """Tell what each connection and Action of a tenant is made of, by address.

    Args:
        tenant: the definitions.
        domain: the tenant's domain, which templates see.
        rendered: the connections' scripts.
        actions: the Actions' code.
        templates: what they were rendered from.
    """
    seen = {"name": tenant.name, "tags": tenant.tags, "domain": domain}
    found = {}
    definitions = Definitions.of(tenant, rendered, actions)
    for connection in definitions.connections:
        definition, one = connection.definition, connection.rendered
        names = [script.template for script in one.scripts.values()] + [guard.template for guard in one.guards]
        shared = {key: value for key, value in tenant.variables.items() if key in one.manifest.variables}
        found[connection.address] = Ingredients(
            template=_of_templates(templates, definition.store, tuple(names)),
            variable=digest(_plain([seen, {**shared, **definition.variables}])),
            definition=_of_definition(definition),
        )
    for action in definitions.actions:
        found[action.address] = Ingredients(
            template=_of_templates(templates, None, (action.rendered.template,)),
            variable=digest(_plain([seen, tenant.variables])),
            definition=_of_definition(action.definition),
        )
    return found


@lru_cache(maxsize=256)
def _of_templates(templates: Templates, store: str | None, names: tuple[str, ...]) -> str:
    """Digest templates; connections of one store share theirs, and each is read once."""
    return digest(templates.files_behind(store, names))


def _of_definition(definition: BaseModel) -> str:
    """Digest what the files say of it: only what is written, so that a newer version of this tool says the same."""
    return digest(_plain({key: value for key, value in _written(definition).items() if key not in _APART}))


def _written(definition: BaseModel) -> dict[str, Any]:
    return {key: getattr(definition, key) for key in definition.model_fields_set}


def _plain(value: Any) -> Any:
    """Turn into JSON values; references to secrets and markers as they are written."""
    if isinstance(value, BaseModel):
        value = _written(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_plain(item) for item in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
