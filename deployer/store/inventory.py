"""What an apply deploys in; out, by tenant, the addresses of everything that this tool may have put there.

One object for each tenant, `inventory/TENANT.json`, so that a plan finds out in one read. An address is in it before
the tenant gets the resource, and leaves it after the resource has left the tenant: it may name too much, never too
little, and the tenant itself says what is still there. A store from before it was kept tells the same by its history.
"""

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployer.store.history import History
from deployer.store.names import make_key
from deployer.store.objects import Objects, Stored
from deployer.store.records import encode

FORMAT = 1


class _Record(BaseModel):
    """What is in the object. Fields that a newer version added are lost at the next write."""

    model_config = ConfigDict(frozen=True)

    format: int = Field(FORMAT, ge=1)
    addresses: list[str]


class Inventory:
    """What all tenants of one store have been given."""

    def __init__(self, objects: Objects, history: History) -> None:
        self._objects = objects
        self._history = history

    def read(self, tenant: str) -> frozenset[str]:
        """The addresses of everything that the tenant was given and that has not been deleted since. Writes nothing."""
        return self._known(tenant, self._objects.get(_key(tenant)))

    def add(self, tenant: str, addresses: Collection[str]) -> None:
        """Note that the tenant is about to be given these."""
        self._change(tenant, frozenset(addresses), frozenset())

    def remove(self, tenant: str, addresses: Collection[str]) -> None:
        """Note that the tenant does not have these any more."""
        if addresses:
            self._change(tenant, frozenset(), frozenset(addresses))

    def _change(self, tenant: str, more: frozenset[str], less: frozenset[str]) -> None:
        while True:
            stored = self._objects.get(_key(tenant))
            known = self._known(tenant, stored)
            wanted = (known | more) - less
            if stored is not None and wanted == known:
                return
            data = encode(_Record(addresses=sorted(wanted)))
            if stored is None:
                done = self._objects.put_if_absent(_key(tenant), data)
            else:
                done = self._objects.put_if_match(_key(tenant), data, stored.version)
            if done is not None:  # else somebody else was faster: again, over what they wrote
                return

    def _known(self, tenant: str, stored: Stored | None) -> frozenset[str]:
        if stored is not None:
            try:
                return frozenset(_Record.model_validate_json(stored.data).addresses)
            except ValidationError:
                pass  # damaged: the history knows as well
        return self._by_history(tenant)

    def _by_history(self, tenant: str) -> frozenset[str]:
        given: set[str] = set()
        for record in reversed(list(self._history.newest_first(tenant))):
            if record.command == "destroy":
                given -= set(record.addresses) if record.result == "succeeded" else set()
            elif record.result != "rolled-back":
                given |= {*record.addresses, *record.given}
        return frozenset(given)


def _key(tenant: str) -> str:
    return make_key("inventory", f"{tenant}.json")
