"""Right scripts pass every check, and what cannot be checked is skipped with a reason."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.runtime.contract import CheckOutcome, run_contract
from deployer.runtime.contract.checks import CHECKS

pytestmark = [pytest.mark.node, pytest.mark.npm, pytest.mark.postgres]


def outcomes(report):
    return {result.name: result.outcome.value for result in report.results}


def test_every_check_passes(subject, check):
    report = check(subject)
    passed = {each.name: "passed" for each in CHECKS}
    assert outcomes(report) == {**passed, "inactive": "skipped"}, report.results
    assert report.passed
    assert report.calls > 100
    assert report.digest == subject.digest()


def test_scripts_that_are_not_there_are_not_checked(subject, check):
    kept = {kind: subject.scripts[kind] for kind in ("login",)}
    report = check(subject, "good-login", "same-profile", "create", "verify", "unique-email", scripts=kept)
    assert outcomes(report) == {
        "good-login": "passed",
        "same-profile": "skipped",
        "create": "skipped",
        "verify": "skipped",
        "unique-email": "skipped",
    }
    assert all(result.reason for result in report.results if result.outcome is CheckOutcome.SKIPPED)


def test_without_create_the_known_users_password_is_changed_and_changed_back(subject, check):
    kept = {kind: subject.scripts[kind] for kind in ("login", "change_password")}
    report = check(replace(subject, limit_seconds=10), "change-password", "good-login", scripts=kept)
    assert outcomes(report) == {"change-password": "passed", "good-login": "passed"}


def test_a_check_can_be_skipped_with_a_reason(subject, check):
    report = check(subject, "verify", skip={"verify": "the store verifies by itself"})
    assert report.results[0].reason == "the store verifies by itself"


def test_after_a_migration_only_callbacks_are_checked(subject, check):
    scripts = dict.fromkeys(("login", "get_user"), "function f(...args) { args.pop()(null, null); }")
    report = check(subject, migration="complete", scripts=scripts)
    assert {name for name, outcome in outcomes(report).items() if outcome == "passed"} == {"callback"}
    assert set(outcomes(report).values()) == {"passed", "skipped"}


def test_with_context(subject, check, good_scripts):
    login = good_scripts["login"].replace("email, password, callback", "email, password, context, callback")
    login = login.replace(
        "callback(null, profile(", "if (context.connection.name !== 'legacy') return; callback(null, profile("
    )
    assert check(subject, "good-login", scripts={"login": login}, with_context=True).passed


def test_an_embedded_store_with_a_seed(subject, check, tmp_path):
    seed = tmp_path / "seed.sql"
    seed.write_text(
        "CREATE TABLE users (id int, email text, password text, email_verified boolean);\n"
        "INSERT INTO users VALUES (7, 'ada@example.com', 'Correct-Horse-1', true);\n"
    )
    assert check(subject, "good-login", "store-down", store="embedded", seed=seed).passed


@pytest.mark.parametrize(("seed", "message"), [("SELEC 1;", "refused the SQL"), (r"\! id", "refused the SQL")])
def test_a_bad_seed(subject, check, tmp_path, seed, message):
    (tmp_path / "seed.sql").write_text(seed)
    with pytest.raises(DeployerError, match=message):
        check(subject, "good-login", store="embedded", seed=tmp_path / "seed.sql")


def test_a_missing_seed(subject, check, tmp_path):
    with pytest.raises(DeployerError, match="cannot be read: No such file") as raised:
        check(subject, "good-login", store="embedded", seed=tmp_path / "seed.sql")
    assert str(raised.value).count("seed.sql") == 1


@pytest.mark.parametrize("module", ["mysql2", "mongodb", "mssql"])
def test_an_embedded_store_of_another_kind(subject, check, module):
    """What is embedded is a PostgreSQL: that is said, not fourteen times that a login fails."""
    with pytest.raises(DeployerError, match=f"is a PostgreSQL, .* use {module}.*tls: false"):
        check(subject, "good-login", store="embedded", modules={module: "1.0.0"})


def test_unknown_names(subject, module_cache: Path):
    with pytest.raises(DeployerError, match="did you mean 'good-login'"):
        asyncio.run(run_contract(subject, cache=module_cache, only=["good-logn"]))


def test_no_secret_in_the_report(subject, check, users):
    """An error that quotes everything it knows: the report shows none of it."""
    login = (
        "function login(email, password, callback) {"
        " callback(new Error([configuration.PG_URL, password, new URL(configuration.PG_URL).password].join(' '))); }"
    )
    report = check(subject, "good-login", "wrong-password", scripts={"login": login})
    password = users.url.split(":")[2].split("@")[0]
    assert not report.passed
    assert "***" in repr(report)
    shown = repr(report) + repr(subject)
    secrets = (password, users.url, "Correct-Horse-1", "not-the-password-of-anybody")
    assert [secret for secret in secrets if secret in shown] == []


def test_what_stands_on_something_broken_is_skipped_with_the_cause(subject, check, good_scripts):
    """A column that is not there: nothing is known then about what the scripts would do without it."""
    login = good_scripts["login"].replace("lower(email)", "lower(mail)")
    names = ("good-login", "wrong-password", "metadata-name", "no-secrets", "injection", "global-clean", "store-down")
    report = check(subject, *names, scripts={**good_scripts, "login": login})
    assert outcomes(report) == {**dict.fromkeys(names, "skipped"), "good-login": "failed"}
    assert all("the known user cannot log in: Error: store: 42703" in each.reason for each in report.results[1:])
    report = check(subject, "metadata-name", scripts={**good_scripts, "login": login})
    assert (report.passed, report.results[0].premise_failed) == (False, True)


def test_a_create_that_fails_is_the_fault_of_create_alone(subject, check, good_scripts):
    create = good_scripts["create"].replace("(email, password)", "(mail, password)")
    report = check(subject, "create", "verify", "change-email", scripts={**good_scripts, "create": create})
    assert outcomes(report) == {"create": "failed", "verify": "skipped", "change-email": "skipped"}
    assert not report.passed


def test_the_stores_own_words_are_shown_without_secrets(subject, check, good_scripts, users):
    why = "new Error('store: ' + error.code, { cause: new Error(error.message + ' ' + configuration.PG_URL) })"
    login = (
        good_scripts["login"].replace("lower(email)", "lower(mail)").replace("new Error('store: ' + error.code)", why)
    )
    (result,) = check(subject, "good-login", scripts={"login": login}).results
    assert 'the store said: column "mail" does not exist ***' in result.details[0]


def test_id_serves_as_user_id(subject, check, good_scripts):
    scripts = {kind: source.replace("user_id: 'legacy|'", "id: 'legacy|'") for kind, source in good_scripts.items()}
    assert check(subject, "good-login", "same-profile", "distinct-ids", "delete", scripts=scripts).passed


def test_times_are_told_and_nothing_is_left(subject, check, users):
    report = check(subject, "change-password", "change-email", "injection", "distinct-ids")
    assert report.passed
    assert {time.kind for time in report.times} >= {"login", "create", "change_password"}
    assert all(0 < time.median_ms <= time.p95_ms for time in report.times)
    assert report.notes == ()
    assert users.run_sql("SELECT email FROM users").strip() == "ada@example.com"


def test_who_is_left_in_the_store_is_told(subject, check, good_scripts):
    scripts = {kind: source for kind, source in good_scripts.items() if kind != "delete"}
    report = check(subject, "create", scripts=scripts)
    assert report.notes == ("The tests left 1 user of their own in the store: there is no `delete` script.",)
