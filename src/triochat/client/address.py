"""What the ADDRESS argument means. Pure."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from triochat.client.names import room_problem

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 5000
_URL_PORTS = {"irc": 6667, "ircs": 6697}  # what these schemes mean everywhere else
_ROOM_MARKS = "#&+!"


class BadAddress(ValueError):
    """*str(error)* is a sentence for the person who typed the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens. *tls* and *room* are None when the address leaves them open."""

    host: str
    port: int
    tls: bool | None = None
    room: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse(text: str) -> Address:
    """Read HOST, HOST:PORT, [v6]:PORT, HOST#room, irc://HOST[:PORT][/room] or ircs://…; raises BadAddress."""
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if separator:
        if scheme.lower() not in _URL_PORTS:
            raise BadAddress(f"{scheme}:// is not an address of a chat; use irc://, ircs:// or HOST:PORT.")
        return _parse_url(scheme.lower(), rest)
    place, mark, room = text.partition("#")
    host, port = _split_port(place, text)
    return Address(host or DEFAULT_HOST, port or DEFAULT_PORT, room=_room(f"#{room}") if mark and room else None)


def _parse_url(scheme: str, rest: str) -> Address:
    try:
        parts = urlsplit(f"//{rest}")
    except ValueError:
        raise BadAddress(f"{scheme}://{rest} is not a valid address.") from None
    host, port = _split_port(parts.netloc.rpartition("@")[2], f"{scheme}://{rest}")
    if not host:
        raise BadAddress(f"{scheme}://{rest} names no host.")
    # `irc://host/#room` is a fragment to a URL parser, and means the room all the same.
    room = unquote(parts.path.removeprefix("/")).split(",")[0] or (f"#{parts.fragment}" if parts.fragment else "")
    if room and room[0] not in _ROOM_MARKS:
        room = f"#{room}"
    return Address(host, port or _URL_PORTS[scheme], tls=scheme == "ircs", room=_room(room) if room else None)


def _room(room: str) -> str:
    """*room*, unless it would be more than a word of a command: links come from anywhere."""
    if (problem := room_problem(room)) is not None:
        raise BadAddress(problem)
    return room


def _split_port(place: str, whole: str) -> tuple[str, int | None]:
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise BadAddress(f"{whole} is not a valid address; IPv6 is written [::1]:5000.")
        port = rest.removeprefix(":")
    elif place.count(":") > 1:
        host, port = place, ""  # a bare IPv6 address has no room for a port
    else:
        host, _, port = place.partition(":")
    if any(character.isspace() or not character.isprintable() for character in host):
        raise BadAddress(f"{whole} is not a valid address.")
    if not port:
        return host, None
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise BadAddress(f"{port} is not a port; ports are numbers from 1 to 65535.")
    return host, int(port)
