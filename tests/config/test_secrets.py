"""References to secrets: where values come from, and that no message ever has one."""

import os
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from deployer.config import secrets
from deployer.config.problems import ConfigError, Position
from deployer.config.secrets import SecretResolver
from deployer.config.tree import SecretReference

HERE = Position("tenants/local.yaml", 3, 5)
CANARY = "canary-value"


def reference(scheme: str, target: str) -> SecretReference:
    return SecretReference(scheme, target, HERE)


def provide(path: str) -> object:
    """A provider, found by the name of this function in this module."""
    if path == "crash":
        raise RuntimeError(CANARY)
    return {"none": None, "empty": "", "bytes": b"x"}.get(path, f"{path}:{CANARY}")


@pytest.fixture
def resolver(tmp_path, monkeypatch):
    points = EntryPoints([EntryPoint("vault", f"{__name__}:provide", secrets.PROVIDERS)])
    monkeypatch.setattr(EntryPoint, "load", lambda _: provide)
    monkeypatch.setattr(secrets, "entry_points", lambda group: points if group == secrets.PROVIDERS else EntryPoints())
    return SecretResolver(tmp_path, {"SET": CANARY, "EMPTY": ""})


def test_text_is_itself(resolver):
    assert resolver.resolve("plain") == "plain"


def test_the_environment(resolver):
    assert resolver.resolve(reference("env", "SET")) == CANARY


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_without_its_last_line_end(resolver, tmp_path, end):
    (tmp_path / "key.pem").write_bytes(f"line\n{CANARY}{end}".encode())
    assert resolver.resolve(reference("file", "key.pem")) == f"line\n{CANARY}"


def test_a_file_by_its_whole_path(resolver, tmp_path):
    (tmp_path / "elsewhere").write_text(CANARY)
    assert resolver.resolve(reference("file", str(tmp_path / "elsewhere"))) == CANARY


def test_a_provider(resolver):
    assert resolver.resolve(reference("secret", "vault:kv/pg:url")) == f"kv/pg:url:{CANARY}"


@pytest.mark.parametrize(
    ("scheme", "target", "expected"),
    [
        ("env", "UNSET", "the environment variable UNSET is not set. Set it and run this again."),
        ("env", "EMPTY", "the environment variable EMPTY is empty"),
        ("file", "nosuch", "the secret file nosuch cannot be read: No such file or directory"),
        ("file", ".", "cannot be read"),
        ("file", "empty", "the secret file empty is empty"),
        ("file", "large", "is larger than 65,536 bytes"),
        ("file", "binary", "is not UTF-8 text"),
        ("file", "a\0b", "cannot be read"),
        ("file", "x" * 5000, "cannot be read"),
        ("file", "pipe", "cannot be read: it is no file"),
        ("secret", "valt:x", "there is no secret provider 'valt'; did you mean 'vault'?"),
        ("secret", "other:x", "Install a package with an entry point in deployer.secret_providers."),
        ("secret", "vault:crash", "the provider 'vault' failed (RuntimeError)"),
        ("secret", "vault:none", "the provider 'vault' returned no text"),
        ("secret", "vault:empty", "the provider 'vault' returned no text"),
        ("secret", "vault:bytes", "the provider 'vault' returned no text"),
    ],
)
def test_what_cannot_be_read(resolver, tmp_path, scheme, target, expected):
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"x" * 65_537)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError) as caught:
        resolver.resolve(reference(scheme, target))
    assert str(caught.value).startswith("tenants/local.yaml:3:5: ")
    assert expected in str(caught.value)
    assert CANARY not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_all_that_cannot_be_read_is_named_together(resolver):
    sources = {
        "a": reference("env", "A"),
        "b": reference("env", "SET"),
        "c": SecretReference("env", "C", Position("x", 9, 9)),
    }
    with pytest.raises(ConfigError) as caught:
        resolver.resolve_all(sources)
    assert [problem.message.split()[3] for problem in caught.value.problems] == ["A", "C"]
    assert "2 mistakes in all." in str(caught.value)


def test_a_reference_shows_its_name_only():
    assert str(reference("env", "SET")) == "!env SET"
    assert "Position" not in repr(reference("env", "SET"))
