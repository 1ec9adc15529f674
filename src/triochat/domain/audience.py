"""Who follows a room, grouped by how they want entries written.

An audience changes only at fan-out, in log order, and so may lag behind the room's members by what waits for its
commit. That is what makes a JOIN the first thing that a member sees of a room, and its PART the last.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from triochat.domain.entry import Replay


class Sink(Hashable, Protocol):
    """Where bytes for one session go. All methods return at once.

    *send* takes bytes and returns how many of them it took (BlockingIOError: none); the caller hands the rest to
    `queue`. It is an attribute so that the socket's own method can stand in it.
    """

    send: Callable[[bytes], int]
    flavour: int
    """How entries are written for this session: one of a few small integers, see fanout.render."""
    pending: int
    """How many submissions of this session wait in the journal; replies must queue behind them."""
    follows: dict[Audience, int]
    """The audiences that this session is part of, and the seq of the entry with which each began."""

    @property
    def live(self) -> bool:
        """True when nothing waits: what is sent now goes to the peer at once."""

    @property
    def parked(self) -> bool:
        """True while the session does not keep up: log entries are not sent to it, it reads them later."""

    def put(self, data: bytes) -> None:
        """Send or queue *data*, which is for this session alone. Never reorders."""

    def queue(self, data: bytes) -> None:
        """Queue what *send* did not take."""

    def replay(self, audience: Audience, before: int, replay: Replay) -> None:
        """Show earlier lines of the log, from before the entry *before*, ahead of all that is put later."""

    def left(self, log: str, after: int, until: int) -> None:
        """The session follows *log* no more; entries with after <= seq <= until were meant for it."""

    def fail(self) -> None:
        """The peer is gone: end the session."""


class Audience:
    """The sinks that follow one log."""

    __slots__ = ("groups", "log")

    def __init__(self, log: str) -> None:
        self.log = log
        self.groups: dict[int, dict[Sink, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self.groups.values()))

    def __contains__(self, sink: Sink) -> bool:
        return self in sink.follows

    def add(self, sink: Sink, seq: int) -> None:
        """*sink* follows from the entry *seq* on."""
        sink.follows[self] = seq
        self.groups.setdefault(sink.flavour, {})[sink] = None

    def remove(self, sink: Sink) -> int | None:
        """*sink* follows no more. Returns the seq with which it began, None when it did not follow."""
        since = sink.follows.pop(self, None)
        if since is None:
            return None
        group = self.groups[sink.flavour]
        del group[sink]
        if not group:
            del self.groups[sink.flavour]
        return since


def change_flavour(sink: Sink, flavour: int) -> None:
    """Write entries for *sink* in another way from now on."""
    if flavour == sink.flavour:
        return
    follows = list(sink.follows.items())
    for audience, _ in follows:
        audience.remove(sink)
    sink.flavour = flavour
    for audience, seq in follows:
        audience.add(sink, seq)
