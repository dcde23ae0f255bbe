"""Checks that every script calls back exactly once, in time, on every call: judged over all calls that were made."""

from collections import Counter

from deployer.runtime.contract.check import Check
from deployer.runtime.contract.checks.faults import arguments
from deployer.runtime.contract.harness import Harness


async def run(harness: Harness) -> list[str]:
    """Find faults in how scripts ended; a script that no other check called is called here."""
    called = {record.kind for record in harness.recorded}
    for kind in harness.subject.scripts:
        if kind not in called:
            await harness.call(kind, *arguments(harness, kind))
    calls = Counter(record.kind for record in harness.recorded)
    problems: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for record in harness.recorded:
        for problem in record.result.problems:
            problems[record.kind, problem] += 1
            examples.setdefault((record.kind, problem), harness.describe(record.result))
    return [
        f"`{kind}` {problem} in {count} of {calls[kind]} calls: {examples[kind, problem]}."
        for (kind, problem), count in sorted(problems.items())
    ]


CHECK = Check("callback", "callback exactly once, in time, on every call", run, after_migration=True)
