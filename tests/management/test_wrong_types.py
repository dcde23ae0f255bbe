"""A tenant whose answers have other types than Auth0 documents: one sentence, never a fault of this tool."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from deployer.management import session
from deployer.management.shapes import SHAPES, find_mismatch

WRONG: list[Any] = [None, 5, "text", [], {}, [1], {"a": 1}, True, [None]]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in an answer, down to the fourth level."""
    if path:
        yield path
    if len(path) < 5:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in items:
            yield from paths(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    whole = copy.deepcopy(value)
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    return whole


def test_no_type_of_an_answer_is_a_fault_of_ours(deployed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    parse = session.responses.parse
    monkeypatch.setattr(session.responses, "parse", lambda *a: seen.append(parse(*a)) or seen[-1])
    assert deployed.run("plan", "local", "--no-lint").code == 0
    cases = [
        (number, path, wrong)
        for number, answer in enumerate(seen)
        if "access_token" not in (answer or {})
        for path in paths(answer)
        for wrong in WRONG
    ]
    chosen = random.Random(5).sample(cases, min(150, len(cases)))
    faults = []
    for number, path, wrong in chosen:
        made = iter(range(1_000))

        def lying(*arguments: Any, number: int = number, path: Any = path, wrong: Any = wrong, made: Any = made) -> Any:
            said = parse(*arguments)
            if next(made) != number:
                return said
            try:
                return changed(said, path, wrong)
            except (LookupError, TypeError):
                return said

        monkeypatch.setattr(session.responses, "parse", lying)
        ran = deployed.run("plan", "local", "--no-lint")
        if "something went wrong" in ran.all:
            faults.append((path, wrong, ran.err))
    assert faults == []


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("connections", {"options": []}, "options is a list, not an object"),
        (
            "connections",
            {"options": {"customScripts": {"login": 5}}},
            "options.customScripts.login is a number, not text",
        ),
        ("actions", {"secrets": [{"name": {}}]}, "secrets[0].name is an object, not text"),
        ("client_grants", {"scope": "read:a"}, "scope is text, not a list"),
        ("rules", {"order": True}, "order is true or false, not a number"),
        ("clients", {"name": "x", "anything": 5, "client_metadata": None}, None),
    ],
)
def test_the_place_is_named(kind: str, value: Any, words: str | None) -> None:
    assert kind in SHAPES
    assert find_mismatch(value, kind) == words
