"""Keeps bytes for the next command, in the user's cache folder, by a digest of all that they were computed from.

What is kept is no secret, but it decides what is deployed: each file belongs to its owner alone and is verified when it
is read. Whatever is wrong with one, it counts as absent.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

MAX_BYTES = 128_000_000
"""Of one kind, on disk. What was not used for longest goes first."""

VARIABLE = "DEPLOYER_CACHE"
"""Another folder, or `off`."""

_LARGEST = 16_000_000
_DAY = 86_400
_LOOK_EVERY = 500
_DIGEST = hashlib.sha256().digest_size


class Cache:
    """Results of one kind. Any number of processes may use it at the same time."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._puts = 0

    @classmethod
    def of(cls, kind: str) -> "Cache | None":
        """Open the cache of a kind; None where the environment turns it off."""
        chosen = os.environ.get(VARIABLE)
        if chosen == "off":
            return None
        if chosen:
            return cls(Path(chosen) / kind)
        from platformdirs import user_cache_path

        return cls(user_cache_path("deployer", appauthor=False) / kind)

    def get(self, key: str) -> bytes | None:
        """Read what was kept under a key (hexadecimal digits), None if nothing or nothing sound was."""
        if not self._usable:
            return None
        path = self._path(key)
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(file.fileno())
                if not _private(status) or status.st_size > _LARGEST:
                    return None
                kept = file.read()
            if status.st_mtime < time.time() - _DAY:
                os.utime(path)  # it is still used
        except OSError:
            return None
        data = kept[_DIGEST:]
        return data if kept[:_DIGEST] == _seal(key, data) else None

    def put(self, key: str, data: bytes) -> None:
        """Keep the data. A folder that cannot be written only costs the cache."""
        if not self._usable or len(data) + _DIGEST > _LARGEST:
            return
        with contextlib.suppress(OSError):
            if self._puts % _LOOK_EVERY == 0:
                self._make_room()
            self._puts += 1
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")  # made 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_seal(key, data) + data)
                os.replace(name, self._path(key))  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)  # noqa: PTH108
                raise

    @cached_property
    def _usable(self) -> bool:
        """Whether the folder is there, is ours, and nobody else's."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self.folder.lstat()
            if not stat.S_ISDIR(status.st_mode):
                return False
            if not hasattr(os, "getuid"):
                return True
            if status.st_uid != os.getuid():
                return False
            self.folder.chmod(0o700)
        except OSError:
            return False
        return True

    def _make_room(self) -> None:
        """Drop the oldest files, until a quarter of the room is free; none as long as all fit."""
        files = []
        for entry in os.scandir(self.folder):
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                files.append((status.st_mtime, status.st_size, entry.path))
        total = sum(size for _, size, _ in files)
        if total <= self._max_bytes:
            return
        for _, size, path in sorted(files):
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
            total -= size
            if total <= self._max_bytes * 3 // 4:
                break

    def _path(self, key: str) -> Path:
        return self.folder / key


class Turns:
    """Threads that want the same thing at the same time take turns, so that the first can make it for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: dict[str, tuple[threading.Lock, int]] = {}

    @contextlib.contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Wait until nobody else has a turn for the same key, and hold it meanwhile."""
        with self._lock:
            lock, users = self._taken.get(key, (threading.Lock(), 0))
            self._taken[key] = lock, users + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, users = self._taken.pop(key)
                if users > 1:
                    self._taken[key] = lock, users - 1


def key_of(*parts: object) -> str:
    """Make a key of plain values: equal only where type, order and value of everything in them are."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def content_digest(paths: Iterable[Path]) -> str:
    """Digest files, names included, for keys that must change with the code that computes."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.name}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _seal(key: str, data: bytes) -> bytes:
    return hashlib.sha256(key.encode() + data).digest()


def _private(status: os.stat_result) -> bool:
    """Return whether this is a file of ours that nobody else can read or write (where the system has owners at all)."""
    if not stat.S_ISREG(status.st_mode):
        return False
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o077)
