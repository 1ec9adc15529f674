"""Invitations: codes that let people in whom the server, or one of its rooms, would keep out. Pure; times are seconds
since the epoch.

Who has a code gives it as the server's password (PASS). It counts as often as it says; for somebody who comes back
under the same name it counts but once.
"""

from __future__ import annotations

import secrets

import msgspec

from triochat.domain.entry import Record

KIND = "invitation"
"""The kind of their records."""
MOST = 1000
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_GROUPS, _GROUP = 4, 4


class Invitation(msgspec.Struct, frozen=True):
    """One code. *room* "" = it is for the server alone; *used_by* are folded names; *until* 0 = for ever."""

    code: str
    room: str
    uses: int
    by: str
    made: int
    until: int = 0
    used_by: tuple[str, ...] = ()

    def over(self, now: int) -> bool:
        """Whether its time has passed."""
        return 0 < self.until <= now


class Invitations:
    """All invitations of a server, by code."""

    def __init__(self) -> None:
        self._by_code: dict[str, Invitation] = {}

    def all(self) -> list[Invitation]:
        """All, oldest first; also those that are over."""
        return list(self._by_code.values())

    @property
    def full(self) -> bool:
        """Whether there is no place for one more."""
        return len(self._by_code) >= MOST

    def put(self, invitation: Invitation) -> None:
        """Take in *invitation*, in place of one with the same code."""
        self._by_code[invitation.code] = invitation

    def remove(self, code: str) -> Invitation | None:
        """Forget the one with this code; returns it."""
        return self._by_code.pop(code, None)

    def get(self, code: str) -> Invitation | None:
        """The one with this code, whether it counts or not."""
        return self._by_code.get(code)

    def find(self, code: str | None, name: str, now: int) -> Invitation | None:
        """The one with this code, if it counts for somebody whose folded name is *name*."""
        found = self._by_code.get(code or "")  # some seventy bits, so timing helps nobody to guess one
        if found is None or found.over(now) or (name not in found.used_by and len(found.used_by) >= found.uses):
            return None
        return found

    def use(self, invitation: Invitation, name: str) -> Invitation:
        """Who has the folded name *name* has come in by *invitation*; returns it as it is then."""
        if name in invitation.used_by:
            return invitation
        used = msgspec.structs.replace(invitation, used_by=(*invitation.used_by, name))
        self.put(used)
        return used


def new_code() -> str:
    """A code that nobody guesses, and that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Invitation).decode


def record(invitation: Invitation) -> Record:
    """What keeps *invitation*."""
    return Record(KIND, invitation.code, _encode(invitation).decode())


def removal(code: str) -> Record:
    """What forgets it."""
    return Record(KIND, code, None)


def restore(invitations: Invitations, text: str) -> None:
    """Take in the invitation of a record. Raises ValueError."""
    invitations.put(_decode(text))
