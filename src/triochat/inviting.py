"""Invitations as operators handle them (see triochat.managing.Invites)."""

import time
from collections.abc import Sequence
from urllib.parse import quote

from triochat.commands.server import Server
from triochat.domain import invites
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.invites import MOST, Invitation
from triochat.managing import InviteRow
from triochat.operations import OperationError
from triochat.proto.text import visible


class InviteDesk:
    """Implements managing.Invites."""

    def __init__(self, server: Server, door: str) -> None:
        """*door* is where people connect: ircs://HOST:PORT, or irc:// where there is no encryption."""
        self._server = server
        self._scheme, _, self._place = door.partition("://")

    def all(self) -> Sequence[InviteRow]:
        """See managing.Invites."""
        self._drop_expired()
        return [self._row(invitation) for invitation in self._server.world.invitations.all()]

    def create(self, room: str, uses: int, seconds: int, by: str) -> InviteRow:
        """See managing.Invites."""
        server = self._server
        self._drop_expired()
        if server.world.invitations.full:
            raise OperationError(f"There are {MOST:,} invitations already; uninvite some first.")
        if room:
            try:
                server.world.check_room_name(room)
            except Refused as refused:
                raise OperationError(f"{visible(room)}: {refused.text or refused.numeric.text}.") from None
        now = server.now()
        made = Invitation(invites.new_code(), room, uses, by, now, now + seconds if seconds else 0)
        server.world.invitations.put(made)
        server.audit(by, "invite", room, f"{uses} uses")  # but not the code: the audit is for more eyes
        server.journal.submit(Submission(None, changes=(invites.record(made),)))
        return self._row(made)

    def revoke(self, code: str, by: str) -> InviteRow:
        """See managing.Invites."""
        found = self._server.world.invitations.remove(code)
        if found is None:
            raise OperationError(f"There is no invitation {visible(code[:40])}; invites shows all.")
        self._server.audit(by, "uninvite", found.room, f"used {len(found.used_by)} of {found.uses} times")
        self._server.journal.submit(Submission(None, changes=(invites.removal(code),)))
        return self._row(found)

    def _drop_expired(self) -> None:
        now, known = self._server.now(), self._server.world.invitations
        over = [invitation.code for invitation in known.all() if invitation.over(now)]
        for code in over:
            known.remove(code)
        if over:
            self._server.journal.submit(Submission(None, changes=tuple(map(invites.removal, over))))

    def _row(self, made: Invitation) -> InviteRow:
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(made.until)) if made.until else None
        link = f"{self._scheme}://:{made.code}@{self._place}/{_in_path(made.room)}"
        return InviteRow(made.code, made.room, made.uses, len(made.used_by), until, made.by, self._place, link)


def _in_path(room: str) -> str:
    """As a URL names a room: without its `#`, unless another one follows."""
    return quote(room if room[:2] == "##" else room[1:], safe="")
