"""A command on a terminal of its own: what it shows can be waited for, and keys can be pressed, Ctrl-C as well."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.terminal import Terminal


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """`terminal("apply", "local", cwd=folder)` begins a command on a terminal."""
    begun: list[Terminal] = []

    def begin(*arguments: str, cwd: Path) -> Terminal:
        begun.append(Terminal("--no-token-cache", *arguments, cwd=cwd))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()
