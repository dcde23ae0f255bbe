"""Parses the query language of the user search into a test for user records.

Lucene's syntax as Auth0's search engine v3 takes it: `field:value`, phrases, `*` at the end, ranges, `_exists_`, AND,
OR, NOT and parentheses. https://auth0.com/docs/manage-users/user-search/user-search-query-syntax
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from deployer.sandbox.errors import ApiError
from deployer.sandbox.storage import Document

Test = Callable[[Document], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<op>AND|OR|NOT|&&|\|\||!|-)(?=[\s("]|\w|$)|"""
    r"""(?P<field>[\w.\\-]+):(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<range>[\[{][^\]}]*[\]}])|(?P<word>[^\s()"\[\]{}]+))|"""
    r""""(?P<bare_phrase>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s()":]+))"""
)
_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+)\s*([\]}])")
_BARE_FIELDS = ("email", "name", "nickname", "given_name", "family_name", "username")
_MAX = 2000
_MAX_DEPTH = 50


def parse(query: str) -> Test:
    """Parse a query into a test of users. Raises ApiError 400 for what is no query."""
    if len(query) > _MAX:
        raise _invalid()
    parser = _Parser(query)
    test = parser.disjunction(0)
    if parser.peek() is not None:
        raise _invalid()
    return test


def _invalid() -> ApiError:
    return ApiError(400, "invalid search query: the 'q' parameter cannot be parsed", "invalid_query_string")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[re.Match[str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise _invalid()
            self._tokens.append(match)
            at = match.end()
        self._next = 0

    def peek(self) -> re.Match[str] | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _operator(self, *names: str) -> bool:
        token = self.peek()
        if token is None or token["op"] not in names:
            return False
        self._next += 1
        return True

    def disjunction(self, depth: int) -> Test:
        tests = [self._conjunction(depth)]
        while self._operator("OR", "||") or self._term_follows():
            tests.append(self._conjunction(depth))
        return tests[0] if len(tests) == 1 else lambda user: any(test(user) for test in tests)

    def _term_follows(self) -> bool:
        """Return whether another term follows without an operator: Lucene takes it as an alternative."""
        token = self.peek()
        return token is not None and token["close"] is None and token["op"] not in ("AND", "&&", "OR", "||")

    def _conjunction(self, depth: int) -> Test:
        tests = [self._negation(depth)]
        while self._operator("AND", "&&"):
            tests.append(self._negation(depth))
        return tests[0] if len(tests) == 1 else lambda user: all(test(user) for test in tests)

    def _negation(self, depth: int) -> Test:
        negated = False
        while self._operator("NOT", "!", "-"):
            negated = not negated
        test = self._term(depth)
        return (lambda user: not test(user)) if negated else test

    def _term(self, depth: int) -> Test:
        token = self.peek()
        if token is None or token["op"] or token["close"] or depth > _MAX_DEPTH:
            raise _invalid()
        self._next += 1
        if token["open"]:
            test = self.disjunction(depth + 1)
            token = self.peek()
            if token is None or not token["close"]:
                raise _invalid()
            self._next += 1
            return test
        return _test_of(token)


def _test_of(token: re.Match[str]) -> Test:
    if token["field"] is None:
        bare = _unescaped(token["bare_phrase"] or token["bare"] or "")
        matches = _matcher(bare, wildcard=token["bare"] is not None)
        return lambda user: any(matches(value) for field in _BARE_FIELDS for value in _values(user, field))
    field = token["field"].replace("\\", "")
    if token["range"] is not None:
        inside = _range(token["range"])
        return lambda user: any(inside(value) for value in _values(user, field))
    text = _unescaped(token["phrase"] if token["phrase"] is not None else token["word"])
    if field == "_exists_":
        return lambda user: any(True for _ in _values(user, text))
    matches = _matcher(text, wildcard=token["word"] is not None)
    return lambda user: any(matches(value) for value in _values(user, field))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _matcher(text: str, *, wildcard: bool) -> Callable[[Any], bool]:
    expected = text.casefold()
    if wildcard and expected.endswith("*"):
        start = expected[:-1]
        return lambda value: _as_text(value).startswith(start)
    return lambda value: _as_text(value) == expected


def _as_text(value: Any) -> str:
    return str(value).casefold()


def _range(text: str) -> Callable[[Any], bool]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise _invalid()
    low, high = match[2], match[3]

    def inside(value: Any) -> bool:
        above = low == "*" or _compare(value, low) > 0 or (match[1] == "[" and _compare(value, low) == 0)
        below = high == "*" or _compare(value, high) < 0 or (match[4] == "]" and _compare(value, high) == 0)
        return above and below

    return inside


def _compare(value: Any, bound: str) -> int:
    """Compare numbers as numbers, anything else as text, and a date that is cut off as far as it goes."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(bound)
        except ValueError:
            return 1
        return (value > number) - (value < number)
    text, bound = _as_text(value)[: len(bound)], bound.casefold()
    return (text > bound) - (text < bound)


def _values(user: Any, path: str) -> Iterator[Any]:
    """Yield every value at a dotted path; lists are searched through."""
    if isinstance(user, list):
        for item in user:
            yield from _values(item, path)
        return
    if not isinstance(user, dict):
        return
    if path in user:
        found = user[path]
        for item in found if isinstance(found, list) else [found]:
            if item is not None:
                yield item
        return
    head, _, rest = path.partition(".")
    if rest and head in user:
        yield from _values(user[head], rest)
