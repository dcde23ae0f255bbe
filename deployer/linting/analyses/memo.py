"""Keeps analyses that several rules need: each is made once for a script, and freed with it."""

from collections.abc import Callable
from typing import TypeVar, cast

from deployer.linting.javascript import Script

T = TypeVar("T")


def once_per_script(script: Script, make: Callable[[Script], T]) -> T:
    """Return what `make(script)` gives; it is called once and its result kept with the script."""
    kept = vars(script)
    key = f"memo:{make.__module__}.{make.__qualname__}"
    if key not in kept:
        kept[key] = make(script)
    return cast("T", kept[key])
