"""What comes before a peer's first line: a PROXY header, a TLS handshake, a WebSocket request, in this order."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

import trio

from triochat.net.doors import TLS_HANDSHAKE, Door
from triochat.net.proxy import V1, BadHeader, Network, header, is_in
from triochat.net.tls import TlsWire, secure
from triochat.net.wire import Wire, receive, send_all

_PLAIN_TEXT = b"ERROR :This port speaks TLS only: switch TLS (SSL) on in your client\r\n"
_NO_TLS = b"ERROR :This port does not speak TLS: switch TLS (SSL) off in your client\r\n"


class Tls(Enum):
    """What a door makes of TLS."""

    NEVER = "never"
    POSSIBLE = "possible"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Doorway:
    """How one listener lets people in."""

    door: Door = Door.IRC
    """IRC (plain lines included) or WEBSOCKET."""
    tls: Tls = Tls.NEVER
    proxied: bool = False
    """Whether every connection begins with a PROXY header."""
    origins: tuple[str, ...] = ()
    """From pages of which sites browsers may connect; see net.upgrade."""

    @property
    def comes_first(self) -> bool:
        """True when no connection begins with its first line, not even a plain one."""
        return self.door is not Door.IRC or self.tls is Tls.REQUIRED


PLAIN: Final = Doorway()


class TurnedAway(Exception):
    """The peer did not get in, and has been told as far as it can be told. *str* is why."""


class Arrived(NamedTuple):
    """A peer that is about to say its first line."""

    wire: Wire
    data: bytes
    """What has come already."""
    tls: bool
    certificate: str | None
    """SHA-256 of the certificate that the peer showed."""
    forwarded: str | None
    """From where a WebSocket was forwarded, as the peer says; to be believed of a known proxy only."""


class Arrivals:
    """What all doors share: whom they trust, the certificate, and how many handshakes there may be at a time."""

    def __init__(
        self,
        *,
        proxies: Sequence[Network] = (),
        tls: Callable[[], ssl.SSLContext] | None = None,
        handshakes: int = 256,
    ) -> None:
        """*proxies* may say from where a connection came. *tls* gives the context for a new connection."""
        self._proxies = proxies
        self._tls = tls
        self.handshakes = handshakes
        self._pending: dict[trio.CancelScope, None] = {}

    def trusts(self, address: str) -> bool:
        """True when this address may say from where a connection really comes."""
        return bool(self._proxies) and is_in(address, self._proxies)

    async def source(self, wire: Wire, *, required: bool) -> tuple[str | None, bytes]:
        """Read the PROXY header of a peer that `trusts` trusts. Returns the client's address, None when there is no
        other than the peer's own, and what came behind the header. Where it is not *required* a connection may begin
        with anything else, and only version 1 is understood: version 2 may not be mixed with other protocols.
        Raises TurnedAway, and what `receive` raises."""
        data = await receive(wire)
        while True:
            if not required and not data.startswith(V1):
                if not V1.startswith(data):
                    return None, data
                found = None
            else:
                try:
                    found = header(data)
                except BadHeader as error:
                    raise TurnedAway(f"{error}") from None
            if found is not None:
                return found.source, data[found.size :]
            data += await receive(wire)

    async def arrive(self, wire: Wire, doorway: Doorway, data: bytes, line_limit: int) -> Arrived:
        """Lead a peer that has sent *data* in through *doorway*. Raises TurnedAway, OSError or
        trio.BrokenResourceError. A deadline is the caller's."""
        data = data or await receive(wire)
        certificate, tls, forwarded = None, False, None
        if data[:1] == TLS_HANDSHAKE:
            if doorway.tls is Tls.NEVER or self._tls is None:
                await send_all(wire, _NO_TLS)
                raise TurnedAway("This port does not speak TLS")
            wire, data = await self._secure(wire, self._tls(), data)
            certificate, tls = wire.certificate, True
        elif doorway.tls is Tls.REQUIRED:
            await send_all(wire, _PLAIN_TEXT)
            raise TurnedAway("This port speaks TLS only")
        if doorway.door is Door.WEBSOCKET:
            # Not at the top: most servers have no such door, and would only start later.
            from triochat.net.websocket import NoWebSocket, accept

            try:
                wire, forwarded = await accept(wire, data, doorway.origins, line_limit)
            except NoWebSocket as error:
                raise TurnedAway(str(error)) from None
            data = b""
        return Arrived(wire, data, tls, certificate, forwarded)

    async def _secure(self, wire: Wire, context: ssl.SSLContext, data: bytes) -> tuple[TlsWire, bytes]:
        """Shake hands. When too many do so at a time, the one that takes longest makes room: whoever stalls does not
        keep others out."""
        with trio.CancelScope() as scope:
            self._pending[scope] = None
            try:
                if len(self._pending) > self.handshakes:
                    next(iter(self._pending)).cancel()
                return await secure(wire, context, data)
            except ssl.SSLError as error:
                raise TurnedAway(f"the TLS handshake failed: {error.reason or error}") from None
            finally:
                del self._pending[scope]
        raise TurnedAway("the TLS handshake took too long while many others came")
