"""Finds what Auth0 would refuse, ignore or misread in the options of connections, before anybody asks it.

A name that is nearly a known one is a mistake: the API takes any name and says nothing. One that is like none may be
newer than this list, and is only warned of. `unchecked_options` takes an option, and all below it, out of both.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from deployer.config.options import LEGACY_PASSWORD, OPTIONS, Option
from deployer.config.problems import Position, Problem
from deployer.config.tree import REMOVE, Marker, Node, Places, SecretReference, plain
from deployer.text import did_you_mean, one_line

if TYPE_CHECKING:
    from deployer.config.models import Tenant

OWNED = {
    "customScripts": "Scripts come from `store` and `scripts`.",
    "configuration": "Write `configuration` beside `options`.",
    "enabledDatabaseCustomization": "It is always on for what is deployed here.",
    "import_mode": "It follows from `migration`.",
}
"""Options that follow from something else of a definition, and what that is."""

Path = tuple[str, ...]

_NEAR = 0.8
_FLAGS = {"true": True, "false": False}
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
_TYPES = {"flag": "true or false", "number": "a number", "text": "text", "list": "a list", "map": "a mapping"}


@dataclass(frozen=True, slots=True)
class OptionMistake:
    """What is wrong with the option at `path` below `options`; `unknown` where it may only be newer than the list."""

    path: Path
    what: str
    hint: str | None = None
    unknown: bool = False


def option_problems(root: Node, problems: list[Problem]) -> None:
    """Add every mistake in the options of a merged and rendered tenant file, each at its place."""
    known = {problem.position for problem in problems}
    places = Places(root)
    for name, options, unchecked in _of_connections(root):
        for mistake in [*option_mistakes(options, unchecked), *_refused_checked(options, unchecked)]:
            path = ("connections", name, "options", *mistake.path)
            # Of a value that could not even be made nothing more is said.
            if not mistake.unknown and _value_position(root, path) not in known:
                problems.append(Problem(places.nearest(*path), mistake.what, mistake.hint))


def option_warnings(tenant: "Tenant") -> list[Problem]:
    """Find every option of a tenant that the list does not know, at its place."""
    return [
        Problem(tenant.position("connections", name, "options", *mistake.path), mistake.what, mistake.hint)
        for name, definition in tenant.connections.items()
        for mistake in option_mistakes(definition.options, definition.unchecked_options)
        if mistake.unknown
    ]


def option_mistakes(options: Mapping[str, Any], unchecked: Iterable[str] = ()) -> Iterator[OptionMistake]:
    """Find what is wrong with single options: their names, their types, and words or numbers that are not taken."""
    yield from _of_map(Option("map", keys=OPTIONS), options, (), frozenset(unchecked))


def unlisted(options: Mapping[str, Any]) -> Iterator[Path]:
    """Find the options, and parts of them, whose names the list does not know, whoever wrote them."""
    yield from _unlisted(Option("map", keys=OPTIONS), options, ())


def refused(options: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Iterator[OptionMistake]:
    """Find combinations that Auth0 answers with 400, whatever else is sent.

    Args:
        options: everything that is sent.
        before: the live options that they replace; None where nothing is known of them.

    Source: recorded answers of the Management API to such requests.
    """
    sent = {key: value for key, value in coerced(_written(options)).items() if value is not None}
    attributes = _mapping(sent.get("attributes"))
    if sent.get("password_options") is not None:
        for name in LEGACY_PASSWORD:
            if name in sent:
                what = f"`password_options` and `{name}` exclude each other: Auth0 refuses both together"
                yield OptionMistake((name,), what, "Keep one of the two kinds of password options.")
    if attributes is not None:
        for name in ("requires_username", "validation"):
            if sent.get(name) not in (None, False):
                what = f"`attributes` and `{name}` exclude each other: Auth0 refuses both together"
                yield OptionMistake((name,), what, "Say it below `attributes.username`.")
        yield from _of_attributes(attributes)
    username = _mapping((_mapping(sent.get("validation")) or {}).get("username")) or {}
    least, most = username.get("min", 1), username.get("max", 128)
    if _is_number(least) and _is_number(most) and least > most:
        yield OptionMistake(("validation", "username", "min"), "the shortest username is longer than the longest")
    if before is not None:
        yield from _of_what_stays(sent, attributes, before)


def coerced(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with `true`, `false` and numbers where an expression made text of them and none is desired."""
    return {name: _coerced(OPTIONS.get(name), value) for name, value in options.items()}


def _of_connections(root: Node) -> Iterator[tuple[str, Mapping[str, Any], Collection[str]]]:
    connections = root.get("connections")
    if connections is None or not isinstance(connections.value, dict):
        return
    for name, entry in connections.value.items():
        options, unchecked = entry.value.get("options"), entry.value.get("unchecked_options")
        if options is not None and isinstance(options.value, dict):
            names = plain(unchecked) if unchecked is not None else []
            yield name, plain(options), [str(each) for each in names] if isinstance(names, list) else []


def _value_position(root: Node, path: Path) -> Position | None:
    node: Node | None = root
    for part in path:
        node = node.get(part) if node is not None else None
    return node.position if node is not None else None


def _refused_checked(options: Mapping[str, Any], unchecked: Collection[str]) -> Iterator[OptionMistake]:
    for mistake in refused(options):
        if not is_unchecked(mistake.path, unchecked):
            yield mistake


def _of_map(option: Option, value: Mapping[str, Any], path: Path, unchecked: frozenset[str]) -> Iterator[OptionMistake]:
    for key, below in value.items():
        here = (*path, str(key))
        if is_unchecked(here, unchecked) or (not path and key in OWNED):
            continue
        known = option.keys.get(key)
        if known is not None:
            yield from _of_value(known, below, here, unchecked)
        elif not option.is_open and below is not REMOVE:
            yield _unknown(here, option.keys, OWNED if not path else {})


def _unlisted(option: Option, value: Mapping[str, Any], path: Path) -> Iterator[Path]:
    for key, below in value.items():
        known = option.keys.get(key)
        if known is not None and isinstance(below, Mapping):
            yield from _unlisted(known, below, (*path, key))
        elif known is None and not option.is_open and not (not path and key in OWNED):
            yield (*path, str(key))


def _unknown(path: Path, known: Iterable[str], owned: Mapping[str, str]) -> OptionMistake:
    name, dotted = path[-1], one_line(".".join(path))
    spelt = {_letters(each): each for each in [*known, *owned]}
    close = get_close_matches(_letters(name), spelt, n=1, cutoff=_NEAR)
    silence = f"`unchecked_options: [{dotted}]` beside `options` leaves it unchecked."
    if close:
        meant = spelt[close[0]]
        hint = f"did you mean '{meant}'? {owned.get(meant) or f'If not: {silence}'}"
        return OptionMistake(path, f"unknown option '{dotted}'", hint)
    what = f"unknown option '{dotted}': Auth0 may ignore it"
    return OptionMistake(path, what, f"If it is meant: {silence}", unknown=True)


def _of_value(option: Option, value: Any, path: Path, unchecked: frozenset[str]) -> Iterator[OptionMistake]:
    name = one_line(".".join(path))
    if isinstance(value, Marker | SecretReference) or (value is None and option.nullable):
        return
    value = _coerced(option, value)
    if not _has_type(option, value):
        yield OptionMistake(path, f"'{name}' must be {_TYPES[option.type]}")
    elif isinstance(value, Mapping):
        yield from _of_map(option, value, path, unchecked)
    elif isinstance(value, list):
        yield from _of_list(option, value, path, name)
    elif option.words and value not in option.words:
        listed = ", ".join(f"'{word}'" for word in option.words)
        yield OptionMistake(path, f"'{name}' must be one of {listed}", did_you_mean(str(value), option.words))
    elif option.least is not None or option.most is not None:
        size = value if _is_number(value) else len(value)
        if (option.least is not None and size < option.least) or (option.most is not None and size > option.most):
            unit = "" if _is_number(value) else " characters"
            yield OptionMistake(path, f"'{name}' must be {_range(option)}{unit}")


def _of_list(option: Option, value: list[Any], path: Path, name: str) -> Iterator[OptionMistake]:
    item = option.item or Option("text")
    for one in value:
        if isinstance(one, Marker | SecretReference):
            continue
        if not _has_type(item, one):
            yield OptionMistake(path, f"'{name}' must hold nothing but {_TYPES[item.type]}")
        elif item.words and one not in item.words:
            listed = ", ".join(f"'{word}'" for word in item.words)
            what = f"'{name}' holds '{one_line(str(one), 60)}', and takes only {listed}"
            yield OptionMistake(path, what, did_you_mean(str(one), item.words))
        elif item.most is not None and len(one) > item.most:
            yield OptionMistake(path, f"'{name}' holds a text of more than {item.most:g} characters")
    if option.unique and len({str(one) for one in value}) < len(value):
        yield OptionMistake(path, f"'{name}' names something twice")
    if (option.least is not None and len(value) < option.least) or (
        option.most is not None and len(value) > option.most
    ):
        yield OptionMistake(path, f"'{name}' must have {_range(option)} items")


def _of_attributes(attributes: Mapping[str, Any]) -> Iterator[OptionMistake]:
    each = {name: found for name, value in attributes.items() if (found := _mapping(value)) is not None}
    if not any((_mapping(one.get("identifier")) or {}).get("active") is True for one in each.values()):
        what = "no identifier below `attributes` is active: Auth0 refuses that, and nobody could log in"
        yield OptionMistake(("attributes",), what, "Set `identifier: {active: true}` for one of them.")
    for name, one in each.items():
        signup = _mapping(one.get("signup")) or {}
        if one.get("profile_required") is True and signup.get("status") == "inactive":
            yield OptionMistake(
                ("attributes", name, "profile_required"),
                f"`attributes.{one_line(name)}` is required in the profile, and its sign-up is inactive: Auth0 refuses "
                "that",
                "Set `signup: {status: required}`, or `profile_required: false`.",
            )


def _of_what_stays(
    sent: Mapping[str, Any], attributes: Mapping[str, Any] | None, before: Mapping[str, Any]
) -> Iterator[OptionMistake]:
    """Find what the live state does not allow: some options never change again."""
    if before.get("enable_script_context") is True and sent.get("enable_script_context") is False:
        what = "`enable_script_context` is on in the tenant, and Auth0 does not let it be turned off again"
        yield OptionMistake(("enable_script_context",), what, "Set it to true.")
    email = _mapping((attributes or {}).get("email"))
    if email is None or "unique" not in email:
        return
    live = _mapping((_mapping(before.get("attributes")) or {}).get("email"))
    here = ("attributes", "email", "unique")
    if live is None:
        if email["unique"] is False:
            what = "e-mail addresses that need not be unique cannot be added to a connection that exists"
            yield OptionMistake(here, what, "Only a new connection can have `unique: false`.")
    elif email["unique"] != live.get("unique", True):
        was = str(live.get("unique", True)).lower()
        what = f"`attributes.email.unique` is {was} in the tenant, and Auth0 does not let it change"
        yield OptionMistake(here, what, f"Set it to {was}, or make a new connection.")


def _coerced(option: Option | None, value: Any) -> Any:
    if option is None:
        return value
    if isinstance(value, Mapping):
        return {key: _coerced(option.keys.get(key), below) for key, below in value.items()}
    if isinstance(value, str) and option.type == "flag":
        return _FLAGS.get(value.strip().lower(), value)
    if isinstance(value, str) and option.type == "number" and _NUMBER.fullmatch(value.strip()):
        return float(value) if "." in value else int(value)
    return value


def _has_type(option: Option, value: Any) -> bool:
    match option.type:
        case "flag":
            return isinstance(value, bool)
        case "number":
            return _is_number(value)
        case "text":
            return isinstance(value, str)
        case "list":
            return isinstance(value, list)
        case "map":
            return isinstance(value, Mapping)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_unchecked(path: Path, unchecked: Collection[str]) -> bool:
    """Return whether the option, or one that it is a part of, is among `unchecked`, names with dots."""
    return any(".".join(path[:length]) in unchecked for length in range(1, len(path) + 1))


def _letters(name: str) -> str:
    """Return a name as it sounds: `password_policy` and `passwordPolicy` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _range(option: Option) -> str:
    if option.most is None:
        return f"at least {option.least:g}"
    return f"at most {option.most:g}" if option.least is None else f"from {option.least:g} to {option.most:g}"


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _written(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what must not be there: the rest is what is sent."""
    return {
        key: _written(item) if isinstance(item, Mapping) else item for key, item in value.items() if item is not REMOVE
    }
