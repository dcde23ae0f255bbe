"""A tenant and an earlier release in; out the tenant prepared with it, and the plan that goes back to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from deployer.management.gateway import Gateway
from deployer.planning.model import Origin, Plan
from deployer.planning.preparation import Prepared, make_plan, prepare
from deployer.promotion.promote import still_protected
from deployer.promotion.recording import load_release, previous_release
from deployer.promotion.workspace import release_project
from deployer.rendering.project import Project
from deployer.store.store import Store


@contextmanager
def going_back(project: Project, store: Store, tenant: str, release: str | None) -> Iterator[tuple[str, Prepared]]:
    """The digest of a release and the tenant prepared with it; without a name, the release that it ran before.

    Raises:
        DeployerError: where the store does not have it.
    """
    identity, content = load_release(store, release or previous_release(store, tenant))
    with release_project(content, project, tenant) as bundle:
        yield identity, still_protected(prepare(bundle, tenant), project)


async def plan_return(ready: Prepared, gateway: Gateway, release: str, store: Store) -> Plan:
    """What going back changes in the tenant, whose store this is."""
    plan = await make_plan(ready, gateway, release=release, store=store)
    return plan.model_copy(update={"origin": Origin(command="rollback")})
