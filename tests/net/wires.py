"""Wires for tests, and their far ends: peers that speak TLS and WebSocket, with no IO of their own."""

from __future__ import annotations

import ssl
from functools import cache

import trio
import trustme
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, Pong, TextMessage

from fanout.pipe import Pipe
from triochat.net.wire import READ_SIZE

_PORTION = 16_384


class TinyWire:
    """A wire whose peer reads when the test says so, and sends what the test says."""

    def __init__(self, room: int) -> None:
        self.pipe = Pipe(room)
        self._arrived: list[bytes] = []
        self._more = trio.Event()

    def arrives(self, *data: bytes) -> None:
        """The peer has sent this."""
        self._arrived += data
        self._more.set()

    @property
    def unread(self) -> bool:
        return bool(self._arrived)

    def try_send(self, data: bytes, /) -> int:
        """See Wire."""
        return self.pipe.try_send(data)

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        return await self.pipe.send_some(data)

    async def readable(self) -> None:
        """See Wire."""
        await self._more.wait()

    def read(self) -> bytes | None:
        """See Wire."""
        data = self._arrived.pop(0)
        if not self._arrived:
            self._more = trio.Event()
        return data

    async def aclose(self) -> None:
        """See Wire."""


class StreamWire:
    """A Trio stream, such as one in memory. Everything it sends goes through a writer task."""

    __slots__ = ("_data", "_stream")

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._data: bytes | None = None

    def try_send(self, data: bytes, /) -> int:
        """See Wire."""
        raise BlockingIOError

    async def readable(self) -> None:
        """See Wire."""
        self._data = bytes(await self._stream.receive_some(READ_SIZE))

    def read(self) -> bytes | None:
        """See Wire."""
        return self._data

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        portion = data[:_PORTION]
        await self._stream.send_all(portion)
        return len(portion)

    async def aclose(self) -> None:
        """See Wire."""
        await trio.aclose_forcefully(self._stream)


class Browser:
    """The client's side of a WebSocket."""

    def __init__(self) -> None:
        self.frames = Connection(ConnectionType.CLIENT)
        self.lines: list[bytes] = []
        self.pongs: list[bytes] = []
        self.closed: int | None = None

    def takes(self, data: bytes) -> None:
        self.frames.receive_data(data)
        for event in self.frames.events():
            self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, Message):
            assert event.message_finished
            assert self.closed is None
            self.lines.append(event.data.encode() if isinstance(event, TextMessage) else bytes(event.data))
        elif isinstance(event, Pong):
            self.pongs.append(bytes(event.payload))
        elif isinstance(event, CloseConnection):
            self.closed = int(event.code)

    def says(self, *lines: str | bytes) -> bytes:
        """Messages as bytes: text for str, binary for bytes."""
        events = [TextMessage(data=x) if isinstance(x, str) else BytesMessage(data=x) for x in lines]
        return b"".join(self.frames.send(event) for event in events)

    def part(self, text: str, *, last: bool) -> bytes:
        """A fragment of a message."""
        return self.frames.send(TextMessage(data=text, message_finished=last))

    def pings(self, payload: bytes) -> bytes:
        return self.frames.send(Ping(payload=payload))

    def closes(self, code: int = 1000) -> bytes:
        return self.frames.send(CloseConnection(code=code))


@cache
def authority() -> trustme.CA:
    """Signs the certificates of the tests."""
    return trustme.CA()


@cache
def server_context() -> ssl.SSLContext:
    """A server with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    authority().issue_cert("chat.test").configure_cert(context)
    return context


@cache
def client_context() -> ssl.SSLContext:
    """A client that checks the server's certificate."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


class TlsClient:
    """The client's side of TLS."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or client_context()).wrap_bio(self.incoming, self.outgoing, server_hostname="chat.test")
        self.ended = False

    def hello(self) -> bytes:
        """The first bytes."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def answers(self, data: bytes) -> bytes:
        """What it says to the server's part of the handshake."""
        self.incoming.write(data)
        return self.hello()

    def takes(self, data: bytes) -> bytes:
        """What is in the records of *data*."""
        self.incoming.write(data)
        parts = []
        try:
            while part := self.tls.read(65_536):
                parts.append(part)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        return b"".join(parts)

    def says(self, data: bytes) -> bytes:
        self.tls.write(data)
        return self.outgoing.read()
