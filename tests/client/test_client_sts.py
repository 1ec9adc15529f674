"""What a server's STS capability says."""

from datetime import timedelta

import pytest

from triochat.client import sts


@pytest.mark.parametrize(
    ("value", "port", "duration"),
    [
        ("port=6697", 6697, None),
        ("duration=60", None, timedelta(seconds=60)),
        ("duration=0,port=1", 1, timedelta()),
        ("preload,unknown=port=5,port=6697", 6697, None),
        ("", None, None),
        ("port,duration", None, None),
        ("port=0,duration=-1", None, None),
        ("port=65536,duration=x", None, None),
        ("port=²,duration=٣", None, None),
        ("duration=9999999999999999999", None, timedelta(days=3650)),
        ("duration=" + "9" * 5000, None, None),
    ],
)
def test_only_what_makes_sense_is_read(value: str, port: int | None, duration: timedelta | None) -> None:
    assert (sts.port(value), sts.duration(value)) == (port, duration)
