"""A server on localhost that answers exactly what a test says: half answers, no answers, nonsense, storms of 429."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

TOKEN = "the-token-of-the-test"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """`raw` is written as it is; then the connection is closed unless `keep`. `wait`: seconds before."""

    raw: bytes = b""
    wait: float = 0.0
    keep: bool = False
    drip: float = 0.0


def answer(body: Any = None, status: int = 200, headers: dict[str, str] | None = None, wait: float = 0.0) -> Reply:
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"content-type": "application/json", "content-length": str(len(data)), **(headers or {})}
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return Reply(head.encode() + b"\r\n" + data, wait=wait, keep=True)


def error(status: int, message: str, code: str = "some_code", **headers: str) -> Reply:
    body = {"statusCode": status, "error": "Some Error", "message": message, "errorCode": code}
    return answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def truncated(body: Any = None) -> Reply:
    """Half of what content-length promises."""
    whole = answer({"some": "body"} if body is None else body).raw
    return Reply(whole[:-4])


DROP = Reply()


def token(scope: str = "read:connections read:connections_options", **more: Any) -> Reply:
    return answer({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer", "scope": scope, **more})


@dataclass
class Server:
    """`replies` are given in order to requests of the API, the last one again and again; or a function decides."""

    replies: Iterable[Reply] | Callable[[Request], Reply]
    tokens: Iterable[Reply] = field(default_factory=lambda: [token()])
    seen: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._api = self.replies if callable(self.replies) else _in_order(self.replies)
        self._tokens = _in_order(self.tokens)
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Refuse connections from now on; those that are open stay."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._listener.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def api(self) -> list[Request]:
        return [request for request in self.seen if request.path != "/oauth/token"]

    @property
    def token_requests(self) -> list[Request]:
        return [request for request in self.seen if request.path == "/oauth/token"]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while (request := _read(stream)) is not None:
                    with self._lock:
                        self.seen.append(request)
                        decide = self._tokens if request.path == "/oauth/token" else self._api
                        reply = decide(request)
                    time.sleep(reply.wait)
                    if reply.drip:
                        for byte in reply.raw:
                            connection.sendall(bytes([byte]))
                            time.sleep(reply.drip)
                    else:
                        connection.sendall(reply.raw)
                    if not reply.keep:
                        return
            except (OSError, ValueError):  # the caller is gone, or does not speak HTTP
                return


def _in_order(replies: Iterable[Reply]) -> Callable[[Request], Reply]:
    rest = list(replies)
    return lambda _: rest.pop(0) if len(rest) > 1 else rest[0]


def _read(stream: Any) -> Request | None:
    first = stream.readline()
    if not first:
        return None
    method, target, _ = first.decode().split()
    headers: dict[str, str] = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body)
