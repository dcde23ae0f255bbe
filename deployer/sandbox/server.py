"""Runs tenants on localhost: `LocalTenant` for one, `LocalTenants` for many in one process.

    with LocalTenant() as tenant:
        ... tenant.base_url, tenant.domain, tenant.client_id, tenant.client_secret

One uvicorn server in one thread serves every tenant, each at its own port of 127.0.0.1.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from deployer.errors import DeployerError
from deployer.sandbox import ages
from deployer.sandbox.app import SandboxApp
from deployer.sandbox.tenant import Behaviour, Tenant
from deployer.sandbox.transports import TrackedProtocol
from deployer.sandbox.weather import Weather

LOOPBACK = "127.0.0.1"
_START_SECONDS = 15.0


def bind(port: int = 0) -> socket.socket:
    """Open a socket on the loopback address. Raises DeployerError when the port is taken."""
    # asyncio turns Nagle's algorithm off only where the protocol is named: else each answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise DeployerError(
            f"the sandbox cannot listen there: {error}",
            where=f"{LOOPBACK}:{port}",
            hint="Choose another port, or leave --port out for a free one.",
        ) from error
    return listener


class LocalTenants:
    """`count` tenants in one process, served while the context is open; `tenants` has them in order.

    `data` names one file for each (None: all in memory); `port` is the first one's port, the next ones follow (0: free
    ports). With `tls`, they serve HTTPS for localhost and `ca_file` is the certificate authority to trust; `ca_dir` is
    where it is kept. `as_of` is the month whose Management API they behave as (None: the newest that is known).
    """

    def __init__(
        self,
        count: int = 1,
        *,
        data: Sequence[Path] | None = None,
        port: int = 0,
        tls: bool = False,
        ca_dir: Path | None = None,
        behaviour: Behaviour | None = None,
        as_of: str | None = None,
    ) -> None:
        if count < 1 or (data is not None and len(data) != count):
            raise ValueError("there is one tenant at least, and a data file for each or for none")
        self._files: Sequence[Path | None] = data or [None] * count
        self._port = port
        self._tls = tls
        self._ca_dir = ca_dir
        self._behaviour = behaviour
        self._age = ages.age(as_of)
        self._sockets: list[socket.socket] = []
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.tenants: list[Tenant] = []
        self.ca_file: Path | None = None

    def start(self) -> Self:
        """Serve, and return once requests are answered; `with` does this."""
        try:
            self._open()
            self._serve()
        except BaseException:
            self.stop()
            raise
        return self

    def _open(self) -> None:
        scheme, host = ("https", "localhost") if self._tls else ("http", LOOPBACK)
        for number, file in enumerate(self._files):
            listener = bind(self._port + number if self._port else 0)
            self._sockets.append(listener)
            base_url = f"{scheme}://{host}:{listener.getsockname()[1]}"
            self.tenants.append(Tenant.open(file, base_url, self._behaviour, self._age))

    def _serve(self) -> None:
        ports = [int(listener.getsockname()[1]) for listener in self._sockets]
        app = SandboxApp(dict(zip(ports, self.tenants, strict=True)))
        options: dict[str, Any] = {
            "http": TrackedProtocol,
            "loop": "asyncio",
            "lifespan": "off",
            "ws": "none",
            "log_config": None,
            "log_level": "critical",
            "access_log": False,
            "proxy_headers": False,
            "server_header": False,
            "timeout_keep_alive": 75,
            "timeout_graceful_shutdown": 1,
        }
        with contextlib.ExitStack() as files:
            if self._tls:
                from deployer.sandbox.certificates import open_authority

                authority = open_authority(self._ca_dir)
                self.ca_file = authority.ca_file
                chain, key = files.enter_context(authority.server_files())
                options |= {"ssl_certfile": chain, "ssl_keyfile": key}
            config = uvicorn.Config(app, **options)
            config.load()
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: server.run(sockets=self._sockets), name="deployer-sandbox", daemon=True
        )
        self._thread.start()
        end = time.monotonic() + _START_SECONDS
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise DeployerError("the sandbox did not start", where=LOOPBACK)
            time.sleep(0.002)

    def stop(self) -> None:
        """Finish what is being answered, and close; `with` does this."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
        for listener in self._sockets:
            listener.close()
        for tenant in self.tenants:
            tenant.close()
        self._sockets, self._server, self._thread = [], None, None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class LocalTenant(LocalTenants):
    """One tenant of your own, served while the context is open; `state` is what it consists of.

    `data` is a file that it lives in (None: in memory), `port` a port of 127.0.0.1 (0: any free one), `as_of` the month
    (`2026-03`) whose Management API it behaves as (None: the newest that is known).
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        port: int = 0,
        tls: bool = False,
        ca_dir: Path | None = None,
        behaviour: Behaviour | None = None,
        as_of: str | None = None,
    ) -> None:
        files = None if data is None else [data]
        super().__init__(1, data=files, port=port, tls=tls, ca_dir=ca_dir, behaviour=behaviour, as_of=as_of)

    @property
    def state(self) -> Tenant:
        """The tenant itself, for what tests do behind the API's back."""
        return self.tenants[0]

    @property
    def base_url(self) -> str:
        """Such as `http://127.0.0.1:4010`, or `https://localhost:4010` with TLS."""
        return self.state.base_url

    @property
    def domain(self) -> str:
        """Host and port: what clients call the domain."""
        return self.state.domain

    @property
    def client_id(self) -> str:
        """Of the machine-to-machine application that may do everything."""
        return self.state.client_id

    @property
    def client_secret(self) -> str:
        """Of the same application."""
        return self.state.client_secret

    @property
    def weather(self) -> Weather:
        """Latency, rate limit and faults."""
        return self.state.weather

    @property
    def faults(self) -> Weather:
        """The same: `tenant.faults.add_fault(...)`."""
        return self.state.weather
