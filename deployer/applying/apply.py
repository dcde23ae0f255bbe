"""A plan and its secrets in, a changed tenant out; or, where anything fails, the tenant as it was.

Changes that do not depend on each other are written concurrently; everything a change depends on is written before it.
Every step is in the journal before and after it happens, so that a kill at any moment can be finished or undone.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from deployer.applying.outcome import Observer, Outcome, Step
from deployer.applying.undo import Undoer, same_state
from deployer.applying.wanted import desired_of
from deployer.applying.write import Writer, find
from deployer.errors import DeployerError
from deployer.planning.compute import Values
from deployer.resources.model import Live, Saved
from deployer.resources.notes import DigestKey
from deployer.resources.registry import KINDS
from deployer.store.journal import Journal
from deployer.store.threads import in_thread

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

CONCURRENCY = 8


@dataclass
class Run:
    """One apply under way. `values` are the secrets by address and name, `before` the states to go back to."""

    gateway: "Gateway"
    writer: Writer
    undoer: Undoer
    journal: Journal
    steps: list[Step]
    values: Values
    before: Mapping[str, Saved]
    live: dict[str, Live]
    observer: Observer
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENCY))

    async def forward(self) -> Outcome:
        """Make every change; after a failure or an interruption, take back what was made."""
        interrupted = False
        try:
            await self._in_order()
        except asyncio.CancelledError:
            interrupted = True
        outcome = Outcome(self.steps, interrupted=interrupted)
        if outcome.complete:
            await in_thread(self.journal.finished, "succeeded")
        else:
            failed = next((step for step in self.steps if step.status == "failed"), None)
            await self.backward(failed.message if failed and failed.message else "interrupted")
        return outcome

    async def backward(self, reason: str) -> None:
        """Take back, in reverse order, every step that may have changed the tenant."""
        await in_thread(self.journal.rollback_started, reason)
        numbers = {state.number for state in self.journal.state.to_undo}
        stood = False
        for number in sorted(numbers, reverse=True):
            stood |= not await self._undo(number)
        if not stood:
            await in_thread(self.journal.rolled_back)

    async def _in_order(self) -> None:
        """Run every step after those that it depends on; after the first failure nothing new is started."""
        numbers = {step.change.address: number for number, step in enumerate(self.steps)}
        sorter = TopologicalSorter(
            {n: [numbers[d] for d in self.steps[n].change.depends_on if d in numbers] for n in numbers.values()}
        )
        sorter.prepare()
        running: dict[asyncio.Task[None], int] = {}
        stop: asyncio.CancelledError | None = None
        while sorter.is_active():
            if stop is None and all(step.status != "failed" for step in self.steps):
                running |= {asyncio.create_task(self._step(number)): number for number in sorter.get_ready()}
            if not running:
                break
            try:
                finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError as error:
                # What has begun is ended before anything is taken back: half a request cannot be undone.
                stop = error
                continue
            for task in finished:
                sorter.done(running.pop(task))
                task.result()
        if stop is not None:
            raise stop

    async def _step(self, number: int) -> None:
        step = self.steps[number]
        address = step.change.address
        async with self._slots:
            if step.status == "applied" or any(other.status == "failed" for other in self.steps):
                return
            began = time.monotonic()
            self.observer.started(step)
            await in_thread(self.journal.step_started, number)
            try:
                now = await self.writer.write(step.change, self.live.get(address), self.values.get(address, {}))
                await in_thread(self.journal.step_done, number, {"id": now.id} if now else None)
                step.status = "applied"
            except DeployerError as error:
                step.status, step.message = "failed", str(error)
                await self._note_harmless(number)
            finally:
                step.seconds = time.monotonic() - began
                self.observer.finished(step)

    async def _note_harmless(self, number: int) -> None:
        """Write down that a failed step changed nothing, where that is certain; else it will be taken back."""
        step = self.steps[number]
        before = self.before.get(step.change.address)
        try:
            wanted = desired_of(step.change)
            now = await find(self.gateway, KINDS[step.change.kind], wanted, before.id if before else None)
        except DeployerError:
            return
        unchanged = now is None if before is None else now is not None and same_state(before, now)
        if unchanged:
            await in_thread(self.journal.step_failed, number, step.message or "failed")

    async def _undo(self, number: int) -> bool:
        """Take one step back; whether that is done, as far as it can be."""
        step = self.steps[number]
        address = step.change.address
        await in_thread(self.journal.undo_started, number)
        try:
            stands = await self.undoer.undo(step.change, self.before.get(address), self.values.get(address, {}))
        except DeployerError as error:
            step.undo_message = str(error)
            step.status = "unknown"
            await in_thread(self.journal.undo_failed, number, str(error))
            self.observer.finished(step)
            return False
        step.stands = stands
        if step.status != "failed":
            step.status = "rolled-back"
        await in_thread(self.journal.step_undone, number, {"stands": stands})
        self.observer.finished(step)
        return True


def make_run(
    *,
    gateway: "Gateway",
    key: DigestKey,
    journal: Journal,
    steps: list[Step],
    values: Values,
    before: Mapping[str, Saved],
    live: dict[str, Live],
    observer: Observer,
    release: str | None,
    run: str,
) -> Run:
    """Put a run together."""
    return Run(
        gateway,
        Writer(gateway, key.id, release, run),
        Undoer(gateway, key, run),
        journal,
        steps,
        values,
        before,
        live,
        observer,
    )
