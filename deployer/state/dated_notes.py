"""Keeps notes on what a digest names, each an object of its own: `FOLDER/DIGEST/TIME-RANDOM.json`, never changed."""

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from deployer.state.names import make_key
from deployer.state.objects import Objects
from deployer.state.process_identity import time_id
from deployer.state.records import decode, encode

_Model = TypeVar("_Model", bound=BaseModel)


def add_note(objects: Objects, folder: str, digest: str, note: BaseModel, at: datetime) -> None:
    """Write a note of this time."""
    while not objects.put_if_absent(make_key(folder, _name(digest), f"{time_id(at)}.json"), encode(note)):
        continue  # somebody has the same microsecond and the same 32 random bits


def read_notes(objects: Objects, folder: str, digest: str, kind: type[_Model]) -> list[_Model]:
    """Read the notes on a digest, oldest first. Raises StateCorruptError for one that cannot be read."""
    return [
        decode(kind, stored.data, what="note in the state", where=f"{objects.location}/{key}")
        for key, stored in objects.get_many(objects.list(make_key(folder, _name(digest))))
        if stored is not None
    ]


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")
