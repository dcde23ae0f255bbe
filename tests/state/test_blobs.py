"""Snapshots and releases: named by their content, verified whenever they are read."""

import gzip
import hashlib
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployer.digests import digest
from deployer.state.errors import StateCorruptError, StateError
from deployer.state.releases import short_id
from deployer.state.state_store import StateStore

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(JSON)
def test_a_snapshot_comes_back_as_it_was(store: StateStore, value: object) -> None:
    try:
        reference = store.snapshots.put(value)
    except UnicodeEncodeError:
        return  # A lone surrogate is no text that JSON could carry.
    assert reference == digest(value)
    assert store.snapshots.get(reference) == value


@pytest.mark.parametrize("value", [object(), {"a": b"bytes"}, math.nan], ids=["object", "bytes", "nan"])
def test_what_is_not_json_is_no_snapshot(store: StateStore, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        store.snapshots.put(value)
    assert store.snapshots.list() == []


def test_equal_content_is_kept_once(store: StateStore) -> None:
    first = store.snapshots.put({"a": 1, "b": [2]})
    assert store.snapshots.put({"b": [2], "a": 1}) == first
    assert store.snapshots.list() == [first]
    assert len(store.objects.list("snapshots")) == 1


def test_a_release_is_its_bytes(store: StateStore) -> None:
    data = b"\0release\xff" * 1000
    id = store.releases.put(data)
    assert id == "sha256:" + hashlib.sha256(data).hexdigest()
    assert store.releases.get(id) == data
    assert store.releases.get(id.removeprefix("sha256:")) == data
    assert store.releases.find(short_id(id)) == id
    assert store.releases.find(id) == id
    other = store.releases.put(b"")
    assert store.releases.list() == sorted([id, other])


def test_a_short_id_must_be_long_enough_and_name_one(store: StateStore) -> None:
    ids = [store.releases.put(f"release {number}".encode()) for number in range(3)]
    with pytest.raises(StateError, match="is not in the state"):
        store.releases.find(ids[0][7:12])
    twin = ids[0][7:19] + "0" * 52
    store.objects.put(f"releases/{twin}.gz", b"")
    with pytest.raises(StateError, match="could be any of 2"):
        store.releases.find(short_id(ids[0]))


@pytest.mark.parametrize("wrong", ["", "abc", "0" * 12, "../../../etc", "ZZZZZZZZ"])
def test_what_is_no_short_id_finds_nothing(store: StateStore, wrong: str) -> None:
    store.releases.put(b"release")
    with pytest.raises(StateError, match="is not in the state"):
        store.releases.find(wrong)


def test_what_is_not_there_or_no_digest(store: StateStore) -> None:
    with pytest.raises(StateError, match="is not in the state"):
        store.releases.get("sha256:" + "0" * 64)
    with pytest.raises(StateError, match="is not the digest of a snapshot"):
        store.snapshots.get("sha256:../../x")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"not gzip at all",
        gzip.compress(b"another content", mtime=0),
        gzip.compress(b'{"a":1}', mtime=0)[:-5],
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xff\xff\xff",
    ],
    ids=["empty", "no gzip", "other content", "cut", "no deflate"],
)
def test_a_changed_blob_is_never_given_out(store: StateStore, damage: bytes) -> None:
    reference = store.snapshots.put({"a": 1})
    store.objects.put(f"snapshots/{reference[7:]}.gz", damage)
    with pytest.raises(StateCorruptError, match="is damaged"):
        store.snapshots.get(reference)


def test_a_bomb_is_refused_before_it_fills_the_memory(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b"\0" * 5_000_000
    name = hashlib.sha256(bomb).hexdigest()
    store.objects.put(f"releases/{name}.gz", gzip.compress(bomb))
    assert store.releases.get(name) == bomb
    monkeypatch.setattr("deployer.state.blobs.OBJECT_LIMIT", 1_000_000)
    with pytest.raises(StateCorruptError):
        store.releases.get(name)
    with pytest.raises(StateError, match="larger than"):
        store.releases.put(bomb)


def test_a_snapshot_that_is_not_json_is_corrupt(store: StateStore) -> None:
    blob = store.snapshots._blobs.put(b"{not json")
    with pytest.raises(StateCorruptError, match="is not JSON"):
        store.snapshots.get(blob)
