"""Runs the action scripts of a connection, and says what they are there for."""

from typing import Any

from deployer.errors import DeployerError
from deployer.runtime.calls import CallResult, ScriptCall
from deployer.runtime.runtime import Runtime
from deployer.sandbox.flows import errors
from deployer.sandbox.flows.modules import pins_of
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant


def is_custom(connection: Document) -> bool:
    """Return whether scripts stand behind the connection; else the tenant keeps its users itself."""
    options = connection["options"]
    enabled = options.get("enabledDatabaseCustomization")
    return bool(options.get("customScripts")) if enabled is None else bool(enabled)


def imports(connection: Document) -> bool:
    """Return whether users move into the tenant as they log in."""
    return is_custom(connection) and bool(connection["options"].get("import_mode"))


def is_remote(connection: Document) -> bool:
    """Return whether the store stays the place where users live, and every operation goes there."""
    return is_custom(connection) and not imports(connection)


def has_script(connection: Document, kind: str) -> bool:
    """Return whether the connection has this script."""
    return kind in (connection["options"].get("customScripts") or {})


def _configuration(tenant: Tenant, options: Document) -> dict[str, str]:
    sent = options.get("configuration") or {}
    return {key: tenant.vault.decrypt(value) for key, value in sent.items() if value is not None}


async def run_script(tenant: Tenant, connection: Document, kind: str, *arguments: Any) -> Any:
    """Run a script, and return what it called back with, None for nothing.

    Raises FlowError for its errors, and where it is missing.
    """
    options = connection["options"]
    sources: dict[str, str] = options.get("customScripts") or {}
    if kind not in sources:
        name = kind.replace("_", " ").title()
        raise errors.FlowError(
            "server_error",
            f"Please implement the {name} script for this database connection at "
            "https://manage.auth0.com/#/connections/database",
            500,
        )
    host = tenant.flows.scripts
    call = ScriptCall(
        sources[kind],
        kind,
        arguments,
        _configuration(tenant, options),
        {"connection": {"name": connection["name"]}} if options.get("enable_script_context") else None,
    )

    async def use(runtime: Runtime) -> CallResult:
        return await runtime.call(call)

    try:
        result = await host.run(pins_of(sources.values(), host.pins), use)
    except DeployerError as error:
        raise errors.cannot_run(error) from error
    if result.error is not None:
        raise errors.from_script(result.error, result.problems, host.limit_seconds)
    return result.value
