"""Runs the contract tests of a connection: starts the store, the proxy and the containers, and cleans up."""

import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path

from deployer.errors import DeployerError
from deployer.runtime.contract.census import refuse_existing_data
from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks import CHECKS
from deployer.runtime.contract.harness import Harness
from deployer.runtime.contract.results import CheckOutcome, CheckResult, ContractReport
from deployer.runtime.contract.skips import PremiseFailed, Skipped
from deployer.runtime.contract.store import notes_on, open_store
from deployer.runtime.contract.subject import ContractSubject
from deployer.runtime.runtime import Runtime
from deployer.text import did_you_mean, one_line

OnResult = Callable[[CheckResult], Awaitable[None] | None]


async def run_contract(
    subject: ContractSubject,
    *,
    node: Path | None = None,
    cache: Path | None = None,
    only: Iterable[str] | None = None,
    on_result: OnResult | None = None,
    allow_existing_data: bool = False,
) -> ContractReport:
    """Run the contract tests of one connection.

    A store with users whom the tests neither name nor made is refused, but for `allow_existing_data`.
    `only`: names of checks; `on_result` is told each result as it comes. Raises DeployerError for what is wrong with
    the tests themselves (no Node, no store, an unknown check); what is wrong with the scripts is in the report.
    """
    checks = _selected(only)
    _check_names(subject.skip)
    started = time.perf_counter()

    async with AsyncExitStack() as stack:
        store = await open_store(subject, stack)

        def make_runtime(containers: int, concurrency: int = 1) -> Runtime:
            return Runtime(
                node=node or subject.node,
                cache=cache,
                modules=subject.modules,
                containers=containers,
                concurrency=concurrency,
                limit_seconds=subject.limit_seconds,
                trusted=store.trusted,
            )

        runtime = await stack.enter_async_context(make_runtime(2))
        harness = Harness(
            subject, runtime, store.configuration, store.address, store.upstream, make_runtime=make_runtime
        )
        if not allow_existing_data:
            await refuse_existing_data(harness)
        results = []
        for check in checks:
            result = await _run_check(check, harness)
            results.append(result)
            pending = on_result(result) if on_result else None
            if pending is not None:
                await pending
        remaining = await harness.delete_created()
        failed = any(result.outcome is CheckOutcome.FAILED for result in results)
        return ContractReport(
            connection=subject.connection,
            digest=subject.digest(),
            results=tuple(results),
            calls=len(harness.recorded),
            duration_ms=(time.perf_counter() - started) * 1000,
            node=".".join(str(part) for part in runtime.node.version),
            isolated=runtime.isolated,
            notes=(*(await notes_on(store) if failed else ()), *remaining),
            times=harness.times(),
        )


async def _run_check(check: Check, harness: Harness) -> CheckResult:
    started = time.perf_counter()
    outcome, details, reason, premise_failed = CheckOutcome.PASSED, list[str](), None, False
    try:
        _skip_unless_possible(check, harness)
        if check.known_user:
            await harness.require_known_user()
        details = [harness.redact(fault) for fault in await check.run(harness)]
        if details:
            outcome = CheckOutcome.FAILED
    except Skipped as skipped:
        outcome, reason = CheckOutcome.SKIPPED, harness.redact(skipped.reason)
        premise_failed = isinstance(skipped, PremiseFailed)
    duration_ms = (time.perf_counter() - started) * 1000
    return CheckResult(check.name, check.title, outcome, tuple(details), reason, premise_failed, duration_ms)


def _skip_unless_possible(check: Check, harness: Harness) -> None:
    subject = harness.subject
    if check.name in subject.skip:
        raise Skipped(subject.skip[check.name])
    missing = [kind for kind in check.needs if not harness.has(kind)]
    if missing:
        raise Skipped(f"the connection has no {' and no '.join(missing)} script")
    if subject.migration == "complete" and not check.after_migration:
        raise Skipped("the migration is complete: the scripts do nothing")


def _selected(only: Iterable[str] | None) -> list[Check]:
    if only is None:
        return list(CHECKS)
    chosen = set(only)
    _check_names(chosen)
    return [check for check in CHECKS if check.name in chosen]


def _check_names(names: Iterable[str]) -> None:
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise DeployerError(
                f"there is no contract test '{one_line(name, 60)}'{'; ' + near if near else ''}",
                hint=f"Known: {', '.join(known)}.",
            )
