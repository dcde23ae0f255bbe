"""A partial that several scripts include is read once, whatever the plan is shown as."""

import re
from typing import Any

import pytest

SCRIPT = "function NAME(a, b, callback) {\n  // of NAME alone\n  const one = 1;\n  const two = 2;\n  const three = 3;\n"
SHARED = "{% include 'postgres/shared.js.j2' %}\n  callback(null);\n}\n"
PARTIAL = "  const four = 4;\n  const five = 5;\n  const six = 6;\n  const limit = LIMIT;\n"


@pytest.fixture
def changed(undeployed: Any) -> Any:
    """A project in which the partial of two scripts has changed since it was deployed."""
    for name in ("login", "get_user"):
        undeployed.write(f"templates/postgres/{name}.js.j2", SCRIPT.replace("NAME", name) + SHARED)
    for limit in ("limit_before", "limit_after"):
        undeployed.write("templates/postgres/shared.js.j2", PARTIAL.replace("LIMIT", f'"{limit}"'))
        if limit == "limit_before":
            ran = undeployed.run("apply", "local", "--auto-approve", "--no-lint")
            assert ran.code == 0, ran.all
    return undeployed


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_an_equal_hunk_is_shown_once_with_the_scripts_that_have_it(changed: Any, form: str) -> None:
    ran = changed.run("plan", "local", "--no-lint", "--format", form)
    assert ran.code == 0, ran.all
    plain = re.sub(r"<[^>]*>", "", ran.out)
    assert plain.count("limit_after") == 1
    first, second = (f"connection.legacy-users options.customScripts.{name}" for name in ("get_user", "login"))
    assert plain.count(f"the same in {second}") == 1
    assert plain.count(f"the same as in {first}") == 1


def test_json_holds_each_script_whole(changed: Any) -> None:
    text = changed.run("plan", "local", "--no-lint", "--json").out
    assert text.count("limit_after") == 4  # what is shown, and what is written, of both
