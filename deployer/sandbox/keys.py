"""Makes a tenant's keys and secrets: random ids, an RSA key with its JWKS, and ciphertexts."""

import base64
import hashlib
import json
import os
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from deployer.sandbox.errors import invalid_body

_LETTERS = string.ascii_letters + string.digits


def random_id(prefix: str = "", length: int = 16) -> str:
    """Make an id such as `con_` and 16 letters and digits."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))


def random_hex(length: int = 24) -> str:
    """Make an id such as that of a resource server."""
    return secrets.token_hex(length // 2)


def base64url(data: bytes) -> str:
    """Encode as base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(key: rsa.RSAPublicKey) -> str:
    """Compute the key's JWK thumbprint with SHA-256 (RFC 7638)."""
    numbers = key.public_numbers()
    members = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    return base64url(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def read_public_key(pem: str) -> rsa.RSAPublicKey:
    """Read the RSA key of a PEM, which is a public key or a certificate. Raises ApiError 400."""
    data = pem.encode()
    try:
        certificate = b"BEGIN CERTIFICATE" in data
        key = (
            x509.load_pem_x509_certificate(data).public_key()
            if certificate
            else serialization.load_pem_public_key(data)
        )
    except (ValueError, TypeError) as error:
        raise invalid_body("The PEM is not a public key or a certificate") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise invalid_body("The public key must be an RSA key of 2048 bits or more")
    return key


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The RSA key that signs a tenant's tokens; `pem` is the private key."""

    pem: str = field(repr=False)
    certificate: str

    @property
    def kid(self) -> str:
        """The key's id in the JWKS."""
        return base64url(hashlib.sha256(self.certificate.encode()).digest())[:21]

    def jwks(self) -> dict[str, Any]:
        """Build the JSON Web Key Set that https://DOMAIN/.well-known/jwks.json answers with."""
        certificate = x509.load_pem_x509_certificate(self.certificate.encode())
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError("a tenant's signing key is an RSA key")
        numbers = key.public_numbers()
        der = certificate.public_bytes(serialization.Encoding.DER)
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                    "kid": self.kid,
                    "x5t": base64url(certificate.fingerprint(hashes.SHA1())),  # noqa: S303 - x5t is SHA-1
                    "x5c": [base64.b64encode(der).decode()],
                    "alg": "RS256",
                }
            ]
        }


def make_signing_key() -> SigningKey:
    """Make a new key with a certificate of its own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return SigningKey(pem, certificate.public_bytes(serialization.Encoding.PEM).decode())


@cache
def shared_signing_key() -> SigningKey:
    """Make one key for all tenants in memory of this process: making one takes some 100 ms."""
    return make_signing_key()


class Vault:
    """Encrypts what a tenant keeps secret: the same text gives another ciphertext every time."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._prefix = hashlib.sha256(key).digest()  # names the key, as the head of Auth0's ciphertexts does

    def encrypt(self, text: str) -> str:
        """Encrypt a text: Base64 of the key's name, a nonce and the ciphertext."""
        nonce = os.urandom(12)
        return base64.b64encode(self._prefix + nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt a text for the scripts that read it. Raises ValueError for what this tenant did not encrypt."""
        data = base64.b64decode(ciphertext, validate=True)
        if not data.startswith(self._prefix):
            raise ValueError("not a ciphertext of this tenant")
        rest = data[len(self._prefix) :]
        return self._cipher.decrypt(rest[:12], rest[12:], None).decode()
