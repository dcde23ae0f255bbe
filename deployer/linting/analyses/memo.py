"""Analyses that several rules need, made once for each script and freed with it."""

from collections.abc import Callable
from typing import TypeVar, cast

from deployer.linting.javascript import Script

T = TypeVar("T")


def once_per_script(script: Script, make: Callable[[Script], T]) -> T:
    """What `make(script)` gives; made at the first call, kept with the script."""
    kept = vars(script)
    key = f"memo:{make.__module__}.{make.__qualname__}"
    if key not in kept:
        kept[key] = make(script)
    return cast("T", kept[key])
