"""Lints a rendered tenant before it is deployed; connections that are known to have no errors are not linted again.

What is remembered is that a connection had no error: by everything that the rules can see of it, the rules' own code
and the severities. Where somebody else's rules are installed, whose facts nobody knows here, all is linted each time.
"""

import hashlib
import threading
from collections.abc import Hashable, Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path
from platform import python_version
from typing import Any, cast

from deployer.cache import Cache, Turns, content_digest, key_of
from deployer.config.models import Tenant
from deployer.linting.compilation import compile_scripts
from deployer.linting.engine import LintReport, lint
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.registry import GROUP, all_rules
from deployer.linting.rule import Rule, ScriptRule
from deployer.linting.tenant_inputs import (
    action_input,
    connection_input,
    lint_rendered,
    merge_reports,
    project_templates,
)
from deployer.rendering.guards import RenderedAction
from deployer.rendering.scripts import RenderedConnection
from deployer.rendering.templates import Templates
from deployer.runtime.node import Node, find_node

_CLEAN = b"no errors"
_SHOWN_ONLY = {"label", "line", "column", "places", "template", "written"}  # where a finding is; nothing that makes one

_MOST_IN_MEMORY = 20_000
_LONG = 200  # longer texts enter a key by their digest

_turns = Turns()
_lock = threading.Lock()
_clean: dict[str, None] = {}


def lint_errors(
    tenant: Tenant,
    rendered: Mapping[str, RenderedConnection],
    root: Path,
    actions: Mapping[str, RenderedAction] | None = None,
    *,
    templates: Templates | None = None,
    compiled_only: bool = False,
) -> LintReport:
    """Lint a tenant as far as its connections are not known to be without errors.

    Args:
        tenant: the tenant.
        rendered: its connections.
        root: the project's folder, for labels.
        actions: the Actions that its file declares.
        templates: what all was rendered from, by default those of that folder.
        compiled_only: ask only whether everything compiles, which nobody can go past.

    Raises:
        DeployerError: as `lint_rendered` does.
    """
    everything = not compiled_only and _others_rules()
    severities = {} if compiled_only else dict(tenant.lint.severity)
    node, templates = find_node(version=tenant.node), templates or project_templates(root)
    disk = Cache.of("lint")
    subjects = {}
    for name in () if everything else tenant.connections:
        subject = connection_input(tenant, rendered[name], root, templates=templates, node=node)
        key = key_of(_code_digest(), compiled_only, sorted(severities.items()), _facts(subject))
        if not _is_clean(key, disk):
            subjects[key] = subject
    code = [action_input(action, templates, node) for action in (actions or {}).values()]
    # All that are new at once: it is one Node that compiles them.
    compile_scripts([*code, *(each for subject in subjects.values() for each in subject.code)])
    reports = [lint(scripts=code, rules=_judging())] if any(each.refusal for each in code) else []
    if everything:
        reports.append(lint_rendered(tenant, rendered, root))
    for key, subject in subjects.items():
        with _turns.turn(key):
            if _is_clean(key, disk):
                continue
            if not compiled_only or any(each.refusal for each in subject.code):
                report = lint([subject], severities=severities, rules=_judging() if compiled_only else None)
                reports.append(report)
                if report.errors:
                    continue
            if disk is not None:
                disk.put(key, _CLEAN)
            _remember(key)
    return merge_reports(reports)


def _judging() -> list[Rule]:
    return [rule for rule in all_rules() if isinstance(rule, ScriptRule) and rule.judges_code]


def _is_clean(key: str, disk: Cache | None) -> bool:
    if key in _clean:
        return True
    if disk is None or disk.get(key) != _CLEAN:
        return False
    _remember(key)
    return True


def _remember(key: str) -> None:
    with _lock:
        _clean[key] = None
        while len(_clean) > _MOST_IN_MEMORY:
            del _clean[next(iter(_clean))]


def _facts(subject: ConnectionInput | ScriptInput) -> list[Any]:
    """List everything that rules can see, as plain values in a fixed order."""
    return [(name, _plain(getattr(subject, name))) for name in _seen(cast("Hashable", type(subject)))]


@cache
def _seen(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast("Any", kind)) if field.name not in _SHOWN_ONLY)


def _plain(value: Any) -> Any:
    if isinstance(value, str):  # most are: thousands in a plan
        return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest() if len(value) > _LONG else value
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, ScriptInput):
        return _facts(value)
    if isinstance(value, Mapping):
        return [(key, _plain(item)) for key, item in value.items()]
    if isinstance(value, Node):
        return value.version
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return ["set", *sorted(value)]
    return value


@cache
def _others_rules() -> bool:
    return bool(entry_points(group=GROUP))


@cache
def _code_digest() -> str:
    """Digest the sources of the rules and of everything that they stand on: it changes when they do."""
    here = Path(__file__).parent
    runtime = here.parent / "runtime"
    paths = [*here.rglob("*.py"), *here.parent.glob("*.py"), runtime / "compile.py", runtime / "host" / "compile.cjs"]
    return key_of(content_digest(paths), version("tree-sitter"), version("tree-sitter-javascript"), python_version())
