"""Contract tests and tried scripts as text, JSON and JUnit, whatever a script or a store says."""

import json
from xml.etree import ElementTree as ET

import pytest

from deployer.reporting.call import print_call
from deployer.reporting.contracts import ContractsFormat, print_check, print_contracts
from deployer.runtime.calls import CallResult, LogLine, ScriptError
from deployer.runtime.contract.results import CheckOutcome, CheckResult, ContractReport, ScriptTimes

HOSTILE = "a\x1b[31m\u202eb<&]]>\ufffe"
PASSED = CheckResult("login-right", "login with the right password", CheckOutcome.PASSED, duration_ms=1234.0)
FAILED = CheckResult("login-wrong", "login with a wrong one", CheckOutcome.FAILED, ("it lets in", "twice"))
SKIPPED = CheckResult("change", "change of a password", CheckOutcome.SKIPPED, reason="there is no such script")


def report(*results: CheckResult, **more) -> ContractReport:
    values = {"calls": 12, "duration_ms": 3456.0, "node": "22.1.0", "isolated": True, **more}
    return ContractReport(values.pop("connection", "users"), "sha256:abc", results, **values)


def shown(capsys, form: str, *reports: ContractReport) -> str:
    print_contracts("local", reports, form)
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize(
    ("result", "lines"),
    [
        (PASSED, ["passed   login with the right password  login-right, 1.2 s"]),
        (FAILED, ["failed   login with a wrong one  login-wrong, 0.0 s", "         it lets in", "         twice"]),
        (SKIPPED, ["skipped  change of a password  change, 0.0 s", "         there is no such script"]),
    ],
)
def test_a_check_is_shown_when_it_has_ended(capsys, result, lines):
    print_check(result)
    assert capsys.readouterr().out.splitlines() == lines


def test_the_totals_of_each_connection(capsys):
    times = (ScriptTimes("login", 3, 12.4, 80.0),)
    out = shown(capsys, "text", report(PASSED, FAILED, SKIPPED, notes=("two users are left",), times=times))
    assert out.splitlines() == [
        "users: 1 passed, 1 failed, 1 skipped  12 calls in 3.5 s on Node.js 22.1.0",
        "         login: median 12 ms, p95 80 ms of 3 calls",
        "two users are left",
    ]


def test_scripts_that_were_not_confined_are_mentioned(capsys):
    assert "no permission model" in shown(capsys, "text", report(PASSED, isolated=False))
    assert "no permission model" not in shown(capsys, "text", report(PASSED))


def test_json(capsys):
    (one,) = json.loads(shown(capsys, "json", report(PASSED, FAILED, SKIPPED)))
    assert (one["connection"], one["passed"], one["calls"], one["duration_ms"]) == ("users", False, 12, 3456)
    assert [check["outcome"] for check in one["checks"]] == ["passed", "failed", "skipped"]
    assert one["checks"][1]["details"] == ["it lets in", "twice"]
    assert one["checks"][2]["reason"] == "there is no such script"


def test_junit(capsys):
    root = ET.fromstring(shown(capsys, "junit", report(PASSED, FAILED, SKIPPED), report(PASSED, connection="staff")))
    first, second = root.findall("testsuite")
    assert first.attrib == {"name": "users", "tests": "3", "failures": "1", "skipped": "1", "time": "3.456"}
    assert second.attrib["name"] == "staff"
    assert first.findtext("testcase/failure") == "it lets in\ntwice"
    assert [case.attrib["message"] for case in first.iter("skipped")] == ["there is no such script"]


@pytest.mark.parametrize("form", ContractsFormat)
def test_untrusted_text_is_harmless(capsys, form):
    nasty = CheckResult("n", HOSTILE, CheckOutcome.FAILED, (HOSTILE,))
    out = shown(capsys, form, report(nasty, connection=HOSTILE, notes=(HOSTILE,)))
    assert "\x1b" not in out
    if form == "junit":
        ET.fromstring(out)


def call(capsys, result: CallResult, form: str = "text") -> str:
    print_call("login", result, form)
    return capsys.readouterr().out


ERROR = ScriptError("Error", "Error", "no\x1b[2J", code="E1", at="login.js:3", cause="the store is down")


@pytest.mark.parametrize(
    ("result", "lines"),
    [
        (CallResult("profile", {"user_id": "1"}, duration_ms=12.6), ['{\n  "user_id": "1"\n}', "login took 13 ms"]),
        (CallResult("nothing", duration_ms=1), ["callback(null): nothing", "login took 1 ms"]),
        (
            CallResult("error", error=ERROR, logs=[LogLine("warn", "slow\x07")]),
            [
                " warn  slow\\x07",
                "Error (E1): no\\x1b[2J at login.js:3",
                "The store said: the store is down",
                "login took 0 ms",
            ],
        ),
    ],
    ids=["profile", "nothing", "error"],
)
def test_what_a_tried_script_answered(capsys, result, lines):
    assert call(capsys, result) == "\n".join(lines) + "\n"


def test_what_a_tried_script_answered_as_json(capsys):
    values = json.loads(call(capsys, CallResult("error", error=ERROR, logs=[LogLine("info", "a")]), "json"))
    assert values["script"] == "login"
    assert values["error"]["cause"] == "the store is down"
    assert values["log"] == [{"level": "info", "text": "a"}]
    assert json.loads(call(capsys, CallResult("nothing"), "json"))["error"] is None
