"""How long the store's operations take on a local folder, as multiples of one flushed write of the same disk.

python tests/benchmarks/bench_store.py [--short]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deployer.state.state_store import StateStore


def timed(call: Callable[[], object], rounds: int) -> float:
    """The median time of one call, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def flushed_write(folder: Path) -> None:
    with (folder / "reference").open("wb") as file:
        file.write(b"x" * 500)
        file.flush()
        os.fsync(file.fileno())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    rounds = 30 if parser.parse_args().short else 300
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = StateStore.open("store", folder)
        unit = timed(lambda: flushed_write(folder), rounds)
        journal = store.journal("prod", "apply prod", "sha256:p", [{"n": number} for number in range(200)])

        def lock_cycle() -> None:
            store.lock("prod", "apply prod").release()

        def step() -> None:
            journal.step_started(0)

        snapshot = {"connections": [{"id": f"con_{n}", "script": "x" * 4000} for n in range(100)]}
        reference = store.snapshots.put(snapshot)
        for _ in range(rounds):
            store.history.record("prod", "apply", "succeeded")
        figures = {
            "one lock, taken and given back": timed(lock_cycle, rounds),
            "one journal record": timed(step, rounds),
            "one history record": timed(lambda: store.history.record("prod", "apply", "failed"), rounds),
            "one snapshot of 400 kB, new": timed(
                lambda: store.snapshots.put(snapshot | {"at": time.perf_counter_ns()}), rounds // 10
            ),
            "one snapshot of 400 kB, read and verified": timed(lambda: store.snapshots.get(reference), rounds),
            "the newest 20 history records": timed(lambda: store.history.list("prod", limit=20), rounds),
            f"all {2 * rounds} history records": timed(lambda: store.history.list("prod"), 5),
        }
    print(f"one flushed write: {unit * 1000:.2f} ms; as multiples of it:")
    for what, seconds in figures.items():
        print(f"{seconds / unit:8.1f}  {what}")


if __name__ == "__main__":
    main()
