"""Opens the store of contract tests, and builds the configuration with which scripts reach it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from deployer.errors import DeployerError
from deployer.runtime.contract.subject import EMBEDDED, ContractSubject
from deployer.runtime.stores.address import StoreAddress, find_address, spread_over_keys, store_key
from deployer.runtime.stores.embedded import EmbeddedPostgres
from deployer.runtime.stores.proxy import FaultProxy, Upstream
from deployer.runtime.stores.tls_probe import lacks_tls
from deployer.text import one_line

_POSTGRES_CLIENTS = {"pg", "pg-native", "pg-promise", "postgres", "slonik", "postgrejs"}
_OTHER_CLIENTS = {"mysql", "mysql2", "mariadb", "mongodb", "mongoose", "mssql", "tedious", "oracledb", "ldapjs"}
_NO_TLS = (
    "The store of these tests speaks no TLS, and scripts that insist on it, as those of the templates do, cannot reach "
    "it: turn TLS on in the store, or set `variables: {tls: false}` for the tenant that is tested, or test against "
    "`store: embedded`."
)
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class OpenStore:
    """The configuration with which scripts reach the store, its address, where the proxies lead, and the file with the
    certificate that scripts have to trust."""

    configuration: dict[str, str] = field(repr=False)
    address: StoreAddress | None
    upstream: Upstream | None
    trusted: Path | None = None


async def open_store(subject: ContractSubject, stack: AsyncExitStack) -> OpenStore:
    """Open the subject's store, started if it is embedded. Raises DeployerError if it cannot serve these scripts."""
    if subject.store == EMBEDDED:
        _check_embedded(subject)
        store = await stack.enter_async_context(EmbeddedPostgres(seed=subject.seed))
        proxy = await stack.enter_async_context(FaultProxy(store.socket))
        configuration = _with_store(subject, store.url("127.0.0.1", proxy.port))
        address = _address(subject, configuration)
        return OpenStore(_with_trust(configuration, store.certificate), address, store.socket, store.certificate)
    configuration = _with_store(subject, subject.store) if subject.store else dict(subject.configuration)
    address = _address(subject, configuration)
    return OpenStore(configuration, address, (address.host, address.port) if address else None)


async def notes_on(store: OpenStore) -> tuple[str, ...]:
    """Say what may be wrong with the store where scripts fail on it."""
    address = store.address
    if store.trusted is not None or address is None or address.url_key is None:
        return ()
    if not await lacks_tls(store.configuration.get(address.url_key, ""), address.host, address.port):
        return ()
    return (_NO_TLS,)


def _check_embedded(subject: ContractSubject) -> None:
    """Say so at once where the scripts are for another kind of store than the one that is embedded."""
    others = sorted(_OTHER_CLIENTS.intersection(subject.modules))
    if not others or _POSTGRES_CLIENTS.intersection(subject.modules):
        return
    raise DeployerError(
        f"`store: embedded` is a PostgreSQL, but the scripts of '{one_line(subject.connection, 60)}' use "
        f"{', '.join(others)}",
        hint="Give `store` in the connection's `tests` the URL of a database of that kind that tests may change; if it "
        "is on this machine and has no TLS, set `variables: {tls: false}` for the tenant that is tested.",
    )


def _with_trust(configuration: dict[str, str], certificate: Path) -> dict[str, str]:
    """Add the embedded store's certificate to configuration that holds a private authority.

    Scripts with such an authority (`ca_key`) trust it and nothing else. The scripts stay as they are.
    """
    pem = certificate.read_text("ascii")
    return {
        key: f"{value.rstrip()}\n{pem}" if value.lstrip().startswith(_CERTIFICATE) else value
        for key, value in configuration.items()
    }


def _with_store(subject: ContractSubject, url: str) -> dict[str, str]:
    """Return the configuration with the store's URL in its place. Raises DeployerError where that is not clear."""
    key = subject.store_key or store_key(list(subject.configuration))
    if key is not None:
        return {**subject.configuration, key: url}
    parts = spread_over_keys(subject.configuration, url)
    if parts is None:
        raise DeployerError(
            f"it is not clear under which key of `configuration` the scripts of '{one_line(subject.connection, 60)}' "
            "look for their store",
            hint="Let one key alone end in URL, URI, DSN, CONNECTION_STRING or ENDPOINT, or give the parts of the "
            "address keys that end in HOST, PORT, USER, PASSWORD and DATABASE.",
        )
    return parts


def _address(subject: ContractSubject, configuration: dict[str, str]) -> StoreAddress | None:
    return find_address(configuration, subject.store_key or store_key(list(configuration)))
