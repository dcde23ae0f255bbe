"""Ctrl-C, Ctrl-D and SIGTERM on a terminal: a question ends at once, and every command says once that it has ended."""

import os
import signal

import pytest

from deployer.applying.outcome import Step
from deployer.state.state_store import StateStore

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
CTRL_C, CTRL_D = "\x03", "\x04"
UNCHANGED = "\nInterrupted. Nothing was changed.\n"
USERS = "connections: {legacy-users: {store: postgres, display_name: Users, configuration: {PG_URL: !env PG_URL}}}\n"
QUESTIONS = {
    "apply": (["apply", "local"], "[y/N]:"),
    "destroy": (["destroy", "local", "connection.legacy-users"], "delete it:"),
    "rollback": (["rollback", "local"], "[y/N]:"),
}


@pytest.fixture
def asked(undeployed, terminal):
    """A function that begins a command, and waits for its question."""

    def begin(command):
        if command != "apply":
            undeployed.write("tenants/base.yaml", USERS)
            undeployed.tenant("extends: base\n")
            assert undeployed.run("apply", "local", "--auto-approve").code == 0
        if command == "rollback":
            undeployed.write("tenants/base.yaml", USERS.replace("Users", "People"))
            assert undeployed.run("apply", "local", "--auto-approve").code == 0
        arguments, question = QUESTIONS[command]
        begun = terminal(*arguments, cwd=undeployed.root)
        begun.wait_for(question)
        return begun

    return begin


@pytest.mark.parametrize("command", QUESTIONS)
def test_ctrl_c_at_a_question_ends_the_command_at_once(asked, undeployed, command):
    begun = asked(command)
    begun.press(CTRL_C)
    assert begun.end(10) == 130, begun.shown
    assert begun.shown.endswith(UNCHANGED), begun.shown
    assert begun.shown.count("Interrupted") == 1
    assert StateStore.open(None, undeployed.root).locks.holder("local") is None


@pytest.mark.parametrize(("answers", "code"), [("maybe\nY\n", 0), ("\n", 1), ("no\n", 1)])
def test_only_a_yes_applies(asked, local_tenant, answers, code):
    begun = asked("apply")
    begun.press(answers)
    assert begun.end() == code, begun.shown
    assert ("Type y or n." in begun.shown) == (code == 0)
    assert ("Nothing was changed." in begun.shown) == (code == 1)
    assert (local_tenant.state.storage.named("connection", "legacy-users") is None) == (code == 1)


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_sigterm_at_a_question_does_the_same(asked, undeployed, command):
    begun = asked(command)
    os.kill(begun.process.pid, signal.SIGTERM)
    assert begun.end(10) == 130, begun.shown
    assert begun.shown.endswith(UNCHANGED), begun.shown
    assert StateStore.open(None, undeployed.root).locks.holder("local") is None


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_ctrl_d_at_a_question_is_said_below_it(asked, command):
    begun = asked(command)
    begun.press(CTRL_D)
    assert begun.end(10) == 130, begun.shown
    assert begun.shown.endswith(UNCHANGED), begun.shown


READING = {
    "plan": (["plan", "local"], ""),
    "drift": (["drift", "local"], ""),
    "import": (["import", "local"], ""),
    "apply": (["apply", "local"], " Nothing was changed."),
    "a fleet's plan": (["plan", "--all"], None),
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("case", READING)
def test_an_interruption_while_a_command_reads_is_said_once(deployed, local_tenant, terminal, case, number):
    arguments, meaning = READING[case]
    begun = terminal(*arguments, cwd=deployed.root)
    sent = []

    def interrupt(_):
        if not sent:
            sent.append(begun.process.send_signal(number))

    local_tenant.weather.on_request = interrupt
    local_tenant.weather.latency = 1
    assert begun.end(20) == 130, begun.shown
    if meaning is None:
        assert "Interrupted." not in begun.shown
        assert "interrupted" in begun.shown
    else:
        assert begun.shown.endswith(f"\nInterrupted.{meaning}\n"), begun.shown
        assert begun.shown.count("Interrupted") == 1
    assert "Traceback" not in begun.shown


def test_a_command_inside_another_leaves_it_to_that_to_say_so(tmp_path, terminal):
    begun = terminal("demo", cwd=tmp_path)
    begun.wait_for("$ deployer")
    begun.press(CTRL_C)
    assert begun.end(20) == 130, begun.shown
    assert begun.shown.endswith("\nInterrupted.\n"), begun.shown
    assert begun.shown.count("Interrupted") == 1


@pytest.mark.parametrize("begun", [False, True])
def test_after_the_first_change_nobody_says_that_nothing_was_changed(undeployed, monkeypatch, begun):
    async def apply_plan(ready, gateway, store, plan, request, observer):
        if begun:
            observer.started(Step(plan.effective[0]))
        raise KeyboardInterrupt

    monkeypatch.setattr("deployer.operations.carry_out.apply_plan", apply_plan)
    ran = undeployed.run("apply", "local", "--auto-approve")
    assert ran.code == 130
    meaning = "The tenant may have been changed: `deployer plan local` shows how it stands."
    assert ran.err == f"Interrupted. {meaning if begun else 'Nothing was changed.'}\n"


def test_of_many_tenants_nobody_says_that_nothing_was_changed(undeployed, monkeypatch):
    def run_fleet(*_, **__):
        raise KeyboardInterrupt  # the second one, while what is under way is taken back

    monkeypatch.setattr("deployer.fleet.fleet.run_fleet", run_fleet)
    ran = undeployed.run("apply", "--all", "--auto-approve")
    assert (ran.code, ran.err) == (130, "Interrupted.\n")
