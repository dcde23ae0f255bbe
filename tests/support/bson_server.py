"""A server of MongoDB's wire protocol (OP_MSG) that keeps documents of every BSON type as a test gave them.

nx-27017 keeps documents as JSON, which most of BSON's types do not survive. Filters are `{field: value}` or
`{field: {"$in": [...]}}`, which is what the templates ask for when they look for a user and delete one.
"""

import socketserver
import struct
import threading
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

_OP_MSG, _OP_REPLY, _OP_QUERY = 2013, 1, 2004
_HELLO = {
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "maxBsonObjectSize": 16777216,
    "maxMessageSizeBytes": 48000000,
    "maxWriteBatchSize": 100000,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "ok": 1.0,
}


class _Connection(socketserver.BaseRequestHandler):
    server: "BsonServer"

    def handle(self) -> None:
        while header := self._read(16):
            length, request, _, code = struct.unpack("<iiii", header)
            body = self._read(length - 16)
            if code == _OP_QUERY:  # the first greeting of old and new drivers
                answer = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(_HELLO)
                self._send(_OP_REPLY, request, answer)
            else:
                self._send(_OP_MSG, request, b"\0\0\0\0\0" + self.server.answer(body))

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count and (part := self.request.recv(count - len(data))):
            data += part
        return data

    def _send(self, code: int, request: int, body: bytes) -> None:
        self.request.sendall(struct.pack("<iiii", len(body) + 16, 1, request, code) + body)


class BsonServer(socketserver.ThreadingTCPServer):
    """`with BsonServer() as server:` gives a server on a loopback port, with `documents` that a test may replace."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.documents: list[bytes] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.server_address[1]}/users?directConnection=true"

    def fill(self, *documents: dict[str, Any]) -> None:
        self.documents = [bson.encode(document) for document in documents]

    def answer(self, body: bytes) -> bytes:
        """What a command is answered with: `find` and `delete` as far as the templates use them, and OK."""
        command, sections = bson.decode(body[5 : 5 + struct.unpack("<i", body[5:9])[0]]), body[5:]
        name = next(iter(command))
        if name == "find":
            found = [RawBSONDocument(document) for document in self._found(command["filter"])]
            return bson.encode({"cursor": {"id": bson.Int64(0), "ns": "users.users", "firstBatch": found}, "ok": 1.0})
        if name == "delete":
            (delete,) = command.get("deletes") or [self._sequence(sections)]
            gone = self._found(delete["q"])[: delete["limit"] or None]
            self.documents = [document for document in self.documents if document not in gone]
            return bson.encode({"n": len(gone), "ok": 1.0})
        return bson.encode(_HELLO if name in ("hello", "ismaster", "isMaster") else {"ok": 1.0})

    def _found(self, query: dict[str, Any]) -> list[bytes]:
        ((field, wanted),) = query.items()
        values = wanted["$in"] if isinstance(wanted, dict) and "$in" in wanted else [wanted]
        return [document for document in self.documents if _matches(bson.decode(document).get(field), values)]

    @staticmethod
    def _sequence(sections: bytes) -> dict[str, Any]:
        """The one document of a document sequence, which stands after the command."""
        length = struct.unpack("<i", sections[:4])[0]
        rest = sections[length + 5 :]  # its kind and its length
        return bson.decode(rest[rest.index(b"\0") + 1 :])


def _matches(value: Any, wanted: list[Any]) -> bool:
    """Equal in BSON's terms: numbers of every kind with each other, and otherwise of one type."""
    one_of = [value, *value] if isinstance(value, list) else [value]
    return any(_equal(item, other) for item in one_of for other in wanted)


def _equal(first: Any, second: Any) -> bool:
    numbers = (int, float, bson.Int64)
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, numbers) and isinstance(second, numbers):
        return first == second
    return type(first) is type(second) and first == second
