"""What an operator can see and do: the only surface that the admin console knows.

Records are frozen and hold plain values, so a console can render or serialise them at leisure. Methods are
synchronous, so that they look or act at once and never wait for a peer, but for `Monitor.next`, `kick` and those that
wait for the disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from triochat.managing import Accounts, Invites, Past, People, Whole

from triochat.observations import Observations


class OperationError(Exception):
    """The operation could not be done; *str(error)* is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One attached connection, as `list` shows it. Times in seconds, lag in milliseconds (None: not measured)."""

    id: int
    name: str
    rooms: tuple[str, ...]
    address: str
    client: str
    tls: bool
    idle_s: float
    lag_ms: float | None
    outbox_bytes: int
    parked: bool
    account: str | None = None
    door: str = "irc"
    connected_s: float = 0.0
    stuck_s: float | None = None
    """For how long its peer has taken nothing of what waits; None = nothing waits, or it takes something."""


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """Everything about one session, as `show` tells it. *connected_at* is seconds since the epoch; *sent_bytes* and
    *received_bytes* are what the system counted for its connection (None: it does not tell); *strikes* are what was
    held against it, in words."""

    row: SessionRow
    username: str
    realname: str
    door: str
    away: str | None
    capabilities: tuple[str, ...]
    connected_at: float
    lines_received: int
    sent_bytes: int | None = None
    received_bytes: int | None = None
    strikes: tuple[str, ...] = ()
    modes: str = ""
    operator: str = ""
    """As which operator of the server its user is known; "" = none."""
    certificate: str | None = None
    """The SHA-256 fingerprint of the certificate that its client showed, in hex."""


@dataclass(frozen=True, slots=True)
class RoomRow:
    """One room. *modes* is the mode string without parameters, such as `+nt`."""

    name: str
    users: int
    modes: str
    topic: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The server at a glance. *memory_bytes* is the resident set; *commit_ms* the last commit's duration."""

    version: str
    server: str
    host: str
    uptime_s: float
    users: int
    sessions: int
    rooms: int
    messages: int
    parked: int
    waiting_entries: int
    commit_ms: float
    durability: str
    memory_bytes: int
    missed_log_lines: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. *text* is user input: escape it before a person reads it.

    *kind* is one of `connected`, `disconnected`, `message`, `notice`, `join`, `part`, `quit`, `nick`, `topic`,
    `mode`, `kick`, `invite`, `rename`, `typing` and `reaction` (which have no text), `private` (whose text is always
    empty), `account` (somebody logged in or out),
    `refused` (a login that failed), `operator` (what one of them did), `error` (a warning or worse of the log).
    *readers* counts the sessions that it was sent to. *stored_ms* is how long the commit took in which it was stored
    (None: it was not), *handed_ms* the time from its arrival until the last reader's system had it, or it waited in
    that reader's outbox (None: not known).
    """

    time_ms: int
    kind: str
    name: str
    room: str
    text: str
    readers: int
    stored_ms: float | None = None
    handed_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action hit: *count* of sessions or users, and their names with session ids (`Bob #9`)."""

    count: int
    hit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kicked:
    """What a kick hit: *count* and *hit* as in Outcome. *took_ms* is the time until their connections were closed;
    *closing* of them were not yet when that was no longer waited for. *kept*: names that are not free, as their users
    are here by other connections, too."""

    count: int
    hit: tuple[str, ...] = ()
    took_ms: float = 0.0
    closing: int = 0
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BanRow:
    """A ban (*kind* `ban`) or mute of the whole server. *target* is a name, `account:NAME`, a network or a mask.
    Times are seconds since the epoch; *until* None = for ever."""

    id: int
    kind: str
    target: str
    reason: str
    by: str
    made_at: int
    until: int | None


@dataclass(frozen=True, slots=True)
class BanHits:
    """Whom a ban of *target* would hit now: these of *sessions* in all, as in Outcome.hit. *wide*: it may mean very
    many others, too."""

    target: str
    wide: bool
    hit: tuple[str, ...]
    sessions: int


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What an operator did: *by* whom, to what *target*, how many it hit (None: it hits nobody), and a *text*."""

    time_ms: int
    by: str
    action: str
    target: str
    count: int | None
    text: str


class Monitor(Protocol):
    """A subscription to events. Bounded: what a slow watcher does not take is dropped and counted, and so is what
    comes faster than it wants."""

    missed: int
    """Wanted events dropped since the subscription began."""

    async def next(self) -> Event:
        """Wait for the next event. Cancelling loses none."""

    def at_hand(self, most: int) -> Sequence[Event]:
        """Those that come next and wait already, so many at most."""

    def close(self) -> None:
        """End the subscription; idempotent."""


class Operations(Protocol):
    """The server as operators see it. *by* names who acts, for the log."""

    @property
    def people(self) -> "People":
        """Who is where under which name."""

    @property
    def accounts(self) -> "Accounts":
        """Registered names."""

    @property
    def invites(self) -> "Invites":
        """Codes that let people in."""

    @property
    def past(self) -> "Past":
        """What was said in rooms."""

    @property
    def whole(self) -> "Whole":
        """The server as a whole."""

    @property
    def observations(self) -> Observations:
        """How the server fares."""

    def status(self) -> Status:
        """The server at a glance."""

    def sessions(self) -> Sequence[SessionRow]:
        """All registered sessions, oldest first."""

    def find(self, target: str) -> Sequence[SessionRow]:
        """The sessions that *target* means: a session id (`7` or `#7`), a name, an address, or whatever `ban` takes:
        a network, a mask, account:NAME. May be empty. Raises OperationError when it can mean nobody."""

    def show(self, session_id: int) -> SessionDetail:
        """Everything about one session; raises OperationError when it is gone."""

    def rooms(self) -> Sequence[RoomRow]:
        """All rooms, largest first."""

    async def kick(self, session_ids: Sequence[int], reason: str, by: str) -> Kicked:
        """Disconnect these sessions at once, also those whose peer is stopped or gone. Users of whom this is the last
        connection leave, and their names are free before anything is waited for; then it waits until the connections
        are closed, less than a second."""

    def say(self, target: str, text: str, by: str) -> Outcome:
        """Send a notice from the server to a room (`#room`, kept in its log) or to a user; counts the sessions
        reached. Raises OperationError when there is no such room or user."""

    def announce(self, text: str, by: str) -> Outcome:
        """Send a notice from the server to every session."""

    async def search(self, text: str, room: str, last: int, by: str) -> Sequence[Event]:
        """The *last* lines with these words, oldest first, that were said in *room*, or in any when that is "".
        Private messages are not looked at. Raises OperationError."""

    async def backup(self, path: str, by: str) -> int:
        """Write a copy of all that is kept to a new file on the server's machine; its size in bytes. The chat goes
        on meanwhile. Raises OperationError, also when there is such a file."""

    def bans(self) -> Sequence[BanRow]:
        """All bans and mutes that hold, oldest first."""

    def ban_hits(self, target: str) -> BanHits:
        """Whom a ban or mute of *target* would hit: a name, `account:NAME`, an address (of IPv6 its /64), a network
        or a mask. Raises OperationError when it can mean nobody."""

    def ban(self, target: str, *, mute: bool, seconds: int, reason: str, by: str) -> tuple[BanRow, Outcome]:
        """Keep out (or, with *mute*, silent) whom *target* means, for so many *seconds*, 0 = for ever; it replaces an
        earlier one of the same target, and outlives restarts. Who is banned and here is disconnected at once. Raises
        OperationError."""

    def unban(self, target: str, *, mute: bool, by: str) -> Sequence[BanRow]:
        """Lift the ban (or mute) with this number, or of this target; what was lifted, nothing = there was none."""

    async def audit(self, last: int) -> Sequence[AuditRow]:
        """The *last* things that operators did, oldest first. Raises OperationError."""

    def note(self, by: str, action: str, text: str) -> None:
        """Remember for `audit` that somebody looked at what is not for everybody's eyes."""

    def monitor(
        self, *, kinds: frozenset[str] = frozenset(), user: str = "", room: str = "", rate: int = 0
    ) -> Monitor:
        """Watch events from now on: of these *kinds*, by this *user*, in this *room* (what is empty does not choose;
        names folded as `str.casefold` does it, the room without its `#`), at most *rate* a second (0 = as many as the
        server has time for). Close it when done."""

    def log(self, level: str) -> Monitor:
        """Watch the server's own log from now on, as events: *kind* is the level, *name* who says it. Records of
        lower levels than *level* are left out. Close it when done."""

    def shutdown(self, reason: str, by: str) -> None:
        """Begin a kind shutdown: returns at once; connections, this console's too, end within the grace time."""
