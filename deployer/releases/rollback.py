"""Loads an earlier release for a tenant, and plans how it goes back to it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from deployer.management.gateway import Gateway
from deployer.planning.model import Origin, Plan
from deployer.planning.resolve import ResolvedTenant, make_plan, resolve_tenant
from deployer.project import Project
from deployer.releases.promotion import of_release, still_protected
from deployer.releases.provenance import load_release, previous_release
from deployer.releases.unpacked import release_project
from deployer.state.state_store import StateStore


@dataclass(frozen=True)
class Rollback:
    """A release, ready to be applied to a tenant again.

    `left_out` are addresses that the tenant's own file makes of templates which the release does not have, with these
    templates: they stay as they are.
    """

    release: str
    ready: ResolvedTenant
    left_out: Mapping[str, str]


@contextmanager
def rollback_target(project: Project, store: StateStore, tenant: str, release: str | None) -> Iterator[Rollback]:
    """Load a tenant with a release; without a name, with the release that it ran before.

    Raises:
        DeployerError: where the store does not have it.
        RefusedError: where the tenant's own file changes what is part of it so that it cannot be made.
    """
    identity, content = load_release(store, release or previous_release(store, tenant))
    with release_project(content, project, tenant) as bundle:
        bundle.check_inherited(tenant)
        ready = still_protected(resolve_tenant(bundle, tenant), project)
        yield Rollback(identity, ready, bundle.left_out.get(tenant, {}))


async def plan_rollback(back: Rollback, gateway: Gateway, store: StateStore) -> Plan:
    """Plan what going back changes in the tenant, whose state this is."""
    ready, left_out = back.ready, back.left_out
    plan = await make_plan(ready, gateway, release=back.release, store=store, to_apply=True, left_out=left_out)
    return of_release(plan, Origin(command="rollback"), back.left_out)
