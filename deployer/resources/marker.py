"""Marks a resource as ours, with digests that tell whether a secret has changed.

A secret's note is three short digests: of its name; of its value, keyed, so that it helps nobody to guess the value;
and of the ciphertext that it became. With them a change of ours (the value differs) and a change by somebody else (the
ciphertext differs) are told apart without a secret being stored. The notes live in the resource's `metadata`, whose
values Auth0 limits to 255 characters (https://auth0.com/docs/api/management/v2/connections/patch-connections-by-id).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from deployer.digests import canonical_json
from deployer.errors import DeployerError

VERSION = "v1"
NOTE_KEY = "deployer"
SECRET_KEYS = ("deployer_secrets", "deployer_secrets_2", "deployer_secrets_3")
_MAX_VALUE = 255
_NAME, _VALUE, _LIVE = 6, 8, 8
_TOKEN = _NAME + _VALUE + _LIVE
_PER_KEY = (_MAX_VALUE + 1) // (_TOKEN + 1)
MAX_SECRETS = _PER_KEY * len(SECRET_KEYS)
_PENDING = "-" * _LIVE


class SecretState(StrEnum):
    """What the notes say about one secret that a definition names."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    CHANGED_OUTSIDE = "changed-outside"
    CHANGED_BOTH = "changed-both"
    UNKNOWN = "unknown"
    NOT_COMPARED = "not-compared"
    ROTATED = "rotated"


class DigestKey:
    """The key of the digests, derived from material that only those who deploy have.

    `former` are keys that have made digests before: what they made is recognised, nothing is made with them.
    """

    def __init__(self, material: str, domain: str, former: Iterable[str] = ()) -> None:
        self.former = tuple(DigestKey(each, domain) for each in former if each != material)
        self._key = hmac.new(b"deployer digest key\0" + domain.encode(), material.encode(), hashlib.sha256).digest()
        self.id = _short(hmac.new(self._key, b"id", hashlib.sha256).digest(), 6)

    @classmethod
    def none(cls) -> "DigestKey":
        """Build what stands for the key where it is not at hand: no plan that is made with it can be applied."""
        key = cls("", "")
        key.id = ""
        return key

    def __repr__(self) -> str:
        return f"DigestKey(id={self.id!r})"

    def of(self, address: str, name: str, value: str) -> str:
        """Digest one value with the key; equal values of different secrets have different digests."""
        text = f"value\0{_scope(address)}\0{name}\0{value}".encode()
        return _short(hmac.new(self._key, text, hashlib.sha256).digest(), _VALUE)

    def sign(self, purpose: str, text: str) -> str:
        """Digest a text with the key (64 hexadecimal digits): only who has the key can do that."""
        return hmac.new(self._key, f"sign\0{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class SecretNote:
    """The digests of one secret; `ciphertext` is None while it is not yet known what the value became."""

    value: str
    ciphertext: str | None


@dataclass(frozen=True, slots=True)
class OwnershipMarker:
    """All that is noted with a resource. `secrets` is keyed by the digest of the secret's name.

    `run` names the apply that wrote last, so that a write whose answer was lost can be found by reading. `added` is the
    digest of what the tenant added by itself to what was written, where nothing else tells that later. `tenant` is the
    name of the tenant file that wrote it, unknown in notes from before that was noted.
    """

    key_id: str
    release: str | None
    secrets: Mapping[str, SecretNote]
    run: str | None = None
    added: str | None = None
    tenant: str | None = None

    @classmethod
    def make(
        cls,
        key_id: str,
        values: Mapping[str, str],
        ciphertexts: Mapping[str, str] | None = None,
        release: str | None = None,
        run: str | None = None,
        added: str | None = None,
        tenant: str | None = None,
    ) -> "OwnershipMarker":
        """Build the marker for secrets of which the keyed digests (`values`) and, once known, ciphertexts are given."""
        if len(values) > MAX_SECRETS:
            raise DeployerError(
                f"a resource can have at most {MAX_SECRETS} secrets here, this one has {len(values)}",
                hint="Put values that belong together into one secret, as JSON.",
            )
        known = ciphertexts or {}
        secrets = {
            name_digest(name): SecretNote(value, ciphertext_digest(known[name]) if name in known else None)
            for name, value in values.items()
        }
        return cls(key_id, release, secrets, run, added, tenant)

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> "OwnershipMarker | None":
        """Read the marker in a resource's metadata; None where there is none that this version understands."""
        parts = metadata.get(NOTE_KEY, "").split(";")
        if parts[0] != VERSION:
            return None
        fields = dict(part.partition("=")[::2] for part in parts[1:])
        secrets = {}
        for key in SECRET_KEYS:
            for token in metadata.get(key, "").split("."):
                if len(token) == _TOKEN:
                    live = token[_NAME + _VALUE :]
                    secrets[token[:_NAME]] = SecretNote(
                        token[_NAME : _NAME + _VALUE], None if live == _PENDING else live
                    )
        given = {name: fields.get(name) or None for name in ("release", "run", "added", "tenant")}
        return cls(fields.get("key", ""), secrets=secrets, **given)

    def write(self) -> dict[str, str]:
        """Return the metadata pairs that hold this marker."""
        parts = {
            "key": self.key_id,
            "release": self.release,
            "run": self.run,
            "added": self.added,
            "tenant": self.tenant,
        }
        fields = [VERSION, *(f"{name}={value}" for name, value in parts.items() if value)]
        tokens = [f"{name}{note.value}{note.ciphertext or _PENDING}" for name, note in sorted(self.secrets.items())]
        pairs = {NOTE_KEY: ";".join(fields)}
        for index, key in enumerate(SECRET_KEYS):
            if group := tokens[index * _PER_KEY : (index + 1) * _PER_KEY]:
                pairs[key] = ".".join(group)
        return pairs

    def completed(self, ciphertexts: Mapping[str, str]) -> "OwnershipMarker":
        """Complete the marker once it is known what the secrets became; `ciphertexts` by the secrets' names."""
        known = {name_digest(name): ciphertext_digest(text) for name, text in ciphertexts.items()}
        secrets = {key: SecretNote(note.value, known.get(key, note.ciphertext)) for key, note in self.secrets.items()}
        return replace(self, secrets=secrets)

    def state_without_value(self, name: str, key_id: str, ciphertext: str | None, *, rotates: bool) -> SecretState:
        """Tell the same where the value is not at hand. `rotates`: it is agreed that the value is a new one."""
        if ciphertext is None:
            return SecretState.ADDED
        note = self.secrets.get(name_digest(name))
        if note is None or (key_id and key_id != self.key_id):
            return SecretState.UNKNOWN
        if rotates:
            return SecretState.ROTATED
        theirs = note.ciphertext is not None and note.ciphertext != ciphertext_digest(ciphertext)
        return SecretState.CHANGED_OUTSIDE if theirs else SecretState.NOT_COMPARED

    def state(self, name: str, value_digest: str, key_id: str, ciphertext: str | None) -> SecretState:
        """Tell what became of a secret since this marker was written; `ciphertext` is what the tenant shows."""
        if ciphertext is None:
            return SecretState.ADDED
        note = self.secrets.get(name_digest(name))
        if note is None or key_id != self.key_id:
            return SecretState.UNKNOWN
        ours = note.value != value_digest
        theirs = note.ciphertext is not None and note.ciphertext != ciphertext_digest(ciphertext)
        if ours and theirs:
            return SecretState.CHANGED_BOTH
        if ours or theirs:
            return SecretState.CHANGED if ours else SecretState.CHANGED_OUTSIDE
        return SecretState.SAME


def _scope(address: str) -> str:
    """Tell what a secret belongs to.

    A value of the rules' configuration is noted with the Rules that read it, since Auth0 has no place for notes beside
    it: there it has the same digest.
    """
    return "rules-configs" if address.partition(".")[0] in ("rule", "rule-config") else address


def is_note(key: str) -> bool:
    """Return whether a metadata key is one of ours."""
    return key == NOTE_KEY or key in SECRET_KEYS


def name_digest(name: str) -> str:
    """Digest a secret's name, shortly."""
    return _short(hashlib.sha256(b"name\0" + name.encode()).digest(), _NAME)


def ciphertext_digest(ciphertext: str) -> str:
    """Digest what the tenant shows of a secret; not keyed, since whoever reads the tenant sees it anyway."""
    return _short(hashlib.sha256(b"ciphertext\0" + ciphertext.encode()).digest(), _LIVE)


def addition_digest(value: Any) -> str:
    """Digest what a tenant has added by itself (JSON values)."""
    return _short(hashlib.sha256(b"addition\0" + canonical_json(value)).digest(), _LIVE)


def _short(data: bytes, length: int) -> str:
    return base64.urlsafe_b64encode(data).decode()[:length]
