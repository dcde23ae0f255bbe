"""What people read a plan in: files of every format, whole, and cut only where that is said."""

from typing import Any

import pytest

SCRIPT = "function login(email, password, callback) {\n  // LAST\n  callback(null);\n}\n"


def test_a_plan_is_written_in_every_format_by_the_ends_of_the_names(undeployed: Any) -> None:
    undeployed.write("templates/postgres/login.js.j2", SCRIPT)
    names = [f"report/plan.{end}" for end in ("txt", "md", "html", "json")]
    ran = undeployed.run("plan", "local", "--no-lint", *(word for name in names for word in ("--report", name)))
    assert ran.code == 0, ran.all
    assert "// LAST" not in ran.out  # a terminal shows how long a new script is
    text, markdown, html, data = ((undeployed.root / name).read_text() for name in names)
    assert "// LAST" in text
    assert "\x1b" not in text
    assert markdown.startswith("## Plan for `local`")
    assert "// LAST" in html
    assert '"format": "deployer-plan"' in data


def test_a_summary_holds_what_a_comment_has_no_room_for(undeployed: Any) -> None:
    undeployed.write("templates/postgres/login.js.j2", SCRIPT)
    assert undeployed.run("apply", "local", "--auto-approve", "--no-lint").code == 0
    lines = "\n".join(f"  // ü line {number} of many" for number in range(3_500))
    undeployed.write("templates/postgres/login.js.j2", SCRIPT.replace("  // LAST", f"{lines}\n  // LAST"))
    ran = undeployed.run("plan", "local", "--no-lint", "--format", "markdown", "--report", "s.md", "--report", "p.txt")
    assert ran.code == 0, ran.all
    assert len(ran.out.encode()) <= 60_000
    assert "the rest is too long for a comment: `deployer plan` shows all of it" in ran.out
    for name in ("s.md", "p.txt"):
        whole = (undeployed.root / name).read_text()
        assert "line 3499 of many" in whole
        assert "too long" not in whole


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "local", "--no-lint", "--report", "plan.pdf"], "'plan.pdf' does not say in which format"),
        (["plan", "--all", "--report", "plan.md"], "--report and --target are for one tenant"),
        (["rollback", "local", "--report", "plan.md"], "--report is for a plan that is not applied"),
    ],
)
def test_what_cannot_be_written_is_said(undeployed: Any, arguments: list[str], words: str) -> None:
    ran = undeployed.run(*arguments)
    assert ran.code == 1
    assert words in ran.err
