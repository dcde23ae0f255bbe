"""What rules ask of a script as a whole."""

import pytest

from deployer.linting.examples import script_example


def script(body: str):
    return script_example(f"async function login(email, password, callback) {{\n{body}\n}}").script


@pytest.mark.parametrize(
    "body",
    [
        "process.exit(1);",
        "if (email) { process['exit'](); }",
        "const leave = process.exit; leave(1);",
        "const p = process; p.exit();",
        "(process.exit)(0);",
        "globalThis.process.exit(1);",
        "const { exit } = process; process.exit();",
    ],
)
def test_calls_of_a_global_are_found_under_every_name(body):
    assert len(script(body).calls_of_global("process.exit")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "const process = start(); process.exit(1);",
        "for (const process of started) { process.exit(); }",
        "child.process.exit();",
        "process.exit.call(null);",
        "process.on('exit', f);",
        "exit();",
    ],
)
def test_nothing_else_is_taken_for_a_call_of_the_global(body):
    assert script(body).calls_of_global("process.exit") == []


def test_a_global_function_is_found_by_its_name_alone():
    found = script(
        "setTimeout(f, 1); x.setTimeout(f, 1); { const setTimeout = g; setTimeout(h); } global.setTimeout(f, 2);"
    )
    shown = [call.text for call in found.calls_of_global("setTimeout")]
    assert shown == ["setTimeout(f, 1)", "global.setTimeout(f, 2)"]
