"""The recorded traffic of the real Management API, replayed against a local tenant.

The recordings lie beside a checkout, not in it: without them these tests are skipped.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deployer.sandbox.server import LocalTenant

CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance"
LEAST_PERCENT = 95.0

UNMATCHED = {
    (
        "TestAccAction",
        21,
    ): "the recorded tenant had a binding of somebody else's, whence a `total` that is left out at 0",
}
"""The steps that cannot match, and why."""


@pytest.mark.skipif(not (CONFORMANCE / "replay.py").exists(), reason="the recordings are not beside this checkout")
def test_the_recorded_steps_match_but_for_the_known_ones(own: LocalTenant) -> None:
    command = [sys.executable, str(CONFORMANCE / "replay.py"), own.base_url, own.client_id, own.client_secret]
    run = subprocess.run([*command, "--show", "999"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    missed = set()
    cassette = ""
    for line in run.stdout.splitlines():
        if heading := re.match(r"(\w+): \d+/\d+ steps match", line):
            cassette = heading[1]
        if step := re.match(r"    step (\d+) ", line):
            missed.add((cassette, int(step[1])))
    assert missed <= set(UNMATCHED), run.stdout
    percent = re.search(r"([\d.]+)%", run.stdout.splitlines()[-1])
    assert percent is not None
    assert float(percent[1]) >= LEAST_PERCENT
