"""Plan files: what is written is read back; what is damaged in any way is never applied."""

import json
import stat
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.digests import digest
from deployer.errors import DeployerError
from deployer.planning.differences import AttributeChange
from deployer.planning.model import Action, Change, Concern, Plan, PlannedTenant, SecretChange, WantedState
from deployer.planning.plan_file import VERSION, plan_digest, read_plan, to_json, write_plan
from deployer.resources.marker import DigestKey, SecretState

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


KEY = DigestKey("the key of the tenant", "acme.eu.auth0.com")


def plan(**more) -> Plan:
    tenant = PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com")
    at = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
    return Plan(tenant=tenant, created_at=at, created_by="deployer 0", key_id="key", **more)


def change(**more) -> Change:
    return Change(kind="connection", name="users", action=Action.UPDATE, **more)


FULL = plan(
    targets=["connection.users"],
    release="sha256:" + "0" * 64,
    changes=[
        change(
            attributes=[AttributeChange(path=("options", "a"), action="change", before=1, after=[{"b": "ü🔑\u2028"}])],
            secrets=[SecretChange(name="PG_URL", state=SecretState.CHANGED), SecretChange(name="OLD", state="removed")],
            concerns=[Concern(code="adopt", address="connection.users", why="it exists")],
            irreversible=["x"],
            depends_on=["action.a"],
            before={"options": {"a": 1}},
            live_digest="sha256:1",
            read=["options"],
            wanted=WantedState(
                attributes={"options": {"a": None}}, removed=[["options", "b"]], secret_digests={"A": "b"}
            ),
        )
    ],
    wide=[Concern(code="many-changes", address="tenant.local", why="4 of 4")],
    tests={"connection.users": "passed"},
)


def test_a_plan_is_read_back_as_it_was(tmp_path):
    write_plan(FULL, tmp_path / "plan", KEY)
    assert read_plan(tmp_path / "plan").plan == FULL
    assert read_plan(tmp_path / "plan").digest == plan_digest(FULL)


@given(before=JSON, after=JSON)
def test_whatever_a_tenant_holds_is_read_back(tmp_path_factory, before, after):
    file = tmp_path_factory.getbasetemp() / "hypothesis.plan"
    made = plan(
        changes=[change(attributes=[AttributeChange(path=("a",), action="change", before=before, after=after)])]
    )
    write_plan(made, file, KEY)
    assert read_plan(file).plan == made


def test_the_file_is_its_owners_alone_and_nothing_else_is_left(tmp_path):
    file = tmp_path / "plan"
    file.write_text("an older one")
    file.chmod(0o644)
    write_plan(FULL, file, KEY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "nosuch" / "plan", tmp_path / "file" / "plan", tmp_path):
        with pytest.raises(DeployerError, match="the plan cannot be written"):
            write_plan(FULL, place, KEY)


def refused(file, expected: str) -> None:
    with pytest.raises(DeployerError, match=expected) as caught:
        read_plan(file)
    assert caught.value.where == str(file)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "damaged: it is not JSON"),
        ("{", "damaged: it is not JSON"),
        ("[" * 100_000, "damaged: it is not JSON"),
        ("[]", "no plan file"),
        ("null", "no plan file"),
        ('{"format": "other"}', "no plan file"),
        ('{"format": "deployer-plan"}', "has format None"),
        ('{"format": "deployer-plan", "version": "1"}', "has format 1"),
        ('{"format": "deployer-plan", "version": 4}', "format 4, and this deployer reads up to 3"),
        ('{"format": "deployer-plan", "version": 2}', "format 2, which is not authenticated with the tenant's key"),
        ('{"format": "deployer-plan", "version": 3}', "its digest does not match"),
        ('{"format": "deployer-plan", "version": 3, "digest": null, "plan": NaN}', "its digest does not match"),
        ('{"format": "deployer-plan", "version": 3, "plan": "\\ud800"}', "its digest does not match"),
    ],
)
def test_a_file_that_is_no_plan(tmp_path, text, expected):
    (tmp_path / "plan").write_text(text)
    refused(tmp_path / "plan", expected)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "plan").write_bytes(b"\xff\xfe\x00")
    refused(tmp_path / "plan", "not JSON")


def test_no_file_and_a_folder(tmp_path):
    refused(tmp_path / "nosuch", "cannot be read: No such file")
    refused(tmp_path, "cannot be read: Is a directory")


@given(st.data())
def test_any_byte_that_changes_is_noticed(tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "changed.plan"
    write_plan(FULL, file, KEY)
    content = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    file.write_bytes(content)
    try:
        saved = read_plan(file)
        saved.verify(KEY)
        assert saved.plan == FULL  # white space between values, and the byte that it was
    except DeployerError as error:
        assert error.hint  # noqa: PT017


@pytest.mark.parametrize("body", [{}, {"plan": {}}, {"plan": {"tenant": 5}}, {"plan": None}])
def test_a_right_digest_over_something_else_is_no_plan(tmp_path, body):
    data = {"format": "deployer-plan", "version": VERSION, **body}
    (tmp_path / "plan").write_text(json.dumps({**data, "digest": digest(data.get("plan"))}))
    refused(tmp_path / "plan", "it does not hold a plan")


def test_what_a_newer_version_has_added_is_not_overlooked(tmp_path):
    data = to_json(FULL)
    data["plan"]["changes"][0]["new_field"] = 1
    del data["digest"]
    (tmp_path / "plan").write_text(json.dumps({**data, "digest": digest(data.get("plan"))}))
    refused(tmp_path / "plan", "it does not hold a plan")
