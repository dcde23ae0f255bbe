"""Turns calls into messages for a container, and a container's messages into results. Pure functions."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from deployer.errors import DeployerError
from deployer.runtime.calls import (
    ActionCall,
    ActionResult,
    CallResult,
    Command,
    LogLine,
    Problem,
    RuleCall,
    RuleResult,
    ScriptCall,
    ScriptError,
)
from deployer.runtime.triggers import find_trigger
from deployer.scripts import SCRIPT_KINDS
from deployer.text import one_line

PROBLEMS = {
    "threw": Problem.THREW,
    "rejected": Problem.REJECTED,
    "uncaught": Problem.UNCAUGHT,
    "not-loaded": Problem.NOT_LOADED,
    "unserialisable": Problem.UNSERIALISABLE,
    "result-too-large": Problem.RESULT_TOO_LARGE,
}
"""The host's words for problems."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message for a container, less its id; `source` is sent only to a container that has not seen `digest`."""

    message: dict[str, Any]
    source: str
    digest: str
    limit_seconds: float | None


def script_request(call: ScriptCall) -> Request:
    """Build the message of a script call. Raises DeployerError for an unknown kind."""
    if call.kind not in SCRIPT_KINDS:
        raise DeployerError(
            f"there is no action script '{one_line(call.kind, 60)}'", hint=f"Known: {', '.join(SCRIPT_KINDS)}."
        )
    kind = SCRIPT_KINDS[call.kind]
    arguments = [*call.arguments, *([call.context] if call.context is not None else [])]
    message = {
        "mode": "script",
        "name": kind.name,
        "function": kind.function,
        "arguments": _json(arguments),
        "configuration": _json(call.configuration),
        "settle": call.settle_seconds * 1000,
    }
    return _request(message, call.source, call.limit_seconds)


def action_request(call: ActionCall) -> Request:
    """Build the message of an Action. Raises DeployerError for an unknown trigger."""
    trigger = find_trigger(call.trigger)
    message = {
        "mode": "action",
        "name": _file_name(call.name),
        "function": call.function or trigger.function,
        "arguments": _json([{**call.event, "secrets": call.secrets}]),
        "configuration": "{}",
        "api": list(trigger.commands),
        "settle": 0,
    }
    return _request(message, call.code, call.limit_seconds)


def rule_request(call: RuleCall) -> Request:
    """Build the message of a Rule."""
    message = {
        "mode": "rule",
        "name": _file_name(call.name),
        "function": "rule",
        "arguments": _json([call.user, call.context]),
        "configuration": _json(call.configuration),
        "domain": call.domain,
        "settle": 0,
    }
    return _request(message, call.code, call.limit_seconds)


def call_result(message: dict[str, Any], logs: list[LogLine], container: str) -> CallResult:
    """Read a container's `result` message as a CallResult. Raises ValueError for what is no such message."""
    problems = [PROBLEMS[name] for name in message.get("problems", [])]
    callbacks = int(message.get("callbacks", 0))
    if callbacks > 1:
        problems.append(Problem.CALLED_BACK_TWICE)
    if message.get("flooded"):
        problems.append(Problem.FLOODED_OUTPUT)
    outcome = message["outcome"]
    if outcome not in ("value", "nothing", "error"):
        raise ValueError(outcome)
    return CallResult(
        outcome=outcome,
        value=json.loads(message["value"]) if outcome == "value" else None,
        error=script_error(message["error"]) if outcome == "error" else None,
        duration_ms=float(message["duration"]),
        logs=logs,
        callback_count=callbacks,
        container=container,
        problems=problems,
    )


def script_error(text: str) -> ScriptError:
    """Read the host's JSON text of an error as a ScriptError."""
    known = json.loads(text)
    return ScriptError(
        type=str(known.get("type", "Error")),
        name=str(known.get("name", "Error")),
        message=str(known.get("message", "")),
        code=known.get("code"),
        user=known.get("user"),
        official=bool(known.get("official", False)),
        at=known.get("at"),
        cause=known.get("cause"),
    )


def action_result(result: CallResult, commands: list[Command]) -> ActionResult:
    """Build the result of an Action from that of its call."""
    return ActionResult(
        commands=commands,
        error=result.error,
        duration_ms=result.duration_ms,
        elapsed_ms=result.elapsed_ms,
        logs=result.logs,
        container=result.container,
        problems=result.problems,
    )


def rule_result(result: CallResult, commands: list[Command]) -> RuleResult:
    """Build the result of a Rule from that of its call."""
    handed = result.value if isinstance(result.value, dict) else {}
    return RuleResult(
        user=handed.get("user"),
        context=handed.get("context"),
        commands=commands,
        error=result.error,
        duration_ms=result.duration_ms,
        elapsed_ms=result.elapsed_ms,
        logs=result.logs,
        container=result.container,
        problems=result.problems,
    )


def commands_of(message: dict[str, Any]) -> list[Command]:
    """Read the commands that a `result` message says were recorded."""
    return [
        Command(str(item["command"]), list(item["arguments"]))
        for item in json.loads(f"[{message.get('commands', '')}]")
    ]


def _request(message: dict[str, Any], source: str, limit_seconds: float | None) -> Request:
    # The name and the mode decide how a source is compiled, so they are part of what is cached.
    identity = f"{message['mode']}:{message['name']}:{message['function']}\n{source}"
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return Request({**message, "op": "call", "digest": digest}, source, digest, limit_seconds)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w-]", "-", name)[:60] or "unnamed"


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)
