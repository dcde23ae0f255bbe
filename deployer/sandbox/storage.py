"""Stores the state of one tenant in SQLite: documents by kind and id, each write as one transaction.

A document is kept as the JSON text that the API answers with, so that a read costs no more than finding it. A file is
in WAL mode with `synchronous=FULL`: a transaction is there whole or not at all, whatever kills the process.
https://www.sqlite.org/wal.html
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deployer.errors import DeployerError

FORMAT = 1
"""The version of the tables; a file of a newer one is refused."""

_TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    tag TEXT,
    body TEXT NOT NULL,
    UNIQUE (kind, id),
    UNIQUE (kind, name)
);
CREATE INDEX IF NOT EXISTS documents_by_kind ON documents (kind, seq);
CREATE INDEX IF NOT EXISTS documents_by_tag ON documents (kind, tag, seq);
CREATE TABLE IF NOT EXISTS links (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    left_id TEXT NOT NULL,
    right_id TEXT NOT NULL,
    UNIQUE (kind, left_id, right_id)
);
CREATE INDEX IF NOT EXISTS links_by_right ON links (kind, right_id);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

Document = dict[str, Any]


class NameTakenError(Exception):
    """Another document of the kind has this id or name."""


class Storage:
    """Documents, links between two of them, and settings. Safe to use from several threads."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.lock = threading.RLock()
        try:
            if file is not None:
                _make_private(file)
            self._db = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA busy_timeout = 5000")
            if file is not None:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA cache_size = -65536")
            self._db.executescript(_TABLES)
            version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
            if version == 0:
                self._db.execute(f"PRAGMA user_version = {FORMAT}")
        except (sqlite3.Error, OSError) as error:
            raise DeployerError(
                f"the sandbox cannot use this file as its data: {error}",
                where=str(file),
                hint="Name a file that `deployer sandbox --data` made, or one that does not exist yet.",
            ) from error
        if version > FORMAT:
            self._db.close()
            raise DeployerError(
                f"the data was written by a newer deployer (format {version}, known is {FORMAT})",
                where=str(file),
                hint="Update deployer, or name another file.",
            )
        self._depth = 0

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self.lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside together, or nothing. Transactions inside join the outer one."""
        with self.lock:
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.lock:
            return self._db.execute(sql, parameters).fetchall()

    # documents ------------------------------------------------------------------------------------------------
    def text(self, kind: str, id: str) -> str | None:
        """Read the JSON text of one document."""
        rows = self._rows("SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, id))
        return str(rows[0][0]) if rows else None

    def get(self, kind: str, id: str) -> Document | None:
        """Read one document, or None."""
        text = self.text(kind, id)
        return None if text is None else json.loads(text)

    def named(self, kind: str, name: str) -> Document | None:
        """Find the document with this unique name, or None."""
        rows = self._rows("SELECT body FROM documents WHERE kind = ? AND name = ?", (kind, name))
        return json.loads(rows[0][0]) if rows else None

    def insert(self, kind: str, id: str, body: Document, *, name: str | None = None, tag: str | None = None) -> None:
        """Add a document. Raises NameTakenError."""
        sql = "INSERT INTO documents (kind, id, name, tag, body) VALUES (?, ?, ?, ?, ?)"
        try:
            with self.lock:
                self._db.execute(sql, (kind, id, name, tag, json.dumps(body)))
        except sqlite3.IntegrityError as error:
            raise NameTakenError(name or id) from error

    def update(self, kind: str, id: str, body: Document, *, name: str | None = None) -> None:
        """Replace a document's body, and its name where one is given. Raises NameTakenError."""
        sql = "UPDATE documents SET body = ?, name = coalesce(?, name) WHERE kind = ? AND id = ?"
        try:
            with self.lock:
                self._db.execute(sql, (json.dumps(body), name, kind, id))
        except sqlite3.IntegrityError as error:
            raise NameTakenError(name or id) from error

    def delete(self, kind: str, id: str) -> bool:
        """Remove a document; False when there was none."""
        with self.lock:
            return self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, id)).rowcount > 0

    def delete_tagged(self, kind: str, tag: str) -> None:
        """Remove every document of a kind with this tag."""
        with self.lock:
            self._db.execute("DELETE FROM documents WHERE kind = ? AND tag = ?", (kind, tag))

    def count(self, kind: str, tags: Sequence[str] | None = None) -> int:
        """Count the documents of a kind (with one of the tags)."""
        where, parameters = _where(kind, tags)
        return int(self._rows(f"SELECT count(*) FROM documents WHERE {where}", parameters)[0][0])  # noqa: S608 - names are ours

    def page(
        self, kind: str, *, offset: int = 0, limit: int = -1, after: int = 0, tags: Sequence[str] | None = None
    ) -> list[tuple[int, str]]:
        """List `(seq, JSON text)` of the documents of a kind in the order in which they were made."""
        where, parameters = _where(kind, tags)
        sql = f"SELECT seq, body FROM documents WHERE {where} AND seq > ? ORDER BY seq LIMIT ? OFFSET ?"  # noqa: S608 - names are ours
        rows = self._rows(sql, (*parameters, after, limit, offset))
        return [(int(seq), str(body)) for seq, body in rows]

    @staticmethod
    def decode(text: str) -> Document:
        """Parse a document from its text."""
        document: Document = json.loads(text)
        return document

    def all(self, kind: str) -> list[Document]:
        """Read every document of a kind."""
        return [json.loads(text) for _, text in self.page(kind)]

    # links ----------------------------------------------------------------------------------------------------
    def link(self, kind: str, left: str, right: str) -> None:
        """Connect two documents; once is enough."""
        with self.lock:
            self._db.execute(
                "INSERT OR IGNORE INTO links (kind, left_id, right_id) VALUES (?, ?, ?)", (kind, left, right)
            )

    def unlink(self, kind: str, *, left: str | None = None, right: str | None = None) -> None:
        """Take away the links with this left side, this right side, or both."""
        sides = [(column, id) for column, id in (("left_id", left), ("right_id", right)) if id is not None]
        where = " AND ".join(f"{column} = ?" for column, _ in sides)
        with self.lock:
            self._db.execute(f"DELETE FROM links WHERE kind = ? AND {where}", (kind, *(id for _, id in sides)))  # noqa: S608 - names are ours

    def linked(self, kind: str, *, left: str | None = None, right: str | None = None) -> list[str]:
        """List the other sides of the links of one document, in the order in which they were made."""
        (other, column), id = (("right_id", "left_id"), left) if left is not None else (("left_id", "right_id"), right)
        rows = self._rows(f"SELECT {other} FROM links WHERE kind = ? AND {column} = ? ORDER BY seq", (kind, id))  # noqa: S608 - names are ours
        return [str(row[0]) for row in rows]

    # settings -------------------------------------------------------------------------------------------------
    def setting(self, key: str) -> Any:
        """Read a setting's value, or None."""
        rows = self._rows("SELECT value FROM settings WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else None

    def set(self, key: str, value: Any) -> None:
        """Keep a setting; any JSON value."""
        with self.lock:
            self._db.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, json.dumps(value)))

    # fixtures -------------------------------------------------------------------------------------------------
    def dump(self) -> dict[str, Any]:
        """Collect everything, as JSON values."""
        with self.transaction():
            return {
                "documents": [
                    {"kind": kind, "id": id, "name": name, "tag": tag, "body": json.loads(body)}
                    for kind, id, name, tag, body in self._rows(
                        "SELECT kind, id, name, tag, body FROM documents ORDER BY seq"
                    )
                ],
                "links": [list(row) for row in self._rows("SELECT kind, left_id, right_id FROM links ORDER BY seq")],
                "settings": {key: json.loads(value) for key, value in self._rows("SELECT key, value FROM settings")},
            }

    def restore(self, data: dict[str, Any]) -> None:
        """Replace everything by what `dump` gave. Raises KeyError, TypeError or NameTakenError for something else."""
        with self.transaction():
            for table in ("documents", "links", "settings"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names are ours
            for entry in data["documents"]:
                self.insert(entry["kind"], entry["id"], entry["body"], name=entry["name"], tag=entry["tag"])
            for kind, left, right in data["links"]:
                self.link(kind, left, right)
            for key, value in data["settings"].items():
                self.set(key, value)


def _make_private(file: Path) -> None:
    """See that only its owner can read the file: it holds secrets. SQLite gives its other files the same mode."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600)):
        file.chmod(0o600)


def _where(kind: str, tags: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    if tags is None:
        return "kind = ?", (kind,)
    return f"kind = ? AND tag IN ({', '.join('?' * len(tags))})", (kind, *tags)
