"""Locks one tenant at a time, and says who holds the lock, from where, for which command and since when.

A tenant's lock is one object that is `held` or `free`. It is taken by a conditional create, or by a conditional update
of a free one, and given back by a conditional update, so that at every moment the object itself decides, and nobody can
give back or overwrite a lock that has become somebody else's. Locks do not expire: a process that was killed leaves its
lock behind, and a person who has made sure takes it away with `deployer unlock TENANT --id ID`.
"""

import os
import secrets
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from deployer.state.errors import LockedError, LockLostError, StateError, StateUnreachableError
from deployer.state.names import make_key
from deployer.state.objects import Objects, Stored, Version
from deployer.state.process_identity import hostname, is_running, pipeline_run, utc_now, whoami
from deployer.state.records import decode, encode
from deployer.text import one_line

FORMAT = 1


class LockRecord(BaseModel):
    """What a lock says of its holder."""

    model_config = ConfigDict(extra="allow", frozen=True)

    format: int = Field(FORMAT, ge=1)
    state: Literal["held", "free"]
    id: str = Field(max_length=64)
    tenant: str
    who: str
    host: str
    pid: int = Field(ge=1, lt=2**31)
    command: str
    since: datetime
    run: str | None = None

    @property
    def is_abandoned(self) -> bool:
        """Whether its holder was a process of this machine that no longer runs."""
        return self.host == hostname() and not is_running(self.pid)


class Lock:
    """A lock that this process holds; leaving its `with` block gives it back."""

    def __init__(self, locks: "Locks", record: LockRecord, version: Version) -> None:
        self._locks = locks
        self._version = version
        self.record = record

    @property
    def id(self) -> str:
        """What `deployer unlock` asks for."""
        return self.record.id

    def check(self) -> None:
        """Raise LockLostError if the lock is no longer ours; reads one object."""
        found = self._locks.holder(self.record.tenant)
        if found is None or found.id != self.id:
            raise self._lost()

    def release(self) -> None:
        """Give the lock back. Raises LockLostError if it was taken away meanwhile, and leaves the new one alone."""
        if not self._locks.set_free(self.record.tenant, self.record, self._version):
            raise self._lost()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self.release()
        except (StateError, LockLostError) as problem:
            if error is None:
                raise
            error.add_note(str(problem))

    def _lost(self) -> LockLostError:
        record = self.record
        return LockLostError(
            f"the lock {record.id} of the tenant '{record.tenant}' was taken away while "
            f"'{one_line(record.command)}' was running",
            where=str(self._locks.objects.location),
            hint=f"Another command may have changed the tenant at the same time: look at 'deployer history "
            f"{record.tenant}' and run 'deployer plan {record.tenant}'.",
        )


class Locks:
    """The locks of all tenants whose state is here."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def acquire(self, tenant: str, command: str) -> Lock:
        """Take the tenant's lock, or raise LockedError that names who holds it. Never waits."""
        key = _key(tenant)
        record = _new_record(tenant, command)
        data = encode(record)
        found = self.objects.get(key)
        if found is None:
            version = self.objects.put_if_absent(key, data)
        else:
            current = self._read(tenant, found)
            if current.state == "held":
                raise self._locked(current)
            version = self.objects.put_if_match(key, data, found.version)
        if version is None:
            raise self._beaten(tenant)
        return Lock(self, record, version)

    def holder(self, tenant: str) -> LockRecord | None:
        """Find out who holds the tenant's lock, None if nobody does. Raises StateCorruptError if the lock cannot be
        read.
        """
        found = self.objects.get(_key(tenant))
        if found is None:
            return None
        record = self._read(tenant, found)
        return record if record.state == "held" else None

    def unlock(self, tenant: str, id: str) -> LockRecord:
        """Take away somebody's lock, named by its id; return what it said.

        Raises StateError if the tenant is not locked, and LockedError if its lock has another id.
        """
        found = self.objects.get(_key(tenant))
        record = self._read(tenant, found) if found else None
        if found is None or record is None or record.state == "free":
            raise StateError(f"the tenant '{one_line(tenant, 60)}' is not locked", where=str(self.objects.location))
        if not secrets.compare_digest(record.id.encode(), id.encode()) or not self.set_free(
            tenant, record, found.version
        ):
            raise self._locked(record)
        return record

    def set_free(self, tenant: str, record: LockRecord, version: Version) -> bool:
        """Turn exactly this held lock into a free one; return False if it is not there any more."""
        key = _key(tenant)
        # `freed` makes each free record unique: an S3 version is a digest of the content and must not come again.
        free = encode(record.model_copy(update={"state": "free", "freed": secrets.token_hex(8)}))
        return self.objects.put_if_match(key, free, version) is not None

    def _beaten(self, tenant: str) -> LockedError | StateUnreachableError:
        """Say who was first."""
        current = self.holder(tenant)
        if current:
            return self._locked(current)
        return StateUnreachableError(
            f"the lock of the tenant '{tenant}' was just taken and given back by somebody else",
            where=str(self.objects.location),
            hint="Run the command again.",
        )

    def _read(self, tenant: str, found: Stored) -> LockRecord:
        where = f"{self.objects.location}/{_key(tenant)}"
        return decode(
            LockRecord,
            found.data,
            what=f"lock of the tenant '{tenant}'",
            where=where,
            hint="If it is certain that nothing works on the tenant, remove this object.",
        )

    def _locked(self, record: LockRecord) -> LockedError:
        who, command = one_line(record.who, 120), one_line(record.command, 120)
        tenant, id = one_line(record.tenant, 60), one_line(record.id, 64)
        run = f" in {one_line(record.run, 300)}" if record.run else ""
        hint = f"Wait for it, or, if it is certain that it does not run any more: `deployer unlock {tenant} --id {id}`."
        if record.is_abandoned:
            what = "takes its lock, and takes back what it left half done"
            hint = f"That process no longer runs on this machine: `deployer recover {tenant}` {what}."
        return LockedError(
            f"the tenant '{tenant}' is locked by {who} (process {record.pid}{run}), who runs '{command}' "
            f"since {record.since:%Y-%m-%d %H:%M:%S} UTC",
            where=str(self.objects.location),
            hint=hint,
        )


def _key(tenant: str) -> str:
    return make_key("locks", f"{tenant}.json")


def _new_record(tenant: str, command: str) -> LockRecord:
    return LockRecord(
        state="held",
        id=secrets.token_hex(6),
        tenant=tenant,
        who=whoami(),
        host=hostname(),
        pid=os.getpid(),
        command=one_line(command, 200),
        since=utc_now(),
        run=pipeline_run(),
    )
