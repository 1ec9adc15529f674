"""The server's certificate: given or made, and the TLS context with it."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import logging
import os
import re
import ssl
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from triochat.errors import Failure

if TYPE_CHECKING:
    from cryptography import x509

_log = logging.getLogger("triochat.net")

CERT_FILE = "tls-cert.pem"
KEY_FILE = "tls-key.pem"

_YEARS = 10
"""Clients remember the fingerprint of a generated certificate: nothing is gained by a new one, and trust is lost."""
_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----([^-]*)-----END")
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Certificate:
    """A certificate with its key, and the context for new connections."""

    def __init__(self, cert: Path, key: Path, *, min_version: str = "1.2", client_ca: Path | None = None) -> None:
        """Read the files. Raises Failure."""
        self.path = cert
        """The file that was read."""
        self._key = key
        self._min_version = _VERSIONS[min_version]
        self._client_ca = client_ca
        self.fingerprint = ""
        """SHA-256, as people compare it."""
        self._context = self._read()

    def context(self) -> ssl.SSLContext:
        """The context for a new connection."""
        return self._context

    def reload(self) -> None:
        """Read the files again; connections that are open keep what they have. Raises Failure, and then the old
        certificate stays in use."""
        self._context = self._read()

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = self._min_version
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
        context.num_tickets = 0  # chats last: nobody resumes a TLS session
        try:
            context.load_cert_chain(self.path, self._key)
        except ssl.SSLError as error:
            raise Failure(
                f"the certificate {self.path} cannot be used with the key {self._key}: {_reason(error)}."
            ) from None
        except OSError as error:
            raise Failure(f"cannot read the certificate {self.path} or its key: {error.strerror}.") from None
        if self._client_ca is not None:
            try:
                context.load_verify_locations(self._client_ca)
            except ssl.SSLError as error:
                raise Failure(f"{self._client_ca} holds no certificates: {_reason(error)}.") from None
            except OSError as error:
                raise Failure(f"cannot read {self._client_ca}: {error.strerror}.") from None
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN  # the clients' own may be listed
        try:
            self.fingerprint = fingerprint(self.path)
        except (OSError, ValueError) as error:
            raise Failure(f"cannot tell the fingerprint of the certificate {self.path}: {error}.") from None
        return context


def first_certificate(pem: Path) -> bytes:
    """The first certificate in a PEM file, as DER, whatever else the file holds: its key, what somebody wrote beside
    it. Raises OSError or ValueError."""
    found = _CERTIFICATE.search(pem.read_bytes())
    if found is None:
        raise ValueError("there is no certificate in it")
    return base64.b64decode(found[1])


def fingerprint(cert: Path) -> str:
    """The SHA-256 fingerprint of the first certificate in a PEM file, as people compare it. Raises OSError or
    ValueError."""
    return sha256(first_certificate(cert)).digest().hex(":").upper()


def generated(directory: Path, names: Iterable[str]) -> tuple[Path, Path]:
    """The paths of the certificate and key in *directory*, which are made for *names* (hosts and addresses) at first.
    Raises Failure."""
    cert, key = directory / CERT_FILE, directory / KEY_FILE
    try:
        if not (cert.exists() and key.exists()):
            _make(cert, key, names)
            _log.warning("a TLS certificate was generated: %s, SHA-256 fingerprint %s", cert, fingerprint(cert))
    except OSError as error:
        raise Failure(f"cannot keep a TLS certificate in {directory}: {error.strerror}.") from None
    return cert, key


def _make(cert: Path, key: Path, names: Iterable[str]) -> None:
    """The key comes first, and the certificate is there whole or not at all."""
    # Needed once in a server's life, and it takes a tenth of a second.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    secret = ec.generate_private_key(ec.SECP256R1())
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    now = datetime.datetime.now(datetime.UTC)
    hosts = dict.fromkeys(names)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, next(iter(hosts)))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # other machines' clocks are wrong, too
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    _write(key, pem, 0o600)
    _write(cert, certificate.public_bytes(Encoding.PEM), 0o644)


def _write(path: Path, data: bytes, mode: int) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _general_name(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
