"""What is shipped lints clean: nothing but DB406, which is the point of a direct database."""

from typing import Any

from deployer.linting.engine import lint
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.rendering.scripts import RenderedConnection


def _subject(rendered: RenderedConnection, combination: Any, guards: tuple[str, ...]) -> ConnectionInput:
    with_context = combination.options.get("enable_script_context") is True
    keys = [*rendered.manifest.configuration, combination.variables.get("ca_key")]
    return ConnectionInput(
        name=rendered.name,
        scripts={
            kind: ScriptInput(source, kind, with_context, address=f"connection.{rendered.name}/{kind}")
            for kind, source in rendered.sources.items()
        },
        address=f"connection.{rendered.name}",
        migration=combination.migration,
        import_mode=combination.migration != "off",
        enable_script_context=with_context,
        requires_username=combination.options.get("requires_username") is True,
        access=("tls",),
        guards=guards,
        configuration=frozenset(key for key in keys if key),
        modules=rendered.modules,
        direct_database=rendered.manifest.direct_database,
        custom_databases=2,
    )


def _codes(render: Any, combination: Any) -> set[str]:
    subject = _subject(render(combination), combination, ("backfill-metadata", "mark-migrated", "restrict-audience"))
    report = lint([subject])
    unexpected = [finding for finding in report.findings if finding.code != "DB406"]
    assert not unexpected, "\n".join(f"{f.address}:{f.line} {f.code} {f.message}" for f in unexpected)
    return {finding.code for finding in report.findings}


def test_shipped_scripts_have_no_findings_but_direct_access(combination: Any, render: Any) -> None:
    """Every combination as it is, for a tenant with several custom databases."""
    direct = render(combination).manifest.direct_database
    assert _codes(render, combination) == ({"DB406"} if direct else set())


def test_they_have_none_while_users_move(combination: Any, render: Any) -> None:
    """Trickle migration compares login and get_user, and the context is there too."""
    changed = type(combination)(
        **{
            **vars(combination),
            "migration": "trickle",
            "options": {**combination.options, "enable_script_context": True},
        }
    )
    assert _codes(render, changed) <= {"DB406"}


def test_they_have_none_when_all_users_have_moved(store: str, render: Any) -> None:
    """The no-op pair is right as it is."""
    rendered = render(store, migration="complete")
    scripts = [ScriptInput(rendered.sources[kind], kind) for kind in ("login", "get_user")]
    assert lint(scripts=scripts).findings == ()
