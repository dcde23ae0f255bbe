"""Rules of other distributions: found through their entry point, explained, silenced; wrong ones are named."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployer.errors import DeployerError
from deployer.linting import registry
from deployer.linting.engine import lint
from deployer.linting.inputs import ConnectionInput, ScriptInput

RULE = """
from deployer.linting.finding import Severity
from deployer.linting.javascript import callee_path, calls
from deployer.linting.rule import ScriptRule


class NoConsole(ScriptRule):
    code = "ACME001"
    name = "no-console"
    severity = Severity.WARNING
    explanation = "Our log collector does not see what action scripts print."
    bad = "function login(email, password, callback) { console.log('hi'); callback(null); }"
    good = "function login(email, password, callback) { callback(null); }"
    source = "https://wiki.acme.example/logging"

    def check(self, subject):
        for call in calls(subject.tree):
            if callee_path(call) == "console.log":
                yield self.finding(subject, call, "console.log is not collected")


def several():
    return [NoConsole]


class TakesOurs(NoConsole):
    code = "DB202"


def nothing():
    return "no rule"


class Unfinished(ScriptRule):
    code = "ACME002"
    name = "unfinished"
    severity = Severity.WARNING
    explanation = "It has no examples and no source."

    def check(self, subject):
        return iter(())


class Abstract(ScriptRule):
    pass
"""


@pytest.fixture(name="offer")
def _offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Installs a distribution on sys.path whose entry point names an object of the module above."""
    (tmp_path / "acme_rules.py").write_text(RULE)
    info = tmp_path / "acme_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str) -> None:
        (info / "entry_points.txt").write_text(f"[deployer.lint_rules]\nno-console = acme_rules:{name}\n")
        registry.all_rules.cache_clear()

    yield install
    registry.all_rules.cache_clear()
    sys.modules.pop("acme_rules", None)


SCRIPT = "function login(email, password, callback) {\n  console.log('hi');\n  callback(null);\n}\n"


@pytest.mark.parametrize("name", ["NoConsole", "several"])
def test_rule_is_found(offer: object, name: str) -> None:
    assert callable(offer)
    offer(name)
    report = lint(scripts=[ScriptInput(SCRIPT, "login", address="login.js")])
    assert [(finding.code, finding.line) for finding in report.findings] == [("ACME001", 2)]
    assert registry.find_rule("acme001").name == "no-console"
    ignored = SCRIPT.replace("hi');", "hi'); // deployer-ignore ACME001: a trial")
    assert lint(scripts=[ScriptInput(ignored, "login", address="login.js")]).findings == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("TakesOurs", "its code DB202 begins with DB"),
        ("nothing", "it gives no rule"),
        ("Unfinished", "Unfinished does not define `bad`, `good`, `source`"),
        ("Abstract", "it raises TypeError"),
        ("Missing", "it raises AttributeError"),
    ],
)
def test_wrong_rule_is_named(offer: object, name: str, why: str) -> None:
    assert callable(offer)
    offer(name)
    with pytest.raises(DeployerError, match=f"'no-console' of acme-rules cannot be used: {why}"):
        registry.all_rules()


def test_unknown_rule_has_a_suggestion() -> None:
    with pytest.raises(DeployerError, match="there is no lint rule 'DB2O2': did you mean 'DB202'"):
        registry.find_rule("DB2O2")


def test_earlier_names_of_what_is_linted() -> None:
    """Rules of other distributions may have imported these."""
    from deployer.linting.subject import ConnectionSubject, ScriptSubject

    assert (ScriptSubject, ConnectionSubject) == (ScriptInput, ConnectionInput)
