"""A person as others see them, and the connections through which they are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triochat.domain.modes import BOT
from triochat.proto.caps import NONE

if TYPE_CHECKING:
    from triochat.domain.audience import Sink
    from triochat.domain.room import Room


class Session:
    """One attached connection of a user. Times are the server clock's, in seconds."""

    __slots__ = (
        "absent",
        "address",
        "caps",
        "certificate",
        "client",
        "connected_at",
        "door",
        "id",
        "lag_ms",
        "last_active",
        "lines_received",
        "sink",
        "tls",
        "user",
    )

    def __init__(self, id: int, sink: Sink, *, address: str, door: str, tls: bool, now: float) -> None:
        self.id = id
        self.sink = sink
        self.address = address
        self.absent = False
        """True when nobody is at this client (AWAY *, https://ircv3.net/specs/extensions/pre-away)."""
        self.door = door
        """`irc`, `line` or `websocket`."""
        self.tls = tls
        self.caps: int = NONE
        self.certificate: str | None = None
        """The SHA-256 fingerprint of the certificate that the client showed, in hex."""
        self.client = ""
        """What the client says that it is, as far as it was asked."""
        self.connected_at = self.last_active = now
        self.lines_received = 0
        self.lag_ms: float | None = None
        self.user: User | None = None


_MOST_ACCEPTED = 500
_NO_ROOMS: frozenset[Room] = frozenset()  # one for all: ten thousand empty sets would be two megabytes


class User:
    """A registered user. *rooms* and *sessions* are kept by World."""

    __slots__ = (
        "absent_since",
        "accepts",
        "account",
        "away",
        "host",
        "invited",
        "kept_as",
        "modes",
        "nick",
        "oper",
        "realname",
        "rooms",
        "sessions",
        "signed_on",
        "source",
        "username",
    )

    def __init__(self, nick: str, username: str, host: str, realname: str, signed_on: float) -> None:
        self.nick = nick
        self.username = username
        self.host = host
        self.realname = realname
        self.signed_on = signed_on
        """Seconds since the epoch."""
        self.account: str | None = None
        self.away: str | None = None
        self.modes = ""
        self.oper = ""
        """As which operator of the server the user is known, if as one."""
        self.absent_since = 0
        """The seq of the first entry that came when the last connection had ended; 0 while there is one."""
        self.kept_as: str | None = None
        """The key of the record that keeps this user when it has no connection."""
        self.accepts: set[str] | None = None
        """Folded names of those who may write privately although +R is set."""
        self.rooms: dict[Room, None] = {}
        self.invited = _NO_ROOMS
        """Rooms that would let this user in although they are closed."""
        self.sessions: list[Session] = []
        self.source = ""
        self.rename(nick)

    def accept(self, folded: str) -> None:
        """Let who has this name write privately, whatever the modes say."""
        if self.accepts is None:
            self.accepts = set()
        if len(self.accepts) < _MOST_ACCEPTED:
            self.accepts.add(folded)

    def rename(self, nick: str) -> None:
        """Set the name, and the mask `nick!user@host` that goes with it."""
        self.nick = nick
        self.source = f"{nick}!{self.username}@{self.host}"

    @property
    def tags(self) -> str:
        """What stands with all that this user does (https://ircv3.net/specs/extensions/bot-mode)."""
        return "bot" if self.modes and BOT in self.modes else ""

    @property
    def sinks(self) -> list[Sink]:
        """Where bytes for this user go: one sink a session."""
        return [session.sink for session in self.sessions]
