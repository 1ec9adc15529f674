"""What an operator can see and do: the only surface that the admin console knows.

Records are frozen and hold plain values, so a console can render or serialise them at leisure. Methods are
synchronous, so that they look or act at once and never wait for a peer, but for `Monitor.next` and those that wait
for the disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """Everything about one session, as `show` tells it. *connected_at* is seconds since the epoch."""

    row: SessionRow
    username: str
    realname: str
    door: str
    away: str | None
    capabilities: tuple[str, ...]
    connected_at: float
    lines_received: int


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
    `mode`, `kick`, `invite`, `rename`, `private` (whose text is always empty).
    *readers* counts the sessions that it was sent to.
    """

    time_ms: int
    kind: str
    name: str
    room: str
    text: str
    readers: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action hit: *count* of sessions or users, and their names with session ids (`Bob #9`)."""

    count: int
    hit: tuple[str, ...] = ()


class Monitor(Protocol):
    """A subscription to events. Bounded: what a slow watcher does not take is dropped and counted."""

    missed: int
    """Events dropped since the subscription began."""

    async def next(self) -> Event:
        """Wait for the next event. Cancelling loses none."""

    def close(self) -> None:
        """End the subscription; idempotent."""


class Operations(Protocol):
    """The server as operators see it. *by* names who acts, for the log."""

    def status(self) -> Status:
        """The server at a glance."""

    def sessions(self) -> Sequence[SessionRow]:
        """All registered sessions, oldest first."""

    def find(self, target: str) -> Sequence[SessionRow]:
        """The sessions that *target* means: a session id (`7` or `#7`), a name, or an address. May be empty."""

    def show(self, session_id: int) -> SessionDetail:
        """Everything about one session; raises OperationError when it is gone."""

    def rooms(self) -> Sequence[RoomRow]:
        """All rooms, largest first."""

    def kick(self, session_ids: Sequence[int], reason: str, by: str) -> Outcome:
        """Disconnect these sessions at once, also those whose peer is stopped or gone; their names are free
        when this returns."""

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

    def monitor(self) -> Monitor:
        """Watch events from now on. Close it when done."""

    def shutdown(self, reason: str, by: str) -> None:
        """Begin a kind shutdown: returns at once; connections, this console's too, end within the grace time."""
