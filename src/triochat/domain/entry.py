"""One line of a room's log, and its way through the server.

A room is an ordered, durable log of entries. Everything that members of a room see is an `Entry`, and reaches them
as part of a `Submission`: journal → commit → fan-out. Submissions also carry what only keeps its place in that
order: replies to a session whose own entries are still on their way, and momentary things such as AWAY.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from triochat.proto.message import unescape

if TYPE_CHECKING:
    from triochat.domain.audience import Audience, Sink

LINES = frozenset({"PRIVMSG", "NOTICE"})
"""Commands whose entries are lines of conversation; the others are events around it."""

CONNECT = "CONNECT"
"""Pseudo command of the entry that says that a user is here; observers see it, no session does."""


RELAYED = "draft/relaymsg"
"""The tag that tells who relayed a message from elsewhere. It stands before the others."""
RELAY_SEPARATOR = "/"
"""Stands in the names of those whose messages are relayed, and in nobody else's."""


class Entry:
    """What happened, as it is kept. Never changed once it has been submitted.

    *seq* orders all entries of a journal; *time_ms* (since the epoch) never decreases with it. *source* is
    `nick!user@host` or the server's name, *params* are those of the wire's *command*; the text of a message may have
    several lines (see domain.multiline). *logs* are the names of the logs that keep the entry: none for a momentary
    one, several for a QUIT seen in several rooms.
    """

    __slots__ = ("account", "command", "logs", "msgid", "params", "seq", "source", "tags", "time_ms")

    def __init__(
        self,
        seq: int,
        msgid: str,
        time_ms: int,
        source: str,
        command: str,
        params: Sequence[str],
        logs: tuple[str, ...] = (),
        account: str | None = None,
        tags: str = "",
    ) -> None:
        self.seq = seq
        self.msgid = msgid
        self.time_ms = time_ms
        self.source = source
        self.command = command
        self.params = params
        self.logs = logs
        self.account = account
        self.tags = tags
        """Tags that belong to the message, such as client-only ones, as they stand on the wire; "" for none."""

    @property
    def nick(self) -> str:
        """The name of who caused it."""
        return self.source.partition("!")[0]

    @property
    def relayed_by(self) -> str:
        """The name of who relayed it from elsewhere, "" for what was said here."""
        name, _, value = self.tags.partition(";")[0].partition("=")
        return unescape(value) if name == RELAYED else ""

    def __repr__(self) -> str:
        return f"Entry({self.seq}, {self.source} {self.command} {list(self.params)}, logs={self.logs})"


class Record(NamedTuple):
    """State that outlives the process, such as an account or a room's topic: *value* (JSON) is what *kind* and *key*
    stand for from now on; None = nothing any more."""

    kind: str
    key: str
    value: str | None


class Erasure(NamedTuple):
    """An entry that is taken out of its *log* for good."""

    log: str
    seq: int


class Forgetting(NamedTuple):
    """All logs whose names begin with *prefix* are emptied for good."""

    prefix: str


class Sent(NamedTuple):
    """A client calls the entry *seq* by an *id* of its own; *time_ms* is when it was accepted."""

    id: str
    msgid: str
    seq: int
    time_ms: int


Change: TypeAlias = Record | Erasure | Forgetting | Sent
"""What is kept besides entries."""


class Replay(NamedTuple):
    """So many earlier *lines* of the room *name*, but none with a seq up to *after*."""

    lines: int
    name: str
    after: int = 0


class Told(NamedTuple):
    """What one session is told: *instead* of the entry, which it could not read, and *besides*, for it alone. One
    that does not keep up reads the entry from the log later, and with it what stands in its place."""

    instead: bytes = b""
    besides: bytes = b""


NOTHING_TOLD: Mapping[Sink, Told] = {}


class Submission:
    """What the journal commits and the fan-out delivers, in the order of submission.

    Goes to everyone in *audiences* (rooms, as of this place in their logs), or to *recipients* (sessions), and in
    part to its *origin*, the session that caused it: the entry itself only when *echo*, and then *after*, lines that
    are for it alone. *told* are lines for others, for one session each. *follow* and *unfollow* are sessions that
    begin or cease to follow the audiences here: those who join see their own JOIN first, those who leave see their
    PART last. *refused* is what the origin is told when the entry cannot be stored; entries without it have already
    changed the world and are delivered all the same.
    *changes* become durable together with the entry, before anybody is told.
    *replay* asks for earlier lines of the room, shown to the origin before anything later. *done* is called
    by the journal when all of this has been delivered or queued, *failed* in its place when it could not be stored.
    """

    __slots__ = (
        "after",
        "audiences",
        "changes",
        "done",
        "echo",
        "entry",
        "failed",
        "follow",
        "origin",
        "recipients",
        "refused",
        "replay",
        "told",
        "unfollow",
    )

    def __init__(
        self,
        entry: Entry | None,
        audiences: tuple[Audience, ...] = (),
        recipients: Sequence[Sink] = (),
        *,
        origin: Sink | None = None,
        echo: bool = False,
        after: bytes = b"",
        told: Mapping[Sink, Told] = NOTHING_TOLD,
        follow: Sequence[Sink] = (),
        unfollow: Sequence[Sink] = (),
        refused: bytes = b"",
        replay: Replay | None = None,
        changes: tuple[Change, ...] = (),
        done: Callable[[], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self.entry = entry
        self.audiences = audiences
        self.recipients = recipients
        self.origin = origin
        self.echo = echo
        self.after = after
        self.told = told
        self.follow = follow
        self.unfollow = unfollow
        self.refused = refused
        self.replay = replay
        self.changes = changes
        self.done = done
        self.failed = failed
