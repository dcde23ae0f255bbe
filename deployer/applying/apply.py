"""Makes the changes of a plan; where anything fails, makes the tenant what it was.

Changes that do not depend on each other are written concurrently; everything a change depends on is written before it.
Every step is in the journal before and after it happens, so that a kill at any moment can be finished or undone.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from deployer.applying.outcome import Observer, Outcome, Step
from deployer.applying.own_effects import effects_elsewhere, made_applications, take_back, without_effects
from deployer.applying.snapshot import Snapshot
from deployer.applying.staleness import StaleError
from deployer.applying.undo import Undoer, Undone, same_state
from deployer.applying.write import Writer, find
from deployer.concurrency import finish_despite_cancel, in_thread
from deployer.errors import DeployerError
from deployer.planning.compute import Values
from deployer.planning.model import Action, Change
from deployer.planning.named_applications import lists_applications, makes_application
from deployer.planning.resolve import ResolvedTenant
from deployer.resources.marker import DigestKey
from deployer.resources.model import Live, Output, Saved
from deployer.resources.outputs import read_outputs
from deployer.resources.registry import KINDS
from deployer.state.errors import JournalTakenOverError, StateError
from deployer.state.journal import Journal
from deployer.text import one_line

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

log = logging.getLogger("deployer.applying")

CONCURRENCY = 8


@dataclass
class Run:
    """One apply under way. `values` are the secrets by address and name, `before` the states to go back to, `written`
    the addresses of what this run itself has written and read back, `kept` those that are not taken back, and why,
    `unchanged` what the plan leaves as it is."""

    gateway: "Gateway"
    key: DigestKey
    writer: Writer
    undoer: Undoer
    journal: Journal
    steps: list[Step]
    values: Values
    before: Mapping[str, Saved]
    live: dict[str, Live]
    observer: Observer
    written: set[str] = field(default_factory=set)
    unchanged: list[Change] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENCY))

    @classmethod
    def of(
        cls,
        gateway: "Gateway",
        resolved: ResolvedTenant,
        snapshot: Snapshot,
        journal: Journal,
        live: dict[str, Live],
        observer: Observer,
    ) -> "Run":
        """Build the run of a plan that was just begun, or of one that was interrupted, by its snapshot."""
        return cls(
            gateway,
            resolved.key,
            Writer(gateway, resolved.key.id, snapshot.plan.release, snapshot.run, snapshot.plan.tenant.name),
            Undoer(gateway, resolved.key, snapshot.run),
            journal,
            [Step(change) for change in snapshot.plan.effective],
            resolved.values,
            snapshot.before,
            live,
            observer,
            unchanged=[change for change in snapshot.plan.changes if change.action is Action.NO_OP],
        )

    async def forward(self) -> Outcome:
        """Make every change; after a failure or an interruption, take back what was made. `close` comes after it.

        Raises:
            DeployerError: where the store fails so that not even the roll-back can be written down.
        """
        interrupted = False
        notes: list[str] = []
        try:
            await self._in_order()
            notes = await self._end_effects()
        except asyncio.CancelledError:
            interrupted = True
        outcome = Outcome(self.steps, interrupted=interrupted, notes=notes)
        if not outcome.complete:
            failed = next((step for step in self.steps if step.status == "failed"), None)
            outcome.interrupted |= await self.backward(failed.message if failed and failed.message else "interrupted")
        return outcome

    async def backward(self, reason: str) -> bool:
        """Take back, in reverse order, every step that may have changed the tenant; whether it was interrupted.

        An interruption waits until that is done; only a second one ends it, as a kill does.

        Raises:
            DeployerError: where the store fails; what has happened is in the journal, and `recover` goes on.
        """
        try:
            return await finish_despite_cancel(self._backward(reason))
        except JournalTakenOverError:
            raise
        except DeployerError as error:
            name = self.journal.state.tenant
            raise DeployerError(
                f"the apply has stopped half way, since the store fails: {error}",
                where=f"tenant {name}",
                hint=f"The tenant may be in between. Run `deployer recover {name}` once the store can be reached.",
            ) from error

    async def close(self, outcome: Outcome) -> None:
        """End the journal, unless something is still to be taken back. The history is written before."""
        if outcome.complete:
            await in_thread(self.journal.finished, "succeeded")
        elif not outcome.incomplete:
            await in_thread(self.journal.rolled_back)

    async def _backward(self, reason: str) -> None:
        await in_thread(self.journal.rollback_started, reason)
        for state in self.journal.state.to_undo:
            await self._undo(state.number)

    @property
    def _made(self) -> dict[str, str]:
        """The applications that this run has created, which the tenant may enable on connections by itself."""
        return made_applications((step.change for step in self.steps), self.live)

    async def _end_effects(self) -> list[str]:
        """Take back what creations of this run did to connections that stay as they are; in words, what it did else."""
        makers = [step for step in self.steps if makes_application(step.change)]
        if not makers or any(step.status != "applied" for step in self.steps):
            return []
        try:
            await take_back(self.gateway, self.unchanged, self.live, self._made)
        except Exception as error:  # noqa: BLE001  whatever fails, what was begun is taken back
            makers[0].status, makers[0].message = "failed", _words(error)
            return []
        return await effects_elsewhere(self.gateway, [*self.unchanged, *(s.change for s in self.steps)], self._made)

    def _needed_by(self, change: Change) -> list[str]:
        """Find what a change comes after. A list of applications is written when no new one can come into it."""
        makers = [step.change.address for step in self.steps if makes_application(step.change)]
        return [*change.depends_on, *(makers if lists_applications(change) else [])]

    async def _in_order(self) -> None:
        """Run every step after those that it depends on; after the first failure nothing new is started."""
        numbers = {step.change.address: number for number, step in enumerate(self.steps)}
        sorter = TopologicalSorter(
            {n: [numbers[d] for d in self._needed_by(self.steps[n].change) if d in numbers] for n in numbers.values()}
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
            # Of an apply that is finished after a kill, a step may have been half made before.
            touched = self.journal.state.steps[number].status != "pending"
            self.observer.started(step)
            try:
                await in_thread(self.journal.step_started, number)
                values = await self._values_of(step.change)
                digests = {name: self.key.of(address, name, value) for name, value in values.items()}
                # Last before the write, so that as little as can be is written over unseen.
                have = await self._latest(step)
                touched = True
                now = await self.writer.write(step.change, have, values, digests)
                if now is not None:
                    self.live[address] = now
                    self.written.add(address)
                await in_thread(self.journal.step_done, number, {"id": now.id} if now else None)
                step.status = "applied"
            except Exception as error:  # noqa: BLE001  whatever fails, what was begun is taken back
                step.status, step.message = "failed", _words(error)
                if not touched or await self._harmless(step):
                    await self._note_harmless(number)
            finally:
                step.seconds = time.monotonic() - began
                self.observer.finished(step)

    async def _latest(self, step: Step) -> Live | None:
        """Read again the state that the change is laid over.

        Raises:
            StaleError: where somebody else has changed it since.
        """
        address = step.change.address
        have = self.live.get(address)
        if have is None:
            return None
        now = await KINDS[step.change.kind].refresh(self.gateway, step.change.to_desired(), have.id)
        made = self._made
        if now is None or not same_state(Saved.of(without_effects(have, made)), without_effects(now, made)):
            what = "changed" if now else "deleted"
            raise StaleError(f"somebody else has {what} it while the apply was running", where=address)
        return now

    async def values_now(self, change: Change) -> dict[str, str]:
        """Read the values of a change's secrets as far as that goes: its own, and those that other resources have."""
        desired = change.to_desired()
        known = self.values.get(change.address, {})
        later = replace(desired, secrets={name: each for name, each in desired.secrets.items() if name not in known})
        read = await read_outputs(self.gateway, [later], self.live)
        return {**known, **read.get(change.address, {})}

    async def _values_of(self, change: Change) -> dict[str, str]:
        values = await self.values_now(change)
        outputs = change.wanted.outputs if change.wanted else {}
        for name, text in outputs.items():
            if name not in values:
                what = f"{Output.parse(text).address} does not exist"
                raise DeployerError(what, where=f"{change.address} {one_line(name)}")
        return values

    async def _harmless(self, step: Step) -> bool:
        """Return whether it is certain that a failed step changed nothing."""
        kind, before = KINDS[step.change.kind], self.before.get(step.change.address)
        if kind.cannot_detect_writes:
            return False
        try:
            now = await find(self.gateway, kind, step.change.to_desired(), before.id if before else None)
        except Exception:  # noqa: BLE001  then it is not certain
            return False
        return now is None if before is None else now is not None and self.is_as_before(before, now)

    def is_as_before(self, before: Saved, now: Live) -> bool:
        """Return whether a resource is what it was before this run, but for what its creations have done to it."""
        return same_state(before, without_effects(now, self._made))

    async def _note_harmless(self, number: int) -> None:
        """Write down that a failed step changed nothing. What is not noted so will be taken back."""
        if self.journal.state.steps[number].status == "started":
            # Where the store fails the step counts as begun and will be taken back, which changes nothing.
            with contextlib.suppress(StateError):
                await in_thread(self.journal.step_failed, number, self.steps[number].message or "failed")

    async def _undo(self, number: int) -> None:
        """Take one step back, as far as that can be done."""
        step = self.steps[number]
        address = step.change.address
        done = self.journal.state.steps[number].status == "done"
        await in_thread(self.journal.undo_started, number)
        try:
            if address in self.kept:
                undone = Undone([f"{address}: {self.kept[address]}"])
            else:
                values = await self.values_now(step.change)
                undone = await self.undoer.undo(
                    step.change, self.before.get(address), values, done=done, made=self._made
                )
        except Exception as error:  # noqa: BLE001  whatever fails, the other steps are taken back
            step.undo_message, step.status = _words(error), "unknown"
            await in_thread(self.journal.undo_failed, number, step.undo_message)
            self.observer.finished(step)
            return
        step.not_restorable, step.overwritten = undone.not_restorable, undone.overwritten
        if step.status != "failed":
            step.status = "rolled-back"
        await in_thread(self.journal.step_undone, number, {"stands": step.not_restorable})
        self.observer.finished(step)


def _words(error: Exception) -> str:
    """Word an error for the user; a defect of ours by its kind, with the traceback only with -vv."""
    if isinstance(error, DeployerError):
        return str(error)
    log.debug("a defect", exc_info=error)
    return f"something went wrong inside deployer ({type(error).__name__}: {one_line(str(error))})"
