"""Keeps bytes under the digest that names them: immutable, stored once, compressed, and verified at every reading."""

import gzip
import hashlib
import io
import re
import zlib

from deployer.state.errors import StateCorruptError, StateError
from deployer.state.names import make_key
from deployer.state.objects import OBJECT_LIMIT, Objects
from deployer.text import one_line

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")
_SHORT = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})\Z")

SHORT_LENGTH = 12
"""Hex digits of a digest in its short form, as shown to people."""


class Blobs:
    """One folder of content-addressed bytes; `noun` is what messages call them."""

    def __init__(self, objects: Objects, folder: str, noun: str) -> None:
        self._objects = objects
        self._folder = folder
        self._noun = noun

    def put(self, data: bytes) -> str:
        """Keep the bytes; return `sha256:` and 64 hex digits. The same bytes twice are kept once."""
        if len(data) > OBJECT_LIMIT:
            raise StateError(f"the {self._noun} is larger than {OBJECT_LIMIT // 2**20} MB")
        digest = hashlib.sha256(data).hexdigest()
        # mtime=0: equal content gives equal objects, so that writers who race write the same.
        self._objects.put_if_absent(self._key(digest), gzip.compress(data, mtime=0))
        return f"sha256:{digest}"

    def get(self, digest: str) -> bytes:
        """Read the bytes that a whole digest names. StateError if there are none, StateCorruptError if they differ."""
        match = _DIGEST.match(digest)
        if not match:
            raise StateError(f"'{one_line(digest, 80)}' is not the digest of a {self._noun}")
        stored = self._objects.get(self._key(match[1]))
        if stored is None:
            raise StateError(
                f"the {self._noun} {match[1][:SHORT_LENGTH]} is not in the state",
                where=str(self._objects.location),
                hint="Check that this is the state that it was written to.",
            )
        data = _decompress(stored.data)
        if data is None or hashlib.sha256(data).hexdigest() != match[1]:
            raise StateCorruptError(
                f"the {self._noun} {match[1][:SHORT_LENGTH]} is damaged: its content does not have its digest",
                where=str(self._objects.location),
                hint="Restore the object from a backup, or from the bucket's versions.",
            )
        return data

    def find(self, prefix: str) -> str:
        """Find the whole digest for a short one of at least 6 hex digits.

        Raises StateError if none or more than one begins with it.
        """
        match = _SHORT.match(prefix)
        found = [digest for digest in self.list() if digest.startswith(f"sha256:{match[1]}")] if match else []
        if len(found) == 1:
            return found[0]
        problem = "is not in the state" if not found else f"could be any of {len(found)}"
        raise StateError(
            f"the {self._noun} '{one_line(prefix, 80)}' {problem}",
            where=str(self._objects.location),
            hint="Give at least 6 hex digits, and as many as it takes to tell it from the others.",
        )

    def list(self) -> list[str]:
        """List all digests, in order."""
        names = (key.rsplit("/", 1)[1].removesuffix(".gz") for key in self._objects.list(make_key(self._folder)))
        return [f"sha256:{name}" for name in names if _DIGEST.match(name)]

    def _key(self, digest: str) -> str:
        return make_key(self._folder, f"{digest}.gz")


def _decompress(data: bytes) -> bytes | None:
    """Unpack gzip; return None for what is not gzip or grows past the limit (a bomb)."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            content = file.read(OBJECT_LIMIT + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return content if len(content) <= OBJECT_LIMIT else None
