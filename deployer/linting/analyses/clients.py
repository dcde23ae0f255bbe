"""Finds the clients and requests that a script makes, with the time limits that they are given."""

from collections.abc import Iterator
from dataclasses import dataclass

from deployer.linting.javascript import (
    FUNCTIONS,
    Node,
    Script,
    arguments,
    callee,
    calls,
    member_path,
    method_name,
    properties,
    property_name,
    unwrap,
)
from deployer.linting.javascript.objects import fragments

_REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "del", "head", "options", "request"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How a module takes its time limits: option keys in milliseconds; `optional` where its own default is short."""

    keys: frozenset[str]
    optional: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """One client or request: the call that makes it, its module, and the objects with its options.

    `known` is False where some options cannot be seen (a variable, a spread), so that a missing limit proves nothing.
    """

    call: Node
    module: str
    limits: Limits
    options: tuple[Node, ...]
    known: bool


_HTTP = Limits(
    frozenset(
        {"timeout", "signal", "headersTimeout", "bodyTimeout", "response_timeout", "open_timeout", "read_timeout"}
    ),
    hint="Set `timeout` (milliseconds), well below 20 seconds.",
)
_FETCH = Limits(frozenset({"signal", "timeout", "dispatcher"}), hint="Pass `signal: AbortSignal.timeout(5000)`.")
_PG = Limits(
    frozenset({"connectionTimeoutMillis", "query_timeout", "statement_timeout"}),
    hint="Set `connectionTimeoutMillis` and `query_timeout`.",
)
_MYSQL = Limits(frozenset({"connectTimeout", "acquireTimeout", "timeout"}), hint="Set `connectTimeout`.")
_MONGO = Limits(
    frozenset({"serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS", "timeoutMS", "maxTimeMS"}),
    hint="Set `serverSelectionTimeoutMS`: the driver waits 30 seconds by default, longer than the script lives.",
)
# tedious and mssql give up after 15 seconds by themselves: only a longer limit is wrong.
_SQLSERVER = Limits(
    frozenset({"connectTimeout", "requestTimeout", "connectionTimeout", "cancelTimeout"}),
    optional=True,
    hint="Set `connectTimeout` and `requestTimeout` below 20 seconds.",
)
_LDAP = Limits(frozenset({"timeout", "connectTimeout"}), hint="Set `timeout` and `connectTimeout`.")

_BY_MODULE = {
    **dict.fromkeys(("axios", "request", "request-promise", "request-promise-native", "needle", "got", "phin"), _HTTP),
    **dict.fromkeys(("node-fetch", "cross-fetch", "isomorphic-fetch", "undici"), _FETCH),
    **dict.fromkeys(("pg", "pg-native"), _PG),
    **dict.fromkeys(("mysql", "mysql2", "mysql2/promise", "mariadb"), _MYSQL),
    "mongodb": _MONGO,
    **dict.fromkeys(("tedious", "mssql"), _SQLSERVER),
    **dict.fromkeys(("ldapjs", "ldapts"), _LDAP),
}
_MAKERS = {
    _PG: frozenset({"Client", "Pool"}),
    _MYSQL: frozenset({"createConnection", "createPool", "createPoolCluster"}),
    _MONGO: frozenset({"MongoClient"}),
    _SQLSERVER: frozenset({"Connection", "ConnectionPool", "connect"}),
    _LDAP: frozenset({"createClient", "Client"}),
}
_URL_LIMITS = ("timeout", "Timeout")


def clients(script: Script) -> list[Client]:
    """Find every client and request of the script, in the order of the source."""
    found = [*_made(script), *_fetched(script)]
    return sorted(found, key=lambda client: client.call.start)


def limit_values(client: Client, script: Script) -> Iterator[tuple[str, Node]]:
    """Yield (key, value) of the time limits among the client's options, nested objects (`options: {...}`) included."""
    stack = list(client.options)
    for _ in range(50):
        if not stack:
            return
        for key, value in properties(script.value_of(stack.pop())):
            if key in client.limits.keys:
                yield key, value
            inner = script.value_of(value)
            if inner is not None and inner.type == "object":
                stack.append(inner)


def _made(script: Script) -> Iterator[Client]:
    for call in (*calls(script.tree), *script.tree.nodes("new_expression")):
        target = callee(call)
        if target is None or script.names.is_global(target, "require"):
            continue
        module = script.required(target)
        limits = _BY_MODULE.get(module[0]) if module is not None else None
        if module is None or limits is None or not _makes(script, call, target, limits):
            continue
        options, known = _options(script, call)
        yield Client(call, module[0], limits, options, known)


def _makes(script: Script, call: Node, target: Node, limits: Limits) -> bool:
    name = method_name(call)
    binding = script.names.resolve(target) if target.type == "identifier" else None
    part = binding.part if binding is not None else None
    makers = _MAKERS.get(limits)
    if makers is not None:
        if call.type == "call_expression" and limits is _MONGO:
            return (
                name == "connect"
                and property_name(unwrap(target.get("object"))) in {None, "MongoClient"}
                and (bool(arguments(call)) and not _is_function(arguments(call)[0]))
            )
        if (part or name) not in makers:
            return False
        return _is_direct(script, target)
    return _sends(script, target, name, part)


def _sends(script: Script, target: Node, name: str | None, part: str | None) -> bool:
    """Return whether it is a request on an HTTP module itself (`axios.get(...)`), not on an instance of it."""
    if not _is_direct(script, target):
        return False
    return target.type in {"identifier", "call_expression"} or (part or name) in _REQUESTS


def _is_direct(script: Script, target: Node) -> bool:
    """Return whether the target is the module or a member of it, with no call (`axios.create()`) in between."""
    for _ in range(8):
        if target.type in {"member_expression", "subscript_expression"}:
            inner = unwrap(target.get("object"))
        elif target.type == "identifier":
            binding = script.names.resolve(target)
            inner = unwrap(binding.value) if binding is not None else None
        elif target.type == "call_expression":
            return member_path(callee(target)) == "require"
        else:
            return False
        if inner is None:
            return member_path(target) == "require"
        target = inner
    return False


def _fetched(script: Script) -> Iterator[Client]:
    for use in script.names.globals.get("fetch", ()):
        call = use.parent
        if call is not None and call.type == "call_expression" and use.field == "function":
            options, known = _options(script, call)
            yield Client(call, "fetch", _FETCH, options, known)


def _options(script: Script, call: Node) -> tuple[tuple[Node, ...], bool]:
    """Return the option objects of a call, and whether they are all there is to see."""
    found: list[Node] = []
    known = True
    for given in arguments(call):
        value = script.value_of(given)
        if value is None or value.type in FUNCTIONS:
            continue
        if value.type == "object":
            found.append(value)
            known = known and all(key is not None or inner.type != "spread_element" for key, inner in properties(value))
            known = known and not _is_extended(script, given)
        elif value.type in {"string", "template_string", "binary_expression"}:
            known = known and not any(word in piece for piece in fragments(script, value) for word in _URL_LIMITS)
        elif value.type == "member_expression" and _is_setting(script, value):
            continue  # a URL or connection string out of `configuration`
        elif value.type in {"identifier", "spread_element", "call_expression", "new_expression", "member_expression"}:
            known = known and _is_text(script, value)
    return tuple(found), known


def _is_setting(script: Script, node: Node) -> bool:
    return any(node is read for _, read in script.configuration_reads)


def _is_text(script: Script, node: Node) -> bool:
    """Return whether an unknown value is surely no options object: it is one of the script's own parameters."""
    binding = script.names.resolve(node)
    return binding is not None and binding.kind == "parameter" and binding.scope is script.function


def _is_extended(script: Script, given: Node) -> bool:
    """Return whether the object has a name, through which keys are set later."""
    binding = script.names.resolve(unwrap(given))
    return binding is not None and any(
        use.field == "object" and use.parent is not None and use.parent.field == "left" for use in binding.references
    )


def _is_function(node: Node) -> bool:
    return node.type in FUNCTIONS
