"""One line of a room's log, and its way through the server.

A room is an ordered, durable log of entries. Everything that members of a room see is an `Entry`, and reaches them
as part of a `Submission`: journal → commit → fan-out. Submissions also carry what only keeps its place in that
order: replies to a session whose own entries are still on their way, and momentary things such as AWAY.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triochat.domain.audience import Audience, Sink

LINES = frozenset({"PRIVMSG", "NOTICE"})
"""Commands whose entries are lines of conversation; the others are events around it."""

CONNECT = "CONNECT"
"""Pseudo command of the entry that says that a user is here; observers see it, no session does."""


class Entry:
    """What happened, as it is kept. Never changed once it has been submitted.

    *seq* orders all entries of a journal; *time_ms* (since the epoch) never decreases with it. *source* is
    `nick!user@host` or the server's name, *params* are those of the wire's *command*. *logs* are the names of the
    logs that keep the entry: none for a momentary one, several for a QUIT seen in several rooms.
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

    def __repr__(self) -> str:
        return f"Entry({self.seq}, {self.source} {self.command} {list(self.params)}, logs={self.logs})"


class Submission:
    """What the journal commits and the fan-out delivers, in the order of submission.

    Goes to everyone in *audiences* (rooms, as of this place in their logs), or to *recipients* (sessions), and in
    part to its *origin*, the session that caused it: the entry itself only when *echo*, and then *after*, lines that
    are for it alone. *follow* and *unfollow* are sessions that begin or cease to follow the audiences here: those
    who join see their own JOIN first, those who leave see their PART last. *refused* is what the origin is told when
    the entry cannot be stored; entries without it have already changed the world and are delivered all the same.
    *replay* asks for so many earlier lines of the room, shown to the origin before anything later. *done* is called
    when all of this has been delivered or queued.
    """

    __slots__ = (
        "after",
        "audiences",
        "done",
        "echo",
        "entry",
        "follow",
        "origin",
        "recipients",
        "refused",
        "replay",
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
        follow: Sequence[Sink] = (),
        unfollow: Sequence[Sink] = (),
        refused: bytes = b"",
        replay: int = 0,
        done: Callable[[], None] | None = None,
    ) -> None:
        self.entry = entry
        self.audiences = audiences
        self.recipients = recipients
        self.origin = origin
        self.echo = echo
        self.after = after
        self.follow = follow
        self.unfollow = unfollow
        self.refused = refused
        self.replay = replay
        self.done = done
