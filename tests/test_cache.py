"""The cache: it gives back what was put in, to its owner, or nothing at all."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployer.cache import Cache, Turns, content_digest, key_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def the_file(cache: Cache) -> Path:
    (path,) = cache.folder.iterdir()
    return path


def test_it_keeps_what_it_is_given(cache: Cache) -> None:
    assert cache.get("00") is None
    cache.put("00", b"data")
    assert cache.get("00") == b"data"
    assert Cache(cache.folder).get("00") == b"data"


def test_only_its_owner_can_read_it(cache: Cache) -> None:
    cache.put("00", b"data")
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert the_file(cache).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o602])
def test_a_file_that_others_could_change_counts_as_absent(cache: Cache, mode: int) -> None:
    cache.put("00", b"data")
    the_file(cache).chmod(mode)
    assert cache.get("00") is None


@pytest.mark.parametrize(
    "damaged",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[:10],
        lambda _: b"",
        lambda whole: whole + b"x",
        lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
    ],
    ids=["cut", "short", "empty", "long", "changed"],
)
def test_a_damaged_file_counts_as_absent(cache: Cache, damaged: Callable[[bytes], bytes]) -> None:
    cache.put("00", b"data")
    path = the_file(cache)
    whole = path.read_bytes()
    path.write_bytes(damaged(whole))
    assert cache.get("00") is None
    path.write_bytes(whole)
    assert cache.get("00") == b"data"


def test_a_file_moved_to_another_key_counts_as_absent(cache: Cache) -> None:
    cache.put("00", b"data")
    the_file(cache).rename(cache.folder / "01")
    assert cache.get("01") is None


def test_links_are_not_followed(cache: Cache, tmp_path: Path) -> None:
    cache.put("00", b"data")
    moved = the_file(cache).rename(tmp_path / "elsewhere")
    (cache.folder / "00").symlink_to(moved)
    assert cache.get("00") is None
    (tmp_path / "linked").symlink_to(cache.folder)
    linked = Cache(tmp_path / "linked")
    linked.put("02", b"data")
    assert linked.get("02") is None


def test_a_folder_that_cannot_be_made_only_costs_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put("00", b"data")
    assert cache.get("00") is None


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first = Cache(folder)
    for number in range(10):
        first.put(f"{number:02}", bytes(1000))
        os.utime(folder / f"{number:02}", (time.time() - 3 * 86_400 + number, time.time() - 3 * 86_400 + number))
    assert first.get("00") is not None  # used: as new now
    Cache(folder, max_bytes=8000).put("10", b"new")
    kept = {path.name for path in folder.iterdir()}
    assert "10" in kept
    assert "00" in kept
    assert "09" in kept
    assert "01" not in kept
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8000


def test_many_threads_write_and_read_at_once(cache: Cache) -> None:
    seen: set[bytes | None] = set()

    def work(number: int) -> None:
        for _ in range(30):
            cache.put("00", bytes([number]) * 20_000)
            seen.add(cache.get("00"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen <= {bytes([number]) * 20_000 for number in range(6)}
    assert len(list(cache.folder.iterdir())) == 1


def test_the_environment_turns_it_off_or_moves_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEPLOYER_CACHE", "off")
    assert Cache.of("scripts") is None
    monkeypatch.setenv("DEPLOYER_CACHE", str(tmp_path))
    found = Cache.of("scripts")
    assert found is not None
    assert found.folder == tmp_path / "scripts"


@settings(deadline=None)
@given(VALUES, VALUES)
def test_values_have_the_same_key_only_if_they_look_the_same(one: object, other: object) -> None:
    assert (key_of(one) == key_of(other)) == (repr(one) == repr(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, 1.0), (1, "1"), ([1], (1,)), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (None, ""), ({1: 0}, {"1": 0})],
)
def test_a_key_tells_types_and_order(one: object, other: object) -> None:
    assert key_of(one) != key_of(other)


def test_the_digest_of_files_tells_content_and_names(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text(path.name)
    before = content_digest(paths)
    assert content_digest(reversed(paths)) == before
    paths[0].write_text("changed")
    assert content_digest(paths) != before


def test_one_at_a_time_has_a_turn_for_a_key() -> None:
    turns, inside, most = Turns(), 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.turn("key"):
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert not turns._taken
