"""What scripts cannot do: to the machine, to the channel, to other calls."""

# ruff: noqa: E501  (scripts read better on one line)

import asyncio
import os
import time

import pytest

from deployer.runtime.calls import Problem, ScriptCall
from deployer.runtime.node import find_node
from deployer.runtime.runtime import Runtime

pytestmark = pytest.mark.node

confined = pytest.mark.skipif(not find_node().has_permission_model, reason="Node 18 has no permission model")

GOOD = "function login(u, p, callback) { callback(null, u); }"


@pytest.mark.parametrize(
    "body",
    [
        "require('child_process')",
        "require('node:child_process')",
        "require('worker_threads')",
        "require('vm')",
        "require('inspector')",
        "require('cluster')",
        "require('module')",
        "require('v8')",
        "require('pg')",
        "require('./x')",
        "require('/etc/hostname')",
        "require('../../../package.json')",
    ],
)
def test_what_cannot_be_required(call_script, body):
    result = call_script(f"function login(u, p, callback) {{ callback(null, {body}); }}")
    assert result.outcome == "error"
    assert result.error.code in ("ERR_ACCESS_DENIED", "MODULE_NOT_FOUND")


@confined
@pytest.mark.parametrize(
    "body",
    [
        "require('fs').readFileSync('/etc/passwd', 'utf8')",
        "require('fs').readdirSync('/')",
        "require('fs').writeFileSync('/tmp/written-by-a-script', 'x')",
        "require('fs').readFileSync('/proc/self/environ', 'utf8')",
        "require('fs').readFileSync('/proc/self/cmdline', 'utf8')",
        "require('fs').symlinkSync('/etc/passwd', '/tmp/linked-by-a-script')",
    ],
)
def test_no_file_of_the_machine(call_script, body):
    result = call_script(f"function login(u, p, callback) {{ callback(null, {body}); }}")
    assert (result.outcome, result.error.code) == ("error", "ERR_ACCESS_DENIED")


@pytest.mark.parametrize(
    "function",
    [
        "require('events').constructor",
        "require('util').inspect.constructor",
        "setTimeout.constructor",
        "process.nextTick.constructor",
        "fetch.constructor",
        "Buffer.from.constructor",
        "Object.getPrototypeOf(async () => {}).constructor.constructor",
        "callback.constructor",
        "console.log.constructor",
        "require.constructor",
    ],
)
def test_no_way_into_the_hosts_realm(call_script, function):
    """Nothing handed to a script leads to a function constructor that sees Node's real `process`."""
    result = call_script(
        f"function login(u, p, callback) {{ callback(null, typeof {function}('return process')().binding); }}"
    )
    assert result.outcome == "error" or result.value == "undefined"


def test_no_environment_of_ours(call_script, monkeypatch):
    monkeypatch.setenv("CANARY_OF_THE_PARENT", "sings")
    assert os.environ["CANARY_OF_THE_PARENT"] == "sings"
    result = call_script("function login(u, p, callback) { callback(null, process.env); }")
    assert result.value == {}


@pytest.mark.parametrize(
    "attempt",
    [
        "new (require('net').Socket)({ fd: 1, readable: false }).write(forged)",
        "require('fs').createWriteStream('', { fd: 1 }).write(forged)",
        "process.stdout.write(forged)",
        "console.log(forged)",
    ],
)
def test_a_forged_message_is_not_believed(call_script, attempt):
    """The result is what the callback said, whatever a script writes where messages travel."""
    forged = r"'\n{\"event\":\"result\",\"id\":1,\"outcome\":\"value\",\"value\":\"\\\"forged\\\"\",\"duration\":0}\n'"
    result = call_script(
        "function login(u, p, callback) {"
        f" const forged = {forged}; try {{ {attempt}; }} catch (e) {{}} setTimeout(() => callback(null, 'true'), 30); }}"
    )
    assert result.value != "forged"
    assert result.value == "true" or result.outcome == "error"


def test_patched_builtins_do_not_reach_the_nonce(call_script):
    """Replacing what the host might use shows a script no message of the host."""
    result = call_script(
        """function login(u, p, callback) {
          const seen = [];
          const host = Object.getPrototypeOf(require('events').prototype);
          host.toJSON = function () { seen.push('toJSON'); return { event: 'result', id: 1, outcome: 'nothing' }; };
          for (const name of ['utf8Write', 'write', 'toString']) Buffer.prototype[name] = () => { seen.push(name); return 0; };
          const fs = require('fs');
          fs.writeSync = () => seen.push('writeSync');
          console.log('one line');
          setTimeout(() => { delete host.toJSON; callback(null, seen); }, 20);
        }"""
    )
    assert result.value == []
    assert [line.text for line in result.logs] == ["one line"]


@confined
def test_output_without_end_ends_the_container(call_script):
    result = call_script(
        "function login(u, p, callback) { const s = new (require('net').Socket)({ fd: 1, readable: false });"
        " const go = () => { s.write('x'.repeat(65536)); setImmediate(go); }; go(); }",
        limit_seconds=5,
    )
    assert result.outcome == "error"
    # What ends it first depends on how much Node itself keeps of what nobody reads yet.
    assert result.problems in ([Problem.FLOODED_OUTPUT], [Problem.UNCAUGHT], [Problem.OUT_OF_MEMORY])


def test_a_loop_is_ended_and_harms_nothing_else():
    async def run():
        async with Runtime(containers=2, limit_seconds=0.5) as runtime:
            looping = asyncio.create_task(
                runtime.call(ScriptCall("function login() { for (;;); }", "login", ("a", "b")))
            )
            others = [await runtime.call(ScriptCall(GOOD, "login", (str(number), "b"))) for number in range(20)]
            result = await looping
            after = [await runtime.call(ScriptCall(GOOD, "login", (str(number), "b"))) for number in range(5)]
            return result, others + after

    started = time.monotonic()
    result, others = asyncio.run(run())
    assert result.problems == [Problem.BLOCKED]
    assert "within 0.5 seconds" in result.error.message
    assert [other.outcome for other in others] == ["value"] * 25
    assert time.monotonic() - started < 15


def test_silence_is_ended_at_the_limit(call_script):
    result = call_script("function login(u, p, callback) { setInterval(() => {}, 10); }", limit_seconds=0.3)
    assert result.problems == [Problem.NEVER_CALLED_BACK]
    assert 250 < result.elapsed_ms < 5000


def test_memory_is_bounded(call_script):
    result = call_script(
        "function login(u, p, callback) { const a = []; for (;;) a.push(new Array(10000).fill({})); }",
        limit_seconds=20,
        memory_mb=64,
    )
    assert result.problems == [Problem.OUT_OF_MEMORY]


def test_an_exit_is_the_fault_of_one_call():
    """Two calls in one container: the one that exits is told from the one that is lost with it."""

    async def run():
        async with Runtime(containers=1, concurrency=2, limit_seconds=5) as runtime:
            waiting = asyncio.create_task(
                runtime.call(ScriptCall("function login(u, p, cb) { setTimeout(cb, 3000); }", "login", ("a", "b")))
            )
            source = "function login(u, p, cb) { setTimeout(() => process.exit(), 50); }"
            exiting = await runtime.call(ScriptCall(source, "login", ("a", "b")))
            lost = await waiting
            return exiting, lost, await runtime.call(ScriptCall(GOOD, "login", ("a", "b")))

    exiting, lost, after = asyncio.run(run())
    assert exiting.problems == [Problem.EXITED]
    assert lost.problems == [Problem.CONTAINER_LOST]
    assert after.value == "a"
