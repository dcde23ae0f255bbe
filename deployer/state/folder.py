"""Writes the files of a state folder: each write is owner-only, atomic, and on the disk before it returns.

Reading, listing and deleting go through obstore like everywhere else. Writing does not, because obstore 0.12's
LocalStore creates files with the umask's mode, does not flush them to the disk, and has no conditional update.
"""

import contextlib
import hashlib
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deployer.state.backends import urls
from deployer.state.errors import StateError, StatePermissionError

_DIRECTORY_MODE = 0o700
_FILE_MODE = 0o600
_TEMPORARY = re.compile(r"#\d+$")
_ABANDONED_SECONDS = 3600  # no writer needs longer for one file


class Folder:
    """The writing side of a state folder. POSIX only: conditional updates are guarded with `flock`."""

    def __init__(self, root: Path) -> None:
        """Check that a folder which exists is closed to others. Another one is made by the first write."""
        if sys.platform == "win32":
            raise StateError(
                "a state folder needs a POSIX system", hint=f"Keep the state in a bucket: {urls(whole=False)}."
            )
        self.root = root
        self._ready = False
        self._tidied: set[Path] = set()
        self.is_there()

    def is_there(self, *, make: bool = False) -> bool:
        """Return whether the folder exists, closed to others; `make` makes it, owner-only."""
        if self._ready:
            return True
        with _file_errors(self.root):
            if make:
                _make_directory(self.root)
            try:
                _check_owner(self.root)
            except FileNotFoundError:
                if make:
                    raise
                return False
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                self._publish(ignore, b"# Written by deployer: none of this belongs into version control.\n*\n", False)
        self._ready = True
        return True

    def put(self, key: str, data: bytes) -> str:
        """Write or replace the file; return its new version."""
        path = self.root / key
        self.is_there(make=True)
        with _file_errors(path):
            _make_directory(path.parent)
            self._publish(path, data, False)
        return version_of(data)

    def put_if_absent(self, key: str, data: bytes) -> str | None:
        """Create the file with its whole content; return None if there is one. The hard link decides who wins."""
        path = self.root / key
        self.is_there(make=True)
        with _file_errors(path):
            _make_directory(path.parent)
            try:
                self._publish(path, data, True)
            except FileExistsError:
                return None
        return version_of(data)

    def put_if_match(self, key: str, data: bytes, version: str) -> str | None:
        """Replace the file if it still has that version; return None if it has another or is gone."""
        path = self.root / key
        self.is_there(make=True)
        with _file_errors(path):
            _make_directory(path.parent)
            with _exclusive(path.parent):
                try:
                    current = path.read_bytes()
                except FileNotFoundError:
                    return None
                if version_of(current) != version:
                    return None
                self._publish(path, data, False)
        return version_of(data)

    def sync_parent(self, key: str) -> None:
        """Make a deletion survive a power failure."""
        with contextlib.suppress(FileNotFoundError), _file_errors(self.root / key):
            _sync_directory((self.root / key).parent)

    def _publish(self, path: Path, data: bytes, exclusively: bool) -> None:
        # obstore's LocalStore does not list names that end in '#' and digits, so what a killed process leaves behind
        # is never taken for an object.
        self._tidy(path.parent)
        temporary = path.with_name(f"{path.name}#{secrets.randbits(60)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if exclusively:
                os.link(temporary, path)
            else:
                temporary.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
        _sync_directory(path.parent)

    def _tidy(self, directory: Path) -> None:
        """Remove, once for each folder, what writers left there that were killed long ago."""
        if directory in self._tidied:
            return
        self._tidied.add(directory)
        with contextlib.suppress(OSError), os.scandir(directory) as entries:
            for entry in entries:
                if _TEMPORARY.search(entry.name) and time.time() - entry.stat().st_mtime > _ABANDONED_SECONDS:
                    with contextlib.suppress(OSError):
                        Path(entry.path).unlink()


def version_of(data: bytes) -> str:
    """Return the version of a local file, the digest of its content. Writers make equal content impossible where it
    counts.
    """
    return hashlib.sha256(data).hexdigest()


def _make_directory(path: Path) -> None:
    """Create the folder and its missing parents, owner-only, each flushed into its parent."""
    if path.is_dir():
        return
    _make_directory(path.parent)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=_DIRECTORY_MODE)
        _sync_directory(path.parent)


def _check_owner(root: Path) -> None:
    """Refuse a folder that others own or can look into; an empty one is closed to them instead."""
    status = root.stat()
    user = os.geteuid()
    if user not in (0, status.st_uid):
        raise StatePermissionError(
            "the state folder belongs to another user",
            where=str(root),
            hint=f"Name a folder of your own, or share a bucket: {urls(whole=False)}.",
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        if any(root.iterdir()):
            raise StatePermissionError(
                "the state folder is open to other users",
                where=str(root),
                hint=f"Close it with 'chmod 700 {root}', or name another folder.",
            )
        root.chmod(_DIRECTORY_MODE)


@contextlib.contextmanager
def _exclusive(directory: Path) -> Iterator[None]:
    """Hold the folder's `flock`; the system releases it when the process dies, however it dies."""
    import fcntl

    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn what the file system says into a StateError; a file that exists already is the caller's to judge."""
    try:
        yield
    except FileExistsError:
        raise
    except PermissionError:
        raise StatePermissionError(
            "the state folder cannot be written",
            where=str(path),
            hint="Check its owner and mode, or name another folder.",
        ) from None
    except OSError as error:
        raise StateError(
            f"the state folder cannot be written: {os.strerror(error.errno or 0)}",
            where=str(path),
            hint="Free space, name another folder, or use a bucket.",
        ) from None
