"""Resolves a tenant into everything that a plan needs: definitions, scripts, secrets, access; and makes its plan.

`ResolvedTenant` holds secret values in memory, for the digests and the writes; they are in no `repr`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from deployer import __version__
from deployer.concurrency import gather_or_cancel
from deployer.config.addresses import base_url_problem, domain_problem
from deployer.config.models import Tenant
from deployer.config.problems import ConfigError, Problem
from deployer.config.tree import Marker
from deployer.management.access import Access, Credentials, RateLimit
from deployer.management.gateway import Gateway
from deployer.planning.causes import is_noted, name_causes
from deployer.planning.compute import Values, check_targets, compute_plan, in_order, select
from deployer.planning.former_keys import noted_under_former_key
from deployer.planning.identity import identified
from deployer.planning.ingredients import ingredients_of
from deployer.planning.leftovers import Found, find_leftovers, leftover_options, noted_options
from deployer.planning.model import Plan, PlannedTenant
from deployer.planning.named_applications import (
    enabled_elsewhere,
    makes_application,
    naming_problems,
    newly_named,
)
from deployer.planning.refusals import refuse_unwritable
from deployer.planning.sign_in import check_hands_off, check_names, renamed_clients, sign_in_problems
from deployer.planning.takeover import name_takeovers, noted_elsewhere
from deployer.planning.unbinding import BOUND_KIND, is_flow, name_unbound, still_bound, unbinding
from deployer.project import Project
from deployer.rendering.guards import RenderedAction
from deployer.rendering.scripts import RenderedConnection
from deployer.rendering.templates import Templates
from deployer.resources.definitions import Definitions
from deployer.resources.desired import desired_resources
from deployer.resources.live_state import read_live
from deployer.resources.marker import DigestKey
from deployer.resources.model import Desired, Live, Output
from deployer.resources.outputs import merge_values, read_outputs
from deployer.resources.rekeying import under_key
from deployer.resources.sign_in import SignIn
from deployer.state.inventory import Ingredients, Known

if TYPE_CHECKING:
    from deployer.state.state_store import StateStore


@dataclass(frozen=True)
class ResolvedTenant:
    """A tenant, ready to be compared."""

    tenant: Tenant
    planned: PlannedTenant
    access: Access
    rendered: dict[str, RenderedConnection]
    actions: dict[str, RenderedAction]
    desired: list[Desired]
    values: Values = field(repr=False)
    key: DigestKey = field(repr=False)
    templates: Templates = field(repr=False)
    without_secrets: bool = False
    """Whether no secret was read but the credentials, and the key only if it was at hand."""


@dataclass(frozen=True)
class Defined:
    """A tenant as its files define it. No secret was read for it."""

    tenant: Tenant
    rendered: dict[str, RenderedConnection]
    actions: dict[str, RenderedAction]
    desired: list[Desired]


def resolve_tenant(project: Project, name: str, *, without_secrets: bool = False) -> ResolvedTenant:
    """Load, render and resolve one tenant. `without_secrets`: as far as it goes with the credentials alone.

    Raises:
        ConfigError: for mistakes in the files and for secrets that cannot be read, all of them together.
    """
    return resolve(project, define(project, name), without_secrets=without_secrets)


def define(project: Project, name: str) -> Defined:
    """Load and render one tenant.

    Raises:
        ConfigError: for mistakes in the files, all of them together.
    """
    tenant = project.tenant(name)
    rendered = project.render(tenant)
    actions = project.render_actions(tenant)
    return Defined(tenant, rendered, actions, desired_resources(tenant, rendered, actions))


def resolve(project: Project, defined: Defined, *, without_secrets: bool = False) -> ResolvedTenant:
    """Read the secrets of a tenant, which may ask their providers.

    Raises:
        ConfigError: for secrets that cannot be read, all of them together.
    """
    without_secrets = without_secrets or project.without_secrets
    values: Values = {}
    if without_secrets:
        access, key = connect(project, defined.tenant, without_secrets=True)
    else:
        values, access, key = _resolved(project, defined.tenant, defined.desired)
    planned = PlannedTenant(name=defined.tenant.name, domain=access.domain, base_url=access.root)
    return ResolvedTenant(
        defined.tenant,
        planned,
        access,
        defined.rendered,
        defined.actions,
        defined.desired,
        values,
        key,
        project.templates,
        without_secrets,
    )


def _resolved(project: Project, tenant: Tenant, desired: Iterable[Desired]) -> tuple[Values, Access, DigestKey]:
    """Read every secret and how to reach the tenant, or all references of both that cannot be read, together."""
    problems: list[Problem] = []
    values: Values = {}
    try:
        values = secret_values(project, desired)
    except ConfigError as error:
        problems += error.problems
    try:
        access, key = connect(project, tenant)
    except ConfigError as error:
        raise ConfigError([*error.problems, *problems]) from None
    if problems:
        raise ConfigError(problems)
    return values, access, key


def connect(project: Project, tenant: Tenant, *, without_secrets: bool = False) -> tuple[Access, DigestKey]:
    """Find how to reach the tenant, and the key of its secrets' digests: none where that is not needed and not set."""
    credentials = tenant.credentials
    sources = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "private_key": credentials.private_key,
        "token": credentials.token,
        "secrets_key": tenant.secrets_key,
        "former_secrets_key": tenant.former_secrets_key,
    }
    for name in ("secrets_key", "former_secrets_key"):
        if without_secrets and not project.secrets.is_set(sources[name]):
            del sources[name]
    addresses, problems = _addresses(project, tenant)
    try:
        found = project.secrets.resolve_all({name: source for name, source in sources.items() if source is not None})
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    limit = tenant.rate_limit
    access = Access(
        tenant=tenant.name,
        domain=addresses["domain"],
        base_url=addresses.get("base_url"),
        credentials=Credentials(
            found.get("client_id", ""),
            found.get("client_secret"),
            found.get("private_key"),
            credentials.algorithm,
            found.get("token"),
        ),
        rate_limit=RateLimit(limit.requests_per_second, limit.burst) if limit else None,
        audience=credentials.audience,
    )
    material = found.get("secrets_key") or ("" if without_secrets else access.credentials.secret)
    if not material:
        return access, DigestKey.none()
    former = (found.get("former_secrets_key"), access.credentials.secret if tenant.secrets_key else None)
    return access, DigestKey(material, addresses["domain"], [each for each in former if each])


def _addresses(project: Project, tenant: Tenant) -> tuple[dict[str, str], list[Problem]]:
    """Find where the tenant is, and what is wrong with that."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, source, problem_of in (
        ("domain", tenant.domain, domain_problem),
        ("base_url", tenant.base_url, base_url_problem),
    ):
        try:
            if source is not None:
                found[name] = project.secrets.address(source, problem_of)
        except ConfigError as error:
            problems += error.problems
    return found, problems


def secret_values(project: Project, desired: Iterable[Desired]) -> dict[str, dict[str, str]]:
    """Read the value of every secret, by address and name."""
    sources = {
        (resource.address, name): source
        for resource in desired
        for name, source in resource.secrets.items()
        if not isinstance(source, Marker | Output)
    }
    flat = project.secrets.resolve_all({"\0".join(key): source for key, source in sources.items()})
    values: dict[str, dict[str, str]] = {}
    for key, value in flat.items():
        address, _, name = key.partition("\0")
        values.setdefault(address, {})[name] = value
    return values


async def make_plan(
    resolved: ResolvedTenant,
    gateway: Gateway,
    targets: Iterable[str] = (),
    *,
    release: str | None = None,
    store: "StateStore | None" = None,
    to_apply: bool = False,
    left_out: Collection[str] = (),
    rotates: Iterable[str] = (),
    known: Known | None = None,
) -> Plan:
    """Read the tenant and compare it with what is wanted.

    Args:
        resolved: the tenant.
        gateway: how it is reached.
        targets: the addresses that the plan is limited to, with what they depend on.
        release: the digest of what it is wanted by.
        store: knows what was deployed before: what is left over of it is named, and no longer bound. A plan that is
            limited to some addresses looks only into the flows among them.
        rotates: addresses whose secrets are agreed to be new ones, where their values are not at hand.
        to_apply: it is made to be applied, so what Auth0 would refuse is a mistake.
        left_out: addresses that the tenant's own file defines and `resolved` does not have.
        known: what the store tells of the tenant, where it was read already.

    Raises:
        ConfigError: for that, all of it together; where definitions name what deployer signs in with, and where they
            enable applications that the tenant does not have.
        RefusedError: where a resource that is there is what deployer signs in with, in a plan to be applied.
    """
    own = SignIn.of(resolved.access)
    if to_apply and (problems := list(sign_in_problems(resolved.tenant, own, resolved.values))):
        raise ConfigError(problems)
    targets = list(targets)
    if store is not None and known is None:
        known = await store.read(store.inventory.known, resolved.tenant.name)
    desired = resolved.desired if known is None else [identified(one, known) for one in resolved.desired]
    chosen = _to_read(desired, targets)
    found: list[Found] = []
    if store is None or known is None or (targets and not any(map(is_flow, targets))):
        live = await read_live(gateway, chosen)
    else:
        kind = BOUND_KIND if targets else None
        leftovers = find_leftovers(gateway, known, desired, left_out=left_out, kind=kind)
        live, found = await gather_or_cancel(read_live(gateway, chosen), leftovers)
    if to_apply:
        await _refuse_own(gateway, own, chosen, live)
    unbound, flows = await still_bound(gateway, [one.live for one in found if one.live is not None], live, targets)
    live |= flows
    outputs = {} if resolved.without_secrets else await read_outputs(gateway, chosen, live)
    values = merge_values(resolved.values, outputs)
    present = under_key(live, values, resolved.key)
    planned = in_order(unbinding(chosen, unbound))
    # A flow may have been named in which nothing is defined, nor bound from here.
    check_targets(targets, {one.address for one in (*desired, *planned)})
    plan = compute_plan(
        resolved.planned,
        planned,
        present,
        values,
        resolved.key,
        created_at=datetime.now(UTC),
        created_by=f"deployer {__version__}",
        targets=targets,
        release=release,
        max_change_share=resolved.tenant.max_change_share,
        protect=resolved.tenant.protect,
        without_secrets=resolved.without_secrets,
        rotates=rotates,
    )
    if to_apply:
        refuse_unwritable(resolved.tenant, plan)
        plan = await _with_applications(resolved.tenant, gateway, plan)
        if store is not None and known is not None:
            plan = name_takeovers(plan, await noted_elsewhere(live, known, store, resolved.planned))
            plan = name_causes(plan, known, _ingredients(resolved, plan, known))
    left = [] if targets else [one.leftover for one in found]
    if store is not None and not targets:
        noted = partial(noted_options, store, resolved.tenant.name)
        left += await store.read(leftover_options, desired, live, noted)
    former = noted_under_former_key(plan.changes, live, present)
    return name_unbound(plan, unbound).model_copy(update={"leftovers": left, "former_key": former})


def _to_read(desired: list[Desired], targets: list[str]) -> list[Desired]:
    """Select the resources that a plan reads; a flow may be named in which nothing is defined any more."""
    defined = {resource.address for resource in desired}
    named = [target for target in targets if target in defined or not is_flow(target)]
    return select(desired, named) if named or not targets else []


def _ingredients(resolved: ResolvedTenant, plan: Plan, known: Known) -> dict[str, Ingredients]:
    """Tell what connections and Actions are made of, where a change is to be explained or it was not noted yet."""
    owners = Definitions.of(resolved.tenant, resolved.rendered, resolved.actions).owners
    return {} if not plan.effective and is_noted(known, owners) else tenant_ingredients(resolved)


def tenant_ingredients(resolved: ResolvedTenant) -> dict[str, Ingredients]:
    """Tell what the connections and Actions of a tenant are made of, by address."""
    tenant, domain = resolved.tenant, resolved.planned.domain
    return ingredients_of(tenant, domain, resolved.rendered, resolved.actions, resolved.templates)


async def _refuse_own(gateway: Gateway, own: SignIn, chosen: list[Desired], live: Mapping[str, Live]) -> None:
    """Refuse a plan that would take up what deployer signs in with, or call something else like it."""
    check_hands_off(own, live.values())
    if (renamed := renamed_clients(chosen, live)) and own.client_id is not None:
        check_names(renamed, await gateway.client(own.client_id) or {})


async def _with_applications(tenant: Tenant, gateway: Gateway, plan: Plan) -> Plan:
    """Complete the plan with what the tenant does with new applications; it is asked only where one is new.

    Raises:
        ConfigError: for applications that are to be enabled and that nobody can find.
    """
    named = newly_named(plan.changes)
    if named and (problems := list(naming_problems(tenant, named, await gateway.clients()))):
        raise ConfigError(problems)
    if not any(map(makes_application, plan.changes)) or not await gateway.enables_new_clients():
        return plan
    return plan.model_copy(update={"enables_on": enabled_elsewhere(plan.changes, await gateway.connections())})
