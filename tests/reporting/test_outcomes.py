"""How an apply went, in words and as JSON; and that no trouble with the terminal reaches the apply."""

import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

from deployer.applying.outcome import Outcome, Step
from deployer.planning.model import Action, Change, Plan, PlannedTenant
from deployer.reporting.outcome import print_outcome
from deployer.reporting.outcome_text import Progress

PLAN = Plan(
    tenant=PlannedTenant(name="local", domain="acme.eu.auth0.com", base_url="https://acme.eu.auth0.com"),
    created_at=datetime(2026, 11, 23, 1, 55, tzinfo=UTC),
    created_by="ada",
    key_id="k",
    changes=[],
)


def step(name: str, action: Action = Action.UPDATE, **more) -> Step:
    return Step(Change(kind="connection", name=name, action=action), **more)


def shown(outcome: Outcome, capsys, **more) -> tuple[str, str]:
    print_outcome(PLAN, outcome, **more)
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_one_line_for_each_change(capsys):
    progress = Progress("Applying")
    progress.finished(step("one", Action.CREATE, status="applied", seconds=1.26))
    progress.finished(step("two\x1b[31m", status="rolled-back"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "created     connection.one  1.3 s"
    assert lines[1].startswith("rolled-back connection.two\\x1b[31m")


def test_silent_is_silent(capsys):
    Progress("", silent=True).finished(step("one", status="applied"))
    assert capsys.readouterr().out == ""


def test_everything_applied(capsys):
    out, err = shown(Outcome([step("a", status="applied"), step("b", status="applied")]), capsys)
    assert "Applied 2 changes; read back and as defined." in out
    assert err == ""


def test_rolled_back(capsys):
    out, err = shown(Outcome([step("a", status="rolled-back"), step("b", status="failed", message="no\x07")]), capsys)
    assert "error: no\\x07" in err
    assert "Not applied: the tenant is as it was before." in out


def test_torn(capsys):
    out, err = shown(Outcome([step("a", status="unknown", undo_message="unreachable")]), capsys)
    assert "could not be taken back: unreachable" in err
    assert "Run `deployer recover local`" in out


def test_what_stands_is_named(capsys):
    out, err = shown(
        Outcome([step("a", status="failed", message="no", not_restorable=["enable_script_context is on"])]), capsys
    )
    assert "stands: enable_script_context is on." in err
    assert "aken back as far as it can be" in out
    assert "as it was before" not in out


@contextmanager
def without_reader(monkeypatch):
    """Standard output whose reader has gone away, as after `| head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        yield stream
        stream.flush()


def test_a_reader_that_went_away_does_not_reach_the_apply(monkeypatch):
    with without_reader(monkeypatch) as stream:
        progress = Progress("Applying")
        for name in ("one", "two"):
            progress.finished(step(name, status="applied"))
        print_outcome(PLAN, Outcome([step("one", status="applied")]))
        assert stream.write("the rest goes nowhere") == 21


def test_a_full_disk_does_not_reach_the_apply(monkeypatch):
    class Full:
        encoding = "utf-8"

        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdout", Full())
    Progress("Applying").finished(step("one", status="applied"))
    assert sys.stdout.isatty() is False
