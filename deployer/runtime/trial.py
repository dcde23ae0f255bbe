"""Runs one script of a connection for a user that somebody names, as the Dashboard's Try button does."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployer.errors import DeployerError
from deployer.runtime.calls import CallResult, ScriptCall
from deployer.runtime.contract.store import open_store
from deployer.runtime.contract.subject import ContractSubject
from deployer.runtime.masking import Mask
from deployer.runtime.runtime import Runtime

_SETTLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Trial:
    """One script to try. `scripts`, `configuration` and `modules` as in a `ContractSubject`, `trusted` as in a
    `Runtime`."""

    connection: str
    scripts: Mapping[str, str] = field(repr=False)
    kind: str
    arguments: tuple[Any, ...] = field(repr=False)
    configuration: Mapping[str, str] = field(repr=False)
    modules: Mapping[str, str]
    with_context: bool = False
    limit_seconds: float = 20.0
    trusted: Path | None = None
    node: Path | None = None


async def try_script(trial: Trial, *, node: Path | None = None, cache: Path | None = None) -> CallResult:
    """Run the script once, in a container of its own; what it says is masked as contract tests mask it.

    Raises:
        DeployerError: where the connection has no such script.
    """
    if trial.kind not in trial.scripts:
        raise DeployerError(
            f"the connection '{trial.connection}' has no {trial.kind} script",
            hint=f"It has: {', '.join(trial.scripts) or 'none'}.",
        )
    context = {"connection": {"name": trial.connection}} if trial.with_context else None
    async with Runtime(
        node=node or trial.node,
        cache=cache,
        modules=trial.modules,
        containers=1,
        limit_seconds=trial.limit_seconds,
        trusted=trial.trusted,
    ) as runtime:
        result = await runtime.call(
            ScriptCall(
                trial.scripts[trial.kind],
                trial.kind,
                trial.arguments,
                dict(trial.configuration),
                context,
                settle_seconds=_SETTLE_SECONDS,
            )
        )
    return Mask([*trial.configuration.values(), *_passwords(trial)]).result(result)


def _passwords(trial: Trial) -> list[str]:
    """List the texts behind the user's name: of a login, the password."""
    return [argument for argument in trial.arguments[1:] if isinstance(argument, str)]


async def try_in_tests(subject: ContractSubject, kind: str, *arguments: Any, cache: Path | None = None) -> CallResult:
    """Run a script against the store of the connection's `tests:`, which is started where it is embedded."""
    async with AsyncExitStack() as stack:
        store = await open_store(subject, stack)
        trial = Trial(
            subject.connection,
            subject.scripts,
            kind,
            arguments,
            store.configuration,
            subject.modules,
            subject.with_context,
            subject.limit_seconds,
            store.trusted,
            subject.node,
        )
        return await try_script(trial, cache=cache)
