"""DB601 to DB603: what they find beyond their examples, and what they leave alone."""

import pytest

from deployer.linting.examples import findings_of
from deployer.linting.registry import find_rule

PROFILE = """
scripts:
  login: |
    function login(email, password, callback) {
      callback(null, { user_id: 'a|' + row.id, email, %s });
    }
"""


def codes(code: str, text: str) -> list[str]:
    return [finding.code for finding in findings_of(find_rule(code), text)]


def test_metadata_needs_a_backfill_only_while_users_move() -> None:
    assert codes("DB601", "migration: trickle\nguards: []" + PROFILE % "user_metadata: {}") == ["DB601"]
    assert codes("DB601", "migration: trickle\nguards: []" + PROFILE % "name: row.name") == []
    assert codes("DB601", "migration: off\nguards: []" + PROFILE % "metadata: {}") == []
    assert codes("DB601", "migration: trickle" + PROFILE % "metadata: {}") == []


def test_marking_is_asked_for_only_while_users_move() -> None:
    assert codes("DB602", "import_mode: true\nguards: [backfill-metadata]") == ["DB602"]
    assert codes("DB602", "migration: 'off'\nguards: []") == []
    assert codes("DB602", "migration: complete\nguards: []") == []
    assert codes("DB602", "migration: trickle") == []


def test_what_is_advised_on_marking_works_for_the_store() -> None:
    def hint(facts: str) -> str:
        (found,) = findings_of(find_rule("DB602"), f"migration: trickle\nguards: []\n{facts}")
        return found.hint

    assert hint("direct_database: false").startswith("Add mark-migrated")
    assert hint("direct_database: true\naudience: https://users.example.com").startswith("Add mark-migrated")
    direct = hint("direct_database: true")
    assert not direct.startswith("Add mark-migrated")
    assert "migrated_column" in direct
    assert "DB602: off" in direct


@pytest.mark.parametrize(
    ("migration", "import_mode", "wrong"),
    [
        ("off", "true", True),
        ("off", "false", False),
        ("trickle", "false", True),
        ("trickle", "true", False),
        ("complete", "false", True),
        ("complete", "true", False),
    ],
)
def test_import_mode_follows_migration(migration: str, import_mode: str, wrong: bool) -> None:
    assert bool(codes("DB603", f"migration: '{migration}'\nimport_mode: {import_mode}")) is wrong


def test_unknown_facts_are_no_mismatch() -> None:
    assert codes("DB603", "migration: trickle") == []
    assert codes("DB603", "import_mode: true") == []
