"""Until when a certificate holds."""

import re
from datetime import UTC, datetime
from pathlib import Path

from triochat.net.certificate import first_certificate

# A certificate's validity is a SEQUENCE of two times, which have these two forms only (RFC 5280, section 4.1.2.5); it
# is the first such thing in a certificate. `cryptography` would read it as well, at the price of ten megabytes in
# every server.
_VALIDITY = re.compile(
    rb"\x30[\x1e-\x22](?:\x17\x0d\d{12}Z|\x18\x0f\d{14}Z)(?:\x17\x0d(\d{12})Z|\x18\x0f(\d{14})Z)",
)


def expiry(path: Path) -> float | None:
    """When the first certificate of a PEM file expires, in seconds since the epoch; None when that cannot be told."""
    try:
        found = _VALIDITY.search(first_certificate(path))
        if found is None:
            return None
        short, long = found.groups()
        until = datetime.strptime((short or long).decode(), "%y%m%d%H%M%S" if short else "%Y%m%d%H%M%S")
    except (OSError, ValueError):
        return None
    return until.replace(tzinfo=UTC).timestamp()
