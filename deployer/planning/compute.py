"""Computes a plan from desired and live resources. Pure: everything that it needs has been read before."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from deployer.config.tree import KEEP, REMOVE, Marker
from deployer.digests import digest
from deployer.errors import DeployerError, RefusedError
from deployer.planning.attributes import attribute_changes
from deployer.planning.concerns import comparison_of, concerns_of, guarded, loses_unsent_secrets, wide_change
from deployer.planning.differences import AttributeChange, managed_differences, value_at
from deployer.planning.model import Action, Change, Plan, PlannedTenant, SecretChange, WantedState
from deployer.resources.marker import DigestKey, OwnershipMarker, SecretState
from deployer.resources.model import Desired, Live, Output
from deployer.resources.registry import KINDS
from deployer.text import did_you_mean, one_line

Values = Mapping[str, Mapping[str, str]]
"""The values of secrets by address and name. Handed through, never stored."""


def compute_plan(
    tenant: PlannedTenant,
    desired: Iterable[Desired],
    live: Mapping[str, Live],
    values: Values,
    key: DigestKey,
    *,
    created_at: datetime,
    created_by: str,
    targets: Iterable[str] = (),
    release: str | None = None,
    max_change_share: float = 1,
    protect: bool = False,
    without_secrets: bool = False,
    rotates: Iterable[str] = (),
) -> Plan:
    """Compute the plan that makes `live` what `desired` says, which is selected and in order (`select`, `in_order`).

    With `protect`, what cannot be taken back must be named. `targets` are what was selected by, for the plan to say.
    `without_secrets`: no value of a secret is at hand; an apply compares them. `rotates` are the addresses whose
    secrets are then agreed to be new ones.

    Raises:
        RefusedError: where a secret that is to be kept would be destroyed.
    """
    rotating = frozenset(rotates)
    changes = [
        change_of(
            one,
            live.get(one.address),
            values.get(one.address, {}),
            key,
            without_secrets=without_secrets,
            rotates=one.address in rotating,
        )
        for one in desired
    ]
    if protect:
        changes = [change.model_copy(update={"concerns": guarded(change)}) for change in changes]
    return Plan(
        tenant=tenant,
        created_at=created_at,
        created_by=created_by,
        key_id=key.id,
        targets=list(targets),
        release=release,
        changes=changes,
        wide=wide_change(tenant, changes, max_change_share),
        without_secrets=without_secrets,
    )


def change_of(
    desired: Desired,
    live: Live | None,
    values: Mapping[str, str],
    key: DigestKey,
    *,
    without_secrets: bool = False,
    rotates: bool = False,
) -> Change:
    """Compute what happens to one resource."""
    digests = {name: key.of(desired.address, name, value) for name, value in values.items()}
    return change_by_digests(desired, live, digests, key.id, without_secrets=without_secrets, rotates=rotates)


def change_by_digests(
    desired: Desired,
    live: Live | None,
    digests: Mapping[str, str],
    key_id: str,
    *,
    without_secrets: bool = False,
    rotates: bool = False,
) -> Change:
    """Compute the same where the keyed digests of the secrets' values are known."""
    desired = KINDS[desired.kind].resolve_against(desired, live)
    secrets = _secret_changes(desired, live, digests, key_id, without_secrets)
    if without_secrets:
        secrets = sorted([*secrets, *_uncompared(desired, live, key_id, rotates)], key=lambda secret: secret.name)
    kept = [name for name, source in desired.secrets.items() if source is KEEP]
    if live is None:
        attributes = managed_differences(desired.attributes, {})
        action = Action.CREATE
        if kept:
            raise RefusedError(
                f"`!keep` needs a live secret, and the tenant has no {desired.address} yet",
                where=f"{desired.address} secret {one_line(kept[0])}",
                hint="Give its value by a reference.",
            )
    else:
        attributes = attribute_changes(desired, live)
        written = [secret for secret in secrets if secret.state not in ("unnamed", SecretState.NOT_COMPARED)]
        action = Action.UPDATE if attributes or written else Action.NO_OP
        if action is Action.UPDATE:
            attributes = sorted([*attributes, *_going_with(desired, live)], key=lambda change: change.path)
        if kept and loses_unsent_secrets(KINDS[desired.kind], attributes, secrets):
            raise RefusedError(
                f"writing the options would destroy the kept secret '{one_line(kept[0])}': Auth0 replaces options as a "
                "whole and takes no ciphertext back",
                where=desired.address,
                hint="Give its value by a reference, or say `!remove`.",
            )
    concerns = concerns_of(action, desired, live, attributes, secrets)
    return Change(
        kind=desired.kind,
        name=desired.name,
        action=action,
        attributes=attributes,
        secrets=secrets,
        concerns=concerns,
        irreversible=_irreversible(action, desired, live, attributes, secrets),
        depends_on=list(desired.depends_on),
        # An id that the tenant no longer has says nothing of what is created in its place.
        lookup={key: value for key, value in desired.lookup.items() if live is not None or key != "id"},
        before=live.comparable() if live and action is not Action.NO_OP else None,
        live_digest=digest(live.comparable()) if live else None,
        read=sorted(desired.attributes),
        owners=list(desired.owners),
        id=live.id if live else None,
        wanted=WantedState.of(desired, digests) if action is not Action.NO_OP else None,
    )


def _going_with(desired: Desired, live: Live) -> Iterator[AttributeChange]:
    """Find what the tenant has added by itself and a write drops, as far as it has an effect."""
    kind = KINDS[desired.kind]
    ignored = set(kind.server_completed.ignored(live.attributes))
    for path in sorted(kind.tenants_own(desired, live) - ignored):
        before = value_at(live.attributes, path)
        yield AttributeChange(path=path, action="remove", before=before, by_tenant=True)


def _secret_changes(
    desired: Desired, live: Live | None, digests: Mapping[str, str], key_id: str, without_secrets: bool
) -> list[SecretChange]:
    """Find the secrets that are not as defined, and those of the tenant that the definition does not name."""
    notes = OwnershipMarker.read(live.notes) if live else None
    shown = live.ciphertexts if live else {}
    changes = []
    for name, value in sorted(digests.items()):
        if notes is not None:
            state = notes.state(name, value, key_id, shown.get(name))
        else:
            state = SecretState.UNKNOWN if name in shown else SecretState.ADDED
        if state is not SecretState.SAME:
            changes.append(SecretChange(name=name, state=state))
    changes += [
        SecretChange(name=name, state="known-later")
        for name, source in sorted(desired.secrets.items())
        if isinstance(source, Output) and name not in digests and not without_secrets
    ]
    for name in sorted(shown):
        if desired.secrets.get(name) is REMOVE:
            changes.append(SecretChange(name=name, state="removed"))
        elif name not in desired.secrets:
            changes.append(SecretChange(name=name, state="unnamed"))
    return changes


def _uncompared(desired: Desired, live: Live | None, key_id: str, rotates: bool) -> Iterator[SecretChange]:
    """Tell what is known of each secret without its value."""
    notes = OwnershipMarker.read(live.notes) if live else None
    shown = live.ciphertexts if live else {}
    for name, source in desired.secrets.items():
        if isinstance(source, Marker):
            continue
        if notes is not None:
            state = notes.state_without_value(name, key_id, shown.get(name), rotates=rotates)
        else:
            state = SecretState.UNKNOWN if name in shown else SecretState.ADDED
        yield SecretChange(name=name, state=state)


def _irreversible(
    action: Action, desired: Desired, live: Live | None, attributes: list[AttributeChange], secrets: list[SecretChange]
) -> list[str]:
    """Say what a roll-back could not bring back, before it happens."""
    if action is not Action.UPDATE or live is None:
        return []
    overwritten = [
        f"the former value of {one_line(secret.name)} is overwritten or dropped, and Auth0 lets nobody read it back"
        for secret in secrets
        if secret.state not in (SecretState.ADDED, SecretState.SAME, SecretState.NOT_COMPARED)
    ]
    return overwritten + KINDS[desired.kind].irreversible(comparison_of(desired, live, attributes))


def in_order(resources: list[Desired]) -> list[Desired]:
    """Sort resources after everything that they depend on; otherwise as they came.

    Raises:
        DeployerError: where they depend on each other in a circle.
    """
    from graphlib import CycleError, TopologicalSorter

    by_address = {resource.address: resource for resource in resources}
    sorter = TopologicalSorter(
        {r.address: [d for d in r.depends_on if d in by_address] for r in resources}  # keeps the order given
    )
    try:
        return [by_address[address] for address in sorter.static_order()]
    except CycleError as error:
        raise DeployerError(f"resources depend on each other in a circle: {' -> '.join(error.args[1])}") from error


def select(resources: list[Desired], targets: list[str]) -> list[Desired]:
    """Select the resources named by `targets` with what they depend on; all where none is named.

    Raises:
        DeployerError: for a target that no definition has.
    """
    if not targets:
        return resources
    by_address = {resource.address: resource for resource in resources}
    chosen: set[str] = set()
    queue = list(targets)
    while queue:
        address = queue.pop()
        if address in chosen:
            continue
        check_targets([address], by_address)
        chosen.add(address)
        queue += [address for address in by_address[address].depends_on if address in by_address]
    return [resource for resource in resources if resource.address in chosen]


def check_targets(targets: Iterable[str], addresses: Collection[str]) -> None:
    """Refuse a target that is none of these addresses.

    Raises:
        DeployerError: for the first of them.
    """
    for target in targets:
        if target not in addresses:
            near = did_you_mean(target, addresses) or f"There are: {', '.join(sorted(addresses)[:10])}."
            raise DeployerError(f"no definition has '{one_line(target)}'", where="--target", hint=near)
