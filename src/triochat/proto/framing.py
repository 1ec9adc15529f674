"""Bytes to lines.

Goals: linear time however the bytes arrive, no memory beyond the limit, nothing kept between lines for a peer
that sends whole lines (the usual case, and ten thousand idle peers). So the buffer holds only the unfinished
line and searches only what is new.
"""

from triochat.proto.errors import LineTooLong


class LineBuffer:
    """Splits a stream into lines; LF or CR LF ends a line, empty lines are dropped."""

    __slots__ = ("_limit", "_partial")

    def __init__(self, limit: int) -> None:
        """*limit* is the most bytes that one line may have, line end not counted."""
        self._limit = limit
        self._partial: bytearray | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that *data* completes, without their line ends.

        Raises LineTooLong when a line exceeds the limit, finished or not, with the lines before it; what was buffered
        is then gone and the stream should be closed.
        """
        partial = self._partial
        if partial is None:
            lines = data.split(b"\n")
        else:
            end = data.find(b"\n")
            if end < 0:
                partial += data
                if self._is_too_long(partial):
                    self._partial = None
                    raise LineTooLong(self._limit)
                return []
            partial += data[:end]
            self._partial = None
            lines = [bytes(partial), *data[end + 1 :].split(b"\n")]
        if len(data) > self._limit or partial is not None:
            self._check(lines)
        rest = lines.pop()
        if rest:
            self._partial = bytearray(rest)
        return _whole(lines)

    def _check(self, lines: list[bytes]) -> None:
        for i, line in enumerate(lines):
            if self._is_too_long(line):
                raise LineTooLong(self._limit, _whole(lines[:i]))

    def _is_too_long(self, line: bytes | bytearray) -> bool:
        return len(line) > self._limit and (len(line) > self._limit + 1 or line[-1:] != b"\r")

    @property
    def unfinished(self) -> bytes:
        """The bytes of the line that has not ended yet."""
        return bytes(self._partial) if self._partial is not None else b""


def _whole(lines: list[bytes]) -> list[bytes]:
    return [stripped for line in lines if (stripped := line[:-1] if line[-1:] == b"\r" else line)]
