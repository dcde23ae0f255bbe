"""Makes a certificate for 127.0.0.1 and localhost: of one run, trusted by the scripts of that run alone.

It signs for nobody but itself, so that whoever trusts it trusts one server and no other.
"""

import ipaddress
import os
import secrets
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS = 1


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Write the certificate as PEM into `folder`; return it with a server's context. No file keeps the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own: OpenSSL takes two self-signed certificates of one name for the same.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"deployer test store {secrets.token_hex(8)}")])
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=_DAYS))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "store.pem", folder / "store-key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(pem)
        context.load_cert_chain(public, private)
    finally:
        private.unlink(missing_ok=True)
    return public, context
