"""Parses YAML into trees of `Node`: safe, bounded, and with the position of everything.

No Python tags, no duplicate keys, no unbounded alias expansion. Scalars follow YAML 1.2's core schema, so that `no` and
`on` stay the words that they are; `.inf` and `.nan` are words as well, since JSON has no such numbers.
"""

import math
import re
from functools import lru_cache
from typing import Any, NoReturn

import yaml

from deployer.config.problems import ConfigError, Position, Problem
from deployer.config.tree import KEEP, REMOVE, Entry, Node, SecretReference
from deployer.text import one_line

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_NODES = 50_000

_REFERENCES = {"!env": "env", "!file": "file", "!secret": "secret"}
_MARKERS = {"!remove": REMOVE, "!keep": KEEP}
_STANDARD = "tag:yaml.org,2002:"
_BASES = {"0o": 8, "0x": 16}
_MAX_DIGITS = 20
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader whose plain scalars follow the core schema of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's own class attribute


IMPLICIT_TYPES = {
    _STANDARD + "bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    _STANDARD + "null": (re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    _STANDARD + "int": (re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789")),
    _STANDARD + "float": (
        re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
        list("-+.0123456789"),
    ),
}
"""What a plain scalar is besides text, by tag: its shape, and the characters that it can begin with."""

for _tag, (_shape, _first) in IMPLICIT_TYPES.items():
    _Loader.add_implicit_resolver(_tag, _shape, _first)


def parse(text: str, file: str) -> Node:
    """Parse one document. Nobody changes a tree: the same text in the same file may give the same one.

    Raises:
        ConfigError: for everything that is not allowed; all problems together where YAML's grammar holds.
    """
    node, problems = parse_all(text, file)
    if problems:
        raise ConfigError(problems)
    return node


def parse_all(text: str, file: str) -> tuple[Node, tuple[Problem, ...]]:
    """Parse one document, and report what is not allowed beside the rest of it.

    Raises:
        ConfigError: where it has no tree: it is not YAML, or there is too much of it.
    """
    return _parse_once(text, file) if len(text) <= _REMEMBERED_CHARACTERS else _parse(text, file)


def _parse(text: str, file: str) -> tuple[Node, tuple[Problem, ...]]:
    if len(text) > MAX_BYTES:
        _fail(
            file, None, f"the file is larger than {MAX_BYTES:,} bytes", "Definitions are small: is this the right file?"
        )
    try:
        _check_depth(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        problem = one_line(" ".join(part for part in (error.context, error.problem) if part))
        hint = "Put a space behind the tag." if "scanning a tag" in problem else None
        _fail(file, error.problem_mark or error.context_mark, f"this is not YAML: {problem}", hint)
    except yaml.reader.ReaderError as error:
        # PyYAML's two readers say it in two ways: the character, or its number.
        code = error.character if isinstance(error.character, int) else ord(error.character)
        _fail(file, None, f"this is not YAML: character #x{code:04x} is not allowed")
    except UnicodeEncodeError:
        _fail(file, None, "this is not YAML: half of a surrogate pair is no character")
    if root is None:
        return Node({}, Position(file, 1, 1)), ()
    builder = _Builder(file)
    return builder.build(root), tuple(builder.problems)


# Hundreds of tenants extend the same few files.
_REMEMBERED_CHARACTERS = 50_000
_parse_once = lru_cache(maxsize=256)(_parse)


def _check_depth(text: str, file: str) -> None:
    """Bound the nesting, and how much there is, before anything recursive reads the text."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if number > 2 * MAX_NODES:
            _fail(file, event.start_mark, f"there are more than {MAX_NODES:,} values in one file")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                _fail(file, event.start_mark, f"nested more than {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _fail(file: str, mark: Any, message: str, hint: str | None = None) -> NoReturn:
    position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
    raise ConfigError([Problem(position, message, hint)]) from None


class _Builder:
    """Turns PyYAML's nodes into ours and counts them, since aliases can make a short text endless."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._nodes = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(node, f"aliases expand to more than {MAX_NODES:,} values")
        if id(node) in self._open:
            self._stop(node, "an alias contains itself")
        position = self._position(node)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return Node(self._mapping(node), position)
            if isinstance(node, yaml.SequenceNode):
                self._standard_tag(node, "seq")
                return Node([self.build(item) for item in node.value], position)
            assert isinstance(node, yaml.ScalarNode)  # noqa: S101  PyYAML has three kinds of nodes
            return Node(self._scalar(node, position), position)
        finally:
            self._open.discard(id(node))

    def _stop(self, node: yaml.Node, message: str) -> NoReturn:
        raise ConfigError([*self.problems, Problem(self._position(node), message)])

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Entry]:
        self._standard_tag(node, "map")
        entries: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            position = self._position(key_node)
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key_node.tag not in {_STANDARD + t for t in ("str", "int", "float", "bool", "null")}:
                self.problems.append(Problem(position, "a key must be a plain word"))
                continue
            if key == "<<" and not key_node.style:
                self.problems.append(Problem(position, "merge keys (<<) are not used here", "Use `extends` or `from`."))
                continue
            if key in entries:
                first = entries[key].position
                self.problems.append(
                    Problem(position, f"the key '{key}' is there twice", f"The first is on line {first.line}.")
                )
                continue
            entries[key] = Entry(position, self.build(value_node))
        return entries

    def _scalar(self, node: yaml.ScalarNode, position: Position) -> Any:
        tag, text = node.tag, node.value
        if tag in _MARKERS:
            return _MARKERS[tag]
        if tag in _REFERENCES:
            return self._reference(_REFERENCES[tag], text.strip(), position)
        if tag in (_STANDARD + "int", _STANDARD + "float"):
            return self._number(tag, text, position)
        if tag == _STANDARD + "bool":
            return text.lower() == "true"
        if tag == _STANDARD + "null":
            return None
        self._standard_tag(node, "str")
        return text

    def _number(self, tag: str, text: str, position: Position) -> int | float | None:
        if tag == _STANDARD + "int" and len(text) > _MAX_DIGITS:
            self._problem(position, "this number is too long")
            return None
        try:
            value = float(text) if tag == _STANDARD + "float" else int(text, _BASES.get(text[:2], 10))
        except ValueError:
            self._problem(position, "this is no number")
            return None
        if not math.isfinite(value):
            self._problem(position, "this number is too large")
        return value

    def _reference(self, scheme: str, target: str, position: Position) -> SecretReference:
        if not target:
            self._problem(position, f"!{scheme} needs a name", f"Write `!{scheme} NAME`.")
        elif scheme == "env" and not _ENV_NAME.fullmatch(target):
            # The text is not repeated: a secret may have been written where its name belongs.
            self._problem(position, "!env names an environment variable, and this is no such name")
        elif scheme == "secret" and ":" not in target:
            self._problem(position, "!secret names a provider and a path", "Write `!secret provider:path`.")
        return SecretReference(scheme, target, position)

    def _standard_tag(self, node: yaml.Node, kind: str) -> None:
        if node.tag != _STANDARD + kind:
            self._problem(
                self._position(node),
                f"the tag {node.tag.replace(_STANDARD, '!!')} is not allowed",
                "The tags are !env, !file, !secret, !keep and !remove.",
            )

    def _problem(self, position: Position, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(position, message, hint))

    def _position(self, node: yaml.Node) -> Position:
        return Position(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
