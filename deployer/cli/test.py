"""`deployer test`: the contract tests of a tenant's connections."""

import asyncio
from contextlib import ExitStack
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.errors import DeployerError, ExitCode

if TYPE_CHECKING:
    from deployer.runtime.contract import ContractReport, ContractSubject
    from deployer.runtime.contract.results import CheckResult


class ResultFormat(StrEnum):
    """How results are shown."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def contract_tests(
    tenant: common.TenantName,
    connection: Annotated[
        str | None, typer.Argument(metavar="CONNECTION", help="One connection; all with `tests:` without one.")
    ] = None,
    check: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this check; may be given several times.")
    ] = None,
    allow_existing_data: Annotated[
        bool, typer.Option("--allow-existing-data", help="Test in a store that holds other users as well.")
    ] = False,
    record: Annotated[
        bool,
        typer.Option(
            "--record/--no-record", help="Write the results into the store, where the next promotion asks for them."
        ),
    ] = True,
    as_format: Annotated[ResultFormat, typer.Option("--format", help="How to show the results.")] = ResultFormat.TEXT,
    as_json: common.AsJson = False,
) -> None:
    """Run the contract tests of a tenant. The scripts run against a store, and do what Auth0 expects of them."""
    from deployer.reporting import contracts
    from deployer.runtime.contract.prepare import connections_with_tests, contract_subject

    shown = ResultFormat.JSON if as_json else as_format
    project = common.project()
    loaded = project.tenant(tenant)
    names = [connection] if connection else connections_with_tests(loaded)
    if not names:
        raise DeployerError(
            f"No connection of the tenant '{tenant}' has `tests:`.",
            hint="Say under `tests:` of a connection which store and which users contract tests may use.",
        )
    store = common.store(loaded) if record else None
    subjects = [contract_subject(project, loaded, name) for name in names]
    reports = []
    for subject in subjects:
        report = _report(
            subject, check or None, tell=shown is ResultFormat.TEXT, allow_existing_data=allow_existing_data
        )
        reports.append(report)
        if shown is ResultFormat.TEXT:
            contracts.show_report(report)
        if store is not None and not check:
            store.notes.add_test(
                report.digest,
                tenant=tenant,
                connection=report.connection,
                passed=report.passed,
                results={result.name: result.outcome.value for result in report.results},
            )
    if shown is ResultFormat.JSON:
        common.print_json([contracts.report_json(report) for report in reports])
    elif shown is ResultFormat.JUNIT:
        typer.echo(contracts.reports_junit(tenant, reports), nl=False)
    if not all(report.passed for report in reports):
        common.leave(ExitCode.ERROR)


def _report(
    subject: "ContractSubject", only: list[str] | None, *, tell: bool, allow_existing_data: bool
) -> "ContractReport":
    """Run the tests of one connection; each result is told as it comes, with a spinner before the next one."""
    from deployer.reporting import contracts
    from deployer.reporting.waiting import waiting
    from deployer.runtime.contract import run_contract

    words = f"Testing {subject.connection}"
    with ExitStack() as spinner:

        def show(result: "CheckResult") -> None:
            spinner.close()
            contracts.show_check(result)
            spinner.enter_context(waiting(words))

        spinner.enter_context(waiting(words))
        return asyncio.run(
            run_contract(subject, only=only, on_result=show if tell else None, allow_existing_data=allow_existing_data)
        )
