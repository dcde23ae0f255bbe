"""Loads the release that one tenant runs for another one, checks both, and plans it.

The working tree gives the values of both tenants, and nothing else: definitions and templates are the release's.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from deployer.applying.interrupted import find_interrupted
from deployer.config.models import Tenant
from deployer.config.tree import Marker, SecretReference, plain
from deployer.errors import RefusedError
from deployer.linting.lint_cache import lint_errors
from deployer.management.access import Access
from deployer.management.gateway import Gateway
from deployer.planning.differences import AttributeChange, all_differences
from deployer.planning.drift import find_drift
from deployer.planning.leftovers import belongs_to
from deployer.planning.model import Origin, Plan
from deployer.planning.next_commands import deploying, one_after_another, setting_back
from deployer.planning.plan_checks import saving
from deployer.planning.resolve import ResolvedTenant, make_plan, resolve_tenant
from deployer.project import Project
from deployer.releases.missing_templates import defined_in, inherited_by
from deployer.releases.provenance import check_whole, given_to, load_release, running_release
from deployer.releases.unpacked import release_project
from deployer.state.releases import short_id
from deployer.state.state_store import StateStore
from deployer.text import count, one_line

OpenGateway = Callable[[Access], Gateway]


@dataclass(frozen=True)
class Promotion:
    """A release, ready to be applied to a tenant.

    `values` is what that tenant's values differ in from the source's, `untested` the connections without contract
    tests. `left_out` are addresses that the target's own file makes of templates which the release does not have, with
    these templates; `own` those that the source's own file alone defines, which are no part of the release.
    """

    release: str
    source: ResolvedTenant
    target: ResolvedTenant
    values: list[AttributeChange]
    untested: list[str]
    left_out: Mapping[str, str]
    own: Collection[str]


@contextmanager
def promotion(
    project: Project, stores: tuple[StateStore, StateStore], source: str, target: str, saved: Plan | None = None
) -> Iterator[Promotion]:
    """Load the release that `source` runs, with the values of both tenants.

    Args:
        project: the working tree, for the tenants' own values.
        stores: those of the source and of the target.
        source: the tenant that runs the release.
        target: the tenant that gets it.
        saved: the plan of this promotion, where it is to be applied as it was saved.

    Raises:
        RefusedError: where the source runs no release, or another one than the saved plan holds, or its scripts
            failed their tests or do not compile.
    """
    check_whole(project.tenant(source), stores[0])
    identity = running_release(stores[0], source)
    if identity is None:
        raise RefusedError(
            f"it is not known which release {source} runs",
            where=f"tenant {source}",
            hint=f"Deploy to it first: {one_after_another(deploying(project.tenant(source)))}",
        )
    if saved is not None and identity != saved.release:
        raise RefusedError(
            f"the plan is stale: {source} runs the release {short_id(identity)} now, and the plan has "
            f"{one_line(short_id(saved.release or 'none'), 80)}",
            where=f"tenant {target}",
            hint=f"Nothing was changed. Make a new plan and look at it: {saving(saved)}",
        )
    identity, release = load_release(stores[0], identity)
    # With one store, which may be one that can only be read, the target has it already.
    if stores[1].objects.location != stores[0].objects.location:
        stores[1].releases.put(release.to_bytes())
    with release_project(release, project, source, target) as bundle:
        for name in (source, target):
            bundle.check_inherited(name)
        # Whether it has drifted is seen without its secrets, which whoever deploys to the target need not have.
        ready = resolve_tenant(bundle, source, without_secrets=True)
        untested = check_tests(ready, stores[0])
        receiving = still_protected(resolve_tenant(bundle, target), project)
        check_compiles(receiving, bundle, source)
        values = value_differences(project, source, target)
        own = defined_in(project.tenants, source) - inherited_by(bundle.tenants, source)
        yield Promotion(identity, ready, receiving, values, untested, bundle.left_out.get(target, {}), own)


def check_compiles(ready: ResolvedTenant, release: Project, source: str) -> None:
    """Refuse a release of which something does not compile with the values of the tenant that gets it.

    Raises:
        RefusedError: naming the first place, in the engine's words.
    """
    report = lint_errors(
        ready.tenant, ready.rendered, release.root, ready.actions, templates=release.templates, compiled_only=True
    )
    if report.errors:
        first = report.errors[0]
        others = f" (and {count(len(report.errors) - 1, 'other')})" if len(report.errors) > 1 else ""
        place = f"{one_line(first.template or first.label)}, line {first.line}"
        raise RefusedError(
            f"{one_line(first.address)}{others} does not compile: "
            f"{place}{' of the rendered script' if first.template else ''}: {first.message}",
            where=f"tenant {ready.tenant.name}",
            hint=f"Correct it, apply it to {source}, and promote that.",
        )


def still_protected(ready: ResolvedTenant, project: Project) -> ResolvedTenant:
    """Protect the tenant of a release also where only the working tree says so: no older release takes that off."""
    if ready.tenant.protect or not project.tenant(ready.tenant.name).protect:
        return ready
    return replace(ready, tenant=ready.tenant.model_copy(update={"protect": True}))


def check_tests(source: ResolvedTenant, store: StateStore) -> list[str]:
    """Refuse scripts whose contract tests failed or were never run; the connections that define no tests.

    Raises:
        RefusedError: naming the connection and what to run.
    """
    untested = []
    for name, definition in source.tenant.connections.items():
        if definition.tests is None:
            untested.append(name)
            continue
        last = store.test_results.last(source.rendered[name].digest)
        if last is None or not last.passed:
            state = "were never run on these scripts" if last is None else f"failed at {last.at:%Y-%m-%d %H:%M} UTC"
            raise RefusedError(
                f"the contract tests of connection.{name} {state}",
                where=f"tenant {source.tenant.name}",
                hint=f"Run them: deployer test {source.tenant.name} {name}",
            )
    return untested


async def check_source(ready: Promotion, store: StateStore, gateway: Gateway) -> None:
    """Refuse a source that is not what its release says. What its own file says since then is no part of that.

    Raises:
        RefusedError: where it has drifted, or an apply of it was interrupted.
    """
    source = ready.source
    name = source.tenant.name
    if left := await store.read(find_interrupted, store, name):
        raise RefusedError(left.words, where=f"tenant {name}", hint=left.hint)
    given = await store.read(given_to, store, name)
    plan = await make_plan(source, gateway, known=given.known)
    drift = find_drift(plan, given)
    owners = {change.address: change.owners for change in plan.changes}
    missing = [address for address in drift.not_deployed if not belongs_to(address, owners[address], ready.own)]
    if drifted := [*(one.address for one in drift.found), *missing]:
        shown = ", ".join(one_line(address) for address in drifted[:5])
        raise RefusedError(
            f"{name} is not what its release says: {count(len(drifted), 'resource')} drifted ({shown})",
            where=f"tenant {name}",
            hint=f"Look at `deployer drift {name}`, and set it back first: "
            f"{one_after_another(setting_back(source.tenant, ready.release))}",
        )


async def plan_target(ready: Promotion, gateway: Gateway, store: StateStore, rotates: Iterable[str] = ()) -> Plan:
    """Plan what the release changes in the target, whose state this is; `rotates` as `make_plan` takes it."""
    target, left_out = ready.target, ready.left_out
    plan = await make_plan(
        target, gateway, release=ready.release, store=store, to_apply=True, left_out=left_out, rotates=rotates
    )
    source = ready.source.tenant.name
    origin = Origin(command="promote", source=source, values=ready.values, untested=ready.untested)
    return of_release(plan, origin, ready.left_out)


def of_release(plan: Plan, origin: Origin, left_out: Mapping[str, str]) -> Plan:
    """Note in the plan of a release where it comes from, and what it leaves out."""
    return plan.model_copy(update={"origin": origin.model_copy(update={"left_out": dict(left_out)})})


def check_way(source: str, target: Tenant, break_glass: str | None) -> None:
    """Refuse a promotion from elsewhere than the target names.

    Raises:
        RefusedError: unless a reason is given.
    """
    if target.promote_from not in (None, source) and not break_glass:
        raise RefusedError(
            f"{target.name} takes releases from {target.promote_from} only (promote_from)",
            where=f"tenant {target.name}",
            hint=f"Promote from {target.promote_from}, or give a reason: `--break-glass REASON`.",
        )


def check_working_tree(target: Tenant, break_glass: str | None) -> None:
    """Refuse an apply from the working tree to a tenant that takes only releases.

    Raises:
        RefusedError: unless a reason is given.
    """
    if target.promote_from is not None and not break_glass:
        raise RefusedError(
            f"{target.name} takes only what {target.promote_from} runs (promote_from), not the working tree",
            where=f"tenant {target.name}",
            hint=f"Run `deployer promote {target.promote_from} {target.name}`, or give a reason: "
            "`--break-glass REASON`.",
        )


def value_differences(project: Project, source: str, target: str) -> list[AttributeChange]:
    """Compare the values of two tenants; references are shown as such."""
    return all_differences(*(_shown(plain(project.tenants.values(name))) for name in (source, target)))


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, SecretReference):
        return str(value)
    return value.value if isinstance(value, Marker) else value
