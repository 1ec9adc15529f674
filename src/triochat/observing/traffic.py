"""What the operating system knows of a connection (Linux's TCP_INFO), so that the server itself need not count bytes
where it sends them. Pure.

Layout: struct tcp_info of linux/tcp.h, which only ever grows at its end.
"""

import struct
from typing import NamedTuple

_ROUND_TRIP = struct.Struct("=I")
_BYTES = struct.Struct("=QQ")
_ROUND_TRIP_AT, _BYTES_AT = 68, 120


class Line(NamedTuple):
    """*bytes_out* were acknowledged by the peer, *bytes_in* came from it."""

    bytes_in: int
    bytes_out: int
    round_trip_ms: float


def line_of(info: bytes) -> Line | None:
    """What *info* says; None when it says too little."""
    if len(info) < _BYTES_AT + _BYTES.size:
        return None
    (microseconds,) = _ROUND_TRIP.unpack_from(info, _ROUND_TRIP_AT)
    acknowledged, received = _BYTES.unpack_from(info, _BYTES_AT)
    return Line(received, acknowledged, microseconds / 1000)
