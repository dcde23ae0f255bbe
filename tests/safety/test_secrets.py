"""Changes of secrets, ours and others', are told apart, and what is noted about them helps nobody to guess a value."""

import base64
import hashlib
import json
import re

import pytest

from deployer.resources.marker import DigestKey
from deployer.sandbox import dashboard

TWO = """\
connections:
  one: {store: postgres, configuration: {PG_URL: !env PG_URL, SAME: !env PG_URL}}
  two: {store: postgres, configuration: {PG_URL: !env PG_URL}}
"""


def state(project) -> list[dict]:
    ran = project.run("plan", "local", "--no-lint", "--json")
    assert ran.code == 0, ran.all
    changes = {change["name"]: change for change in ran.json["plan"]["changes"]}
    return changes["legacy-users"]["secrets"]


def test_our_change_theirs_and_both(deployed, local_tenant, monkeypatch):
    assert state(deployed) == []
    monkeypatch.setenv("PG_URL", "postgres://ours/")
    assert state(deployed) == [{"name": "PG_URL", "state": "changed"}]
    assert "secret PG_URL has a new value" in deployed.run("plan", "local", "--no-lint").out
    dashboard.change_secret(local_tenant.state, "legacy-users", "PG_URL", "postgres://theirs/")
    assert state(deployed) == [{"name": "PG_URL", "state": "changed-both"}]
    both = deployed.run("plan", "local", "--no-lint").out
    assert "somebody else" in both
    drift = deployed.run("drift", "local")
    assert drift.code == 2
    assert "PG_URL" in drift.out
    assert deployed.run("apply", "local", "--no-lint", "--auto-approve").code == 0
    assert state(deployed) == []
    # They write the very same value: another ciphertext, so somebody has been there.
    dashboard.change_secret(local_tenant.state, "legacy-users", "PG_URL", "postgres://ours/")
    assert state(deployed) == [{"name": "PG_URL", "state": "changed-outside"}]


def test_the_key_changes_and_nothing_is_claimed(deployed, local_tenant, monkeypatch):
    """With another key, and the former one unknown, nothing is known of the values: one apply settles it."""
    deployed.tenant("secrets_key: !env KEY\n" + LEGACY)
    monkeypatch.setenv("KEY", "a key")
    assert deployed.run("apply", "local", "--no-lint", "--auto-approve").code == 0
    assert state(deployed) == []
    monkeypatch.setenv("KEY", "another key")
    assert state(deployed) == [{"name": "PG_URL", "state": "unknown"}]
    assert deployed.run("apply", "local", "--no-lint", "--auto-approve").code == 0
    assert state(deployed) == []


LEGACY = """\
connections:
  legacy-users:
    store: postgres
    migration: trickle
    variables: {table: users}
    configuration: {PG_URL: !env PG_URL}
    options: {non_persistent_attrs: [good], brute_force_protection: true}
"""


def tokens(connection: dict) -> list[str]:
    """The notes about secrets: name, value and ciphertext, 22 characters in all."""
    return [part for part in connection["metadata"]["deployer_secrets"].split(".") if part]


def test_equal_values_have_different_digests_everywhere(undeployed, local_tenant, live_connection, monkeypatch):
    undeployed.tenant(TWO)
    assert undeployed.run("apply", "local", "--no-lint", "--auto-approve").code == 0
    found = [token[6:14] for name in ("one", "two") for token in tokens(live_connection(name))]
    assert len(found) == 3
    assert len(set(found)) == 3
    # The same secret of the same connection in another tenant, with the same credentials.
    key = DigestKey("material", "one.example.com")
    other = DigestKey("material", "two.example.com")
    assert key.of("connection.one", "A", "value") != other.of("connection.one", "A", "value")
    assert key.of("connection.one", "A", "value") != DigestKey("m2", "one.example.com").of(
        "connection.one", "A", "value"
    )
    assert "material" not in repr(key)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "sha3_256"])
def test_no_digest_without_a_key_is_anywhere(algorithm, deployed, local_tenant, tmp_path, monkeypatch):
    """Whoever has the tenant, the store and the plan file cannot try values: no plain digest of one is there."""
    value = f"postgres://scripts:{CANARY}@db.example.com/users"
    file = tmp_path / "saved.plan"
    assert deployed.run("plan", "local", "--no-lint", "--out", str(file)).code == 0
    everything = json.dumps(local_tenant.state.storage.dump()) + file.read_text()
    for each in (deployed.root / ".deployer").rglob("*"):
        if each.is_file():
            everything += each.read_bytes().decode("utf-8", "replace")
    address = "connection.legacy-users"
    texts = [value, f"PG_URL={value}", f"{address}PG_URL{value}", f"value\0{address}\0PG_URL\0{value}"]
    for text in texts:
        raw = hashlib.new(algorithm, text.encode()).digest()
        for form in (raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
            # Even the beginning of one would do to test a guess.
            assert form[:8] not in everything


CANARY = "canary-Pg-passw0rd-do-not-show"


def test_the_notes_hold_nothing_else(deployed, live_connection):
    metadata = live_connection()["metadata"]
    assert set(metadata) == {"deployer", "deployer_secrets"}
    assert re.fullmatch(
        r"v1;key=[\w-]{6};release=sha256:[0-9a-f]+;run=[0-9a-f]{8};tenant=local(;added=[\w-]+)?", metadata["deployer"]
    )
    assert re.fullmatch(r"[\w-]{22}", metadata["deployer_secrets"])
    assert all(len(value) <= 255 for value in metadata.values())
