"""Runs the contract tests of a tenant's connections, and records what came of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deployer.errors import DeployerError
from deployer.operations.context import Context
from deployer.runtime.contract import ContractReport, ContractSubject, run_contract
from deployer.runtime.contract.prepare import connections_with_tests, contract_subject
from deployer.runtime.contract.results import CheckResult
from deployer.text import one_line


@dataclass(frozen=True, slots=True)
class ContractOptions:
    """How contract tests run. `checks` are the names of those that run, all without any.

    `record`: the results are kept where the next promotion asks for them, if every check ran. `on_result` is told of
    each result as it comes.
    """

    checks: Sequence[str] = ()
    allow_existing_data: bool = False
    record: bool = True
    on_result: Callable[[CheckResult], None] | None = None


def contract_subjects(context: Context, connection: str | None = None) -> list[ContractSubject]:
    """Prepare the connections that have tests, or the one that is named.

    Raises:
        DeployerError: where there is none.
    """
    tenant = context.load()
    names = [connection] if connection else connections_with_tests(tenant)
    if not names:
        raise DeployerError(
            f"no connection of the tenant '{one_line(context.tenant)}' has `tests:`",
            hint="Say under `tests:` of a connection which store and which users contract tests may use.",
        )
    return [contract_subject(context.project, tenant, name) for name in names]


async def run_contract_tests(
    context: Context, subject: ContractSubject, options: ContractOptions | None = None
) -> ContractReport:
    """Run the contract tests of one connection against the store that they name.

    Raises:
        DeployerError: where the store or Node cannot be used.
    """
    options = options or ContractOptions()
    state = context.state(context.load()) if options.record and not options.checks else None
    report = await run_contract(
        subject,
        only=list(options.checks) or None,
        on_result=options.on_result,
        allow_existing_data=options.allow_existing_data,
    )
    if state is not None:
        state.test_results.add(
            report.digest,
            tenant=context.tenant,
            connection=report.connection,
            passed=report.passed,
            results={result.name: result.outcome.value for result in report.results},
        )
    return report
