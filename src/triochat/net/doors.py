"""What a new connection is, told by its first line. Pure."""

from enum import Enum

from triochat.commands.table import COMMANDS
from triochat.domain.names import Names
from triochat.proto.errors import MalformedMessage
from triochat.proto.message import decode

TLS_HANDSHAKE = b"\x16"
"""The first byte of a TLS ClientHello."""

_HTTP_VERBS = frozenset(
    (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH", b"PRI")
)
# fmt: off
_REGISTRATION = frozenset((
    "CAP", "NICK", "USER", "PASS", "PING", "PONG", "AUTHENTICATE", "QUIT", "REGISTER", "VERIFY", "ERROR", "WEBIRC",
    "STARTTLS", "SERVER", "OPER",
))
# fmt: on

_HTTP_BODY = b"This is a chat server, not a web server. Use triochat connect, or an IRC client.\n"
HTTP_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_HTTP_BODY), _HTTP_BODY)
)


class Door(Enum):
    """The kinds of client; all but the last share the chat port."""

    IRC = "irc"
    LINE = "line"
    HTTP = "http"
    WEBSOCKET = "websocket"


def door_of(line: bytes, names: Names, longest_name: int) -> Door:
    """Decide by the first line: an HTTP request, a person at a plain terminal, or IRC.

    One word that can be a name is a name, unless it begins a registration. Other text that begins with no command of
    ours was typed by a person too, who will be told what a name is.
    """
    word, space, _ = line.partition(b" ")
    if space and word.upper() in _HTTP_VERBS:
        return Door.HTTP
    try:
        text = decode(line)
    except MalformedMessage:
        return Door.IRC
    command = text.partition(" ")[0].upper()
    if command in _REGISTRATION or text[0] in "@:" or not text.isprintable():
        return Door.IRC
    if not space and names.nick_error(text, longest_name) is None:
        return Door.LINE
    return Door.IRC if command in COMMANDS else Door.LINE
