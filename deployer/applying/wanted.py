"""A change of a plan in, the `Desired` resource out that it writes: what was planned, whatever the files say now."""

from typing import Any

from deployer.config.tree import KEEP, REMOVE
from deployer.planning.model import Change
from deployer.resources.model import Desired, Output, SecretSource


def desired_of(change: Change) -> Desired:
    """The desired state inside a change; its secrets have no source here, their values are handed in separately.

    A change that writes nothing names what was asked for when the resource was read.
    """
    state = change.wanted
    if state is None:
        attributes = dict.fromkeys(change.read)
        return Desired(change.kind, change.name, attributes, {}, tuple(change.depends_on), change.lookup)
    attributes = _copy(state.attributes)
    for path in state.removed:
        parent = attributes
        for part in path[:-1]:
            parent = parent.setdefault(part, {})
        parent[path[-1]] = REMOVE
    secrets: dict[str, SecretSource] = dict.fromkeys(state.secret_digests, "")
    secrets |= dict.fromkeys(state.uncompared_secrets, "")
    secrets |= {name: Output.parse(text) for name, text in state.outputs.items()}
    secrets |= dict.fromkeys(state.removed_secrets, REMOVE)
    secrets |= dict.fromkeys(state.kept_secrets, KEEP)
    return Desired(change.kind, change.name, attributes, secrets, tuple(change.depends_on), change.lookup)


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value
