"""Loads and checks what a tenant's files define, before an operation asks the tenant anything."""

from dataclasses import replace
from functools import partial

from deployer.config.secrets import asks_providers
from deployer.errors import RefusedError
from deployer.linting.lint_cache import lint_errors
from deployer.operations.context import Context
from deployer.operations.observer import Notice
from deployer.planning.resolve import Defined, ResolvedTenant, define, resolve
from deployer.text import count, one_line


async def load(context: Context) -> Defined:
    """Load and render the tenant; its secrets are not read.

    Raises:
        ConfigError: for mistakes in the files, all of them together.
    """
    return await context.do(partial(define, context.project, context.tenant))


async def resolved(context: Context, defined: Defined) -> ResolvedTenant:
    """Read the tenant's secrets, which may ask their providers.

    Raises:
        ConfigError: for secrets that cannot be read, all of them together.
    """
    waits = asks_providers(defined.tenant)
    return await context.do(partial(resolve, context.project, defined), waits=waits)


async def refuse_lint_errors(context: Context, defined: Defined, *, compiled_only: bool = False) -> None:
    """Refuse to go on with scripts or definitions that lint finds errors in; the observer gets the findings.

    Args:
        context: of the operation.
        defined: the tenant.
        compiled_only: look only for what does not compile, which nobody can go past.

    Raises:
        RefusedError: nothing was changed.
    """
    root = context.project.root
    report = await context.do(
        partial(lint_errors, defined.tenant, defined.rendered, root, defined.actions, compiled_only=compiled_only)
    )
    if not report.errors:
        return
    context.observer.does_not_pass(replace(report, findings=report.errors))
    name = one_line(context.tenant)
    if all(finding.code == "DB101" for finding in report.errors):
        raise RefusedError(
            f"{count(len(report.errors), 'script does', 'scripts do')} not compile, and would fail at every call",
            where=f"tenant {name}",
            hint=f"Correct what `deployer lint {name}` shows: --no-lint does not go past it.",
        )
    raise RefusedError(
        f"lint finds {count(len(report.errors), 'error')}",
        where=f"tenant {name}",
        hint=f"Correct what `deployer lint {name}` shows, or add --no-lint to go on all the same.",
    )


def warn_uncompiled(context: Context, ready: ResolvedTenant) -> None:
    """Warn of what in an earlier release does not compile: the tenant ran it, and may go back to it."""
    root = context.project.root
    for finding in lint_errors(ready.tenant, ready.rendered, root, ready.actions, compiled_only=True).errors:
        what = f"{one_line(finding.address)} does not compile: {one_line(finding.message)}"
        context.observer.warn(Notice("release", what))
