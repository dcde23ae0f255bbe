"""The store from asynchronous code: the loop goes on meanwhile, and a cancellation leaves nothing half written."""

import asyncio
import threading

import pytest

from deployer.concurrency import in_thread
from deployer.state.state_store import StateStore


def test_the_loop_goes_on_while_the_store_works(store: StateStore) -> None:
    async def main() -> int:
        entered, leave = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def slow() -> str:
            loop.call_soon_threadsafe(entered.set)
            assert leave.wait(10)
            return store.snapshots.put({"a": 1})

        work = asyncio.create_task(in_thread(slow))
        await entered.wait()
        leave.set()
        reference = await work
        value = await in_thread(store.snapshots.get, reference)
        assert value == {"a": 1}
        return 1

    assert asyncio.run(main()) == 1


def test_a_cancellation_waits_for_the_record(store: StateStore) -> None:
    async def main() -> None:
        journal = await in_thread(store.journal, "prod", "apply prod", "sha256:p", [{"n": 0}])
        entered, leave = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def slow() -> None:
            loop.call_soon_threadsafe(entered.set)
            assert leave.wait(10)
            journal.step_started(0)

        work = asyncio.create_task(in_thread(slow))
        await entered.wait()
        for _ in range(3):
            work.cancel()
            await asyncio.sleep(0)
        assert not work.done()
        leave.set()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert journal.state.steps[0].status == "started"
        assert store.journals.read("prod", journal.id).steps[0].status == "started"

    asyncio.run(main())


def test_errors_come_through() -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 / 0)

    asyncio.run(main())
