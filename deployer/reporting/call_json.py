"""Writes how one script ran as JSON."""

from deployer.reporting.views import dump_json
from deployer.runtime.calls import CallResult


def call_json(kind: str, result: CallResult) -> str:
    """Write the answer, the log and the problems as one JSON object; the duration in milliseconds."""
    error = result.error
    values = {
        "script": kind,
        "outcome": result.outcome,
        "value": result.value,
        "error": error
        and {
            "type": error.type,
            "name": error.name,
            "message": error.message,
            "code": error.code,
            "at": error.at,
            "cause": error.cause,
        },
        "problems": [problem.value for problem in result.problems],
        "callbacks": result.callback_count,
        "duration_ms": round(result.duration_ms, 1),
        "log": [{"level": line.level, "text": line.text} for line in result.logs],
    }
    return dump_json(values)
