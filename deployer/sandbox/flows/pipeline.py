"""Runs what follows a right password: the tenant's Rules, then its Actions.

Metadata that they set is stored even where access is denied; nothing runs after a denial.
https://auth0.com/docs/customize/actions/explore-triggers/signup-and-login-triggers/login-trigger/post-login-api-object
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deployer.errors import DeployerError
from deployer.runtime.calls import ActionResult, Command, RuleResult
from deployer.runtime.runtime import Runtime
from deployer.sandbox.flows import users
from deployer.sandbox.flows.errors import FlowError, cannot_run
from deployer.sandbox.flows.modules import pins_of
from deployer.sandbox.flows.transaction import Transaction, login_event, rule_context, rule_user
from deployer.sandbox.resources import action_state
from deployer.sandbox.storage import Document
from deployer.sandbox.tenant import Tenant

T = TypeVar("T")
_RESERVED_NAMES = (
    "iss sub aud exp iat nbf jti azp gty scope acr amr auth_time at_hash c_hash nonce sid cnf act client_id org_id "
    "org_name permissions"
)
_RESERVED = frozenset(_RESERVED_NAMES.split())
"""Claims that cannot be customised."""
_SECOND_FACTOR = (
    "multifactor.enable",
    "authentication.challengeWith",
    "authentication.challengeWithAny",
    "authentication.enrollWith",
    "authentication.enrollWithAny",
)
_INTERACTION = ("redirect.sendUserTo", "prompt.render")


@dataclass(slots=True)
class Claims:
    """What Rules and Actions made of the tokens: claims for both, and the access token's scopes."""

    access: dict[str, Any] = field(default_factory=dict)
    id: dict[str, Any] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    only: list[str] | None = None

    def scopes(self, granted: list[str]) -> list[str]:
        """Choose the scopes of the access token, of those that were granted."""
        kept = granted if self.only is None else self.only
        return [scope for scope in dict.fromkeys([*kept, *self.added]) if scope not in self.removed]

    def apply(self, command: Command) -> None:
        """Do what a command asks for, if it is about tokens."""
        name, arguments = command.name, [*command.arguments, None, None]
        key, value = str(arguments[0]), arguments[1]
        if name == "accessToken.addScope":
            self.added.append(key)
            self.removed.discard(key)
        elif name == "accessToken.removeScope":
            self.removed.add(key)
        elif name == "accessToken.setCustomClaim" and key not in _RESERVED:
            self.access[key] = value
        elif name == "idToken.setCustomClaim" and key not in _RESERVED:
            self.id[key] = value


async def run_login(login: Transaction, user: Document) -> tuple[Document, Claims]:
    """Return the user as Rules and Actions left them, and the claims. Raises FlowError for a denial."""
    claims = Claims()
    user = await _run_rules(login, user, claims)
    for action in bound_actions(login.tenant, "post-login"):
        result = await run_action(login.tenant, action, "post-login", login_event(login, user))
        if result.error is not None:
            raise FlowError("access_denied", result.error.message)
        _set_metadata(login, user, result)
        deny(result)
        for command in result.commands:
            claims.apply(command)
    return user, claims


def _set_metadata(login: Transaction, user: Document, result: ActionResult) -> None:
    for name, key in (("user.setAppMetadata", "app_metadata"), ("user.setUserMetadata", "user_metadata")):
        changes = {str(c.arguments[0]): [*c.arguments, None][1] for c in result.commands if c.name == name}
        if changes:
            _store_metadata(login, user, user["user_id"], key, changes)


def _store_metadata(login: Transaction, user: Document, user_id: str, key: str, changes: dict[str, Any]) -> None:
    with login.tenant.storage.transaction():
        stored = users.get(login.tenant, user_id)
        if stored is None:
            return
        users.merge(stored, key, changes)
        connection = login.tenant.storage.get("connection", stored["$connection"]) or login.connection
        users.save(login.tenant, connection, stored)
    if user_id == user["user_id"]:
        user[key] = stored[key]
        user["updated_at"] = stored["updated_at"]


def deny(result: ActionResult) -> None:
    """Raise FlowError where an Action of the login denied access, or asked for more than a password."""
    for command in result.commands:
        if command.name == "access.deny":
            raise FlowError("access_denied", str((command.arguments or ["Access denied."])[-1]))
    for command in result.commands:
        if command.name in _SECOND_FACTOR and command.arguments[:1] != ["none"]:
            raise FlowError("mfa_required", "Multifactor authentication required")
        if command.name in _INTERACTION:
            raise FlowError("interaction_required", f"api.{command.name} needs a person, and this flow has none.")


def bound_actions(tenant: Tenant, trigger: str) -> list[tuple[Document, Document]]:
    """List the actions of a trigger in their order, each with the version that is deployed."""
    with tenant.storage.lock:
        bindings = (tenant.storage.get("bindings", trigger) or {"bindings": []})["bindings"]
        actions = [tenant.storage.get("action", binding["$action"]) for binding in bindings]
        pairs = [(action, action_state.deployed_version(tenant, action)) for action in actions if action is not None]
    return [(action, version) for action, version in pairs if version is not None]


async def run_action(tenant: Tenant, bound: tuple[Document, Document], trigger: str, event: Document) -> ActionResult:
    """Run the deployed version of an action with its secrets and dependencies. Raises FlowError where none can run."""
    action, version = bound
    secrets = {name: tenant.vault.decrypt(value) for name, value in action.get("$secrets", {}).items()}
    pins = {entry["name"]: entry["version"] for entry in version["dependencies"]}

    async def use(runtime: Runtime) -> ActionResult:
        return await runtime.call_action(version["code"], event, secrets, trigger, name=action["name"])

    return await _on_host(tenant, pins, use)


async def _on_host(tenant: Tenant, pins: dict[str, str], use: Callable[[Runtime], Awaitable[T]]) -> T:
    try:
        return await tenant.flows.scripts.run(pins, use)
    except DeployerError as error:
        raise cannot_run(error) from error


async def _run_rules(login: Transaction, user: Document, claims: Claims) -> Document:
    tenant = login.tenant
    if not tenant.age.rules_run:
        return user
    with tenant.storage.lock:
        rules = sorted((rule for rule in tenant.storage.all("rule") if rule["enabled"]), key=lambda rule: rule["order"])
        configs = {entry["key"]: tenant.vault.decrypt(entry["value"]) for entry in tenant.storage.all("rules_config")}
    if not rules:
        return user
    seen, context = rule_user(user), rule_context(login, user)
    for rule in rules:
        result = await _run_rule(login, rule, seen, context, configs)
        for command in result.commands:
            _rule_command(login, user, command)
        if result.error is not None:
            unauthorized = result.error.official and result.error.type == "UnauthorizedError"
            raise FlowError("unauthorized" if unauthorized else "access_denied", result.error.message)
        seen = result.user if isinstance(result.user, dict) else seen
        context = result.context if isinstance(result.context, dict) else context
    if context.get("multifactor"):
        raise FlowError("mfa_required", "Multifactor authentication required")
    if context.get("redirect"):
        raise FlowError("interaction_required", "context.redirect needs a person, and this flow has none.")
    _adopt_context(claims, context)
    hidden = {key: value for key, value in user.items() if key.startswith("$")}
    return {**seen, **hidden, **{key: user[key] for key in ("user_id", "identities", "logins_count") if key in user}}


async def _run_rule(
    login: Transaction, rule: Document, user: Document, context: Document, configs: dict[str, str]
) -> RuleResult:
    async def use(runtime: Runtime) -> RuleResult:
        return await runtime.call_rule(
            rule["script"], user, context, configs, name=rule["name"], domain=login.tenant.domain
        )

    return await _on_host(login.tenant, pins_of([rule["script"]], login.tenant.flows.scripts.pins), use)


def _rule_command(login: Transaction, user: Document, command: Command) -> None:
    fields = {"auth0.users.updateAppMetadata": "app_metadata", "auth0.users.updateUserMetadata": "user_metadata"}
    user_id, changes = [*command.arguments, None, None][:2]
    if command.name in fields and isinstance(changes, dict):
        _store_metadata(login, user, str(user_id), fields[command.name], changes)


def _adopt_context(claims: Claims, context: Document) -> None:
    """Take over what Rules put into `context.accessToken` and `context.idToken`; a list of scopes replaces all."""
    for part, into in (("accessToken", claims.access), ("idToken", claims.id)):
        given = context.get(part)
        if isinstance(given, dict):
            into.update({key: value for key, value in given.items() if key not in _RESERVED})
    scope = (context.get("accessToken") or {}).get("scope") if isinstance(context.get("accessToken"), dict) else None
    if isinstance(scope, list):
        claims.only = [str(each) for each in scope]
