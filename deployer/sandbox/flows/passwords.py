"""Hashes the passwords of users that a tenant keeps itself, with salted scrypt, and compares them."""

import asyncio
import base64
import hashlib
import hmac
import os

_COST = 2**14


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=_COST, r=8, p=1)


async def hash_password(password: str) -> str:
    """Hash a password into `scrypt$SALT$HASH`, both Base64. Takes some 50 ms, in a thread."""
    salt = os.urandom(16)
    derived = await asyncio.to_thread(_derive, password, salt)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


async def check_password(password: str, hashed: str) -> bool:
    """Return whether this is the password of the hash."""
    _, salt, expected = hashed.split("$")
    derived = await asyncio.to_thread(_derive, password, base64.b64decode(salt))
    return hmac.compare_digest(derived, base64.b64decode(expected))
