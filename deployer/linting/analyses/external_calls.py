"""Finds what leaves a script: HTTP requests with their URLs, queries with their SQL, MongoDB calls with filters."""

import re
from dataclasses import dataclass

from deployer.linting.analyses.memo import once_per_script
from deployer.linting.identifiers import name_set
from deployer.linting.javascript import Node, Script, arguments, callee, method_name
from deployer.linting.javascript.functions import calls_named, local_function
from deployer.linting.javascript.objects import entries, entry, fragments

HTTP_MODULES = name_set(
    "request request-promise request-promise-native axios got node-fetch superagent needle undici phin bent ky "
    "http https cross-fetch isomorphic-fetch unirest requestretry follow-redirects"
)
"""Modules that send HTTP requests."""

_HTTP_METHODS = name_set("get post put patch delete del head options request fetch create defaults")
_URL_KEYS = frozenset({"url", "uri", "baseURL", "baseUrl", "prefixUrl", "path", "hostname", "host"})
_SQL_METHODS = name_set(
    "query execute raw queryRaw prepare batch any none one oneOrNone oneOrMany manyOrNone many run all each get "
    "unsafe whereRaw orderByRaw selectRaw havingRaw $queryRawUnsafe $executeRawUnsafe"
)
_SQL_CLASSES = frozenset({"Request", "Query", "PreparedStatement"})
_SQL = re.compile(
    r"\b(select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|merge\s+into|exec(ute)?\s+\w|call\s+\w|where\s|values\s*\("
    r"|select\s|from\s)",
    re.IGNORECASE | re.DOTALL,
)
MONGO_METHODS = name_set(
    "find findOne findOneAndUpdate findOneAndDelete findOneAndReplace insertOne insertMany insert updateOne "
    "updateMany update replaceOne deleteOne deleteMany remove count countDocuments aggregate distinct exists "
    "where"
)
"""Methods of MongoDB collections, of Mongoose models and (those of the same name) of query builders."""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One HTTP request: the call, the expressions of its URL, its options object where there is one."""

    call: Node
    urls: tuple[Node, ...]
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class SqlCall:
    """One SQL statement: the call (or `new Request`), its text, and the expressions of its parameters."""

    call: Node
    text: Node
    values: tuple[Node, ...]
    sql: str
    """The literal pieces of the text, joined by a space where something stands between them."""


def http_calls(script: Script) -> list[HttpCall]:
    """Find every HTTP request, in the order of the source."""
    return once_per_script(script, _http_calls)


def sql_calls(script: Script) -> list[SqlCall]:
    """Find every call that is handed SQL, in the order of the source."""
    return once_per_script(script, _sql_calls)


def mongo_calls(script: Script) -> list[Node]:
    """Find every call with an object that may be one of a MongoDB collection (or of a query builder)."""
    return once_per_script(script, _mongo_calls)


def is_http(script: Script, call: Node) -> bool:
    """Return whether a call sends an HTTP request."""
    target = callee(call)
    if target is None:
        return False
    if target.type == "identifier":
        if script.names.is_global(target, "fetch"):
            return True
    elif target.type != "call_expression" and (
        target.type != "member_expression" or method_name(call) not in _HTTP_METHODS
    ):
        return False
    module = script.required(target)
    return module is not None and module[0] in HTTP_MODULES


def _http_calls(script: Script) -> list[HttpCall]:
    known = {name for _, name, _ in script.requires if name in HTTP_MODULES}
    if not known and "fetch" not in script.names.globals:
        return []
    found = []
    for call in _candidates(script):
        if not is_http(script, call):
            continue
        urls: list[Node] = []
        options: list[Node] = []
        for argument in arguments(call)[:3]:
            value = script.value_of(argument)
            if value is None or value.type in {"arrow_function", "function_expression"}:
                continue
            if value.type == "object":
                options.append(argument)
                urls.extend(each for key, each in entries(script, argument) if key in _URL_KEYS)
            elif argument is arguments(call)[0]:
                urls.append(argument)
        found.append(HttpCall(call, tuple(urls), tuple(options)))
    return found


def _candidates(script: Script) -> list[Node]:
    """Find the calls that can be requests: by the methods of such modules, and by the names that come from one."""
    names = {"fetch"}
    for binding in script.names.bindings:
        if binding.value is not None and binding.kind != "function":
            module = script.required(binding.node)
            if module is not None and module[0] in HTTP_MODULES:
                names.add(binding.name)
    return calls_named(script, None, *names, *_HTTP_METHODS)


def _sql_calls(script: Script) -> list[SqlCall]:
    found = []
    made = [each for each in script.tree.nodes("new_expression") if method_name(each) in _SQL_CLASSES]
    for call in (*calls_named(script, *_SQL_METHODS), *made):
        target = callee(call)
        given = arguments(call)
        if not given or target is None or not _may_query(script, call, target):
            continue
        text, values = _statement(script, given)
        if text is None:
            continue
        sql = " ".join(fragments(script, text))
        if _SQL.search(sql):
            found.append(SqlCall(call, text, values, sql))
    return sorted(found, key=lambda each: each.call.index)


def _may_query(script: Script, call: Node, target: Node) -> bool:
    """Return whether the target is a method, a class, or a name such as `query` that is no helper of the script."""
    if call.type == "new_expression" or target.type != "identifier":
        return True
    return target.text in {"query", "execute", "sql"} and local_function(script, target) is None


def _statement(script: Script, given: list[Node]) -> tuple[Node | None, tuple[Node, ...]]:
    """Split the arguments of a query into its text and parameters: `(sql, values)`, `({sql|text, values}, values)`."""
    first = script.value_of(given[0])
    values = list(given[1:2])
    text: Node | None = given[0]
    if first is not None and first.type == "object":
        text = entry(script, given[0], "sql", "text")
        inside = entry(script, given[0], "values")
        if inside is not None:
            values.append(inside)
    parameters: list[Node] = []
    for value in values:
        held = script.value_of(value)
        if held is None:
            continue
        if held.type == "array":
            parameters.extend(held.children)
        elif held.type == "object":
            parameters.extend(each for _, each in entries(script, value))
    return text, tuple(parameters)


def _mongo_calls(script: Script) -> list[Node]:
    found = []
    for call in calls_named(script, *MONGO_METHODS):
        target = callee(call)
        if target is None or target.type != "member_expression":
            continue
        if any((value := script.value_of(each)) is not None and value.type == "object" for each in arguments(call)[:2]):
            found.append(call)
    return found


def deep_entries(script: Script, *nodes: Node | None) -> list[tuple[str | None, Node]]:
    """List (key, value) of objects and of the objects and lists inside them, at most some hundred."""
    found: list[tuple[str | None, Node]] = []
    seen: set[Node] = set()
    stack = list(nodes)
    while stack:
        each = stack.pop()
        value = script.value_of(each)
        if value is None or value in seen or value.type not in {"array", "object"}:
            continue
        seen.add(value)
        inside = entries(script, each) if value.type == "object" else ((None, inner) for inner in value.children)
        for key, inner in inside:
            if value.type == "object":
                found.append((key, inner))
            stack.append(inner)
            if len(found) >= 500 or len(stack) >= 2000:
                return found
    return found
