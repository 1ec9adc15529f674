"""What may be a name, and when two names are the same.

Casemapping `ascii` (https://modern.ircdocs.horse/#casemapping-parameter): only A-Z fold.
"""

import string

from triochat.proto.message import cut
from triochat.proto.text import is_visible

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_SPECIAL = "[]\\`_^{|}"
_FIRST = frozenset(string.ascii_letters + _SPECIAL)
_REST = _FIRST | frozenset(string.digits + "-")
_NOT_IN_USERNAME = frozenset(" @!:\0\r\n")

DEFAULT_ROOM = "#lobby"
"""Where people land who name no room, folded."""

NAME_RULE = "use letters, digits, - and _, and begin with a letter"


def fold(name: str) -> str:
    """The form by which names are compared."""
    return name.lower() if name.isascii() else name.translate(_FOLD)


def nick_error(nick: str, longest: int) -> str | None:
    """Why *nick* may not be a name, as words that follow "Erroneous nickname"; None when it may."""
    if len(nick) > longest:
        return f"a name has at most {longest} characters"
    if not nick or nick[0] not in _FIRST or not _REST.issuperset(nick):
        return NAME_RULE
    return None


def room_name_error(name: str, longest: int) -> str | None:
    """Why *name* may not name a room, as words that follow "No such channel"; None when it may. *longest* is in
    bytes, as room names stand in lines that have only so many."""
    if name[:1] != "#":
        return "a room's name begins with #"
    if len(name.encode()) > longest:
        return f"a room's name has at most {longest} bytes"
    if len(name) == 1 or "," in name or not all(map(is_visible, name)):
        return "a room's name has no spaces, commas or invisible characters, and is more than the #"
    return None


def clean_username(username: str, longest: int) -> str:
    """*username* fit for a source mask: forbidden characters dropped, cut to *longest* bytes, never empty."""
    kept = "".join(c for c in username if c not in _NOT_IN_USERNAME and is_visible(c))
    return cut(kept, longest) or "user"
