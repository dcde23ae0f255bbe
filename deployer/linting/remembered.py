"""A rendered tenant in, its lint errors out; connections that are known to have none are not linted again.

What is remembered is that a connection had no error: by everything that the rules can see of it, the rules' own code
and the severities. Where somebody else's rules are installed, whose facts nobody knows here, all is linted each time.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path
from platform import python_version
from typing import Any

from deployer.cache import Cache, Turns, content_digest, key_of
from deployer.config.models import Tenant
from deployer.linting.linter import LintReport, lint
from deployer.linting.registry import GROUP
from deployer.linting.subject import ConnectionSubject, ScriptSubject
from deployer.linting.tenants import connection_subject, lint_rendered, merged
from deployer.rendering.scripts import RenderedConnection

_CLEAN = b"no errors"
_SHOWN_ONLY = {"label", "line", "column", "places", "template"}  # where a finding is; nothing that makes one

_MOST_IN_MEMORY = 20_000
_LONG = 200  # longer texts enter a key by their digest

_turns = Turns()
_lock = threading.Lock()
_clean: dict[str, None] = {}


def lint_errors(tenant: Tenant, rendered: Mapping[str, RenderedConnection], root: Path) -> LintReport:
    """The lint report of a tenant as far as its connections are not known to be without errors.

    Raises:
        DeployerError: as `lint_rendered` does.
    """
    if not tenant.connections or _others_rules():
        return lint_rendered(tenant, rendered, root)
    disk = Cache.of("lint")
    severities = dict(tenant.lint.severity)
    reports = []
    for name in tenant.connections:
        subject = connection_subject(tenant, rendered[name], root)
        key = key_of(_code_digest(), sorted(severities.items()), _facts(subject))
        with _turns.turn(key):
            if key not in _clean and (disk is None or disk.get(key) != _CLEAN):
                report = lint([subject], severities=severities)
                reports.append(report)
                if report.errors:
                    continue
                if disk is not None:
                    disk.put(key, _CLEAN)
        _remember(key)
    return merged(reports)


def _remember(key: str) -> None:
    with _lock:
        _clean[key] = None
        while len(_clean) > _MOST_IN_MEMORY:
            del _clean[next(iter(_clean))]


def _facts(subject: ConnectionSubject | ScriptSubject) -> list[Any]:
    """Everything that rules can see, as plain values in a fixed order."""
    seen = (field.name for field in fields(subject) if field.name not in _SHOWN_ONLY)
    return [(name, _plain(getattr(subject, name))) for name in seen]


def _plain(value: Any) -> Any:
    if isinstance(value, ScriptSubject):
        return _facts(value)
    if isinstance(value, str) and len(value) > _LONG:
        return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    if isinstance(value, Mapping):
        return [(key, _plain(item)) for key, item in value.items()]
    if isinstance(value, frozenset | set):
        return ["set", *sorted(value)]
    return value


@cache
def _others_rules() -> bool:
    return bool(entry_points(group=GROUP))


@cache
def _code_digest() -> str:
    """What changes with the rules and with everything that they stand on."""
    here = Path(__file__).parent
    paths = [*here.rglob("*.py"), *here.parent.glob("*.py")]
    return key_of(content_digest(paths), version("tree-sitter"), version("tree-sitter-javascript"), python_version())
