"""Reads notes whose digests were made with a key of before as if they had been made with the present one. Pure.

A tenant's key changes when a `secrets_key` takes the place of the client secret, and when either is rotated. Where the
former key is known, its digests still tell whether a secret is the one that was deployed.
"""

from collections.abc import Mapping
from dataclasses import replace

from deployer.resources.marker import DigestKey, OwnershipMarker, name_digest
from deployer.resources.model import Live

_OTHER = "--------"
"""The digest of a value that is not known, or is another one than was noted."""


def under_key(live: Mapping[str, Live], values: Mapping[str, Mapping[str, str]], key: DigestKey) -> dict[str, Live]:
    """Read the notes of live resources as if the present key had always been the key.

    Args:
        live: what the tenant has, by address.
        values: the values of secrets, by address and name, as far as they are at hand.
        key: the present key, which knows the former ones.
    """
    return {address: _under_key(one, values.get(address, {}), key) for address, one in live.items()}


def is_certain(live: Live) -> bool:
    """Return whether the notes of a resource from `under_key` tell of every secret that it is the noted one."""
    noted = OwnershipMarker.read(live.notes)
    return noted is not None and all(note.value != _OTHER for note in noted.secrets.values())


def _under_key(live: Live, values: Mapping[str, str], key: DigestKey) -> Live:
    noted = OwnershipMarker.read(live.notes)
    if noted is None or noted.key_id == key.id or not noted.secrets:
        return live
    former = next((each for each in key.former if each.id == noted.key_id), None)
    if former is None:
        return live
    now = {
        name_digest(name): key.of(live.address, name, value)
        for name, value in values.items()
        if (note := noted.secrets.get(name_digest(name))) and note.value == former.of(live.address, name, value)
    }
    secrets = {digest: replace(note, value=now.get(digest, _OTHER)) for digest, note in noted.secrets.items()}
    return replace(live, notes={**live.notes, **replace(noted, key_id=key.id, secrets=secrets).write()})
