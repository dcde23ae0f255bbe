"""A subject in, its store out: started where it is embedded, and the configuration with which scripts reach it."""

from contextlib import AsyncExitStack

from deployer.errors import DeployerError
from deployer.runtime.contract.subject import EMBEDDED, ContractSubject
from deployer.runtime.stores.address import StoreAddress, find_address, spread, store_key
from deployer.runtime.stores.embedded import EmbeddedPostgres
from deployer.runtime.stores.proxy import FaultProxy, Upstream
from deployer.text import one_line


async def open_store(
    subject: ContractSubject, stack: AsyncExitStack
) -> tuple[dict[str, str], StoreAddress | None, Upstream | None]:
    """The configuration with which scripts reach the store, its address, and where the proxies lead."""
    if subject.store == EMBEDDED:
        store = await stack.enter_async_context(EmbeddedPostgres(seed=subject.seed))
        proxy = await stack.enter_async_context(FaultProxy(store.socket))
        configuration = _with_store(subject, store.url("127.0.0.1", proxy.port))
        return configuration, _address(subject, configuration), store.socket
    configuration = _with_store(subject, subject.store) if subject.store else dict(subject.configuration)
    address = _address(subject, configuration)
    return configuration, address, (address.host, address.port) if address else None


def _with_store(subject: ContractSubject, url: str) -> dict[str, str]:
    """The configuration with the store's URL in its place."""
    key = subject.store_key or store_key(list(subject.configuration))
    if key is not None:
        return {**subject.configuration, key: url}
    parts = spread(subject.configuration, url)
    if parts is None:
        raise DeployerError(
            f"It is not clear under which key of `configuration` the scripts of '{one_line(subject.connection, 60)}' "
            "look for their store.",
            hint="Leave `store` out and set the keys under `configuration` of the connection's `tests`.",
        )
    return parts


def _address(subject: ContractSubject, configuration: dict[str, str]) -> StoreAddress | None:
    return find_address(configuration, subject.store_key or store_key(list(configuration)))
