"""Lays the values of a definition over those of a tenant, as the Management API merges them."""

from collections.abc import Mapping
from typing import Any

from deployer.config.tree import REMOVE


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `over` over `base`: maps merge, everything else replaces, a `REMOVE` marker drops the key."""
    merged = dict(base)
    for key, value in over.items():
        if value is REMOVE:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = overlay(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
