"""Finds the modules whose endpoints are served, one for each resource of the Management API.

To add a resource: write a module here whose handlers take a Call and return a Response, and list them as `ENDPOINTS`.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from deployer.sandbox.calls import Endpoint


def endpoints() -> Iterator[Endpoint]:
    """Yield every endpoint of every module of this package."""
    for module in iter_modules(__path__, f"{__name__}."):
        yield from getattr(import_module(module.name), "ENDPOINTS", ())
