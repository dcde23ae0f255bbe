"""The command line as a process: pipes that end early, terminals that know few characters, shared options anywhere."""

import contextlib
import os
import subprocess
import sys
import threading

import pytest

from deployer.cli.entry import shared_first

COMMAND = [sys.executable, "-c", "from deployer.cli.entry import run; run()"]


def process(project, *arguments: str, **more) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, "--chdir", str(project.root), "--no-token-cache", *arguments]
    return subprocess.run(command, timeout=60, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, **more)


@pytest.mark.parametrize("arguments", [["explain"], ["plan", "local"], ["validate", "local"], ["history", "local"]])
def test_a_pipe_that_ends_early_is_no_defect(undeployed, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = process(undeployed, *arguments, stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode in (0, 1)
    assert done.stderr == b""


def test_a_terminal_that_knows_few_characters_gets_their_numbers(undeployed):
    undeployed.tenant("connections: {users: {store: postgres, display_name: 'Größe 🔑'}}\n")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = process(undeployed, "plan", "local", "--no-lint", stdout=subprocess.PIPE, env=environment)
    assert done.returncode == 0, done.stderr
    assert b"Gr\xf6\xdfe \\U0001f511" in done.stdout


def test_no_colour_and_no_escape_sequence_where_there_is_no_terminal(undeployed):
    done = process(undeployed, "plan", "local", stdout=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stdout


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
@pytest.mark.parametrize("command", ["plan local", "plan --all", "drift --all", "status"])
def test_on_a_terminal_there_are_colours_and_nothing_is_escaped(undeployed, command):
    reading, writing = os.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    running = threading.Thread(
        target=lambda: process(undeployed, *command.split(), stdout=writing, env=environment) and os.close(writing)
    )
    running.start()
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody is behind it any more
        while some := os.read(reading, 65536):
            shown += some
    running.join()
    os.close(reading)
    assert b"\x1b[1m" in shown
    assert b"\\x1b" not in shown


def test_shared_options_may_stand_anywhere():
    assert shared_first(["plan", "x", "-vvv", "--chdir", "d", "--json"]) == [
        "-vvv",
        "--chdir",
        "d",
        "plan",
        "x",
        "--json",
    ]
    assert shared_first(["plan", "--chdir=d", "--", "-v"]) == ["--chdir=d", "plan", "--", "-v"]
    assert shared_first(["plan", "--version", "-x"]) == ["plan", "--version", "-x"]


def test_a_defect_of_ours_repeats_no_words(project, monkeypatch):
    def fail() -> None:
        raise ValueError("canary-token")

    monkeypatch.setattr("deployer.cli.common.project", fail)
    ran = project.run("validate", "local")
    assert ran.code == 1
    assert "ValueError" in ran.err
    assert "canary-token" not in ran.all
