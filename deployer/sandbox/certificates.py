"""Makes a certificate authority for localhost, once for each folder, and signs server certificates with it.

Clients that insist on HTTPS are pointed at the CA file: SSL_CERT_FILE for Python and OpenSSL, and
NODE_EXTRA_CA_CERTS for Node.
"""

import ipaddress
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deployer.errors import DeployerError

_CERTIFICATE = "ca.pem"
_KEY = "ca-key.pem"
_CA_DAYS = 3650
_SERVER_DAYS = 397
_RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA: its certificate's file, and what signs with it."""

    ca_file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @contextmanager
    def server_files(self) -> Iterator[tuple[Path, Path]]:
        """Write the certificate chain and the key for localhost into files that are gone afterwards."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign_server(self, key)
        with tempfile.TemporaryDirectory(prefix="deployer-tls-") as folder:
            chain, private = Path(folder, "server.pem"), Path(folder, "server-key.pem")
            chain.write_bytes(_pem(certificate) + _pem(self.certificate))
            _write_private(private, key)
            yield chain, private


def default_folder() -> Path:
    """Return the folder where the CA of this user is kept."""
    import platformdirs

    return Path(platformdirs.user_data_dir("deployer", appauthor=False)) / "sandbox-ca"


def open_authority(folder: Path | None = None) -> Authority:
    """Open the CA in a folder; make one if there is none or it is about to expire. Raises DeployerError."""
    folder = folder or default_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        authority = _read(folder)
        if authority is None:
            _make(folder)
            authority = _read(folder)
    except (OSError, ValueError, TypeError) as error:
        raise DeployerError(
            f"the sandbox's certificate authority cannot be used: {error}",
            where=str(folder),
            hint="Remove the folder's contents to have a new one made, or name another folder with --ca-dir.",
        ) from error
    if authority is None:
        raise DeployerError("the sandbox's certificate authority could not be made", where=str(folder))
    return authority


def _read(folder: Path) -> Authority | None:
    current = folder / "current"
    if not (current / _KEY).exists():
        return None
    certificate = x509.load_pem_x509_certificate((current / _CERTIFICATE).read_bytes())
    key = serialization.load_pem_private_key((current / _KEY).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("its key is not an elliptic curve key")
    if certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=_RENEW_DAYS):
        shutil.rmtree(current)
        return None
    return Authority(current / _CERTIFICATE, certificate, key)


def _make(folder: Path) -> None:
    """Write a new CA beside, then move it into place: of several processes that do so at once, one wins."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign_authority(key)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
    (fresh / _CERTIFICATE).write_bytes(_pem(certificate))
    _write_private(fresh / _KEY, key)
    try:
        fresh.rename(folder / "current")
    except OSError:
        shutil.rmtree(fresh)
        if not (folder / "current").is_dir():
            raise


def _write_private(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(data)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _sign_authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "deployer sandbox CA (localhost only)")])
    return (
        _builder(name, name, key.public_key(), _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.NameConstraints(
                [
                    x509.DNSName("localhost"),
                    x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
                    x509.IPAddress(ipaddress.ip_network("::1/128")),
                ],
                None,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )


def _sign_server(authority: Authority, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [
        x509.DNSName("localhost"),
        x509.DNSName("*.localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    return (
        _builder(name, authority.certificate.subject, key.public_key(), _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
