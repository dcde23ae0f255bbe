"""Reads and writes objects by key: the few operations that everything in the state is built from.

Each write is atomic and durable before it returns; `put_if_absent` and `put_if_match` are decided by the backend, not
by us, so that any number of processes on any number of machines agree. Every method may be called from any thread.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from deployer.state.errors import StateCorruptError, StateUnreachableError
from deployer.state.folder import Folder, version_of
from deployer.state.location import Location, locate, open_bucket, open_folder
from deployer.state.names import check_key
from deployer.state.obstore_errors import is_missing_key, translated

if TYPE_CHECKING:
    from obstore import PutMode, UpdateVersion
    from obstore.store import ObjectStore

RETRY_SECONDS = 60.0
"""How long a request to an object store is retried, in seconds, before the state counts as unreachable."""

OBJECT_LIMIT = 64 * 1024 * 1024
"""Bytes in one object. What is larger was not written by us."""

_READERS = 16


@dataclass(frozen=True)
class Version:
    """One version of one object, as the backend names it; good only for `put_if_match`."""

    e_tag: str | None
    generation: str | None = None


@dataclass(frozen=True)
class Stored:
    """An object's content and the version that was read."""

    data: bytes
    version: Version


class Objects:
    """Objects under checked keys in a local folder or a bucket."""

    def __init__(self, store: "ObjectStore | None", location: Location, folder: Folder | None) -> None:
        self._opened = store
        self._folder = folder
        self.location = location

    @classmethod
    def open(
        cls, url: str | None = None, base_dir: Path | None = None, *, retry_seconds: float = RETRY_SECONDS
    ) -> Self:
        """Open the URL of a bucket, such as `s3://BUCKET/PREFIX` (`backends` has every kind), or a folder.

        A folder is a path, relative to `base_dir`, or a `file://` URL; without a URL it is `base_dir/.deployer`. One
        that does not exist holds nothing, and is made by the first write. Settings and credentials come from the
        environment, never from the URL.

        Raises StateError; whether a bucket can be reached shows only with the first operation.
        """
        location = locate(url, base_dir or Path.cwd())
        if location.folder is not None:
            return cls(None, location, Folder(location.folder))
        return cls(open_bucket(location, retry_seconds), location, None)

    def __repr__(self) -> str:
        return f"Objects({str(self.location)!r})"

    @property
    def is_there(self) -> bool:
        """Whether a folder exists; of a bucket, only a request tells."""
        return self._folder is None or self._folder.is_there()

    @property
    def _store(self) -> "ObjectStore":
        """What is read from: a bucket, or a folder that exists."""
        if self._opened is None:
            self._opened = open_folder(self.location)
        return self._opened

    def put(self, key: str, data: bytes) -> Version:
        """Write or replace an object."""
        check_key(key)
        if self._folder:
            return Version(self._folder.put(key, data))
        with translated(self.location, "write", key):
            result = self._store.put(key, data, use_multipart=False)
        return Version(result["e_tag"], result["version"])

    def put_if_absent(self, key: str, data: bytes) -> Version | None:
        """Create an object with its whole content, or return None because there is another.

        An answer that was lost is resolved by reading, never by repeating: an object that holds exactly `data` counts
        as created. Where it matters who was first, callers therefore write something that nobody else writes.
        """
        check_key(key)
        if self._folder:
            created = self._folder.put_if_absent(key, data)
            return Version(created) if created else self._ours(key, data)
        return self._resolved(key, data, "create")

    def put_if_match(self, key: str, data: bytes, version: Version) -> Version | None:
        """Replace an object if it is still at `version`, or return None because it is not.

        Lost answers are resolved as in `put_if_absent`.
        """
        check_key(key)
        if self._folder:
            replaced = self._folder.put_if_match(key, data, version.e_tag or "")
            return Version(replaced) if replaced else self._ours(key, data)
        return self._resolved(key, data, _update_mode(version))

    def _resolved(self, key: str, data: bytes, mode: "PutMode") -> Version | None:
        """Write conditionally; when the outcome is in doubt, let what the object holds decide."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            with translated(self.location, "write", key):
                try:
                    result = self._store.put(key, data, mode=mode)
                except (AlreadyExistsError, PreconditionError):
                    return self._ours(key, data)
                except FileNotFoundError as error:
                    if is_missing_key(error):
                        return None
                    raise
        except StateUnreachableError:
            found = self._ours(key, data)
            if found is None:
                raise
            return found
        return Version(result["e_tag"], result["version"])

    def _ours(self, key: str, data: bytes) -> Version | None:
        found = self.get(key)
        return found.version if found is not None and found.data == data else None

    def get(self, key: str) -> Stored | None:
        """Read an object; return None if there is none. A bucket that does not exist is an error, not an absence."""
        check_key(key)
        if not self.is_there:
            return None
        with translated(self.location, "read", key):
            try:
                result = self._store.get(key)
                if result.meta["size"] > OBJECT_LIMIT:
                    raise StateCorruptError(
                        f"the object '{key}' is larger than the {OBJECT_LIMIT // 2**20} MB that an object may have",
                        where=str(self.location),
                        hint="It was not written by deployer: remove it.",
                    )
                data = bytes(result.bytes())
            except FileNotFoundError as error:
                if is_missing_key(error):
                    return None
                raise
        if self._folder:
            return Stored(data, Version(version_of(data)))
        return Stored(data, Version(result.meta["e_tag"], result.meta["version"]))

    def get_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Stored | None]]:
        """Read many objects, in the order of the keys; reading ahead stops when the iterator is closed.

        One is read first, then more and more at a time: whoever wants only the first ones makes few requests.
        """
        todo, size = iter(keys), 1
        if not (batch := list(islice(todo, size))):
            return
        yield batch[0], self.get(batch[0])
        with ThreadPoolExecutor(_READERS, thread_name_prefix="state") as pool:
            while batch := list(islice(todo, size := min(size * 4, _READERS))):
                yield from zip(batch, pool.map(self.get, batch), strict=True)

    def list(self, prefix: str, *, after: str | None = None) -> list[str]:
        """List the keys in the folder `prefix` and below, in order; with `after`, only keys greater than it.

        `prefix` is whole segments: `history/eu` does not list `history/eu-1/...`.
        """
        check_key(prefix)
        if not self.is_there:
            return []
        with translated(self.location, "list", prefix):
            stream = self._store.list(prefix, offset=after, chunk_size=1000)
            return sorted(meta["path"] for chunk in stream for meta in chunk)

    def ages(self, prefix: str) -> dict[str, datetime]:
        """Find out when each of the keys that `list` gives was last written."""
        check_key(prefix)
        if not self.is_there:
            return {}
        with translated(self.location, "list", prefix):
            stream = self._store.list(prefix, chunk_size=1000)
            return {meta["path"]: meta["last_modified"] for chunk in stream for meta in chunk}

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        check_key(key)
        if not self.is_there:
            return
        with translated(self.location, "delete", key):
            try:
                self._store.delete(key)
            except FileNotFoundError as error:
                if not is_missing_key(error):
                    raise
        if self._folder:
            self._folder.sync_parent(key)


def _update_mode(version: Version) -> "UpdateVersion":
    # What a store does not know of must be left out: obstore 0.12 does not accept None.
    mode: UpdateVersion = {}
    if version.e_tag:
        mode["e_tag"] = version.e_tag
    if version.generation:
        mode["version"] = version.generation
    return mode
