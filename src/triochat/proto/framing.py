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

        Raises LineTooLong when a line exceeds the limit, finished or not; what was buffered is then gone and the
        stream should be closed.
        """
        partial = self._partial
        if partial is not None:
            end = data.find(b"\n")
            if end < 0:
                partial += data
                if len(partial) > self._limit:
                    self._check(partial)
                return []
            partial += data[:end]
            data = data[end + 1 :]
            self._partial = None
            self._check(partial)
            lines = [bytes(partial)]
            if data:
                lines += data.split(b"\n")
            else:
                lines.append(b"")
        else:
            lines = data.split(b"\n")
        if len(data) > self._limit:
            for line in lines:
                self._check(line)
        rest = lines.pop()
        if rest:
            self._partial = bytearray(rest)
        return [stripped for line in lines if (stripped := line[:-1] if line[-1:] == b"\r" else line)]

    def _check(self, line: bytes | bytearray) -> None:
        if len(line) - line.endswith(b"\r") > self._limit:
            self._partial = None
            raise LineTooLong(f"line is longer than {self._limit} bytes")

    @property
    def unfinished(self) -> bytes:
        """The bytes of the line that has not ended yet."""
        return bytes(self._partial) if self._partial is not None else b""
