"""Runs over scripts and connections: severities, comments that silence, masked secrets, merging, failing rules."""

from collections.abc import Iterator

import pytest

from deployer.errors import DeployerError
from deployer.linting.engine import MAX_PARSED, LintReport, lint
from deployer.linting.finding import Finding, Severity
from deployer.linting.inputs import ConnectionInput, ScriptInput
from deployer.linting.registry import own_rules
from deployer.linting.rule import ScriptRule
from deployer.linting.tenant_inputs import merge_reports

WRONG = "function login(email, password, callback) {\n  callback(new Error('Wrong password'));MARK\n}\n"


def script(source: str, kind: str = "login") -> ScriptInput:
    return ScriptInput(source, kind, address=f"connection.users/{kind}")


def codes(report: LintReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_finding_has_its_place() -> None:
    report = lint(scripts=[script("// é\n" + WRONG)])
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("DB206", Severity.WARNING)
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (3, 12, 3, 39)
    assert finding.source_line == "  callback(new Error('Wrong password'));MARK"
    assert finding.address == "connection.users/login"


def test_columns_count_characters_not_bytes() -> None:
    source = "function login(email, password, callback) { /* ééé𝒳 */ callback('Wrong'); }"
    (finding,) = lint(scripts=[script(source)]).findings
    assert finding.column == source.index("'Wrong'") + 1
    assert finding.end_column == finding.column + len("'Wrong'")


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ({"DB206": "error"}, [Severity.ERROR]),
        ({"db206": "warning"}, [Severity.WARNING]),
        ({"wrong-error-type": "error"}, [Severity.ERROR]),
        ({"DB206": "off"}, []),
        ({"DB201": "off"}, [Severity.WARNING]),
    ],
)
def test_severities_change(severities: dict[str, str], expected: list[Severity]) -> None:
    report = lint(scripts=[script(WRONG)], severities=severities)
    assert [finding.severity for finding in report.findings] == expected
    assert len(report.errors) == expected.count(Severity.ERROR)


@pytest.mark.parametrize(
    ("severities", "what"), [({"DB999": "off"}, "no lint rule 'DB999'"), ({"DB206": "loud"}, "'loud' is no severity")]
)
def test_wrong_severities_are_refused(severities: dict[str, str], what: str) -> None:
    with pytest.raises(DeployerError, match=what):
        lint(severities=severities)


@pytest.mark.parametrize(
    "source",
    [
        WRONG.replace("MARK", " // deployer-ignore DB206: accounts must not be locked"),
        WRONG.replace("MARK", " /* deployer-ignore DB206: accounts must not be locked */"),
        WRONG.replace("  callback", "  // deployer-ignore DB206: accounts must not be locked\n  callback"),
        WRONG.replace("  callback", "  // deployer-ignore DB201, db206: because\n  // of that\n\n  callback"),
        WRONG.replace("  callback", "  /* deployer-ignore DB206:\n because */ callback").replace(":\n", ": of old,\n"),
    ],
)
def test_comment_silences(source: str) -> None:
    report = lint(scripts=[script(source)])
    assert codes(report) == []
    assert report.silenced == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (WRONG.replace("MARK", " // deployer-ignore DB206"), ["DB108", "DB206"]),
        (WRONG.replace("MARK", " // deployer-ignore DB206:"), ["DB108", "DB206"]),
        (WRONG.replace("MARK", " // deployer-ignore: because"), ["DB108", "DB206"]),
        (WRONG.replace("MARK", " // deployer-ignore DB202: because"), ["DB206"]),
        (WRONG.replace("MARK", "\n  // deployer-ignore DB206: too late"), ["DB206"]),
        (WRONG.replace("'Wrong password'", "'deployer-ignore DB206: Wrong password'"), ["DB206"]),
    ],
)
def test_comment_silences_nothing(source: str, expected: list[str]) -> None:
    report = lint(scripts=[script(source)])
    assert sorted(codes(report)) == expected
    assert report.silenced == 0


def test_comment_before_all_code_speaks_of_the_whole() -> None:
    large = (
        "function login(email, password, callback) {\n"
        + "  // filler\n" * 5_000
        + "  callback(null, { user_id: 1 });\n}\n"
    )
    assert "DB104" in codes(lint(scripts=[script(large)]))
    reasoned = "// deployer-ignore DB104: generated, and within the limit\n" + large
    assert "DB104" not in codes(lint(scripts=[script(reasoned)]))


def test_comment_before_all_code_speaks_of_the_connection() -> None:
    source = "function login(email, password, callback) { callback(null, { user_id: 'x|' + email, email }); }"
    rules = [rule for rule in own_rules() if rule.code == "DB105"]

    def report(source: str) -> LintReport:
        return lint(
            [ConnectionInput("users", {"login": script(source)}, "connection.users", migration="trickle")],
            rules=rules,
        )

    assert codes(report(source)) == ["DB105"]
    assert codes(report("// deployer-ignore DB105: get_user comes with the next release\n" + source)) == []
    assert codes(report(source.replace("{ callback", "{ // deployer-ignore DB105: in the middle\n callback"))) == [
        "DB105"
    ]


def test_secret_is_masked_in_every_finding_of_its_line() -> None:
    secret = "hQ7vX2mK9pL4wZ8tR6yB"
    source = (
        "async function login(email, password, callback) {\n"
        "  const axios = require('axios');\n"
        f"  const r = await axios.get(configuration.URL, {{ headers: {{ authorization: 'Bearer {secret}' }} }});\n"
        "  callback(null, { user_id: r.data.id, email });\n}\n"
    )
    report = lint(scripts=[script(source)])
    assert {"DB401", "DB203"} <= set(codes(report))
    assert secret not in repr(report)
    off = lint(scripts=[script(source)], severities={"DB401": "off"})
    assert "DB203" in codes(off)
    assert secret not in repr(off)


SECRET = "hQ7vX2mK9pL4wZ8tR6yB"


@pytest.mark.parametrize(
    "source",
    [
        f"const key = '{SECRET}' function login() {{}}",
        f"const key = '{SECRET}\n",
        f"const key {SECRET} = 1;",
    ],
)
def test_secret_is_masked_in_what_does_not_parse(source: str) -> None:
    report = lint(scripts=[script(source)])
    assert codes(report) == ["DB101"]
    assert SECRET not in report.findings[0].message


def test_secret_in_quotes_is_masked_in_the_line_that_does_not_parse() -> None:
    assert SECRET not in repr(lint(scripts=[script(f"const key = '{SECRET}' function login() {{}}")]))


def test_huge_text_is_refused_without_being_parsed() -> None:
    report = lint(scripts=[script("(" * (MAX_PARSED + 1))])
    assert codes(report) == ["DB104"]


def test_broken_script_has_one_finding() -> None:
    report = lint(scripts=[script("function login(email, password, callback) { if (email { callback(null) }")])
    assert codes(report) == ["DB101"]


def test_shared_findings_of_tenants_are_shown_once() -> None:
    report = lint(scripts=[script(WRONG)])
    together = merge_reports([report, report])
    assert codes(together) == ["DB206"]
    assert together.scripts == 2


def test_findings_come_in_the_order_of_places() -> None:
    source = "function login(email, password, callback) {\n  if (email) callback('a');\n  callback('b');\n}\n"
    report = lint(scripts=[script(source)])
    assert [(finding.line, finding.code) for finding in report.findings] == [(2, "DB202"), (2, "DB206"), (3, "DB206")]


class _Failing(ScriptRule):
    code = "ACME1"
    name = "failing"
    severity = Severity.WARNING
    explanation = bad = good = source = ""

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        yield self.finding(subject, None, "first")
        raise ZeroDivisionError("oops")


def test_failing_rule_is_named() -> None:
    with pytest.raises(DeployerError, match=r"the lint rule ACME1 .* failed: ZeroDivisionError: oops"):
        lint(scripts=[script(WRONG)], rules=[_Failing()])
