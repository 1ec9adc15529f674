"""What may be a name, and when two names are the same.

Casemapping `ascii` (https://modern.ircdocs.horse/#casemapping-parameter): only A-Z fold.
"""

import string

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


def is_room_name(name: str, longest: int) -> bool:
    """True for `#name` without spaces, commas, control or invisible characters, at most *longest* characters."""
    return (
        1 < len(name) <= longest
        and name[0] == "#"
        and "," not in name
        and (name.isascii() or all(map(is_visible, name)))
        and name.isprintable()
        and " " not in name
    )


def clean_username(username: str, longest: int) -> str:
    """*username* fit for a source mask: forbidden characters dropped, cut to length, never empty."""
    kept = "".join(c for c in username if c not in _NOT_IN_USERNAME and is_visible(c))
    return kept[:longest] or "user"
