"""Every recorded write that Auth0 took: what was sent is wanted, what was answered is live, and nothing differs.

The recordings lie beside a checkout, not in it: without them the first test is skipped. What they taught is written
down below it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deployer.applying.verification import mismatches
from deployer.planning.attributes import attribute_changes
from deployer.resources import action_payload, connection_payload
from deployer.resources.kinds import client, client_grant, resource_server, rule
from deployer.resources.model import Desired, Live
from tests.support.paths import ROOT

RECORDINGS = ROOT.parent / "shared" / "conformance" / "recordings"
NAME = "mine"

MIN_15 = {
    "complexity": {"min_length": 15, "character_types": [], "character_type_rule": "all"},
    "history": {"active": False, "size": 3},
    "dictionary": {"active": False, "custom": [], "default": "en_100k"},
}


def connection_of(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[Desired, Live] | None:
    if answer.get("strategy") != "auth0":
        return None
    options = {key: value for key, value in sent.get("options", {}).items() if key != "configuration"}
    wanted = {key: sent[key] for key in ("metadata", "realms", "is_domain_connection", "display_name") if key in sent}
    wanted["options"] = options
    secrets = dict.fromkeys(sent.get("options", {}).get("configuration") or {}, "")
    return Desired("connection", answer["name"], wanted, secrets), connection_payload.live_state(answer)


def client_of(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[Desired, Live]:
    live = client.live_state(answer, NAME)
    return Desired("client", NAME, {key: value for key, value in sent.items() if key in _shown_by(live)}), live


def grant_of(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[Desired, Live]:
    live = client_grant.live_state(answer, Live("client", NAME, str(answer.get("client_id")), {}, {}))
    wanted = {key: sent[key] for key in ("audience", "allow_all_scopes") if key in sent}
    if "scope" in sent:
        wanted["scope"] = sorted(sent["scope"])
    return Desired("client-grant", NAME, wanted), live


def server_of(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[Desired, Live]:
    live = resource_server.live_state(answer, NAME)
    wanted = {key: value for key, value in sent.items() if key in _shown_by(live)}
    if "scopes" in wanted:
        wanted["scopes"] = sorted(wanted["scopes"], key=lambda scope: str(scope["value"]))
    return Desired("resource-server", NAME, wanted), live


def action_of(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[Desired, Live]:
    live = action_payload.live_state(answer)
    wanted = {key: sent[key] for key in ("code", "runtime", "dependencies") if key in sent}
    if "supported_triggers" in sent:
        wanted["trigger"] = sent["supported_triggers"][0]["id"]
    return Desired("action", live.name, wanted, {one["name"]: "" for one in sent.get("secrets", [])}), live


def rule_of(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[Desired, Live]:
    wanted = {key: sent[key] for key in ("script", "enabled", "order") if key in sent}
    return Desired("rule", str(answer["name"]), wanted), rule.live_state(answer, ())


def _shown_by(live: Live) -> set[str]:
    return set(live.attributes) - {"metadata"}


KINDS = {
    "connections": connection_of,
    "clients": client_of,
    "client-grants": grant_of,
    "resource-servers": server_of,
    "actions": action_of,
    "rules": rule_of,
}


def recorded_writes() -> Iterator[tuple[str, Desired, Live]]:
    for path in sorted(RECORDINGS.glob("*.json")):
        for number, step in enumerate(json.loads(path.read_text())["steps"]):
            parts = step["path"].partition("?")[0].removeprefix("/api/v2/").split("/")
            parts = parts[1:] if parts[:2] == ["actions", "actions"] else parts
            is_write = step["method"] == "POST" if len(parts) == 1 else step["method"] == "PATCH" and len(parts) == 2
            sent, answer = step["request"], step["response"]
            if not is_write or parts[0] not in KINDS or step["status"] >= 300 or not isinstance(answer, dict):
                continue
            pair = KINDS[parts[0]](sent, answer)
            if pair is not None:
                yield f"{path.stem} step {number}", *pair


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside this checkout")
def test_what_auth0_answers_to_a_write_is_what_was_written() -> None:
    kinds = set()
    wrong = []
    for where, wanted, live in recorded_writes():
        kinds.add(wanted.kind)
        wrong += [f"{where}: plan {change.path}" for change in attribute_changes(wanted, live)]
        wrong += [f"{where}: read back {path}" for path in mismatches(wanted, live)]
    assert not wrong
    assert kinds == {"connection", "client", "client-grant", "resource-server", "action", "rule"}


OLD_AND_NEW = {"passwordPolicy": "low", "password_complexity_options": {"min_length": 8}, "password_options": MIN_15}


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        # 2025 and early 2026: whoever sends nothing gets a policy of the old kind.
        ({}, {"passwordPolicy": "good", "authentication_methods": {"password": {"enabled": True}}}),
        # 2026-08: new password options beside the old ones that were sent, ...
        ({"passwordPolicy": "low", "password_complexity_options": {"min_length": 8}}, OLD_AND_NEW),
        # ... alone where none were, ...
        ({"brute_force_protection": True}, {"brute_force_protection": True, "password_options": MIN_15}),
        # ... and none after a PATCH with the old ones.
        ({"passwordPolicy": "good"}, {"passwordPolicy": "good"}),
        # A part of the new ones is completed.
        (
            {"password_options": {"complexity": {"min_length": 12}}},
            {"password_options": {"complexity": {"min_length": 12, "character_types": []}}},
        ),
        # What is sent as null is not there afterwards.
        ({"upstream_params": None, "mfa": {"active": True, "provider": None}}, {"mfa": {"active": True}}),
    ],
)
def test_what_tenants_of_every_age_add_is_no_difference(sent: dict[str, Any], answered: dict[str, Any]) -> None:
    raw = {"id": "con_1", "name": NAME, "strategy": "auth0", "options": answered}
    wanted = Desired("connection", NAME, {"options": sent})
    assert attribute_changes(wanted, connection_payload.live_state(raw)) == []
    assert mismatches(wanted, connection_payload.live_state(raw)) == []


def test_other_password_options_beside_ours_are_somebody_elses() -> None:
    stronger = {**OLD_AND_NEW, "password_options": {"complexity": {"min_length": 20}}}
    wanted = Desired("connection", NAME, {"options": {"passwordPolicy": "low"}})
    raw = {"id": "con_1", "name": NAME, "strategy": "auth0", "options": stronger}
    assert [change.path for change in attribute_changes(wanted, connection_payload.live_state(raw))] == [
        ("options", "password_options")
    ]


def test_what_a_tenant_of_a_later_age_adds_is_noted_once_and_known_from_then_on() -> None:
    later = {"passwordPolicy": "low", "password_options": {"complexity": {"min_length": 18}}}
    wanted = Desired("connection", NAME, {"options": {"passwordPolicy": "low"}})
    raw: dict[str, Any] = {"id": "con_1", "name": NAME, "strategy": "auth0", "options": later}
    just_written = connection_payload.live_state(raw)
    assert mismatches(wanted, just_written) == []
    added = connection_payload.addition(wanted, just_written)
    assert added
    noted = connection_payload.live_state({**raw, "metadata": {"deployer": f"v1;key=abcdef;added={added}"}})
    assert attribute_changes(wanted, noted) == []
    weakened = {**later, "password_options": {"complexity": {"min_length": 9}}}
    changed = connection_payload.live_state({**raw, "options": weakened, "metadata": noted.raw["metadata"]})
    assert [change.path for change in attribute_changes(wanted, changed)] == [("options", "password_options")]
