"""Keeps releases under the digests that name them. What a release holds is not decided here."""

from deployer.state.blobs import SHORT_LENGTH, Blobs
from deployer.state.objects import Objects


class Releases(Blobs):
    """Immutable bundles of bytes under their SHA-256: `put`, `get` (verified), `find` by a short id, `list`."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects, "releases", "release")


def short_id(digest: str) -> str:
    """Shorten a digest to what people see and type: its first 12 hex digits."""
    return digest.removeprefix("sha256:")[:SHORT_LENGTH]
