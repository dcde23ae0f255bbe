"""Digests values: canonical JSON and its SHA-256, so that equal values have equal digests everywhere."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Write JSON with sorted keys and no white space. Raises TypeError for what JSON cannot say."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return `sha256:` and the hex digest of the value's canonical JSON."""
    return digest_bytes(canonical_json(value))


def digest_bytes(data: bytes) -> str:
    """Return `sha256:` and the hex digest of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
