"""Writes down before and after each step what is done to a tenant, so that a kill at any moment can be made good.

A journal is a row of objects, `journals/TENANT/ID/000000.json` and on, each created conditionally and durable before
the call returns. Two processes can therefore never both go on with one journal: the second to write a number learns
that it was taken over. `open-journals/TENANT/ID.json` marks those that are not finished.
"""

import contextlib
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

from pydantic import ValidationError

from deployer.digests import digest_bytes
from deployer.state.errors import JournalTakenOverError, StateCorruptError, StateError, StateUnreachableError
from deployer.state.names import make_key
from deployer.state.objects import Objects
from deployer.state.process_identity import time_id, utc_now, whoami
from deployer.state.records import format_of
from deployer.state.replay import (
    FORMAT,
    Beginning,
    Event,
    InvalidRecordError,
    JournalRecord,
    JournalState,
    advance,
    first_state,
)
from deployer.text import one_line

_ERROR_LIMIT = 2000


class Journal:
    """The journal that this process writes. Every method returns when its record is durable.

    Raises ValueError for a record that cannot follow (a defect of the caller), JournalTakenOverError when another
    process went on with the journal, StateError when the state cannot be written: then it is not known whether the
    record is there, and the next call finds out.
    """

    def __init__(self, journals: "Journals", state: JournalState, number: int, previous: str) -> None:
        self._journals = journals
        self._state = state
        self._number = number
        self._previous = previous
        self._writer = secrets.token_hex(8)
        self._in_doubt: JournalRecord | None = None
        self._guard = threading.Lock()

    @property
    def id(self) -> str:
        """Sorts by the time at which the journal began."""
        return self._state.id

    @property
    def state(self) -> JournalState:
        """Everything written so far."""
        return self._state

    def step_started(self, number: int) -> None:
        """Write, before a step's request is sent, that it is."""
        self._append("step_started", step=number)

    def step_done(self, number: int, result: Any = None) -> None:
        """Write, after its answer, that a step is done: `result` is JSON, such as the id of what was created. No
        secrets.
        """
        self._append("step_done", step=number, result=result)

    def step_failed(self, number: int, error: str) -> None:
        """Write that a step failed, once it is certain that it changed nothing."""
        self._append("step_failed", step=number, error=error)

    def rollback_started(self, reason: str) -> None:
        """Write, before the first step is undone, why."""
        self._append("rollback_started", error=reason)

    def undo_started(self, number: int) -> None:
        """Write, before the request that undoes a step is sent, that it is."""
        self._append("undo_started", step=number)

    def step_undone(self, number: int, result: Any = None) -> None:
        """Write, after its answer, that a step is undone."""
        self._append("step_undone", step=number, result=result)

    def undo_failed(self, number: int, error: str) -> None:
        """Write that a step could not be undone and stands."""
        self._append("undo_failed", step=number, error=error)

    def rolled_back(self) -> None:
        """Write that everything is undone, and close the journal."""
        self._append("rolled_back")
        self._journals.close(self._state)

    def finished(self, result: Any = "succeeded") -> None:
        """Write that nothing is left to do, with which result, and close the journal."""
        self._append("finished", result=result)
        self._journals.close(self._state)

    def take_over(self) -> None:
        """Shut out the process that wrote this journal until now."""
        self._append("taken_over")

    def _append(self, event: Event, *, step: int | None = None, result: Any = None, error: str | None = None) -> None:
        with self._guard:
            record = self._next(event, step, result, error)
            found = self._write(record)
            if found and self._in_doubt and found == _encode(self._in_doubt):
                # The record whose answer was lost is there after all, and has this number.
                earlier = self._in_doubt
                self._accept(earlier)
                if (earlier.event, earlier.step, earlier.result, earlier.error) == (event, step, result, record.error):
                    return
                record = self._next(event, step, result, error)
                found = self._write(record)
            if found and found != _encode(record):
                raise JournalTakenOverError(
                    f"another process went on with the journal {self.id} of the tenant '{self._state.tenant}'",
                    where=str(self._journals.objects.location),
                    hint=f"This one has stopped. Look at 'deployer history {self._state.tenant}'.",
                )
            self._accept(record)

    def _next(self, event: Event, step: int | None, result: Any, error: str | None) -> JournalRecord:
        record = JournalRecord(
            format=FORMAT,
            number=self._number,
            event=event,
            at=utc_now(),
            who=whoami(),
            writer=self._writer,
            previous=self._previous,
            step=step,
            result=result,
            error=error[:_ERROR_LIMIT] if error else None,
        )
        advance(self._state, record)
        return record

    def _write(self, record: JournalRecord) -> bytes | None:
        """Create the record's object. Return None if that succeeded, else what is there instead."""
        objects, key = self._journals.objects, _record_key(self._state.tenant, self.id, record.number)
        try:
            if objects.put_if_absent(key, _encode(record)):
                return None
            found = objects.get(key)
        except StateUnreachableError:
            self._in_doubt = record
            raise
        return found.data if found else b"removed"

    def _accept(self, record: JournalRecord) -> None:
        self._state = advance(self._state, record)
        self._number += 1
        self._previous = digest_bytes(_encode(record))
        self._in_doubt = None


class Journals:
    """The journals of all tenants whose state is here."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def begin(
        self,
        tenant: str,
        command: str,
        plan_digest: str,
        steps: Sequence[dict[str, Any]],
        snapshot: str | None = None,
    ) -> Journal:
        """Write down what is about to be done, before the first request that changes something.

        `steps` are JSON objects, in order; `snapshot` is what `Snapshots.put` returned. No secrets in either.
        """
        now = utc_now()
        id = time_id(now)
        record = JournalRecord(
            format=FORMAT,
            number=0,
            event="begin",
            at=now,
            who=whoami(),
            writer=secrets.token_hex(8),
            previous="",
            begin=Beginning(
                tenant=tenant,
                command=one_line(command, 200),
                plan_digest=plan_digest,
                snapshot=snapshot,
                steps=list(steps),
            ),
        )
        data = _encode(record)
        self.objects.put_if_absent(_record_key(tenant, id, 0), data)
        # Killed here, the journal is not marked open; nothing has been done yet that it would have to tell.
        self.objects.put(_marker_key(tenant, id), b'{"format": 1}\n')
        return Journal(self, first_state(id, record), 1, digest_bytes(data))

    def resume(self, tenant: str, id: str) -> Journal:
        """Go on with a journal that another process left; from now on that process is shut out."""
        state, number, previous = self._read(tenant, id)
        if not state.is_open:
            raise StateError(f"the journal {id} of the tenant '{tenant}' is closed", where=str(self.objects.location))
        journal = Journal(self, state, number, previous)
        journal.take_over()
        return journal

    def open_journals(self, tenant: str) -> list[JournalState]:
        """List the unfinished journals of a tenant, oldest first. Raises StateCorruptError if one cannot be read."""
        states = []
        for key in self.objects.list(make_key("open-journals", tenant)):
            state = self.read(tenant, key.rsplit("/", 1)[1].removesuffix(".json"))
            if state.is_open:
                states.append(state)
            else:
                self.close(state)
        return states

    def read(self, tenant: str, id: str) -> JournalState:
        """Read one journal, finished or not. Raises StateCorruptError."""
        return self._read(tenant, id)[0]

    def list(self, tenant: str) -> list[str]:
        """List the ids of all journals of a tenant, newest first."""
        keys = self.objects.list(make_key("journals", tenant))
        return sorted({key.split("/")[2] for key in keys}, reverse=True)

    def dismiss(self, tenant: str, id: str) -> None:
        """Stop reporting a journal that cannot be read or finished. Its records stay.

        Raises StateError where no such journal is reported.
        """
        key = _marker_key(tenant, id)
        if self.objects.get(key) is None:
            raise StateError(
                f"no unfinished journal '{one_line(id, 60)}' of the tenant '{tenant}' is reported",
                where=str(self.objects.location),
                hint="The message that reports a journal has its id.",
            )
        self.objects.delete(key)

    def close(self, state: JournalState) -> None:
        """Take away the mark of a finished journal. If that fails, the next command that may does it."""
        with contextlib.suppress(StateError):
            self.objects.delete(_marker_key(state.tenant, state.id))

    def _read(self, tenant: str, id: str) -> tuple[JournalState, int, str]:
        """Read the state, the next record's number, and the digest of the last record."""
        keys = self.objects.list(make_key("journals", tenant, id))
        if not keys or keys != [_record_key(tenant, id, number) for number in range(len(keys))]:
            self._corrupt(tenant, id, "a record is missing" if keys else "it has no records")
        contents = [stored.data if stored else b"" for _, stored in self.objects.get_many(keys)]
        try:
            state = replay_contents(id, contents)
        except InvalidRecordError as error:
            self._corrupt(tenant, id, str(error))
        if state.tenant != tenant:
            self._corrupt(tenant, id, "it belongs to another tenant")
        return state, len(contents), digest_bytes(contents[-1])

    def _corrupt(self, tenant: str, id: str, why: str) -> NoReturn:
        raise StateCorruptError(
            f"the journal {one_line(id, 60)} of the tenant '{tenant}' cannot be read: {why}",
            where=str(self.objects.location),
            hint=f"Compare the tenant with its files by 'deployer plan {tenant}', then dismiss the journal with "
            f"'deployer recover {tenant} --dismiss {one_line(id, 60)}'.",
        )


def replay_contents(id: str, contents: Sequence[bytes]) -> JournalState:
    """Work out the state that a journal's raw records tell, at least one.

    A record that cannot be read is tolerated where a killed writer can have left it: at the end, or where the next
    record's digest shows that it was like that when the next was written. Raises InvalidRecordError for anything else,
    and for a journal of a newer format, which must not be guessed at.
    """
    state: JournalState | None = None
    previous = ""
    for number, data in enumerate(contents):
        record = _parse(data)
        if record is None:
            if state is None:
                raise InvalidRecordError("its first record is damaged")
            if number < len(contents) - 1:
                follower = _parse(contents[number + 1])
                if follower is not None and follower.previous != digest_bytes(data):
                    raise InvalidRecordError(f"record {number} is damaged")
            state = replace(state, incomplete=True)
        else:
            if record.number != number or record.previous != previous:
                raise InvalidRecordError(f"record {number} does not follow the one before it")
            state = advance(state, record) if state else first_state(id, record)
        previous = digest_bytes(data)
    if state is None:
        raise InvalidRecordError("it has no records")
    return state


def _parse(data: bytes) -> JournalRecord | None:
    if (format_of(data) or FORMAT) > FORMAT:
        raise InvalidRecordError("it was written by a newer version of deployer; use that version")
    try:
        return JournalRecord.model_validate_json(data)
    except ValidationError:
        return None


def _encode(record: JournalRecord) -> bytes:
    return record.model_dump_json().encode() + b"\n"


def _record_key(tenant: str, id: str, number: int) -> str:
    return make_key("journals", tenant, id, f"{number:06}.json")


def _marker_key(tenant: str, id: str) -> str:
    return make_key("open-journals", tenant, f"{id}.json")
