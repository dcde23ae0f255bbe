"""Finds every kind of resource in `deployer.resources.kinds`, in the order in which their resources are created.

Leftovers are listed the other way round, which is the order in which they can be deleted.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from deployer.resources import kinds
from deployer.resources.kinds.base import BaseKind


def find_kinds() -> Iterator[BaseKind]:
    """Find every class of the folder that is a kind and has a name.

    Raises:
        TypeError: for one that does not say all that it must, which would otherwise be passed over in silence.
    """
    for module in iter_modules(kinds.__path__, f"{kinds.__name__}."):
        for value in vars(import_module(module.name)).values():
            is_kind = isinstance(value, type) and issubclass(value, BaseKind) and hasattr(value, "name")
            if is_kind and value.__module__ == module.name:
                yield value()


KINDS: dict[str, BaseKind] = {kind.name: kind for kind in sorted(find_kinds(), key=lambda kind: kind.creation_order)}
"""Every kind by name."""
