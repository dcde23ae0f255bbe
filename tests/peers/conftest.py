"""Run the peers' tests only where `-m peers` asks for them, and say at the end what passed, failed and skipped."""

import re

import pytest
from _pytest.terminal import TerminalReporter

_PROPERTY = "peers"
"""The property of a test under which it records a line about a test of a peer."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if re.search(r"\bpeers\b", config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="peers: builds and runs programs of others for many minutes; runs with -m peers")
    for item in items:
        if item.get_closest_marker("peers"):
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print every test of a peer by name, however the tests were spread over workers."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call"
    ]
    lines = [line for report in reports for name, line in report.user_properties if name == _PROPERTY]
    if not lines:
        return
    terminalreporter.section("tests of peers")
    for line in sorted(lines):
        terminalreporter.write_line(line)
    counts = {outcome: sum(f" {outcome} " in line for line in lines) for outcome in ("PASS", "FAIL", "SKIP")}
    terminalreporter.write_line(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
