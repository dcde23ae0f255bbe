"""Finds out whether a store is a PostgreSQL without TLS, which may be why every script fails in tests."""

import asyncio
import contextlib

from deployer.runtime.stores.tls_terminator import SSL_REQUEST

_SECONDS = 2.0


async def lacks_tls(url: str, host: str, port: int) -> bool:
    """Return whether the server says that it speaks no TLS; False for other stores, and for those that are silent."""
    if not url.lower().startswith(("postgres://", "postgresql://")):
        return False
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(SSL_REQUEST)
                return await reader.readexactly(1) == b"N"
            finally:
                writer.transport.abort()
    return False
