"""Keeps the live resources that a plan touches, so that exactly those can be brought back."""

import json
from typing import Any

from deployer.digests import canonical_json
from deployer.state.blobs import Blobs
from deployer.state.errors import StateCorruptError
from deployer.state.objects import Objects


class Snapshots:
    """JSON values under the digest of their canonical form."""

    def __init__(self, objects: Objects) -> None:
        self._blobs = Blobs(objects, "snapshots", "snapshot")

    def put(self, value: Any) -> str:
        """Keep a JSON value without secrets; return its reference, `sha256:...`. TypeError for what is not JSON."""
        return self._blobs.put(canonical_json(value))

    def get(self, reference: str) -> Any:
        """Read the value, verified. Raises StateError if it is not there, StateCorruptError if it was changed."""
        data = self._blobs.get(reference)
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise StateCorruptError(
                f"the snapshot {reference[:19]} is not JSON", hint="It was not written by deployer."
            ) from None

    def list(self) -> list[str]:
        """List the references of all snapshots."""
        return self._blobs.list()
