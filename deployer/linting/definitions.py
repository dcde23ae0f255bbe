"""Finds where a secret stands in a connection's definition instead of a reference. Never shows the secret itself."""

import re
from collections.abc import Iterator
from typing import Any

from deployer.config.models import Connection
from deployer.config.tree import Path
from deployer.linting.identifiers import name_set, split_name
from deployer.linting.secret_names import embedded_secret, is_placeholder, looks_random, names_secret

# `PUBLIC_KEY`, `SORT_KEY`: what is no secret, whatever it is called.
_OPEN_KEYS = name_set(
    "public primary foreign sort partition cache row object column index map routing site publishable"
)
_PLURALS = {"keys": "key", "tokens": "token", "secrets": "secret", "passwords": "password"}
_SETTING = re.compile(r"true|false|yes|no|on|off|none|-?\d{1,5}(\.\d+)?", re.IGNORECASE)
_IN_QUERY = re.compile(
    r"[?&](?:password|passwd|pwd|secret|client_secret|token|access_token|api_?key|sig)=([^&#\s]+)", re.IGNORECASE
)


def literal_secrets(definition: Connection) -> Iterator[tuple[Path, str]]:
    """Yield the path below the connection, and the kind, of each text that is a secret by its form or its name."""
    for key, value in definition.configuration.items():
        if isinstance(value, str) and (what := _kind(value) or _by_name(key, value)):
            yield ("configuration", key), what
    for path, value in _texts(definition.variables, ("variables",)):
        # Names of columns and the like stand here: a name alone makes no secret.
        if (what := _kind(value)) or (names_secret(str(path[-1])) and looks_random(value) and (what := "a secret")):
            yield path, what


def _kind(text: str) -> str | None:
    """Return what kind of secret a text is by its form; None where it is none."""
    if found := embedded_secret(text):
        return found
    query = _IN_QUERY.search(text) if "://" in text else None
    return "a password or token" if query and not is_placeholder(query.group(1)) else None


def _by_name(key: str, text: str) -> str | None:
    if is_placeholder(text) or _SETTING.fullmatch(text.strip()):
        return None
    parts = [_PLURALS.get(word, word) for word in split_name(key)]
    if names_secret("_".join(parts)) or (parts[-1:] == ["key"] and len(parts) > 1 and parts[-2] not in _OPEN_KEYS):
        return f"a {parts[-1]}"
    return None


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
