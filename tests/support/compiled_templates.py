"""Compiles each template once in a test process, where the tool compiles it once in each of its processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

import pytest
from jinja2 import DictLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from deployer.rendering.environment import ScriptEnvironment


@lru_cache(maxsize=1000)
def _compiled(source: str, name: str, filename: str | None) -> tuple[CodeType, frozenset[Any], frozenset[str]]:
    """Compile a template in an environment of its own: the code, what it refers to and what it reads."""
    alone = ScriptEnvironment(DictLoader({}))
    code = ImmutableSandboxedEnvironment.compile(alone, source, name, filename)
    return code, frozenset(alone._refers.get(name, ())), frozenset(alone._reads.get(name, ()))


def _compile(
    environment: ScriptEnvironment, source: Any, name: str | None = None, filename: str | None = None, *args: Any
) -> Any:
    """Compile a template as the environment would: what comes of it depends on the source and the names alone."""
    if not isinstance(source, str) or name is None or args or type(environment) is not ScriptEnvironment:
        return ImmutableSandboxedEnvironment.compile(environment, source, name, filename, *args)
    code, refers, reads = _compiled(source, name, filename)
    environment._refers[name] = set(refers)
    environment._reads.setdefault(name, set()).update(reads)
    return code


@contextmanager
def compiled_once() -> Iterator[None]:
    """Remember compiled templates while the context is open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptEnvironment, "compile", _compile, raising=False)
        yield
