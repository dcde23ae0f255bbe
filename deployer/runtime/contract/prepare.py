"""Prepares a connection's contract tests from its `tests:`. Secrets are read here, for the tests alone."""

from pathlib import Path

from deployer.config.models import Connection, Tenant, TestsDefinition, TestUser
from deployer.config.tree import SecretReference
from deployer.errors import DeployerError
from deployer.project import Project
from deployer.rendering.scripts import RenderedConnection
from deployer.runtime.contract.subject import EMBEDDED, ContractSubject, StoreUser
from deployer.runtime.node import find_node
from deployer.runtime.stores.address import store_key
from deployer.runtime.trial import Trial

_WITH_CENSUS = ("postgres", "mysql", "sqlserver", "mongodb")


def connections_with_tests(tenant: Tenant) -> list[str]:
    """List the names of the connections that have `tests:`."""
    return [name for name, connection in tenant.connections.items() if connection.tests is not None]


def contract_subject(project: Project, tenant: Tenant, name: str) -> ContractSubject:
    """Read what `tests:` of the connection says, render the scripts and read the references.

    Values of `tests.configuration` replace the connection's own, which are read only where they are still needed: a
    test needs no production secret. Raises DeployerError where there is no such connection, where it has no `tests:`,
    and for references that cannot be read.
    """
    definition = _connection(tenant, name)
    tests = definition.tests
    if tests is None:
        raise DeployerError(
            f"the connection '{name}' has no `tests:`",
            where=f"{tenant.name}: connection.{name}",
            hint="Say which store and which users contract tests may use.",
        )
    rendered = project.render(tenant, [name])[name]
    keys = list(dict.fromkeys([*rendered.manifest.configuration, *definition.configuration, *tests.configuration]))
    key = store_key(keys)
    if key in tests.configuration:
        key = None
    return ContractSubject(
        connection=name,
        scripts=rendered.sources,
        user=_user(project, tests, "user"),
        new_user=_user(project, tests, "new_user"),
        unverified_user=_other_user(project, tests.unverified_user),
        inactive_user=_other_user(project, tests.inactive_user),
        configuration=read_configuration(project, definition, without=key),
        modules=dict(rendered.modules),
        migration=definition.migration,
        with_context=definition.enable_script_context,
        user_id_prefix=_prefix(rendered),
        store=project.secrets.resolve(tests.store),
        store_key=key,
        seed=_seed(project, tests),
        wrong_password=tests.wrong_password,
        limit_seconds=tests.time_limit,
        census=_census(project, tenant, name),
        skip=dict(tests.skip),
        node=_node(tenant),
    )


def read_configuration(project: Project, definition: Connection, *, without: str | None = None) -> dict[str, str]:
    """Read what scripts see as `configuration` in tests: the connection's values under those of the tests."""
    values: dict[str, SecretReference | str] = {
        key: value
        for key, value in definition.configuration.items()
        if key != without and isinstance(value, SecretReference | str)
    }
    return project.secrets.resolve_all(values | (definition.tests.configuration if definition.tests else {}))


def connection_trial(project: Project, tenant: Tenant, name: str, kind: str, arguments: tuple[object, ...]) -> Trial:
    """Prepare one script of a connection with its own configuration, not that of its `tests:`. Raises DeployerError."""
    definition = _connection(tenant, name)
    rendered = project.render(tenant, [name])[name]
    own = {key: value for key, value in definition.configuration.items() if isinstance(value, SecretReference | str)}
    return Trial(
        connection=name,
        scripts=rendered.sources,
        kind=kind,
        arguments=arguments,
        configuration=project.secrets.resolve_all(own),
        modules=dict(rendered.modules),
        with_context=definition.enable_script_context,
        node=_node(tenant),
    )


def _node(tenant: Tenant) -> Path | None:
    """Find the Node.js that the tenant's file names; None for the one that Auth0 runs. Raises DeployerError."""
    return find_node(version=tenant.node).path if tenant.node is not None else None


def _connection(tenant: Tenant, name: str) -> Connection:
    if name not in tenant.connections:
        raise DeployerError(
            f"the tenant '{tenant.name}' has no connection '{name}'",
            hint=f"It has: {', '.join(tenant.connections) or 'none'}.",
        )
    return tenant.connections[name]


def _user(project: Project, tests: TestsDefinition, which: str) -> StoreUser:
    user = tests.user if which == "user" else tests.new_user
    return StoreUser(user.email, project.secrets.resolve(user.password), user.username)


def _census(project: Project, tenant: Tenant, name: str) -> str | None:
    """Return a script that looks who is in the store, for the stores whose templates bring one."""
    definition = tenant.connections[name]
    try:
        families = project.templates.families.chain(definition.store)
    except DeployerError:
        return None
    if not set(families).intersection(_WITH_CENSUS):
        return None
    script = f"templates/{definition.store}/census.js.j2"
    asking = definition.model_copy(update={"scripts": {**definition.scripts, "get_user": script}, "migration": "off"})
    changed = tenant.model_copy(update={"connections": {**tenant.connections, name: asking}})
    try:
        return project.render(changed, [name])[name].sources["get_user"]
    except DeployerError:
        return None  # a project's own copy of older templates


def _other_user(project: Project, user: TestUser | None) -> StoreUser | None:
    return StoreUser(user.email, project.secrets.resolve(user.password), user.username) if user else None


def _prefix(rendered: RenderedConnection) -> str | None:
    """Return the connection's name where the templates prefix ids with it; of other templates any prefix is taken."""
    return f"{rendered.name}|" if f"{rendered.name}|" in rendered.sources.get("login", "") else None


def _seed(project: Project, tests: TestsDefinition) -> Path | None:
    if tests.seed is None:
        return None
    if tests.store != EMBEDDED:
        raise DeployerError(
            "`tests.seed` belongs to `store: embedded`: a store that exists already is not seeded",
            hint="Remove `seed`, or test against `store: embedded`.",
        )
    root = project.root.resolve()
    seed = (root / tests.seed).resolve()
    if not seed.is_relative_to(root):
        raise DeployerError("`tests.seed` leads out of the project", where=tests.seed, hint="Keep it in the project.")
    return seed
