"""The live resources that a plan touches in, a reference out; later the reference in, exactly those resources out."""

import json
from typing import Any

from deployer.digests import canonical_json
from deployer.state.blobs import Blobs
from deployer.state.errors import StoreCorruptError
from deployer.state.objects import Objects


class Snapshots:
    """JSON values under the digest of their canonical form."""

    def __init__(self, objects: Objects) -> None:
        self._blobs = Blobs(objects, "snapshots", "snapshot")

    def put(self, value: Any) -> str:
        """Keep a JSON value without secrets; returns its reference, `sha256:...`. TypeError for what is not JSON."""
        return self._blobs.put(canonical_json(value))

    def get(self, reference: str) -> Any:
        """The value, verified. Raises StoreError if it is not there, StoreCorruptError if it was changed."""
        data = self._blobs.get(reference)
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise StoreCorruptError(
                f"The snapshot {reference[:19]} is not JSON.", hint="It was not written by deployer."
            ) from None

    def list(self) -> list[str]:
        """The references of all snapshots."""
        return self._blobs.list()
