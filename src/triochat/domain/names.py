"""What may be a name, and when two names are the same.

`Names` is the casemapping of one server (https://modern.ircdocs.horse/#casemapping-parameter): `ascii`, where only
A-Z fold and names of people are ASCII, or `precis`, where names may be in any script and are compared by the profile
UsernameCaseMapped (RFC 8265), and where a name that looks like another's is not given out (UTS 39).
"""

import string
import unicodedata
from typing import Literal

from triochat.proto.message import cut
from triochat.proto.text import is_visible

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_SPECIAL = "[]\\`_^{|}"
_FIRST = frozenset(string.ascii_letters + _SPECIAL)
_REST = _FIRST | frozenset(string.digits + "-")
_NOT_IN_USERNAME = frozenset(" @!:\0\r\n")

DEFAULT_ROOM = "#lobby"
"""Where people land who name no room, folded."""

SERVICES = frozenset({"nickserv", "chanserv"})
"""Names that answer for the server, folded."""

NAME_RULE = "use letters, digits, - and _, and begin with a letter"


def fold_ascii(name: str) -> str:
    """The form by which names are compared where only A-Z fold."""
    return name.lower() if name.isascii() else name.translate(_FOLD)


class Names:
    """The rules of one server. Pure."""

    def __init__(self, casemapping: Literal["ascii", "precis"] = "ascii") -> None:
        self.casemapping = casemapping
        """The value of the token CASEMAPPING."""
        self._any_script = casemapping == "precis"
        self.looks("")  # what it needs is loaded now, and not while people wait

    def fold(self, name: str) -> str:
        """The form by which names are compared. Total: text that may be no name folds as well."""
        if name.isascii() or not self._any_script:
            return fold_ascii(name)
        return unicodedata.normalize("NFC", "".join(map(_narrowed, name)).lower())

    def same(self, name: str, other: str) -> bool:
        """True when both are the same name."""
        return self.fold(name) == self.fold(other)

    def looks(self, name: str) -> tuple[str, ...]:
        """What *name* looks like: one name is easily taken for another when they have any of these forms in common.
        In lower case, and as it is written: `В` looks like B, but not when both are small. Where names are ASCII, the
        folded name alone."""
        folded = self.fold(name)
        if not self._any_script:
            return (folded,)
        from triochat.domain.confusables import skeleton  # its tables take a while to load

        return skeleton(folded), skeleton(self.fold(skeleton(name)))

    def is_service(self, name: str) -> bool:
        """True for the names that answer for the server, and for what looks like them."""
        if not self._any_script:
            return self.fold(name) in SERVICES
        return not set(self.looks(name)).isdisjoint(look for service in SERVICES for look in self.looks(service))

    def nick_error(self, nick: str, longest: int) -> str | None:
        """Why *nick* may not be a name, as words that follow "Erroneous nickname"; None when it may. *longest* is in
        characters; names in other scripts also have at most so many bytes as lines can bear."""
        if len(nick) > longest or len(nick.encode()) > 2 * longest:
            return f"a name has at most {longest} characters"
        if not nick or (nick.isascii() and (nick[0] not in _FIRST or not _REST.issuperset(nick))):
            return NAME_RULE
        if nick.isascii():
            return None
        if not self._any_script or not _is_identifier(nick):
            return NAME_RULE
        return None

    def room_name_error(self, name: str, longest: int) -> str | None:
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
    kept = "".join(c for c in username if _narrowed(c) not in _NOT_IN_USERNAME and is_visible(c))
    return cut(kept, longest) or "user"


def _narrowed(character: str) -> str:
    """Full-width and half-width forms as the usual ones (RFC 8265, section 3.3.2)."""
    kind = unicodedata.decomposition(character)
    return unicodedata.normalize("NFKC", character) if kind.startswith(("<wide>", "<narrow>")) else character


def _is_identifier(nick: str) -> bool:
    """True for what IRC can carry and the profile allows: letters and digits of any script. Full-width punctuation
    is what it folds to: `／` would divide names as `/` does, and `＠` match masks as `@` does."""
    narrow = "".join(map(_narrowed, nick))
    ascii_part = {c for c in narrow if c.isascii()}
    if not _REST.issuperset(ascii_part) or (narrow[0].isascii() and narrow[0] not in _FIRST):
        return False
    if unicodedata.category(nick[0])[0] == "M":
        return False  # an accent would stand on what is printed before the name
    from precis_i18n import get_profile  # only servers with this casemapping need it

    try:
        get_profile("UsernameCaseMapped").enforce(nick)
    except UnicodeEncodeError:
        return False
    return not nick[0].isnumeric()
