"""Renders the expressions in the strings of a tenant file, and connections that are written as templates (`from:`).

This layer does not know Jinja: it is given a `Renderer`, which runs expressions in the same sandbox as the scripts.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from deployer.config.merge import merge
from deployer.config.problems import ConfigError, Position, Problem
from deployer.config.tree import Entry, Node, SecretReference, plain
from deployer.config.yaml_source import parse
from deployer.errors import DeployerError

Values = Mapping[str, Any]


class Renderer(Protocol):
    """Runs untrusted templates. Both methods raise `DeployerError` for a template that cannot be rendered."""

    def text(self, source: str, values: Values) -> str:
        """Render a string that stands in a definition."""
        ...

    def file(self, path: str, values: Values) -> str:
        """Render a file below `templates/`, named with or without that folder."""
        ...


def expand(root: Node, tenant: Values, renderer: Renderer, problems: list[Problem]) -> Node:
    """Render every expression of a merged tenant file. `tenant` is what expressions see under that name.

    Variables see `tenant` only; everything else sees `tenant`, `variables` and, in a connection, `connection.name`.
    """
    if not isinstance(root.value, dict):
        return root
    expansion = _Expansion(renderer, problems)
    shared = expansion.variables(root, {"tenant": tenant})
    values = {"tenant": tenant, "variables": shared}
    entries: dict[str, Entry] = {}
    for key, entry in root.value.items():
        if key == "connections" and isinstance(entry.value.value, dict):
            connections = {
                name: Entry(item.position, expansion.connection(name, item.value, tenant, shared))
                for name, item in entry.value.value.items()
            }
            entries[key] = Entry(entry.position, Node(connections, entry.value.position))
        else:
            entries[key] = Entry(entry.position, expansion.render(entry.value, values))
    return Node(entries, root.position)


class _Expansion:
    def __init__(self, renderer: Renderer, problems: list[Problem]) -> None:
        self.renderer = renderer
        self.problems = problems

    def variables(self, node: Node, values: Values) -> dict[str, Any]:
        own = node.get("variables")
        return without_references(plain(self.render(own, values))) if own and isinstance(own.value, dict) else {}

    def connection(self, name: str, node: Node, tenant: Values, shared: dict[str, Any]) -> Node:
        values: dict[str, Any] = {"tenant": tenant, "connection": {"name": name}, "variables": shared}
        values["variables"] = {**shared, **self.variables(node, values)}
        if node.get("from") is not None:
            node = self._from_template(name, node, values)
            values["variables"] = {**shared, **self.variables(node, values)}
        return self.render(node, values)

    def _from_template(self, name: str, node: Node, values: Values) -> Node:
        """Lay the connection's own keys over those that its template renders to."""
        source = node.get("from")
        own = Node({key: entry for key, entry in node.value.items() if key != "from"}, node.position)
        # What the template would have given is not reported as missing on top of what is wrong with the template.
        unknown = Node({"store": Entry(node.position, Node("unknown", node.position)), **own.value}, node.position)
        if source is None or not isinstance(source.value, str):
            self.problems.append(Problem(node.value["from"].position, "`from` names a template below templates/"))
            return unknown
        try:
            text = self.renderer.file(source.value, values)
            base = parse(text, f"{source.value} (rendered)")
        except ConfigError as error:
            self.problems.extend(error.problems)
            return unknown
        except DeployerError as error:
            self._report(source.position, error)
            return unknown
        if not isinstance(base.value, dict):
            self.problems.append(Problem(source.position, f"{source.value} renders to no mapping"))
            return unknown
        return merge(base, own, self.problems, ("connections", name))

    def render(self, node: Node, values: Values) -> Node:
        if isinstance(node.value, dict):
            entries = {k: Entry(e.position, self.render(e.value, values)) for k, e in node.value.items()}
            return Node(entries, node.position)
        if isinstance(node.value, list):
            return Node([self.render(item, values) for item in node.value], node.position)
        if isinstance(node.value, str) and is_expression(node.value):
            try:
                text = self.renderer.text(node.value, values)
                text.encode()
                return Node(text, node.position)
            except DeployerError as error:
                self._report(node.position, error)
            except UnicodeEncodeError:
                self.problems.append(Problem(node.position, "the expression makes half of a surrogate pair"))
        return node

    def _report(self, position: Position, error: DeployerError) -> None:
        place = f"{error.where}: " if error.where else ""
        self.problems.append(Problem(position, f"{place}{error.what}", error.hint))


def is_stand_in(connection: Node) -> bool:
    """Return whether a connection only stands for one whose template cannot be rendered: its store is then made up."""
    store = connection.value.get("store") if isinstance(connection.value, dict) else None
    return store is not None and store.position is connection.position  # a key in a file has a position of its own


def is_expression(text: str) -> bool:
    """Return whether there is anything to render in a string."""
    return "{{" in text or "{%" in text


def without_references(value: Any) -> Any:
    """Take out what refers to secrets: expressions never see them, not even their names."""
    if isinstance(value, dict):
        return {k: without_references(v) for k, v in value.items() if not isinstance(v, SecretReference)}
    if isinstance(value, list):
        return [without_references(item) for item in value if not isinstance(item, SecretReference)]
    return value
