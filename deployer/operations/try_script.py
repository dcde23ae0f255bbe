"""Runs one script of a connection once, as the Dashboard's Try button does."""

from collections.abc import Sequence

from deployer.operations.context import Context
from deployer.runtime.calls import CallResult
from deployer.runtime.contract.prepare import connection_trial, contract_subject
from deployer.runtime.trial import try_in_tests
from deployer.runtime.trial import try_script as run


async def try_script(
    context: Context, connection: str, kind: str, arguments: Sequence[str], *, test_store: bool = False
) -> CallResult:
    """Run a script with these arguments; `test_store`: against the store of the connection's `tests:`, not its own.

    Raises:
        DeployerError: where there is no such script, or the store or Node cannot be used.
    """
    tenant = context.load()
    if test_store:
        return await try_in_tests(contract_subject(context.project, tenant, connection), kind, *arguments)
    return await run(connection_trial(context.project, tenant, connection, kind, tuple(arguments)))
