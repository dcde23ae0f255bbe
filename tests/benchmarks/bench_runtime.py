"""How much a container adds to what a script takes: warm calls, fresh containers, calls at once. Never fails on time.

`python tests/benchmarks/bench_runtime.py [--short]`
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from deployer.runtime.calls import ScriptCall
from deployer.runtime.runtime import Runtime

ALLOWED_MS = 5.0
LOGIN = "function login(email, password, callback) { callback(null, { user_id: 'x|1', email: email }); }"
# A script of the size that templates have, so that its evaluation is part of the figure.
LARGE = LOGIN + "\n" + "\n".join(f"function helper{n}(a) {{ return a + {n}; }} // {'x' * 60}" for n in range(300))


async def overheads(runtime: Runtime, source: str, calls: int) -> list[float]:
    """Milliseconds around the script's own time, for each of `calls` warm calls."""
    call = ScriptCall(source, "login", ("ada@example.com", "password"))
    for _ in range(20):
        await runtime.call(call)
    results = [await runtime.call(call) for _ in range(calls)]
    return sorted(result.elapsed_ms - result.duration_ms for result in results)


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def measure(calls: int) -> None:
    """Measure and print."""
    async with Runtime(containers=1) as runtime:
        for name, source in (("small script", LOGIN), (f"{len(LARGE) // 1000} kB script", LARGE)):
            found = await overheads(runtime, source, calls)
            middle, high = statistics.median(found), found[int(len(found) * 0.99)]
            print(f"warm call, {name:<14} adds {middle:.2f} ms (median), {high:.2f} ms (99 %): "
                  f"{middle / ALLOWED_MS:.0%} and {high / ALLOWED_MS:.0%} of {ALLOWED_MS:g} ms allowed")  # fmt: skip
        recycle = await seconds(runtime.recycle)
        warm = await seconds(lambda: runtime.call(ScriptCall(LOGIN, "login", ("a", "b"))))
        print(f"a fresh container takes {recycle * 1000:.0f} ms, {recycle / max(warm, 1e-6):.0f} times a call in it")
    wait = ScriptCall("function login(u, p, cb) { setTimeout(() => cb(null, 1), 50); }", "login", ("a", "b"))
    async with Runtime(containers=2, concurrency=25) as runtime:
        one = await seconds(lambda: runtime.call(wait))
        many = await seconds(lambda: asyncio.gather(*(runtime.call(wait) for _ in range(50))))
        print(f"50 calls at once in 2 containers take {many / one:.1f} times as long as one")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the calls")
    calls = 100 if parser.parse_args().short else 1000
    asyncio.run(measure(calls))


if __name__ == "__main__":
    main()
