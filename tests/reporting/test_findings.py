"""Findings as text, JSON, SARIF, GitHub annotations and JUnit, untrusted text included."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from deployer.linting.engine import LintReport
from deployer.linting.finding import Finding, Severity
from deployer.linting.registry import all_rules
from deployer.reporting.findings import FindingsFormat, show_findings

FINDING = Finding(
    code="DB202",
    name="callback-twice",
    severity=Severity.ERROR,
    message="`callback` is called here",
    address="connection.users/login",
    label="scripts/login.js",
    line=12,
    column=5,
    end_line=12,
    end_column=19,
    hint="Write `return callback(...)`.",
    source_line="    callback(null);  // é",
)
WARNING = Finding("DB105", "missing-script", Severity.WARNING, "no get_user", "connection.users", "tenants/dev.yaml")


def report(*findings: Finding) -> LintReport:
    return LintReport(tuple(findings), silenced=1, connections=1, scripts=2)


def changed(**values: Any) -> Finding:
    from dataclasses import replace

    return replace(FINDING, **values)


def test_text() -> None:
    lines = show_findings(report(FINDING, WARNING), "text").splitlines()
    assert lines == [
        "connection.users/login (scripts/login.js):12:5: error DB202 (callback-twice): `callback` is called here",
        " 12 |     callback(null);  // é",
        "    |     ^^^^^^^^^^^^^^",
        "   = Write `return callback(...)`.",
        "",
        "connection.users (tenants/dev.yaml): warning DB105 (missing-script): no get_user",
        "",
        "2 scripts of 1 connection: 1 error, 1 warning, 1 silenced",
        "`deployer explain DB202` says more about a rule.",
    ]


def test_text_has_colours_only_when_asked() -> None:
    assert "\x1b[" not in show_findings(report(FINDING), "text")
    assert "\x1b[1;31m" in show_findings(report(FINDING), "text", color=True)


@pytest.mark.parametrize(
    ("line", "column", "end_column", "caret"),
    [
        ("\tcallback(null);", 2, 16, 1),
        ("/* 漢字 */ callback(null);", 10, 24, 11),
        ("/* \x1b[31m */ callback(null);", 13, 27, 15),
    ],
)
def test_caret_stands_under_what_is_shown(line: str, column: int, end_column: int, caret: int) -> None:
    text = show_findings(report(changed(source_line=line, column=column, end_column=end_column)), "text")
    shown, marks = (each.split(" | ", 1)[1] for each in text.splitlines()[1:3])
    assert marks == " " * caret + "^" * 14
    assert "\x1b" not in text
    assert "callback(null)" in shown


def test_long_line_is_cut_around_the_place() -> None:
    line = "a" * 5_000 + "callback(null)" + "b" * 5_000
    text = show_findings(report(changed(source_line=line, column=5_001, end_column=5_015)), "text")
    shown, marks = (each.split(" | ", 1)[1] for each in text.splitlines()[1:3])
    assert len(shown) < 200
    assert shown[len(marks) - 14 : len(marks)] == "callback(null)"


def test_finding_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    text = show_findings(report(changed(end_line=14, end_column=2)), "text")
    assert text.splitlines()[2] == "    |     " + "^" * len("callback(null);  // é")


def test_rendered_script_names_its_template() -> None:
    text = show_findings(report(changed(label="connection.users/login", template="templates/a/login.js.j2")), "text")
    assert text.startswith("connection.users/login (templates/a/login.js.j2): line 12 of the rendered script: ")


def test_json() -> None:
    value = json.loads(show_findings(report(FINDING, WARNING), "json"))
    assert {key: value[key] for key in ("errors", "warnings", "silenced", "connections", "scripts", "skipped")} == {
        "errors": 1,
        "warnings": 1,
        "silenced": 1,
        "connections": 1,
        "scripts": 2,
        "skipped": [],
    }
    first = value["findings"][0]
    assert (first["code"], first["line"], first["column"], first["end_column"]) == ("DB202", 12, 5, 19)


def test_sarif() -> None:
    value = json.loads(show_findings(report(FINDING, WARNING), "sarif"))
    assert value["version"] == "2.1.0"
    assert value["$schema"].endswith("sarif-2.1.0.json")
    (run,) = value["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in all_rules()]
    assert all(rule["helpUri"].startswith("https://") for rule in rules)
    first, second = run["results"]
    assert (first["ruleId"], first["level"]) == ("DB202", "error")
    assert rules[first["ruleIndex"]]["id"] == "DB202"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "scripts/login.js"}
    assert place["region"] == {"startLine": 12, "startColumn": 5, "endLine": 12, "endColumn": 19}
    assert second["level"] == "warning"
    assert "region" not in second["locations"][0]["physicalLocation"]


def test_sarif_identity_survives_a_move() -> None:
    def print_of(finding: Finding) -> str:
        value = json.loads(show_findings(report(finding), "sarif"))
        return str(value["runs"][0]["results"][0]["partialFingerprints"])

    assert print_of(FINDING) == print_of(changed(line=20, end_line=20))
    assert print_of(FINDING) != print_of(changed(address="connection.others/login"))


def test_sarif_of_a_rendered_script_has_no_region() -> None:
    value = json.loads(show_findings(report(changed(template="templates/a b/login.js.j2")), "sarif"))
    result = value["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "templates/a%20b/login.js.j2"}}
    assert result["message"]["text"].startswith("connection.users/login, line 12 of the rendered script")


def test_github() -> None:
    lines = show_findings(report(FINDING, WARNING), "github").splitlines()
    assert lines[0] == (
        "::error file=scripts/login.js,title=DB202 callback-twice,line=12,col=5,endLine=12,endColumn=18"
        "::`callback` is called here. Write `return callback(...)`."
    )
    assert lines[1].startswith("::warning file=tenants/dev.yaml,title=DB105 missing-script::no get_user")
    assert lines[2] == "1 error, 1 warning"


def test_github_commands_cannot_be_smuggled_in() -> None:
    text = show_findings(report(changed(message="a\n::error::b\r%0A", label="x,y:z\n.js", hint="")), "github")
    assert len(text.splitlines()) == 2
    assert "::a%0A::error::b%0D%250A" in text
    assert "file=x%2Cy%3Az%0A.js" in text


def test_junit() -> None:
    root = ET.fromstring(show_findings(report(FINDING, WARNING), "junit").encode())
    assert (root.attrib["tests"], root.attrib["failures"]) == ("2", "1")
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.attrib["type"] == "DB202"
    assert "callback(null)" in (failure.text or "")
    assert root.find(".//system-out") is not None


def test_junit_without_findings_is_one_passed_test() -> None:
    root = ET.fromstring(show_findings(report(), "junit").encode())
    assert len(root.findall(".//testcase")) == 1
    assert root.find(".//failure") is None


@pytest.mark.parametrize("form", FindingsFormat)
def test_untrusted_text_is_harmless(form: str) -> None:
    nasty = "\x1b]0;title\x07\u202e<&]]>\ufffe\x00"
    finding = changed(message=nasty, address=nasty, label=nasty, hint=nasty, source_line=nasty)
    text = show_findings(report(finding), form)
    assert not {"\x1b", "\x07", "\u202e", "\x00"} & set(text)
    if form == "junit":
        ET.fromstring(text.encode())


def test_unknown_format() -> None:
    with pytest.raises(ValueError, match="'xml' is not a valid FindingsFormat"):
        show_findings(report(), "xml")
