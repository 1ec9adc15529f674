"""Names of people and rooms: comparing, choosing and checking them. Pure."""

import re
import string
from collections.abc import Callable

Fold = Callable[[str], str]
"""Brings names that the server takes for equal to one spelling."""

_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_RFC1459 = str.maketrans(string.ascii_uppercase + "[]\\~", string.ascii_lowercase + "{}|^")
_RFC1459_STRICT = str.maketrans(string.ascii_uppercase + "[]\\", string.ascii_lowercase + "{}|")
_SHORTEST_NICK_LIMIT = 9  # RFC 1459; a server that cuts longer names would call each cut name taken again
_NOT_IN_NICK = re.compile(r"[^A-Za-z0-9_\-\[\]\\`^{}|]")


def folding(mapping: str) -> Fold:
    """The comparison that ISUPPORT's CASEMAPPING=*mapping* stands for; unknown mappings are Unicode-aware."""
    match mapping.lower():
        case "ascii":
            return lambda name: name.translate(_ASCII)
        case "rfc1459":
            return lambda name: name.translate(_RFC1459)
        case "rfc1459-strict":
            return lambda name: name.translate(_RFC1459_STRICT)
    return str.casefold


def another(name: str, attempt: int) -> str:
    """What to be called when *name* is taken: `name2`, `name3` …; later ones fit any length limit."""
    suffix = str(attempt)
    base = name if attempt <= 5 else name[: _SHORTEST_NICK_LIMIT - len(suffix)]
    return base + suffix


def from_login(login: str) -> str:
    """A name that any server accepts, as close to the operating system's user name as possible."""
    return _NOT_IN_NICK.sub("", login).lstrip(string.digits + "-")[:16] or "guest"


def problem(name: str) -> str | None:
    """Why *name* cannot even be sent to a server (which has the last word on names), or None."""
    if not name:
        return "A name cannot be empty."
    if name[0] in "#&:" or any(c.isspace() or not c.isprintable() or c in ",!@*?" for c in name):
        return f"{name!r} cannot be a name: spaces, commas and the signs # & : ! @ * ? have other uses."
    if len(name.encode()) > 100:
        return "That name is too long."
    return None


def room_problem(room: str) -> str | None:
    """Why *room* cannot even be sent to a server, or None."""
    if not room or any(c.isspace() or not c.isprintable() or c == "," for c in room):
        return f"{room!r} cannot be a room: no spaces, no commas."
    return None


def as_room(word: str) -> str:
    """*word* with the `#` that people leave out."""
    return word if word[:1] in ("#", "&", "+", "!") else f"#{word}"


def is_service(name: str) -> bool:
    """True for the names by which networks manage accounts."""
    return name.partition("@")[0].lower() in ("nickserv", "chanserv", "ns", "cs", "authserv", "q")
