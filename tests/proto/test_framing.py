"""Bytes to lines: the same lines however the bytes arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.proto.errors import LineTooLong
from triochat.proto.framing import LineBuffer

LIMIT = 20

streams = st.lists(
    st.sampled_from([b"a", b"bc", b"\xc3", b"\r", b"\n", b"\r\n", b" ", b"\0", b"x" * 9]), max_size=40
).map(b"".join)


def chunks_of(stream: bytes, cuts: list[int]) -> list[bytes]:
    """*stream* cut at these places."""
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    return [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]


@given(streams, st.lists(st.integers(0, 400)))
def test_any_chunking_gives_the_same_lines(stream: bytes, cuts: list[int]) -> None:
    lines = LineBuffer(10_000)
    received = [line for chunk in chunks_of(stream, cuts) for line in lines.feed(chunk)]
    *whole, rest = stream.split(b"\n")
    assert received == [line for line in (line.removesuffix(b"\r") for line in whole) if line]
    assert lines.unfinished == rest


@given(st.integers(0, 2 * LIMIT), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(0, 100)))
def test_a_line_is_too_long_or_not_however_it_arrives(size: int, end: bytes, cuts: list[int]) -> None:
    line = b"x" * size
    lines = LineBuffer(LIMIT)
    received = []
    refused = False
    try:
        for chunk in chunks_of(line + end, cuts):
            received += lines.feed(chunk)
    except LineTooLong:
        refused = True
    assert refused == (size > LIMIT)
    if not refused:
        assert received == ([line] if line else [])


def test_an_endless_line_is_refused_and_forgotten() -> None:
    lines = LineBuffer(LIMIT)
    fed = 0
    with pytest.raises(LineTooLong, match="20 bytes"):
        for _ in range(1000):
            fed += 1
            lines.feed(b"x")
    assert fed <= LIMIT + 2
    assert lines.unfinished == b""


def test_empty_lines_are_dropped() -> None:
    assert LineBuffer(LIMIT).feed(b"\r\n\n\r\na\n\n\r\nb\r\n\r\n") == [b"a", b"b"]


def test_only_one_cr_belongs_to_the_line_end() -> None:
    assert LineBuffer(LIMIT).feed(b"a\r\r\n") == [b"a\r"]


def test_nothing_is_kept_between_whole_lines() -> None:
    """Ten thousand idle peers cost no buffers."""
    lines = LineBuffer(LIMIT)
    lines.feed(b"ha")
    lines.feed(b"lf\nwhole\n")
    assert lines.unfinished == b""
    assert lines._partial is None


class Searched:
    """How many bytes were looked at for a line end."""

    total = 0


class CountedBytes(bytes):
    """Bytes that count when they are searched."""

    def find(self, *args: object) -> int:  # type: ignore[override]
        Searched.total += len(self)
        return super().find(*args)  # type: ignore[arg-type]

    def split(self, *args: object) -> list[bytes]:  # type: ignore[override]
        Searched.total += len(self)
        return super().split(*args)  # type: ignore[arg-type]


class CountedArray(bytearray):
    """The same for what is buffered."""

    def find(self, *args: object) -> int:  # type: ignore[override]
        Searched.total += len(self)
        return super().find(*args)  # type: ignore[arg-type]

    def split(self, *args: object) -> list[bytearray]:  # type: ignore[override]
        Searched.total += len(self)
        return super().split(*args)  # type: ignore[arg-type]


def test_dripping_bytes_are_searched_once_each() -> None:
    """A peer that sends byte by byte costs time in proportion to its bytes, not to their square."""
    lines = LineBuffer(10_000)
    Searched.total = 0
    lines.feed(CountedBytes(b"x"))
    lines._partial = CountedArray(b"x")
    for _ in range(4_999):
        lines.feed(CountedBytes(b"x"))
    assert lines.feed(CountedBytes(b"\n")) == [b"x" * 5_000]
    assert Searched.total == 5_001
