"""Writes how one script ran for a terminal."""

import json
from collections.abc import Iterator

from rich.text import Text

from deployer.runtime.calls import CallResult
from deployer.text import one_line, visible


def call_text(kind: str, result: CallResult) -> Iterator[Text]:
    """Write the log, then the outcome, then the time."""
    for line in result.logs:
        yield Text(f"{line.level:>5}  {visible(line.text)}", "muted")
    if result.error is not None:
        code = f" ({one_line(result.error.code, 80)})" if result.error.code else ""
        at = f" at {one_line(result.error.at, 80)}" if result.error.at else ""
        yield Text(f"{one_line(result.error.name, 80)}{code}: {visible(result.error.message)}{at}", "danger")
        if result.error.cause:
            yield Text(f"The store said: {visible(result.error.cause)}", "error")
    elif result.outcome == "nothing":
        yield Text("callback(null): nothing", "warning")
    else:
        yield Text(json.dumps(result.value, indent=2, ensure_ascii=True), no_wrap=True)
    for problem in result.problems:
        yield Text(f"The script {problem}.", "danger")
    yield Text(f"{kind} took {result.duration_ms:.0f} ms", "muted")
