"""What the ADDRESS argument means. Pure."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from triochat.client.names import room_problem

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 5000
_SCHEMES = ("irc", "ircs")
_PLAIN_PORT, _TLS_PORT = 6667, 6697  # what these schemes mean everywhere else
_ROOM_MARKS = "#&+!"


class BadAddress(ValueError):
    """*str(error)* is a sentence for the person who typed the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and whether it is talked to encrypted. *room* is None when the address names none, and
    so is *password*, the server's, which links of invitations have."""

    host: str
    port: int
    tls: bool
    room: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine for certain, so that nobody on the way can listen."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def parse(text: str, *, tls: bool | None = None) -> Address:
    """Read HOST, HOST:PORT, [v6]:PORT, HOST#room, irc://[:PASSWORD@]HOST[:PORT][/room] or ircs://…; raises
    BadAddress, whose text never has the password in it.

    *tls* is what the person said about encryption, None for nothing. Then ircs:// and every host but this machine
    mean TLS. irc:// says nothing: links with it are everywhere, also for servers that speak TLS.
    """
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if separator:
        if scheme.lower() not in _SCHEMES:
            raise BadAddress(f"{scheme}:// is not an address of a chat; use irc://, ircs:// or HOST:PORT.")
        return _parse_url(scheme.lower(), rest, tls)
    place, mark, room = text.partition("#")
    if "@" in place:
        raise BadAddress("A password stands in a link only: ircs://:PASSWORD@HOST:PORT.")
    host, port = _split_port(place, text)
    host = host or DEFAULT_HOST
    return Address(host, port or DEFAULT_PORT, _decide(host, tls), _room(f"#{room}") if mark and room else None)


def without_password(text: str) -> str:
    """The address *text* without what is for one person only."""
    scheme, separator, rest = text.partition("://")
    place, slash, room = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{room}" if separator else text


def _decide(host: str, tls: bool | None) -> bool:
    return not is_loopback(host) if tls is None else tls


def _parse_url(scheme: str, rest: str, tls: bool | None) -> Address:
    if scheme == "ircs" and tls is False:
        raise BadAddress("ircs:// means encryption, --no-tls forbids it.")
    try:
        parts = urlsplit(f"//{rest}")
    except ValueError:
        raise BadAddress(f"{scheme}://{rest.rpartition('@')[2]} is not a valid address.") from None
    who, at, place = parts.netloc.rpartition("@")
    try:
        host, port = _split_port(place, f"{scheme}://{place}")
    except BadAddress:
        if not at and "@" in rest:  # what was taken for a port began a password
            raise BadAddress("In a password in a link, / is written %2F, ? is %3F and # is %23.") from None
        raise
    if not host:
        raise BadAddress(f"The link names no host; it is written {scheme}://HOST:PORT.")
    # `irc://host/#room` is a fragment to a URL parser, and means the room all the same.
    room = unquote(parts.path.removeprefix("/")).split(",")[0] or (f"#{parts.fragment}" if parts.fragment else "")
    if room and room[0] not in _ROOM_MARKS:
        room = f"#{room}"
    encrypted = scheme == "ircs" or _decide(host, tls)
    port = port or (_TLS_PORT if encrypted else _PLAIN_PORT)
    return Address(host, port, encrypted, _room(room) if room else None, _password(who))


def _password(who: str) -> str | None:
    password = unquote(who.partition(":")[2])
    return password if password.isprintable() and password else None


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
