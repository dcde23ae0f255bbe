"""Finds the names of a script: every declaration with its references and writes, resolved by the scopes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from deployer.linting.javascript.syntax import FUNCTIONS, Node, SyntaxTree

_BLOCKS = frozenset({"statement_block", "program", "for_statement", "for_in_statement", "catch_clause", "switch_body"})
_PATTERNS = frozenset(
    {
        "object_pattern",
        "array_pattern",
        "pair_pattern",
        "rest_pattern",
        "assignment_pattern",
        "object_assignment_pattern",
    }
)
_IDENTIFIERS = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")


@dataclass(eq=False, slots=True)
class Binding:
    """One declared name. `kind`: parameter, var, let, const, function, class, catch or import.

    `value` is what it is declared as: the initialiser, or the function itself. For `const {Pool} = require("pg")` the
    `value` is the whole initialiser and `part` is `Pool`; other patterns have `part` "?".
    """

    name: str
    kind: str
    node: Node
    scope: Node
    value: Node | None = None
    part: str | None = None
    references: list[Node] = field(default_factory=list)
    """Every use, writes included, the declaration not."""
    writes: list[Node] = field(default_factory=list)

    @property
    def constant(self) -> Node | None:
        """The declared value, if the name never gets another and is no part of a pattern."""
        return self.value if self.part is None and not self.writes else None


class Names:
    """All names of a tree."""

    def __init__(self, tree: SyntaxTree) -> None:
        self.bindings: list[Binding] = []
        self.globals: dict[str, list[Node]] = {}
        """Uses of names that the script does not declare (`configuration`, `require`, `global` ...)."""
        self.duplicates: list[Binding] = []
        """Second declarations that JavaScript refuses (`let a; let a;`)."""
        self._resolved: dict[Node, Binding] = {}
        identifiers = sorted(tree.nodes(*_IDENTIFIERS), key=_index)
        scopes = self._declare(identifiers)
        self._resolve(identifiers, scopes)

    def resolve(self, identifier: Node | None) -> Binding | None:
        """Return the declaration that an identifier means; None for globals and for other nodes."""
        return self._resolved.get(identifier) if identifier is not None else None

    def is_global(self, node: Node | None, name: str) -> bool:
        """Return whether the node is the global `name`, not declared in the script."""
        return node is not None and node.type == "identifier" and node.text == name and node not in self._resolved

    def _declare(self, identifiers: list[Node]) -> dict[Node, dict[str, Binding]]:
        scopes: dict[Node, dict[str, Binding]] = {}
        for identifier in identifiers:
            binding = _declaration(identifier)
            if binding is None:
                continue
            names = scopes.setdefault(binding.scope, {})
            known = names.get(binding.name)
            if known is None:
                names[binding.name] = known = binding
                self.bindings.append(binding)
            elif binding.kind in _LEXICAL or known.kind in _LEXICAL:
                self.duplicates.append(binding)
            elif binding.value is not None:
                known.writes.append(identifier)  # `var a = 1; var a = 2;`: the second one writes
            self._resolved[identifier] = known
        return scopes

    def _resolve(self, identifiers: list[Node], scopes: dict[Node, dict[str, Binding]]) -> None:
        # One pass in the order of the source, with a stack of meanings for each name: linear however deep scopes nest.
        meanings: dict[str, list[Binding]] = {}
        opened: list[Node] = []
        events = sorted([*scopes, *identifiers], key=_index)
        for node in events:
            while opened and node.start >= opened[-1].end:
                for name in scopes[opened.pop()]:
                    meanings[name].pop()
            if node in scopes:
                opened.append(node)
                for name, binding in scopes[node].items():
                    meanings.setdefault(name, []).append(binding)
                continue
            if node in self._resolved:
                continue
            name = node.text
            stack = meanings.get(name)
            if not stack:
                self.globals.setdefault(name, []).append(node)
                continue
            self._resolved[node] = stack[-1]
            stack[-1].references.append(node)
            if _is_written(node):
                stack[-1].writes.append(node)


_LEXICAL = frozenset({"let", "const", "class"})


def _index(node: Node) -> int:
    return node.index


def _declaration(identifier: Node) -> Binding | None:
    node, parent = identifier, identifier.parent
    while parent is not None and parent.type in _PATTERNS:
        if parent.type == "pair_pattern" and node.field == "key":
            return None
        if parent.type in {"assignment_pattern", "object_assignment_pattern"} and node.field == "right":
            return None
        node, parent = parent, parent.parent
    if parent is None:
        return None
    kind, value, owner = _declared_by(node, parent)
    if kind is None or owner is None:
        return None
    part = None if node is identifier or kind == "parameter" else _part(identifier, node)
    return Binding(identifier.text, kind, identifier, owner, value, part)


def _declared_by(node: Node, parent: Node) -> tuple[str | None, Node | None, Node | None]:
    """Return the kind, value and scope of what `node` declares in `parent`; kind None where it declares nothing."""
    kind = parent.type
    if kind == "formal_parameters":
        return "parameter", None, parent.parent
    if kind in FUNCTIONS:
        if node.field == "parameter":
            return "parameter", None, parent
        if node.field == "name" and kind in {"function_declaration", "generator_function_declaration"}:
            return "function", parent, _scope(parent)
        if node.field == "name" and kind in {"function_expression", "generator_function"}:
            return "function", parent, parent
    elif kind == "variable_declarator" and node.field == "name":
        statement = parent.parent
        word = "var"
        if statement is not None and statement.type == "lexical_declaration":
            word = "const" if "const" in statement.marks else "let"
        return word, parent.get("value"), _scope(parent, hoisted=word == "var")
    elif kind == "for_in_statement" and node.field == "left" and parent.marks:
        how = next((mark for mark in parent.marks if mark in {"var", "let", "const"}), None)
        return how, None, _scope(parent, hoisted=True) if how == "var" else parent
    elif kind == "catch_clause" and node.field == "parameter":
        return "catch", None, parent
    elif kind == "class_declaration" and node.field == "name":
        return "class", parent, _scope(parent)
    elif _imports(node, parent):
        return "import", None, _scope(parent)
    return None, None, None


def _imports(node: Node, parent: Node) -> bool:
    if parent.type == "import_specifier":
        return node.field == "alias" or parent.get("alias") is None
    return parent.type in {"namespace_import", "import_clause"}


def _scope(node: Node, *, hoisted: bool = False) -> Node | None:
    last = node
    for ancestor in node.ancestors():
        last = ancestor
        if ancestor.type in FUNCTIONS or (not hoisted and ancestor.type in _BLOCKS):
            break
    # The body of a function is the scope of its parameters too: `function f(a) { var a; }` is one `a`.
    if last.type == "statement_block" and last.parent is not None and last.parent.type in FUNCTIONS:
        return last.parent
    return last


def _part(identifier: Node, pattern: Node) -> str:
    parent = identifier.parent
    if parent is pattern and pattern.type == "object_pattern":
        return identifier.text
    if parent is not None and parent.parent is pattern and pattern.type == "object_pattern":
        if parent.type == "pair_pattern":
            key = parent.get("key")
            return key.text if key is not None and key.type == "property_identifier" else "?"
        if parent.type == "object_assignment_pattern":
            return identifier.text
    return "?"


def _is_written(node: Node) -> bool:
    current, parent = node, node.parent
    while parent is not None and parent.type in _PATTERNS:
        if (parent.type == "pair_pattern" and current.field == "key") or current.field == "right":
            return False
        current, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in {"assignment_expression", "augmented_assignment_expression"}:
        return current.field == "left"
    return parent.type == "update_expression" or (parent.type == "for_in_statement" and current.field == "left")


def declared_functions(names: Names) -> Iterator[Binding]:
    """Yield the names that stand for a function of the script: declarations, and constants that hold one."""
    for binding in names.bindings:
        value = binding.constant
        if value is not None and value.type in FUNCTIONS:
            yield binding
