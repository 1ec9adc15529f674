"""The connection below a session: a plain socket used directly, or a wire around a wire (net.tls, net.websocket)."""

import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import trio

READ_SIZE = 65_536
_TCP_INFO = 11
_TCP_INFO_SIZE = 136
"""Both of Linux (linux/tcp.h)."""

# One buffer for all sockets: nothing awaits between filling it and copying out of it.
_BUFFER = bytearray(READ_SIZE)
_VIEW = memoryview(_BUFFER)


class Wire(Protocol):
    """What a connection needs of its transport; fanout.outbox.Wire is the sending half.

    One rule makes wires stack: bytes that were offered and not taken are offered again, before any others. A wire
    that turns them into something else (a TLS record, a WebSocket frame) may have begun with that, and counts them as
    taken when the last byte of it is on its way.
    """

    def try_send(self, data: bytes, /) -> int:
        """Take bytes now and return how many; BlockingIOError: none, other OSError: the peer is gone."""

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

    def told(self, form: str, at: int) -> tuple[int, ...] | None:
        """What the system knows of the connection: the integers of *form* (see struct) that stand *at* this byte of
        its structure; None where it does not tell (it is Linux that does)."""
        try:
            return struct.unpack_from(form, self._sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _TCP_INFO_SIZE), at)
        except (OSError, struct.error):
            return None

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


def counted(wire: object) -> tuple[int, int] | None:
    """Bytes that the system has received, and sent and seen acknowledged, for the socket below all wires; None where
    it does not tell."""
    told = _told(wire, "=QQ", 120)
    return (told[1], told[0]) if told is not None else None


def round_trip_ms(wire: object) -> float | None:
    """How long the peer's system takes to answer, below all wires; None where ours does not tell."""
    told = _told(wire, "=I", 68)
    return told[0] / 1000 if told is not None else None


def _told(wire: object, form: str, at: int) -> tuple[int, ...] | None:
    while not isinstance(wire, SocketWire):
        wire = getattr(wire, "_wire", None)
        if wire is None:
            return None
    return wire.told(form, at)


async def receive(wire: Wire) -> bytes:
    """Wait for bytes. Raises trio.BrokenResourceError when none will come."""
    while True:
        await wire.readable()
        data = wire.read()
        if data is None:
            continue
        if not data:
            raise trio.BrokenResourceError("the peer has closed")
        return data


async def send_all(wire: Wire, data: bytes) -> None:
    """Send all of *data*. A deadline is the caller's."""
    view = memoryview(data)
    while view:
        view = view[await wire.send_some(view) :]


class _Silence:
    """Stands where a wire will be: takes everything and sends nothing."""

    __slots__ = ()

    try_send: Callable[[bytes], int] = staticmethod(len)

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        return len(data)


SILENCE: Final = _Silence()
