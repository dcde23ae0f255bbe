"""Several requests at once: all answers in order, or the first error with nothing left running."""

import asyncio

import pytest

from deployer.concurrency import gather_or_cancel


async def after(seconds: float, value: object, ended: list[object]) -> object:
    try:
        await asyncio.sleep(seconds)
        if isinstance(value, Exception):
            raise value
        return value
    finally:
        ended.append(value)


def test_the_answers_stand_in_the_order_of_the_calls():
    assert asyncio.run(gather_or_cancel(after(0.02, "late", []), after(0, "soon", []))) == ("late", "soon")


def test_the_first_error_is_raised_when_all_others_have_ended():
    async def play() -> list[object]:
        ended: list[object] = []
        error = ValueError("first")
        with pytest.raises(ValueError, match="first"):
            await gather_or_cancel(after(0, error, ended), after(60, "never", ended))
        assert ended == [error, "never"]
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert asyncio.run(play()) == []


def test_who_waits_for_them_can_stop_them():
    async def play() -> list[object]:
        ended: list[object] = []
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gather_or_cancel(after(60, "a", ended), after(60, "b", ended)), 0.05)
        return ended

    assert sorted(asyncio.run(play())) == ["a", "b"]
