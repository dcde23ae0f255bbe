"""What a terminal is given: styles unless NO_COLOR is set, lines that fit, and a spinner that leaves nothing behind."""

import fcntl
import logging
import os
import pty
import re
import struct
import sys
import termios
import threading
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from deployer.operations.history import History
from deployer.reporting.fleet import print_fleet
from deployer.reporting.history import print_history
from deployer.reporting.lines import ErrorLine
from deployer.reporting.status import show_status
from deployer.reporting.terminal import (
    as_text,
    colored,
    console,
    plain_text,
    print_report,
    print_warning,
    terminal_width,
)
from deployer.reporting.waiting import waiting
from deployer.reporting.wrapping import wrapped
from deployer.state.history import HistoryRecord
from tests.support.fleets import fleet, tenant, three_stages

LOGGER = logging.getLogger("deployer")
LINES = [Text("bold", "bold"), Text("dim", "dim"), Text("red", "bold red")]


class Terminal:
    """A terminal of so many columns that standard output and standard error are connected with."""

    def __init__(self, columns: int) -> None:
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.stream = open(self._theirs, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        self._seen = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while data := os.read(self._ours, 65_536):
                self._seen += data
        except OSError:
            return

    def so_far(self) -> str:
        self.stream.flush()
        return self._seen.decode().replace("\r\n", "\n")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + 10
        while words not in self.so_far():
            assert time.monotonic() < deadline, self.so_far()
            time.sleep(0.01)

    def all(self) -> str:
        """Everything that was written, once nobody writes any more."""
        self.stream.write("\0")
        self.wait_for("\0")
        return self.so_far().split("\0")[0]

    def close(self) -> None:
        self.stream.close()
        os.close(self._theirs)
        self._reader.join(5)
        os.close(self._ours)


@pytest.fixture
def terminal(monkeypatch):
    """A function that connects the standard streams with a terminal of so many columns."""
    made = []
    level = LOGGER.level
    LOGGER.setLevel(logging.WARNING)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def connect(columns: int = 80) -> Terminal:
        made.append(Terminal(columns))
        monkeypatch.setattr(sys, "stdout", made[-1].stream)
        monkeypatch.setattr(sys, "stderr", made[-1].stream)
        return made[-1]

    yield connect
    LOGGER.setLevel(level)
    monkeypatch.undo()
    for each in made:
        each.close()


def write_everything() -> None:
    """What every command writes with."""
    print_report(LINES)
    sys.stdout.write(as_text(LINES))
    console(error=True).print(LINES[0])
    print_history("local", History((record(),), more=False))
    print_warning("the folder does not exist", "Correct the name.")
    sys.stdout.write(show_status(three_stages(), "text"))
    print_fleet([])


def record(**more) -> HistoryRecord:
    values = {"at": datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC), "who": "grace@build.example.com", "command": "apply"}
    more = {"tenant": "local", "result": "succeeded", "format": 1, **more}
    return HistoryRecord.model_validate(values | more)


def test_a_terminal_is_given_styles(terminal):
    here = terminal()
    write_everything()
    shown = here.all()
    assert "\x1b[1mbold" in shown
    assert "\x1b[2mdim" in shown
    assert "\x1b[1;31mred" in shown
    assert colored(here.stream)


def test_a_warning_has_one_voice(capsys):
    print_warning("the folder does not exist", "Correct the name.")
    print_warning("a \x1b[31mwhole sentence.")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "warning: the folder does not exist. Correct the name.",
        "warning: a \\x1b[31mwhole sentence.",
    ]


def test_a_warning_on_a_terminal_is_coloured_and_wrapped(terminal):
    here = terminal(40)
    print_warning("the folder " + "that is named " * 3 + "does not exist")
    assert here.all() == (
        "\x1b[33mwarning: \x1b[0mthe folder that is named that\n  is named that is named does not exist\n"
    )


def test_lines_for_standard_error_stand_between_the_others(terminal, capsys):
    lines = [Text("one"), ErrorLine("two", "error"), Text("three")]
    print_report(lines)
    assert tuple(capsys.readouterr()) == ("one\nthree\n", "two\n")
    here = terminal()
    print_report(lines)
    assert here.all() == "one\n\x1b[31mtwo\x1b[0m\nthree\n"


@pytest.mark.parametrize("report", ["text\n", [Text("line")]], ids=["text", "lines"])
def test_a_report_that_nobody_reads_ends_no_command(monkeypatch, report):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        print_report(report)
        print_report(report)


@pytest.mark.parametrize(
    ("report", "plain"), [("text", "text"), ([Text("a " * 90), Text("b", "danger")], "a " * 90 + "\nb\n")]
)
def test_a_report_for_a_file_is_neither_styled_nor_wrapped(terminal, report, plain):
    terminal(40)
    assert plain_text(report) == plain


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_plain_text_where_that_is_wanted(terminal, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    here = terminal(200)
    write_everything()
    assert "\x1b" not in here.all()
    assert not colored(here.stream)


def test_an_empty_no_color_says_nothing(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "")
    assert colored(terminal().stream)


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_row_breaks_inside_a_word(terminal, columns):
    here = terminal(columns)
    release = "sha256:" + "a" * 64
    reason = "the mail of the new data centre is not accepted by all of our partners"
    found = record(release_to=release, changes={"create": 50}, reason=reason, targets=["action.guard"])
    print_history("local", History((found,), more=False))
    sys.stdout.write(show_status(three_stages(), "text"))
    shown = re.sub(r"\x1b\[[\d;]*m", "", here.all())
    assert not [line for line in shown.splitlines() if len(line) > columns and len(line.split()) > 1]
    words = "grace@build.example.com aaaaaaaaaaaa action.guard options.customScripts.change_email"
    there = {word.rstrip(";") for word in shown.split()}
    assert set(f"{reason} {words}".split()) <= there
    unwrapped = f"{shown}{re.sub(chr(10) + ' +', ' ', shown)}"
    assert "2026-11-23 01:02:03  apply --target action.guard  succeeded" in unwrapped
    assert "prod-us  failed" in unwrapped


def test_a_table_where_it_fits(terminal):
    here = terminal(160)
    sys.stdout.write(show_status(three_stages(), "text"))
    assert "\x1b[1mtenant\x1b[0m   \x1b[1mstate" in here.all()


def test_a_pipe_gets_every_row_and_name_whole(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    name = "a-tenant-with-a-name-of-more-than-forty-characters"
    status = show_status(fleet(tenant(name), tenant(f"{name}-2")), "text")
    assert f"\n{name}    in sync" in status
    print_report([Text("word " * 100)])
    assert capsys.readouterr().out == "word " * 100 + "\n"
    assert terminal_width() is None


def test_code_is_not_wrapped():
    code = Text("        +" + "call(a, b); " * 20, no_wrap=True)
    assert wrapped(code, 40) is code


@given(st.text(st.sampled_from("ab \u4e2d\n"), max_size=200), st.integers(20, 60))
def test_wrapping_keeps_every_word(words, columns):
    text = wrapped(Text(words), columns)
    assert text.plain.split() == words.split()
    for line in text.split("\n"):
        assert line.cell_len <= columns or len(line.plain.split()) == 1


def test_wrapped_lines_hang_below_their_beginning():
    text = wrapped(Text.assemble("    ", ("! Something is", "red"), " not as it should be"), 24)
    assert text.plain.split("\n") == ["    ! Something is not", "      as it should be"]
    assert text.spans[0].style == "red"


def test_a_spinner_after_a_while_and_gone_at_the_end(terminal):
    here = terminal()
    with waiting("Reading prod", after_seconds=0.01):
        here.wait_for("Reading prod")
    shown = here.all()
    assert shown.endswith("\x1b[2K")
    assert shown.split("Reading prod")[-1] == "\n\r\x1b[1A\x1b[2K"  # up again, and the line is erased
    assert "\x1b[?25l" not in shown  # the cursor is never hidden


def test_a_spinner_is_gone_after_an_error_too(terminal):
    here = terminal()

    def fail() -> None:
        with waiting("Reading prod", after_seconds=0.01):
            here.wait_for("Reading prod")
            raise KeyboardInterrupt

    known = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert here.all().endswith("\x1b[2K")
    for thread in set(threading.enumerate()) - known:
        thread.join(20)
        assert not thread.is_alive()


def test_what_is_quick_shows_no_spinner(terminal):
    here = terminal()
    with waiting("Reading prod", after_seconds=5):
        pass
    assert here.all() == ""


def test_no_spinner_where_nobody_sees_it(terminal, monkeypatch, capsys):
    with waiting("Reading prod", after_seconds=0):
        time.sleep(0.05)
    assert capsys.readouterr() == ("", "")
    here = terminal()
    monkeypatch.setenv("TERM", "dumb")
    with waiting("Reading prod", after_seconds=0):
        time.sleep(0.05)
    monkeypatch.setenv("TERM", "xterm")
    LOGGER.setLevel(logging.INFO)  # as -v does
    with waiting("Reading prod", after_seconds=0):
        time.sleep(0.05)
    assert here.all() == ""


def test_a_plan_that_takes_long_shows_a_spinner_until_it_is_shown(terminal, undeployed, monkeypatch):
    monkeypatch.setattr("deployer.reporting.waiting.AFTER_SECONDS", 0.0)
    here = terminal(200)
    assert undeployed.run("plan", "local", "--no-lint").code == 0
    before, after = here.all().split("\x1b[1A\x1b[2K")
    assert "Reading local" in before
    assert "Plan: 1 to create." not in before
    assert "Plan: 1 to create." in after
    assert "Reading local" not in after


def test_an_apply_that_takes_long_shows_a_spinner_between_its_lines(terminal, undeployed, monkeypatch):
    monkeypatch.setattr("deployer.reporting.waiting.AFTER_SECONDS", 0.0)
    here = terminal(200)
    assert undeployed.run("apply", "local", "--no-lint", "--auto-approve").code == 0
    shown = here.all()
    assert "Applying to local" in shown
    assert re.search(r"\x1b\[1A\x1b\[2K(\x1b\[\d+m)?created ", shown), shown
    assert shown.endswith("read back and as defined.\x1b[0m\n")
