"""A store's address in, whether it is a PostgreSQL without TLS out: why every script may fail in tests."""

import asyncio
import contextlib

from deployer.runtime.stores.tls_terminator import SSL_REQUEST

_SECONDS = 2.0


async def lacks_tls(url: str, host: str, port: int) -> bool:
    """Whether the server says that it speaks no TLS; False for any other store, and for one that does not answer."""
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
