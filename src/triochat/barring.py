"""Bans and mutes as operators handle them: who would be hit, made, lifted (see triochat.operations)."""

from collections.abc import Callable, Iterable, Sequence

from triochat.commands.barring import person_of, sentence
from triochat.commands.server import Server
from triochat.domain import bans
from triochat.domain.bans import MOST, BadTarget, Ban, Target
from triochat.domain.entry import Record, Submission
from triochat.domain.user import Session
from triochat.operations import BanHits, BanRow, OperationError, Outcome

Cut = Callable[[Session, str], None]
"""Ends a connection at once, for a reason."""


class BanDesk:
    """The server's bans, with what follows from them for those who are here."""

    def __init__(self, server: Server, cut: Cut) -> None:
        self._server = server
        self._cut = cut

    def rows(self) -> Sequence[BanRow]:
        """All that hold, oldest first."""
        self._drop_expired()
        return [_row(ban) for ban in self._server.bans.all()]

    def hits(self, target: str) -> tuple[Target, list[Session]]:
        """Who is meant by *target*, and the sessions of those who are here. Raises OperationError."""
        server = self._server
        try:
            meant = bans.target_of(target, server.world.names, server.limits.nick_length)
        except BadTarget as error:
            raise OperationError(str(error)) from None
        sessions = [
            session
            for session in server.world.sessions.values()
            if session.user is not None and server.bans.means(meant, person_of(server, session.user, session))
        ]
        return meant, sessions

    def preview(self, target: str) -> BanHits:
        """See Operations.ban_hits."""
        meant, sessions = self.hits(target)
        return BanHits(str(meant), meant.wide, tuple(map(_called, sessions)), len(self._server.world.sessions))

    def add(self, target: str, *, mute: bool, seconds: int, reason: str, by: str) -> tuple[BanRow, Outcome]:
        """See Operations.ban."""
        server = self._server
        self._drop_expired()
        if server.bans.full:
            raise OperationError(f"There are {MOST:,} bans already; lift some first.")
        meant, sessions = self.hits(target)
        now = server.now()
        ban, former = server.bans.add(
            meant, mute=mute, reason=reason, by=by, now=now, until=now + seconds if seconds else 0
        )
        self._keep([bans.record(ban)] + ([bans.removal(former)] if former is not None else []))
        hit = tuple(map(_called, sessions))
        server.audit(by, "mute" if mute else "ban", str(meant), reason, len(hit))
        if not mute:
            for session in sessions:
                self._cut(session, sentence(ban))
        return _row(ban), Outcome(len(hit), hit)

    def lift(self, target: str, *, mute: bool, by: str) -> Sequence[BanRow]:
        """See Operations.unban."""
        self._drop_expired()
        found = self._server.bans.find(target, mute=mute)
        for ban in found:
            self._server.bans.lift(ban)
            self._server.audit(by, "unmute" if mute else "unban", str(ban.target), count=1)
        self._keep(map(bans.removal, found))
        return [_row(ban) for ban in found]

    def _drop_expired(self) -> None:
        self._keep(map(bans.removal, self._server.bans.drop_expired(self._server.now())))

    def _keep(self, records: Iterable[Record]) -> None:
        if changes := tuple(records):
            self._server.journal.submit(Submission(None, changes=changes))


def _called(session: Session) -> str:
    return f"{session.user.nick if session.user is not None else '*'} #{session.id}"


def _row(ban: Ban) -> BanRow:
    kind = "mute" if ban.mute else "ban"
    return BanRow(ban.id, kind, str(ban.target), ban.reason, ban.by, ban.made, ban.until or None)
