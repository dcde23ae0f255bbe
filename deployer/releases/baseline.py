"""Finds what a tenant was last given, resource by resource: its release, parts of others, or the working tree."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from deployer.config.models import Tenant
from deployer.planning.drift import Drift, Given, find_drift
from deployer.planning.model import Plan
from deployer.planning.next_commands import in_words, setting_back
from deployer.planning.resolve import ResolvedTenant, resolve_tenant
from deployer.project import Project
from deployer.releases.provenance import given_to, load_release
from deployer.releases.unpacked import release_project
from deployer.resources.kinds.connection import KIND as CONNECTION
from deployer.state.deployed_release import DeployedRelease
from deployer.state.state_store import StateStore


@dataclass(frozen=True)
class Baseline:
    """What to compare a tenant with.

    `ready` wants of every resource what the release says that it was last given with, with today's values of the
    tenant's own file; of a resource that was never given by a part of a release, nothing. `running` has no release
    where the working tree stands in for it. `left_out` are addresses that the own file makes of templates which the
    release does not have, with these templates.
    """

    tenant: Tenant
    ready: ResolvedTenant
    running: DeployedRelease
    given: Given
    left_out: Mapping[str, str]

    def drift(self, plan: Plan) -> Drift:
        """Find what drifted, by the plan of `ready` (made with `left_out`)."""
        known = self.given.known.addresses
        reasons = {
            address: f"its file makes it of {lacking}, which the release that it runs does not have"
            for address, lacking in self.left_out.items()
        }
        whole = self.running.release if not self.running.parts else None
        found = find_drift(
            plan,
            self.given,
            not_compared={address: why for address, why in reasons.items() if address in known},
            way_back=in_words(setting_back(self.tenant, whole)),
        )
        later = [address for address in reasons if address not in known]
        return replace(found, not_deployed=[*found.not_deployed, *later])


def baseline(project: Project, store: StateStore, tenant: Tenant) -> Baseline:
    """Load the definitions that a tenant was last given; the working tree where they are not known.

    A change in the working tree that is not deployed yet is therefore no drift.
    """
    given = given_to(store, tenant.name)
    known = given.running
    kept = store.releases.list() if known != DeployedRelease() else []
    if not known.parts:
        ready, left_out = _prepared(project, store, known.release, kept, tenant.name)
        return Baseline(tenant, ready, known if known.release in kept else DeployedRelease(), given, left_out)
    ready, left_out = _together(project, store, known, kept, tenant.name)
    return Baseline(tenant, ready, known, given, left_out)


_Prepared = tuple[ResolvedTenant, Mapping[str, str]]


def _together(
    project: Project, store: StateStore, known: DeployedRelease, kept: Collection[str], tenant: str
) -> _Prepared:
    """Join the parts of several releases: of each only what it was the last to give."""
    releases = dict.fromkeys([*([known.release] if known.release else []), *known.parts.values()])
    prepared = {release: _prepared(project, store, release, kept, tenant) for release in releases}
    by_release = {release: ready for release, (ready, _) in prepared.items()}
    left_out = {
        address: lacking
        for release, (_, found) in prepared.items()
        for address, lacking in found.items()
        if known.release_of(address) == release
    }
    origin = {
        resource.address: ready
        for release, ready in by_release.items()
        for resource in ready.desired
        if known.release_of(resource.address) == release
    }
    first = next(iter(by_release.values()))
    together = replace(
        first,
        desired=[one for ready in by_release.values() for one in ready.desired if origin.get(one.address) is ready],
        values={address: ready.values[address] for address, ready in origin.items() if address in ready.values},
        rendered={
            name: rendered
            for ready in by_release.values()
            for name, rendered in ready.rendered.items()
            if origin.get(f"{CONNECTION}.{name}") is ready
        },
    )
    return together, left_out


def _prepared(
    project: Project, store: StateStore, release: str | None, kept: Collection[str], tenant: str
) -> _Prepared:
    if release is None or release not in kept:
        return resolve_tenant(project, tenant), {}
    _, content = load_release(store, release)
    with release_project(content, project, tenant) as bundle:
        return resolve_tenant(bundle, tenant), bundle.left_out.get(tenant, {})
