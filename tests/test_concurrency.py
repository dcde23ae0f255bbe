"""Several things at once, or one to its end: nothing goes on unseen, and a cancellation leaves nothing half written."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deployer import concurrency
from deployer.concurrency import (
    IN_A_ROW,
    EventLoop,
    event_loop,
    finish_despite_cancel,
    gather_or_cancel,
    in_thread,
    until_first_ends,
)
from deployer.state.state_store import StateStore


@pytest.fixture
def state(tmp_path: Path) -> StateStore:
    return StateStore.open(str(tmp_path / "state"))


class Endless:
    """Work that ends only when it is cancelled, and then takes two more turns to end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended = False

    async def work(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.ended = True


def test_results_come_in_the_order_of_the_calls() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    async def main() -> tuple[int, ...]:
        return await gather_or_cancel(after(5), after(1), after(3))

    assert asyncio.run(main()) == (5, 1, 3)


@pytest.mark.parametrize("turns", [0, 3])
def test_the_first_failure_is_raised_when_the_others_have_ended(turns: int) -> None:
    async def main() -> None:
        other = Endless()

        async def fail() -> None:
            await other.begun.wait()
            for _ in range(turns):
                await asyncio.sleep(0)
            raise LookupError("first")

        with pytest.raises(LookupError, match="first"):
            await gather_or_cancel(other.work(), fail())
        assert other.ended

    asyncio.run(main())


@pytest.mark.parametrize("together", [gather_or_cancel, until_first_ends])
def test_what_runs_together_is_cancelled_together(together: Callable[..., Coroutine[Any, Any, Any]]) -> None:
    async def main() -> None:
        both = [Endless(), Endless()]
        task = asyncio.ensure_future(together(*(each.work() for each in both)))
        for each in both:
            await each.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [each.ended for each in both] == [True, True]

    asyncio.run(main())


@pytest.mark.parametrize("error", [None, LookupError("of the first")])
def test_when_the_first_ends_however_the_others_are_stopped(error: Exception | None) -> None:
    async def main() -> None:
        other = Endless()

        async def end() -> None:
            await other.begun.wait()
            if error:
                raise error

        await until_first_ends(other.work(), end())
        assert other.ended

    asyncio.run(main())


@pytest.mark.parametrize("cancellations", [0, 1, 3])
def test_what_must_be_finished_is_finished_however_often_it_is_cancelled(cancellations: int) -> None:
    async def main() -> None:
        begun, leave, done = asyncio.Event(), asyncio.Event(), []

        async def work() -> None:
            begun.set()
            await leave.wait()
            done.append(True)

        task = asyncio.ensure_future(finish_despite_cancel(work()))
        await begun.wait()
        for _ in range(cancellations):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        leave.set()
        assert await task is (cancellations > 0)
        assert done == [True]

    asyncio.run(main())


def test_what_must_be_finished_may_fail() -> None:
    async def work() -> None:
        raise LookupError("of the work")

    with pytest.raises(LookupError, match="of the work"):
        asyncio.run(finish_despite_cancel(work()))


def test_the_loop_goes_on_while_the_state_is_written(state: StateStore) -> None:
    async def main() -> None:
        entered, leave = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def slow() -> str:
            loop.call_soon_threadsafe(entered.set)
            assert leave.wait(10)
            return state.snapshots.put({"a": 1})

        work = asyncio.create_task(in_thread(slow))
        await entered.wait()
        leave.set()
        assert await in_thread(state.snapshots.get, await work) == {"a": 1}

    asyncio.run(main())


def test_a_cancellation_waits_for_the_record(state: StateStore) -> None:
    async def main() -> None:
        journal = await in_thread(state.journal, "prod", "apply prod", "sha256:p", [{"n": 0}])
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
        assert state.journals.read("prod", journal.id).steps[0].status == "started"

    asyncio.run(main())


def test_errors_come_through() -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 / 0)

    asyncio.run(main())


@pytest.fixture
def loop() -> EventLoop:
    return EventLoop()


async def waits(release: asyncio.Event) -> str:
    await release.wait()
    return "done"


def released(loop: EventLoop, release: asyncio.Event) -> None:
    async def set_it() -> None:
        release.set()

    loop.run(set_it)


def test_work_is_done_on_the_loop_for_other_threads(loop: EventLoop) -> None:
    async def work() -> str:
        return threading.current_thread().name

    assert loop.run(work) == "event loop"


def test_an_error_of_the_work_reaches_whoever_waits(loop: EventLoop) -> None:
    async def work() -> None:
        raise LookupError("of the work")

    with pytest.raises(LookupError, match="of the work"):
        loop.run(work)


def test_no_more_runs_at_once_than_there_are_slots_for(loop: EventLoop) -> None:
    running, most, slots, release = 0, 0, asyncio.Semaphore(2), asyncio.Event()

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1

    futures = [loop.begin(work, slots) for _ in range(7)]
    _until(lambda: running == 2)
    released(loop, release)
    for future in futures:
        future.result(10)
    assert most == 2


def test_work_that_has_no_slot_yet_can_be_cancelled(loop: EventLoop) -> None:
    release, slots = asyncio.Event(), asyncio.Semaphore(1)
    first, second = (loop.begin(partial(waits, release), slots) for _ in range(2))
    _until(first.running)
    assert second.cancel()
    assert not first.cancel()
    released(loop, release)
    assert first.result(10) == "done"


def test_to_stop_cancels_everything_and_waits_until_it_has_ended(loop: EventLoop) -> None:
    other, slots = Endless(), asyncio.Semaphore(1)
    first, second = (loop.begin(other.work, slots) for _ in range(2))
    _until(first.running)
    loop.stop()
    for future in (first, second):
        with pytest.raises(CancelledError):
            future.result(10)
    assert other.ended
    assert loop.run(partial(waits, _set())) == "done"  # the loop itself goes on


@pytest.mark.parametrize(("waiting", "thread"), [(False, "event loop"), (True, "waiting")])
def test_what_waits_for_others_goes_into_a_thread(loop: EventLoop, waiting: bool, thread: str) -> None:
    async def work() -> str:
        return await loop.do(lambda: threading.current_thread().name, waits=waiting)

    assert loop.run(work).startswith(thread)


def test_computing_lets_the_loop_look_at_what_came_in(loop: EventLoop) -> None:
    """As soon as enough was computed in a row, what waits in the loop comes before the next computation."""
    order: list[str] = []

    async def compute(name: str) -> None:
        await loop.do(lambda: (time.sleep(IN_A_ROW * 1.2), order.append(name)))

    async def work() -> None:
        asyncio.get_running_loop().call_later(0, order.append, "came in")
        await gather_or_cancel(compute("first"), compute("second"))

    loop.run(work)
    assert order == ["first", "came in", "second"]


def test_a_process_has_one_loop_however_many_threads_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "_own", None)
    found: list[EventLoop] = []
    threads = [threading.Thread(target=lambda: found.append(event_loop())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)
