"""The operations that everything else is built from, on every kind of store that can run here."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from deployer.state.errors import StateCorruptError, StateError, StatePermissionError, StateUnreachableError
from deployer.state.objects import Objects, Stored, Version
from deployer.state.state_store import StateStore


def test_what_is_put_is_read_and_listed(store: StateStore) -> None:
    objects = store.objects
    objects.put("history/prod/a.json", b"1")
    objects.put("history/prod/b.json", b"22")
    objects.put("history/prod-2/c.json", b"3")
    objects.put("history/prod/a.json", b"111")
    assert objects.list("history/prod") == ["history/prod/a.json", "history/prod/b.json"]
    assert objects.list("history") == ["history/prod-2/c.json", "history/prod/a.json", "history/prod/b.json"]
    assert objects.list("history/prod", after="history/prod/a.json") == ["history/prod/b.json"]
    assert objects.list("nothing/here") == []
    found = objects.get("history/prod/a.json")
    assert found
    assert found.data == b"111"
    objects.delete("history/prod/a.json")
    objects.delete("history/prod/a.json")
    assert objects.get("history/prod/a.json") is None
    assert objects.list("history/prod") == ["history/prod/b.json"]


def test_put_if_absent_creates_once(store: StateStore) -> None:
    assert store.objects.put_if_absent("locks/a.json", b"first")
    assert store.objects.put_if_absent("locks/a.json", b"second") is None
    found = store.objects.get("locks/a.json")
    assert found
    assert found.data == b"first"


def test_put_if_match_replaces_only_the_version_that_was_read(store: StateStore) -> None:
    objects = store.objects
    first = objects.put("locks/a.json", b"first")
    read = objects.get("locks/a.json")
    assert read == Stored(b"first", first)
    second = objects.put_if_match("locks/a.json", b"second", first)
    assert second
    assert objects.put_if_match("locks/a.json", b"third", first) is None
    found = objects.get("locks/a.json")
    assert found == Stored(b"second", second)
    assert objects.put_if_match("locks/gone.json", b"x", first) is None
    assert objects.get("locks/gone.json") is None


def test_get_many_keeps_the_order(store: StateStore) -> None:
    keys = [f"history/t/{number:03}.json" for number in range(40)]
    for key in keys[::2]:
        store.objects.put(key, key.encode())
    found = list(store.objects.get_many(keys))
    assert [key for key, _ in found] == keys
    assert [stored.data.decode() if stored else None for _, stored in found] == [
        key if number % 2 == 0 else None for number, key in enumerate(keys)
    ]


def test_of_many_threads_one_creates_and_one_replaces(store: StateStore) -> None:
    objects = store.objects
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            key = f"race/{number}.json"
            start = threading.Barrier(8)

            def create(writer: int, key: str = key, start: threading.Barrier = start) -> Version | None:
                start.wait()
                return objects.put_if_absent(key, f"writer {writer}".encode())

            created = list(pool.map(create, range(8)))
            winners = [writer for writer, version in enumerate(created) if version]
            assert len(winners) == 1
            found = objects.get(key)
            assert found
            assert found.data == f"writer {winners[0]}".encode()

            def replace(writer: int, key: str = key, found: Stored = found, start: threading.Barrier = start) -> bool:
                start.wait()
                return objects.put_if_match(key, f"again {writer}".encode(), found.version) is not None

            assert sum(pool.map(replace, range(8))) == 1


def test_a_large_object_is_refused_when_read(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.objects.put("snapshots/big.gz", b"x" * 1001)
    monkeypatch.setattr("deployer.state.objects.OBJECT_LIMIT", 1000)
    with pytest.raises(StateCorruptError, match="larger"):
        store.objects.get("snapshots/big.gz")


# --- the local folder


def test_a_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    previous = os.umask(0o000)
    try:
        store = StateStore.open(None, tmp_path)
        store.objects.put("history/prod/a.json", b"1")
        store.objects.put_if_absent("locks/a.json", b"1")
    finally:
        os.umask(previous)
    root = tmp_path / ".deployer"
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    for path in root.rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path
    assert (root / ".gitignore").read_text().endswith("*\n")


def test_an_open_folder_with_content_is_refused_and_an_empty_one_closed(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o755)
    StateStore.open(str(empty))
    assert stat.S_IMODE(empty.stat().st_mode) == 0o700
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("mine")
    full.chmod(0o755)
    with pytest.raises(StatePermissionError, match="open to other users") as refused:
        StateStore.open(str(full))
    assert "chmod 700" in str(refused.value)
    assert stat.S_IMODE(full.stat().st_mode) == 0o755


def test_a_folder_that_is_not_there_holds_nothing_and_is_made_by_the_first_write(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "store"
    store, other = StateStore.open(str(root)), StateStore.open(str(root))
    assert store.objects.get("history/prod/a.json") is None
    assert store.objects.list("history") == []
    store.objects.delete("history/prod/a.json")
    assert store.history.list("prod") == []
    assert store.locks.holder("prod") is None
    assert not store.is_there
    assert not root.parent.exists()
    store.objects.put("history/prod/a.json", b"1")
    assert store.is_there
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert other.objects.list("history") == ["history/prod/a.json"]


def test_a_folder_that_somebody_opens_to_others_in_between_is_refused(tmp_path: Path) -> None:
    store = StateStore.open(str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "file").write_text("theirs")
    (tmp_path / "store").chmod(0o755)
    with pytest.raises(StatePermissionError, match="open to other users"):
        store.objects.put("history/prod/a.json", b"1")
    with pytest.raises(StatePermissionError, match="open to other users"):
        store.objects.get("history/prod/a.json")


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError) as error:
        StateStore.open(str(tmp_path / "file" / "store"))
    assert str(tmp_path / "file") in str(error.value)


def test_paths_and_file_urls_name_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Objects.open("state", tmp_path).location.folder == tmp_path / "state"
    assert Objects.open("~/home-state", Path("/nowhere")).location.folder == tmp_path / "home-state"
    assert Objects.open(f"file://{tmp_path}/a%20b", Path("/nowhere")).location.folder == tmp_path / "a b"


def test_what_a_killed_writer_left_is_no_object(folder_url: str) -> None:
    objects = StateStore.open(folder_url).objects
    objects.put("history/t/a.json", b"1")
    (Path(folder_url) / "history/t/b.json#123456").write_bytes(b"torn")
    assert objects.list("history/t") == ["history/t/a.json"]
    assert objects.put_if_absent("history/t/b.json", b"2")


_WRITER = """
import sys
from deployer.state.state_store import StateStore
objects = StateStore.open(sys.argv[1]).objects
content = lambda number: (b"%08d" % number) * 20_000
print("ready", flush=True)
number = 0
while True:
    objects.put("kill/replaced.json", content(number))
    objects.put_if_absent(f"kill/created-{number:06}.json", content(number))
    number += 1
"""


@pytest.mark.parametrize("delay", [0.0, 0.023, 0.061])
def test_kill_9_in_the_middle_of_writes_leaves_whole_objects(url: str, delay: float) -> None:
    objects = StateStore.open(url).objects
    with subprocess.Popen([sys.executable, "-c", _WRITER, url], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
        # The moment of the kill is random by nature; the delay only spreads it.
        threading.Event().wait(0.08 + delay)
        writer.send_signal(signal.SIGKILL)
    keys = objects.list("kill")
    assert keys
    for _, stored in objects.get_many(keys):
        assert stored
        assert len(stored.data) == 160_000
        assert stored.data == stored.data[:8] * 20_000
    created = [key for key in keys if "created" in key]
    assert created == [f"kill/created-{number:06}.json" for number in range(len(created))]


def test_writes_reach_the_disk_before_they_count(folder_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content is flushed before the name appears, and the name before the call returns."""
    order: list[str] = []
    real_fsync, real_link = os.fsync, os.link

    def fsync(descriptor: int) -> None:
        order.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "content")
        real_fsync(descriptor)

    def link(*paths: Path) -> None:
        order.append("name")
        real_link(*paths)

    objects = StateStore.open(folder_url).objects
    objects.put("journals/warm.json", b"")
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "link", link)
    objects.put_if_absent("journals/a.json", b"1")
    assert order == ["content", "name", "directory"]


# --- clouds


@pytest.mark.parametrize(
    ("url", "kind", "variables"),
    [
        ("s3://bucket/a/b", "S3Store", {}),
        ("gs://bucket/a", "GCSStore", {}),
        ("az://container/a", "AzureStore", {"AZURE_STORAGE_ACCOUNT_NAME": "account"}),
    ],
)
def test_urls_open_the_right_kind(
    url: str, kind: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    objects = Objects.open(url)
    assert type(objects._store).__name__ == kind
    assert objects._store.prefix == url.split("/", 3)[3]
    assert repr(objects) == f"Objects({url!r})"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://host/x", "no state can be kept at 'ftp://'"),
        ("s3://", "not the name of a bucket"),
        ("s3://bucket/../x", "cannot be used in the state"),
        ("s3://bucket/a b", "cannot be used in the state"),
        ("file://host/x", "file:///folder"),
        ("az://container/x", "AZURE_STORAGE_ACCOUNT_NAME"),
    ],
)
def test_urls_that_name_no_store(url: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(StateError) as error:
        Objects.open(url)
    assert says in str(error.value)
    assert "Debug source" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:hunter2-canary@bucket/x",
        "az://container/x?sig=hunter2-canary",
        "gs://bucket/x#hunter2-canary",
    ],
)
def test_credentials_in_a_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(StateError, match="must not hold credentials") as error:
        Objects.open(url)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "operation",
    [
        lambda objects: objects.get("locks/a.json"),
        lambda objects: objects.list("locks"),
        lambda objects: objects.put("locks/a.json", b""),
        lambda objects: objects.put_if_absent("locks/a.json", b""),
    ],
    ids=["get", "list", "put", "put_if_absent"],
)
def test_a_bucket_that_does_not_exist_is_never_an_empty_one(
    s3_url: str, operation: Callable[[Objects], object]
) -> None:
    objects = Objects.open(s3_url.replace("bucket-", "no-bucket-"))
    with pytest.raises(StateError, match="does not exist"):
        operation(objects)


def test_no_answer_is_a_store_that_cannot_be_reached(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        objects = Objects.open(s3_url, retry_seconds=0.2)
        with pytest.raises(StateUnreachableError, match="no connection") as error:
            objects.get("locks/a.json")
    assert s3_url in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    assert "canary" not in str(error.value)


def test_plain_http_needs_to_be_allowed(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(StateError, match="AWS_ALLOW_HTTP"):
        Objects.open(s3_url).get("locks/a.json")


def test_a_refusal_says_so_without_the_key(s3_server: SimpleNamespace, s3_url: str) -> None:
    def deny(environ: object, start_response: object) -> list[bytes]:
        start_response("403 Forbidden", [("Content-Type", "application/xml")])  # type: ignore[operator]
        return [b"<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>canary-key-id</AWSAccessKeyId></Error>"]

    objects = Objects.open(s3_url)
    real, s3_server.app.app = s3_server.app.app, deny
    try:
        for operation in (lambda: objects.get("locks/a.json"), lambda: objects.put_if_absent("locks/a.json", b"")):
            with pytest.raises(StatePermissionError, match="403 SignatureDoesNotMatch") as error:
                operation()
            assert "canary" not in str(error.value)
    finally:
        s3_server.app.app = real


def test_missing_credentials_are_named() -> None:
    """Without keys the client asks the cloud's metadata service; here, a server that has none to give."""
    from deployer.state.location import Location
    from deployer.state.obstore_errors import translate

    found = translate(
        RuntimeError("Error performing PUT http://169.254.169.254/latest/api/token: status code: 403"),
        Location("s3", bucket="b"),
        "read",
        "locks/a.json",
    )
    assert isinstance(found, StatePermissionError)
    assert "AWS_ACCESS_KEY_ID" in str(found)
