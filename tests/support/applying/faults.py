"""Lists what happens to requests while a plan is applied, for `weather.add_fault`."""

from typing import Any

ANSWER_WITHIN = 0.8
"""The time limit of a request, in seconds: less than the slow faults make it wait."""

FAULTS: dict[str, dict[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "429": {"kind": "status", "status": 429},
    "timeout before": {"kind": "slow", "seconds": 1.2},
    "timeout after": {"kind": "late", "seconds": 1.2},
    "dropped before": {"kind": "drop_before"},
    "dropped after": {"kind": "drop_after"},
    "truncated": {"kind": "truncate"},
}
"""Faults of one request; `before` and `after` say whether the tenant has done by then what was asked."""

LASTING = ("500", "dropped before", "dropped after", "truncated")
"""Those that the tool gives up on where they last: for the others it waits."""
