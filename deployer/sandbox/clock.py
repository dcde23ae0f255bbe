"""Times as the Management API writes them."""

import time
from datetime import UTC, datetime


def milliseconds() -> str:
    """Now, such as `2026-03-10T05:18:25.111Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def nanoseconds() -> str:
    """Now, as the Actions service writes it: `2026-05-29T10:45:58.888947671Z`."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:09d}Z"
