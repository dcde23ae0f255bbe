"""A plan and its secrets in, a changed tenant out: check, write, read back, compare, note.

Changes that do not depend on each other are written concurrently; everything a change depends on is written before it.
"""

import asyncio
import time
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from deployer.applying.outcome import Observer, Outcome, Step
from deployer.applying.staleness import check_fresh
from deployer.applying.verification import mismatches, verify
from deployer.applying.wanted import desired_of
from deployer.errors import DeployerError, RefusedError
from deployer.planning.compute import Values
from deployer.planning.model import Action, Change, Plan
from deployer.resources.model import Desired, Live
from deployer.resources.notes import DigestKey, Notes
from deployer.resources.reading import read_live
from deployer.resources.registry import KINDS
from deployer.text import count

if TYPE_CHECKING:
    from deployer.management.gateway import Gateway

CONCURRENCY = 8


class Applier:
    """Applies one plan. `values` are the secrets by address and name."""

    def __init__(self, gateway: "Gateway", plan: Plan, values: Values, key: DigestKey, observer: Observer) -> None:
        self._gateway = gateway
        self._plan = plan
        self._values = values
        self._key = key
        self._observer = observer
        self._live: dict[str, Live] = {}
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def run(self, allowed: frozenset[str]) -> Outcome:
        """Apply everything, or refuse before the first write.

        Args:
            allowed: the names of the concerns that the user accepts (`adopt:connection.users`).

        Raises:
            RefusedError: where a concern is not allowed, or the plan is stale; nothing was changed then.
        """
        check_allowed(self._plan, allowed)
        resources = [Desired(change.kind, change.name, dict.fromkeys(change.read)) for change in self._plan.changes]
        self._live = await read_live(self._gateway, resources)
        check_fresh(self._plan, self._live, self._digests())
        steps = {change.address: Step(change) for change in self._plan.effective}
        await self._in_order(steps)
        return Outcome(list(steps.values()))

    async def _in_order(self, steps: Mapping[str, Step]) -> None:
        """Run every step after those that it depends on; after the first failure nothing new is started."""
        sorter = TopologicalSorter(
            {address: [d for d in step.change.depends_on if d in steps] for address, step in steps.items()}
        )
        sorter.prepare()
        running: dict[asyncio.Task[None], str] = {}
        failed = False
        while sorter.is_active() and not (failed and not running):
            if not failed:
                for address in sorter.get_ready():
                    running[asyncio.create_task(self._step(steps[address]))] = address
            finished, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in finished:
                address = running.pop(task)
                task.result()
                failed = failed or steps[address].status != "applied"
                sorter.done(address)

    async def _step(self, step: Step) -> None:
        async with self._slots:
            began = time.monotonic()
            self._observer.started(step)
            try:
                await self._write(step.change)
                step.status = "applied"
            except DeployerError as error:
                step.status, step.message = "failed", str(error)
            finally:
                step.seconds = time.monotonic() - began
                self._observer.finished(step)

    async def _write(self, change: Change) -> None:
        """One change: write, read back, compare, note what the secrets became."""
        kind = KINDS[change.kind]
        wanted = desired_of(change)
        values = self._values.get(change.address, {})
        digests = change.wanted.secret_digests if change.wanted else {}
        pending = Notes.make(self._key.id, digests, release=self._plan.release)
        have = self._live.get(change.address)
        if change.action is Action.CREATE:
            resource_id = await kind.create(self._gateway, wanted, values, pending)
        elif have is not None:
            resource_id = have.id
            await kind.update(self._gateway, wanted, have, values, pending)
        else:
            raise DeployerError("it is not in the tenant", where=change.address)
        now = verify(wanted, await kind.refresh(self._gateway, wanted, resource_id))
        if digests:
            notes = Notes.make(self._key.id, digests, now.ciphertexts, self._plan.release)
            now = await kind.note(self._gateway, wanted, now, notes)
            if wrong := mismatches(wanted, now):
                raise DeployerError(f"changed while it was written: {', '.join(wrong)}", where=change.address)
        self._live[change.address] = now

    def _digests(self) -> dict[str, dict[str, str]]:
        return {
            address: {name: self._key.of(address, name, value) for name, value in values.items()}
            for address, values in self._values.items()
        }


def check_allowed(plan: Plan, allowed: frozenset[str]) -> None:
    """Refuse a plan with concerns that nobody has named.

    Raises:
        RefusedError: with the options that name them.
    """
    open_concerns = [concern for concern in plan.concerns if concern.name not in allowed]
    if open_concerns:
        lines = "".join(f"\n  {concern.address}: {concern.why}." for concern in open_concerns)
        options = " ".join(f"--allow {concern.name}" for concern in open_concerns)
        raise RefusedError(
            f"{count(len(open_concerns), 'change needs', 'changes need')} to be named before an apply:{lines}\n",
            hint=f"Nothing was changed. If this is what you want, add: {options}",
        )
