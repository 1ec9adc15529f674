"""Until when certificates hold, compared with what a library for them says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from triochat.net.certificate import generated
from triochat.observing.certificate import expiry


def library_says(path: Path) -> float:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.timestamp()


def test_the_generated_certificate(tmp_path: Path) -> None:
    cert, _ = generated(tmp_path, ["localhost"])
    assert expiry(cert) == library_says(cert)


@pytest.mark.parametrize("until", [datetime(2049, 12, 31, tzinfo=UTC), datetime(2051, 7, 4, 1, 2, 3, tzinfo=UTC)])
def test_both_forms_of_time(until: datetime, tmp_path: Path) -> None:
    cert = trustme.CA().issue_cert("localhost", not_after=until)
    path = tmp_path / "cert.pem"
    path.write_bytes(b"".join(blob.bytes() for blob in cert.cert_chain_pems))
    assert expiry(path) == library_says(path) == until.timestamp()


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_cannot_be_read_is_not_known(text: str, tmp_path: Path) -> None:
    path = tmp_path / "cert.pem"
    path.write_text(text)
    assert expiry(path) is None
    assert expiry(tmp_path / "nowhere.pem") is None
