"""The connection below a session: a plain socket used directly, or any Trio stream."""

import socket
from collections.abc import Awaitable, Callable
from typing import Protocol

import trio

READ_SIZE = 65_536
_STREAM_PORTION = 16_384

# One buffer for all sockets: nothing awaits between filling it and copying out of it.
_BUFFER = bytearray(READ_SIZE)
_VIEW = memoryview(_BUFFER)


class Wire(Protocol):
    """What a connection needs of its transport; fanout.outbox.Wire is the sending half."""

    try_send: Callable[[bytes], int]

    def readable(self) -> Awaitable[object]:
        """Wait until `read` has something. Raises OSError, trio.BrokenResourceError or trio.ClosedResourceError.

        Not a coroutine function: each frame below the wait of ten thousand idle connections costs two megabytes."""

    def read(self) -> bytes | None:
        """What has arrived, b"" at the end; None when it was a false alarm. Raises OSError."""

    async def send_some(self, data: memoryview) -> int:
        """Wait until the peer takes bytes, and return how many."""

    async def aclose(self) -> None:
        """Close without waiting for the peer. Idempotent."""


class SocketWire:
    """A TCP socket without a stream around it: the fan-out calls its `send` directly."""

    __slots__ = ("_sock", "try_send")

    def __init__(self, sock: socket.socket) -> None:
        """*sock* is connected and non-blocking."""
        self._sock = sock
        self.try_send: Callable[[bytes], int] = sock.send

    def readable(self) -> Awaitable[object]:
        """See Wire."""
        return trio.lowlevel.wait_readable(self._sock)  # noqa: ASYNC105  # the caller awaits it

    def read(self) -> bytes | None:
        """See Wire."""
        try:
            size = self._sock.recv_into(_BUFFER)
        except BlockingIOError:
            return None
        return _VIEW[:size].tobytes()

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        while True:
            try:
                return self._sock.send(data)
            except BlockingIOError:
                await trio.lowlevel.wait_writable(self._sock)

    async def aclose(self) -> None:
        """See Wire."""
        if self._sock.fileno() >= 0:
            trio.lowlevel.notify_closing(self._sock)
            try:
                self._sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the peer was first
            self._sock.close()


class StreamWire:
    """Any Trio stream, such as TLS or one in memory. Everything it sends goes through a writer task."""

    __slots__ = ("_data", "_stream", "try_send")

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._data: bytes | None = None
        self.try_send: Callable[[bytes], int] = _never_now

    async def readable(self) -> None:
        """See Wire."""
        self._data = bytes(await self._stream.receive_some(READ_SIZE))

    def read(self) -> bytes | None:
        """See Wire."""
        return self._data

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        portion = data[:_STREAM_PORTION]
        await self._stream.send_all(portion)
        return len(portion)

    async def aclose(self) -> None:
        """See Wire."""
        await trio.aclose_forcefully(self._stream)


def _never_now(data: bytes) -> int:
    raise BlockingIOError
