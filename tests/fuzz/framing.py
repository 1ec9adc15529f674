"""Bytes to lines."""

from fuzz.pieces import ways
from triochat.proto.errors import LineTooLong
from triochat.proto.framing import LineBuffer

LIMIT = 40


def framing(data: bytes) -> None:
    """However bytes arrive they make the same lines, or are refused behind the same ones; only so much is kept."""
    expected = _by_the_book(data)
    for pieces in ways(data):
        assert _read(pieces) == expected


def _by_the_book(data: bytes) -> tuple[list[bytes], bool, bytes]:
    """The lines, whether one is too long, and what is kept; as simply as it can be said."""
    *ended, rest = data.split(b"\n")
    lines = []
    for line in ended:
        line = line.removesuffix(b"\r")
        if len(line) > LIMIT:
            return lines, True, b""
        if line:
            lines.append(line)
    if len(rest.removesuffix(b"\r")) > LIMIT:
        return lines, True, b""
    return lines, False, rest


def _read(pieces: list[bytes]) -> tuple[list[bytes], bool, bytes]:
    buffer = LineBuffer(LIMIT)
    lines: list[bytes] = []
    for piece in pieces:
        try:
            lines += buffer.feed(piece)
        except LineTooLong as error:
            return lines + error.lines, True, buffer.unfinished
        assert len(buffer.unfinished) <= LIMIT + 1
        assert not any(b"\n" in line for line in lines)
    return lines, False, buffer.unfinished
