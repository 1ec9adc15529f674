"""TLS around a wire: the handshake, and records from and to bytes.

It uses `ssl` without sockets, so that what is sent goes out at once, in the turn in which it is said, as on a plain
socket; a stream would need a task for each send.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable
from hashlib import sha256

import trio

from triochat.net.wire import READ_SIZE, Wire, receive, send_all

_RECORD = 16_384
"""Plain bytes of the longest TLS record."""


async def secure(wire: Wire, context: ssl.SSLContext, data: bytes) -> tuple[TlsWire, bytes]:
    """Shake hands with a peer that has sent *data* already. Returns the wire from then on, and what came on it with
    the last of the handshake. Raises OSError (ssl.SSLError) or trio.BrokenResourceError. A deadline is the caller's.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    done = False
    while not done:
        incoming.write(data)
        try:
            tls.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            _send_if_it_goes(wire, outgoing.read())  # the alert that says why
            raise
        if outgoing.pending:
            await send_all(wire, outgoing.read())
        if not done:
            data = await receive(wire)
    secured = TlsWire(wire, tls, incoming, outgoing)
    return secured, secured.decrypted()


class TlsWire:
    """A wire (see net.wire) over which records go.

    A record is made of up to 16 KB and cannot be taken back. Of those bytes the last counts as taken only when the
    whole record is on its way: so the caller offers it again, and the rest of the record is sent then.
    """

    __slots__ = ("_ended", "_incoming", "_outgoing", "_owed", "_rest", "_tls", "_wire")

    def __init__(self, wire: Wire, tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        """*tls* has shaken hands."""
        self._wire = wire
        self._tls = tls
        self._incoming = incoming
        self._outgoing = outgoing
        self._rest = b""
        """Of the record that has begun, what is not on its way."""
        self._owed = 0
        """How many offered bytes to count as taken when it is."""
        self._ended = False

    @property
    def certificate(self) -> str | None:
        """The SHA-256 fingerprint of the peer's certificate, None when it showed none."""
        der = self._tls.getpeercert(binary_form=True)
        return sha256(der).hexdigest() if der else None

    # -- reading --

    def readable(self) -> Awaitable[object]:
        """See Wire."""
        if self._ended:
            return trio.lowlevel.checkpoint()  # noqa: ASYNC105  # the caller awaits it
        return self._wire.readable()

    def read(self) -> bytes | None:
        """See Wire."""
        if self._ended:
            return b""
        data = self._wire.read()
        if not data:
            return data
        self._incoming.write(data)
        return self.decrypted() or (b"" if self._ended else None)

    def decrypted(self) -> bytes:
        """What is in the records that have arrived whole."""
        parts = []
        try:
            while part := self._tls.read(READ_SIZE):
                parts.append(part)
            self._ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._ended = True
        return parts[0] if len(parts) == 1 else b"".join(parts)

    # -- sending --

    def try_send(self, data: bytes, /) -> int:
        """See Wire."""
        taken = 0
        while True:
            if self._rest:
                try:
                    self._rest = self._rest[self._wire.try_send(self._rest) :]
                except BlockingIOError:
                    return taken
                if self._rest:
                    return taken
                taken += self._owed
                self._owed = 0
            if taken >= len(data):
                return taken
            taken += self._encrypt(data[taken : taken + _RECORD]) - 1

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        taken = 0 if self._rest else self._encrypt(data[:_RECORD]) - 1
        while self._rest:
            self._rest = self._rest[await self._wire.send_some(memoryview(self._rest)) :]
        owed, self._owed = self._owed, 0
        return taken + owed

    def _encrypt(self, portion: bytes | memoryview) -> int:
        """Make a record of *portion*, and return how many bytes it has."""
        self._tls.write(portion)
        self._rest = self._outgoing.read()
        self._owed = 1
        return len(portion)

    async def aclose(self) -> None:
        """See Wire."""
        if not self._rest:
            try:
                self._tls.unwrap()
            except (ssl.SSLError, ValueError):
                pass  # it would like to wait for the peer's farewell
            _send_if_it_goes(self._wire, self._outgoing.read())
        await self._wire.aclose()


def _send_if_it_goes(wire: Wire, data: bytes) -> None:
    try:
        wire.try_send(data)
    except OSError:
        pass
