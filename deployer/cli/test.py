"""Implements `deployer test`: the contract tests of a tenant's connections."""

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli import common
from deployer.errors import ExitCode
from deployer.reporting.contracts import ContractsFormat, print_check, print_contracts

if TYPE_CHECKING:
    from deployer.operations.context import Context
    from deployer.operations.contract_tests import ContractOptions
    from deployer.runtime.contract import ContractReport, ContractSubject
    from deployer.runtime.contract.results import CheckResult


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
    as_format: Annotated[
        ContractsFormat, typer.Option("--format", help="How to show the results.")
    ] = ContractsFormat.TEXT,
    as_json: common.AsJson = False,
) -> None:
    """Run the contract tests of a tenant. The scripts run against a store, and do what Auth0 expects of them."""
    from deployer.operations.contract_tests import ContractOptions, contract_subjects

    shown = ContractsFormat.JSON if as_json else as_format
    context = common.context(tenant)
    options = ContractOptions(tuple(check or ()), allow_existing_data, record)
    reports = []
    for subject in contract_subjects(context, connection):
        report = _report(context, subject, options, tell=shown is ContractsFormat.TEXT)
        reports.append(report)
        if shown is ContractsFormat.TEXT:
            print_contracts(tenant, [report])
    if shown is not ContractsFormat.TEXT:
        print_contracts(tenant, reports, shown)
    if not all(report.passed for report in reports):
        common.leave(ExitCode.ERROR)


def _report(
    context: "Context", subject: "ContractSubject", options: "ContractOptions", *, tell: bool
) -> "ContractReport":
    """Run the tests of one connection; each result is told as it comes, with a spinner before the next one."""
    from deployer.operations.contract_tests import run_contract_tests
    from deployer.reporting.waiting import waiting

    words = f"Testing {subject.connection}"
    with ExitStack() as spinner:

        def show(result: "CheckResult") -> None:
            spinner.close()
            print_check(result)
            spinner.enter_context(waiting(words))

        spinner.enter_context(waiting(words))
        return common.run(run_contract_tests(context, subject, replace(options, on_result=show if tell else None)))
