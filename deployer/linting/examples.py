"""Turns the examples of rules into what rules look at: JavaScript into scripts, a little YAML into connections."""

from collections.abc import Iterator

import yaml

from deployer.linting.finding import Finding
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.rule import ConnectionRule, Rule, ScriptRule

_SCALARS = (
    "signup_open",
    "reset_open",
    "migration",
    "import_mode",
    "enable_script_context",
    "requires_username",
    "audience",
    "direct_database",
    "guard_type",
)


def script_example(source: str, kind: str | None = "login") -> ScriptInput:
    """Build a script of a kind, without definition."""
    return ScriptInput(source, kind, address=f"connection.example/{kind}" if kind else "example")


def connection_example(text: str) -> ConnectionInput:
    """Build a connection from YAML.

    Keys, all optional: `name`, `signup_open`, `reset_open`, `migration`, `import_mode`, `enable_script_context`,
    `requires_username`, `access` (list), `guards` (list), `guard_type`, `configuration` (list of keys), `modules`
    (map), `audience`, `restricted_audiences` (list), `direct_database`, `custom_databases` (number), `scripts` (map of
    kind -> source). What is missing is not known.
    """
    data = yaml.safe_load(text) or {}
    name = str(data.get("name", "example"))
    context = data.get("enable_script_context")
    return ConnectionInput(
        name=name,
        scripts={
            kind: ScriptInput(source, kind, context, address=f"connection.{name}/{kind}")
            for kind, source in (data.get("scripts") or {}).items()
        },
        address=f"connection.{name}",
        access=_listed(data.get("access")),
        guards=_listed(data.get("guards")),
        configuration=frozenset(data["configuration"]) if "configuration" in data else None,
        modules=data.get("modules"),
        restricted_audiences=frozenset(data["restricted_audiences"]) if "restricted_audiences" in data else None,
        custom_databases=data.get("custom_databases"),
        **{key: data[key] for key in _SCALARS if key in data},
    )


def findings_of(rule: Rule, example: str) -> list[Finding]:
    """Return what a rule says of one of its own examples (or of any text in the same form)."""

    def found() -> Iterator[Finding]:
        if isinstance(rule, ScriptRule):
            subject = script_example(example, rule.example_kind)
            if rule.reads_broken or subject.readable:
                yield from rule.check(subject)
        elif isinstance(rule, ConnectionRule):
            yield from rule.check(connection_example(example))

    return sorted(found(), key=lambda finding: finding.sort_key)


def _listed(value: object) -> tuple[str, ...] | None:
    return tuple(str(item) for item in value) if isinstance(value, list) else None
