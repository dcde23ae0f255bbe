"""Remembers rendered scripts by what they can see, in this process and in the user's cache.

A template gives the same text wherever everything that it can read is the same. What it can read is known from its
code: the names that it and every template behind it look up. So tenants share what does not name them.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

from jinja2 import TemplateError

from deployer.cache import Cache, Turns, content_digest, key_of
from deployer.rendering.environment import ScriptEnvironment

_SUFFIXES = (".j2", ".yaml", ".yml")
_KEPT_IN_MEMORY = 500

Sources = dict[str, str]


class RenderCache:
    """The scripts that were rendered from some folders of templates. Any number of threads may use it."""

    def __init__(self, folders: list[Path], environment: Callable[[], ScriptEnvironment], disk: Cache | None) -> None:
        self._folders = folders
        self._environment = environment
        self._disk = disk
        self._lock = threading.Lock()
        self._turns = Turns()
        self._kept: dict[str, Sources] = {}
        self._names: dict[tuple[str, ...], frozenset[str] | None] = {}
        self._state: tuple[str, dict[str, str]] | None = None

    def sources(
        self, templates: Mapping[str, str], context: Mapping[str, Any], render: Callable[[], Sources]
    ) -> Sources:
        """Find the scripts by kind of a connection, or render them; `templates` are their templates by kind.

        `render` renders them all, for contexts that are new. What it raises is not remembered.
        """
        names = self._visible(tuple(templates.values()))
        seen = {name: value for name, value in context.items() if names is None or name in names}
        key = key_of(self._digest, dict(templates), seen)
        with self._turns.turn(key):  # of tenants that want the same at the same time, one makes it
            found = self._kept.get(key) or self._from_disk(key, templates)
            if found is None:
                found = render()
                self._keep(key, found)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _KEPT_IN_MEMORY:
                    del self._kept[next(iter(self._kept))]
        return found

    def _from_disk(self, key: str, templates: Mapping[str, str]) -> Sources | None:
        value = self._read(key)
        well = isinstance(value, dict) and list(value) == list(templates)
        return value if well and all(isinstance(text, str) for text in value.values()) else None

    def _keep(self, key: str, value: Any) -> None:
        if self._disk is not None and self._environment().has_read(self._contents):
            self._disk.put(key, json.dumps(value).encode())

    def _read(self, key: str) -> Any:
        data = self._disk.get(key) if self._disk is not None else None
        try:
            return None if data is None else json.loads(data)
        except ValueError:
            return None

    def _visible(self, templates: tuple[str, ...]) -> frozenset[str] | None:
        """Find the names that the templates can read; None for all."""
        key = key_of("names", self._digest, templates)
        with self._turns.turn(key):
            if templates not in self._names:
                kept = self._read(key)
                if isinstance(kept, dict) and "names" in kept:
                    names = None if kept["names"] is None else frozenset(kept["names"])
                else:
                    names = self._looked_up(templates)
                    self._keep(key, {"names": None if names is None else sorted(names)})
                self._names[templates] = names
            return self._names[templates]

    def _looked_up(self, templates: tuple[str, ...]) -> frozenset[str] | None:
        try:
            return self._environment().names_read(templates)
        except (TemplateError, RecursionError):
            return None  # rendering will say what is wrong

    @property
    def _digest(self) -> str:
        return self._folders_state()[0]

    @property
    def _contents(self) -> dict[str, str]:
        return self._folders_state()[1]

    def _folders_state(self) -> tuple[str, dict[str, str]]:
        """Digest the code and every template, and each file by its path; once."""
        with self._lock:
            if self._state is None:
                self._state = _state_of(self._folders) if self._disk is not None else ("", {})
            return self._state


def _state_of(folders: list[Path]) -> tuple[str, dict[str, str]]:
    total = hashlib.sha256(_code_digest().encode())
    contents: dict[str, str] = {}
    for folder in folders:
        total.update(b"\0folder\0")
        root = folder.resolve()
        for path in sorted(path for path in root.rglob("*") if path.suffix in _SUFFIXES and path.is_file()):
            contents[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root).as_posix()}\0{contents[str(path)]}\0".encode())
    return total.hexdigest(), contents


@cache
def _code_digest() -> str:
    """Digest the code that renders, as far as it can change a script."""
    here = Path(__file__).parent
    paths = [*here.glob("*.py"), here.parent / "scripts.py", here.parent / "text.py"]
    return key_of(content_digest(paths), version("jinja2"), version("markupsafe"), python_version())
