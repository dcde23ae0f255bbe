"""Runs tenants on localhost: `LocalTenant` for one, `LocalTenants` for many in one process.

    with LocalTenant() as tenant:
        ... tenant.base_url, tenant.domain, tenant.client_id, tenant.client_secret

One uvicorn server in one thread serves every tenant, each at its own port of 127.0.0.1.
"""

import socket
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from deployer.errors import DeployerError
from deployer.sandbox.app import SandboxApp
from deployer.sandbox.tenant import Behaviour, Tenant
from deployer.sandbox.transports import KnownProtocol
from deployer.sandbox.weather import Weather

LOOPBACK = "127.0.0.1"
_START_SECONDS = 15.0


def bind(port: int = 0) -> socket.socket:
    """A listening socket on the loopback address. Raises DeployerError when the port is taken."""
    # asyncio turns Nagle's algorithm off only where the protocol is named: else each answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise DeployerError(
            f"The sandbox cannot listen there: {error}.",
            where=f"{LOOPBACK}:{port}",
            hint="Choose another port, or leave --port out for a free one.",
        ) from error
    return listener


class Host:
    """One server thread for any number of tenants."""

    def __init__(self, sockets: Sequence[socket.socket], tenants: Iterable[Tenant]) -> None:
        self.tenants = list(tenants)
        self._sockets = list(sockets)
        ports = [listener.getsockname()[1] for listener in sockets]
        app = SandboxApp(dict(zip(ports, self.tenants, strict=True)))
        config = uvicorn.Config(
            app,
            http=KnownProtocol,
            loop="asyncio",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="deployer-sandbox", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=self._sockets)

    def start(self) -> None:
        """Serve, and return once requests are answered."""
        self._thread.start()
        end = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise DeployerError("The sandbox did not start.", where=LOOPBACK)
            time.sleep(0.002)

    def stop(self) -> None:
        """Finish what is being answered, and close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
        for listener in self._sockets:
            listener.close()
        for tenant in self.tenants:
            tenant.close()


class LocalTenant:
    """A tenant of your own, served while the context is open.

    `data` is a file that the tenant lives in (None: in memory), `port` a port of 127.0.0.1 (0: any free one).
    """

    def __init__(self, *, data: Path | None = None, port: int = 0, behaviour: Behaviour | None = None) -> None:
        self._data = data
        self._port = port
        self._behaviour = behaviour
        self._host: Host | None = None
        self.ca_file: Path | None = None

    def start(self) -> Self:
        """Serve; `with` does this."""
        listener = bind(self._port)
        try:
            port = listener.getsockname()[1]
            self.state = Tenant.open(self._data, f"http://{LOOPBACK}:{port}", self._behaviour)
            self._host = Host([listener], [self.state])
            self._host.start()
        except BaseException:
            listener.close()
            raise
        return self

    def stop(self) -> None:
        """Stop serving; `with` does this."""
        if self._host is not None:
            self._host.stop()
            self._host = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Such as `http://127.0.0.1:4010`."""
        return self.state.base_url

    @property
    def domain(self) -> str:
        """Host and port, what clients call the domain."""
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
