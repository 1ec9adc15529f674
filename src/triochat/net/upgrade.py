"""From an HTTP request to a WebSocket: what is answered, and to whom it is granted. Pure.

Specifications: RFC 6455 section 4, https://ircv3.net/specs/extensions/websocket
"""

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection
from wsproto.events import AcceptConnection, Request
from wsproto.utilities import ProtocolError

from triochat.net.proxy import text_of

TEXT = "text.ircv3.net"
BINARY = "binary.ircv3.net"

_LONGEST_REQUEST = 16_384
"""Bytes of request line and headers; browsers send cookies along."""


class Refused(NamedTuple):
    """No WebSocket."""

    answer: bytes
    why: str


class Granted(NamedTuple):
    """A WebSocket from here on."""

    answer: bytes
    frames: Connection
    """Reads the peer's frames."""
    rest: bytes
    """What came behind the request."""
    binary: bool
    forwarded: str | None
    """From where the request comes, as the last proxy on its way says (X-Forwarded-For). Anybody can say so."""


class Upgrade:
    """One HTTP request, from its first byte to what is answered."""

    def __init__(self, origins: Sequence[str]) -> None:
        """*origins*: the sites whose pages may connect (`*`: all); none: only pages of the host that is asked."""
        self._origins = origins
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_REQUEST)

    def feed(self, data: bytes) -> Granted | Refused | None:
        """Take bytes; None = more are needed."""
        try:
            self._http.receive_data(data)
            request = self._http.next_event()
        except h11.RemoteProtocolError as error:
            code = error.error_status_hint
            return _refuse(code, "The request is too long." if code == 431 else "This is no HTTP request.")
        if request is h11.NEED_DATA:
            return None
        if not isinstance(request, h11.Request):
            return _refuse(400, "This is no HTTP request.")
        return self._decide(request)

    def _decide(self, request: h11.Request) -> Granted | Refused:
        headers = dict(request.headers)
        if request.method != b"GET":
            return _refuse(405, "This is a chat server: only GET, to become a WebSocket.", b"Allow: GET\r\n")
        if headers.get(b"upgrade", b"").lower() != b"websocket":
            return _refuse(426, "This is a chat server. Connect to it with a WebSocket client.", _WANTED)
        if not self._is_welcome(headers.get(b"origin"), headers.get(b"host", b"")):
            return _refuse(403, "Pages of this site may not connect to this chat server.")
        # A chunked body may be empty, but nothing tells that before its end has arrived.
        if b"transfer-encoding" in headers or not isinstance(self._http.next_event(), h11.EndOfMessage):
            return _refuse(400, "A WebSocket request has no body.")
        protocol = WSConnection(ConnectionType.SERVER)
        try:
            protocol.initiate_upgrade_connection(list(request.headers), request.target)
            asked = next(protocol.events())
            assert isinstance(asked, Request)
            subprotocol = next((name for name in asked.subprotocols if name in (TEXT, BINARY)), None)
            answer = protocol.send(AcceptConnection(subprotocol=subprotocol))
        except (ProtocolError, h11.ProtocolError, ValueError) as error:
            if headers.get(b"sec-websocket-version", b"13") != b"13":
                return _refuse(426, "Only version 13 of the WebSocket protocol is spoken here.", _WANTED)
            return _refuse(400, f"This WebSocket request is malformed: {_ascii(str(error))}.")
        frames = protocol.connection
        assert frames is not None
        forwarded = address_in(headers.get(b"x-forwarded-for", b""))
        return Granted(answer, frames, self._http.trailing_data[0], subprotocol == BINARY, forwarded)

    def _is_welcome(self, origin: bytes | None, host: bytes) -> bool:
        """Browsers say from which page a connection is made, so that other sites cannot connect in their users'
        name. What sends no Origin is no browser."""
        if origin is None or "*" in self._origins:
            return True
        if self._origins:
            return _ascii(origin.decode("latin-1")).lower() in (known.lower() for known in self._origins)
        return bool(host) and origin.lower() in (b"http://" + host.lower(), b"https://" + host.lower())


_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    426: "Upgrade Required",
    431: "Request Header Fields Too Large",
}
_WANTED = b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"


def address_in(forwarded: bytes) -> str | None:
    """The last address of an X-Forwarded-For header: the ones before it may be anybody's invention."""
    try:
        address = ipaddress.ip_address(forwarded.rpartition(b",")[2].strip().decode("ascii"))
    except ValueError:
        return None
    # Behind a % any text would do: it names a network card of the proxy's, which nobody else can reach.
    return None if "%" in str(address) else text_of(address)


def http_answer(code: int, text: str, more: bytes = b"") -> bytes:
    """An HTTP response after which the connection is closed."""
    body = f"{text}\n".encode()
    connection = b"upgrade, close" if code == 426 else b"close"
    return (
        b"HTTP/1.1 %d %b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
        b"Connection: %b\r\n%b\r\n%b" % (code, _REASONS[code].encode(), len(body), connection, more, body)
    )


def _refuse(code: int, text: str, more: bytes = b"") -> Refused:
    code = code if code in _REASONS else 400
    return Refused(http_answer(code, text, more), text)


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
