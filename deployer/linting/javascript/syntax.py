"""Parses JavaScript into a light syntax tree: plain Python nodes with parents, fields and an index by type.

tree-sitter does the parsing; its nodes are copied once, because their `parent` is a search from the root and every
attribute is a call into C. All walks here and in the rules are loops, so that nesting never meets the recursion limit.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Parser
    from tree_sitter import Tree as RawTree

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
"""Every type of node that is a function."""

_MARKS = frozenset({"async", "await", "static", "get", "set", "*"})
_MARK_FIELDS = frozenset({"operator", "kind"})
_PUNCTUATION = frozenset({*"(){}[],;.:'\"`", "${", "=>", "return", "function", "if", "else", "new", "try", "catch"})
_NEVER, _ALWAYS, _BY_FIELD = range(3)
_COMMENTS = frozenset({"comment", "html_comment"})
_ERROR_ID = 65535
_NO_CHILDREN: list["Node"] = []


class Node:
    """One named node of the grammar: https://github.com/tree-sitter/tree-sitter-javascript names the types and fields.

    `start` and `end` are byte offsets. `field` is the name under which the parent holds it. `marks` are the keywords
    and operators that carry meaning (`async`, `const`, `+`). Comments are not among the children; see
    `SyntaxTree.comments`.
    `index` counts the named nodes in the order of the source. `function` is the nearest function around, itself not
    counted.
    """

    __slots__ = ("children", "end", "field", "function", "index", "marks", "parent", "start", "tree", "type")

    def __init__(
        self, tree: "SyntaxTree", kind: str, start: int, end: int, parent: "Node | None", field: str | None, index: int
    ) -> None:
        self.tree = tree
        self.type = kind
        self.start = start
        self.end = end
        self.parent = parent
        self.field = field
        self.index = index
        self.children = _NO_CHILDREN
        self.function: Node | None = None
        if parent is not None:
            self.function = parent if parent.type in FUNCTIONS else parent.function
        self.marks: tuple[str, ...] = ()

    def get(self, field: str) -> "Node | None":
        """Return the child in `field`, or None."""
        for child in self.children:
            if child.field == field:
                return child
        return None

    @property
    def text(self) -> str:
        """The source text of the node."""
        return self.tree.slice(self.start, self.end)

    @property
    def line(self) -> int:
        """The line that it begins in, from 1."""
        return self.tree.position(self.start)[0]

    @property
    def operator(self) -> str:
        """The operator of a unary, binary, update or assignment expression, or an empty string."""
        return self.marks[-1] if self.marks else ""

    @property
    def is_async(self) -> bool:
        """Whether this is an `async` function."""
        return "async" in self.marks

    def walk(self) -> Iterator["Node"]:
        """Yield the node and all below it, in the order of the source."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            if node.children:
                stack.extend(reversed(node.children))

    def walk_here(self) -> Iterator["Node"]:
        """Yield as `walk` does, but without going into functions below it (which are given, not entered)."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            if node.children and (node is self or node.type not in FUNCTIONS):
                stack.extend(reversed(node.children))

    def ancestors(self) -> Iterator["Node"]:
        """Yield the parent, its parent, and so on up to the program."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def inside(self, other: "Node") -> bool:
        """Return whether it is `other`, or below it."""
        return other.start <= self.start and self.end <= other.end and (self is other or other in self.ancestors())

    def __repr__(self) -> str:
        return f"<{self.type} line {self.line}>"


class SyntaxTree:
    """A parsed script. Never raises for any text: what is not JavaScript gives a tree with `errors`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.data = source.encode("utf-8", "replace")
        self._ascii = len(self.data) == len(source)
        self.comments: list[Node] = []
        self.errors: list[Node] = []
        self.callees: dict[Node, Node | None] = {}
        """What calls call, and the last names of it: every rule asks for them (see `javascript`)."""
        self.methods: dict[Node, str | None] = {}
        self._by_type: dict[str, list[Node]] = {}
        raw = _parser().parse(self.data)
        self.root = self._copy(raw)
        self.broken = bool(raw.root_node.has_error)
        """True where the text is not valid JavaScript; `errors` then holds the places that are known."""

    def release(self) -> None:
        """Let go of every node, so that nothing of the tree refers to itself any more. The tree is empty after that."""
        for same in (*self._by_type.values(), self.comments, self.errors):
            for node in same:
                node.parent = node.function = None
                node.children = _NO_CHILDREN
        for listed in (self._by_type, self.callees, self.methods, self.comments, self.errors):
            listed.clear()

    def nodes(self, *types: str) -> list[Node]:
        """List all nodes of these types; of one type in the order of the source."""
        if len(types) == 1:
            return self._by_type.get(types[0], [])
        return [node for each in types for node in self._by_type.get(each, ())]

    def slice(self, start: int, end: int) -> str:
        """Return the source between two byte offsets."""
        return self.source[start:end] if self._ascii else self.data[start:end].decode("utf-8", "replace")

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column, both from 1 and in characters, of a byte offset."""
        line = bisect_right(self._line_starts, offset) - 1
        return line + 1, len(self.slice(self._line_starts[line], offset)) + 1

    def line_text(self, line: int) -> str:
        """Return the text of a line (from 1) without its line break; an empty string past the end."""
        if not 1 <= line <= len(self._line_starts):
            return ""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self.data)
        return self.slice(start, end).rstrip("\r\n")

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, at = [0], self.data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.data.find(b"\n", at + 1)
        return starts

    def _copy(self, raw: "RawTree") -> Node:
        # The one hot loop of the linter: ids instead of names, and no call that is not needed.
        cursor = raw.walk()
        first, following, up = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
        names, fields = _names()
        by_type, comments = self._by_type, self.comments
        broken = raw.root_node.has_error
        root: Node | None = None
        parent: Node | None = None
        index = 0
        while True:
            raw_node = cursor.node
            assert raw_node is not None  # noqa: S101 - a cursor that has moved stands on a node
            kind, named, marks = names[raw_node.kind_id]
            if named:
                node = Node(self, kind, raw_node.start_byte, raw_node.end_byte, parent, fields[cursor.field_id], index)
                index += 1
                if kind in _COMMENTS:
                    comments.append(node)
                else:
                    if broken and (kind == "ERROR" or raw_node.is_missing):
                        self.errors.append(node)
                    if parent is None:
                        root = node
                    elif parent.children:
                        parent.children.append(node)
                    else:
                        parent.children = [node]
                    same = by_type.get(kind)
                    if same is None:
                        by_type[kind] = [node]
                    else:
                        same.append(node)
                if first():
                    parent = node
                    continue
            elif parent is not None:
                if marks == _ALWAYS or (marks == _BY_FIELD and fields[cursor.field_id] in _MARK_FIELDS):
                    parent.marks = (*parent.marks, kind)
                if broken and raw_node.is_missing:
                    place = (raw_node.start_byte, raw_node.end_byte)
                    self.errors.append(Node(self, f"MISSING {kind}", *place, parent, None, index))
            while not following():
                if not up():
                    assert root is not None  # noqa: S101 - the program is a named node
                    return root
                parent = parent.parent if parent is not None else None


@cache
def _language() -> "Language":
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Language(tree_sitter_javascript.language())


@cache
def _parser() -> "Parser":
    import tree_sitter

    return tree_sitter.Parser(_language())


@cache
def _names() -> tuple[dict[int, tuple[str, bool, int]], dict[int | None, str | None]]:
    """Return by id (type, is it named, when is it a mark) of every node, and the name of every field."""
    language = _language()
    kinds = {}
    for number in range(language.node_kind_count):
        kind = language.node_kind_for_id(number) or ""
        marks = _ALWAYS if kind in _MARKS else _NEVER if kind in _PUNCTUATION else _BY_FIELD
        kinds[number] = (kind, language.node_kind_is_named(number), marks)
    kinds[_ERROR_ID] = ("ERROR", True, _NEVER)
    fields: dict[int | None, str | None] = {None: None, 0: None}
    for number in range(1, language.field_count + 1):
        fields[number] = language.field_name_for_id(number)
    return kinds, fields
