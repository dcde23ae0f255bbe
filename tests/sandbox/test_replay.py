"""The recorded traffic of the real Management API, replayed against local tenants as of the months it was recorded in.

The recordings lie beside a checkout, not in it: without them these tests are skipped.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deployer.sandbox.server import LocalTenant
from tests.support.paths import ROOT

CONFORMANCE = ROOT.parent / "shared" / "conformance"
CASSETTES = sorted((CONFORMANCE / "recordings").glob("*.json"))
LEAST_PERCENT = 97.0

OWN_AUDIENCE = "names the Management API of the recorded tenant, which is not this one's"
UNMATCHED = {
    (
        "TestAccAction",
        21,
    ): "the recorded tenant had a binding of somebody else's, whence a `total` that is not left out",
    ("TestAccDataSourceResourceServer", 19): OWN_AUDIENCE,
    ("TestAccDataSourceResourceServer", 23): OWN_AUDIENCE,
    ("a0deploy-should-deploy-without-deleting-resources-if-AUTH0_ALLOW_DELETE-is-false", 34): OWN_AUDIENCE,
    ("a0deploy-should-deploy-without-deleting-resources-if-AUTH0_ALLOW_DELETE-is-false", 35): OWN_AUDIENCE,
    (
        "a0deploy-should-deploy-without-deleting-resources-if-AUTH0_ALLOW_DELETE-is-false",
        41,
    ): "names a client's credential that was made before the recording began",
}
"""The steps that cannot match, and why."""

pytestmark = pytest.mark.skipif(
    not (CONFORMANCE / "replay.py").exists(), reason="the recordings are not beside this checkout"
)


def replay(cassette: Path) -> tuple[int, int, set[tuple[str, int]], str]:
    """How many steps match, of how many, which do not, and what was said."""
    recorded = json.loads(cassette.read_text())["recorded"]
    with LocalTenant(as_of=recorded) as tenant:
        command = [sys.executable, str(CONFORMANCE / "replay.py"), tenant.base_url, tenant.client_id]
        command += [tenant.client_secret, str(cassette), "--show", "999"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    name, steps = "", set()
    for line in run.stdout.splitlines():
        if heading := re.match(r"(\S+): \d+/\d+ steps match", line):
            name = heading[1]
        if step := re.match(r"    step (\d+) ", line):
            steps.add((name, int(step[1])))
    counts = re.search(r"(\d+)/(\d+) steps match: ", run.stdout)
    assert counts is not None
    return int(counts[1]), int(counts[2]), steps, run.stdout


def test_the_recorded_steps_match_but_for_the_known_ones() -> None:
    results = [replay(cassette) for cassette in CASSETTES]
    told = "".join(result[3] for result in results)
    assert set().union(*(result[2] for result in results)) <= set(UNMATCHED), told
    matching, total = (sum(result[number] for result in results) for number in (0, 1))
    assert 100 * matching / total >= LEAST_PERCENT, told
