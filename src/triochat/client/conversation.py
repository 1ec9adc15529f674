"""One conversation: a room, one other person, or what the server says to us alone. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import islice

from triochat.client.line import Line, State
from triochat.client.lines import Lines
from triochat.client.typists import Typists

MOST_MEMBERS = 100_000
_LOOKED_THROUGH = 1000


class Sort(Enum):
    ROOM = auto()
    PRIVATE = auto()
    SERVER = auto()
    """The server's and the client's own words, while there is nowhere better to say them."""


class Past(Enum):
    """What is known of lines older than the oldest one here."""

    MORE = auto()
    """There may be some: ask (`Chat.earlier`)."""
    ASKED = auto()
    """They were asked for, and will come."""
    BEGINNING = auto()
    """There are none."""
    FULL = auto()
    """There may be some, but no more are held here; the server finds them (/search)."""
    NOT_KEPT = auto()
    """This server gives none."""


@dataclass(slots=True)
class Member:
    """Somebody in a room."""

    name: str
    marks: str = ""
    """Signs of rank, the highest first: `@` an operator, `+` voice and the like. Often empty."""
    away: bool = False


@dataclass(slots=True)
class Conversation:
    """What is known of it. Views read; only the model changes it."""

    name: str
    sort: Sort = Sort.ROOM
    key: str = ""
    """The word that opens the room, if it needs one."""
    topic: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    """Of a room, by folded name."""
    lines: Lines = field(default_factory=Lines)
    typists: Typists = field(default_factory=Typists)
    unread: int = 0
    """Lines that others said and that were not seen, here or on another device."""
    mentions: int = 0
    """Those of them that name us; of a private conversation, all."""
    first_unread: int = 0
    """The id of the first of them; 0 = none."""
    here: int = 0
    """The rule "you are here" stands before the line with this id; 0 = nowhere."""
    read_to: datetime | None = None
    """By the server's clock, what is not later was seen."""
    past: Past = Past.MORE
    revision: int = 0
    """Grows with every change."""
    muted: bool = False
    """Its unread lines are counted, but call nobody."""
    # What follows concerns the connection.
    joined: bool = True
    """We are in it; False while the connection is lost, until the room is entered again."""
    newest: datetime = datetime(1, 1, 1, tzinfo=UTC)
    """By the server's clock, nothing that is later is here."""
    introduced: bool = False
    rejoining: bool = False

    @property
    def is_room(self) -> bool:
        return self.sort is Sort.ROOM

    @property
    def seen_to(self) -> datetime | None:
        """The time of the newest line that came from the server."""
        # Servers without msgids have none at all: looking for one through everything, at each line, would be costly.
        newest = islice(reversed(self.lines), _LOOKED_THROUGH)
        return next((line.time for line in newest if line.msgid and line.time), None)

    # -- changes, for the model

    def add(self, line: Line, *, counts: bool) -> None:
        """Take in a new *line*; *counts*: nobody looks, and it is worth looking at."""
        self.revision += 1
        before = len(self.lines)
        self.lines.add(line)
        if len(self.lines) <= before:
            self._forgot()
        if counts:
            self._count(line)

    def drop(self, count: int) -> None:
        """Forget the *count* oldest lines."""
        self.revision += 1
        self.lines.drop(count)
        self._forgot()

    def _forgot(self) -> None:
        """Older lines were dropped: they can be asked for again."""
        if self.past in (Past.BEGINNING, Past.FULL):
            self.past = Past.MORE

    def add_earlier(self, lines: Iterable[Line]) -> int:
        """Take in *lines* from before all others; returns how many there was room for."""
        self.revision += 1
        older = list(lines)
        taken = self.lines.prepend(older)
        self.recount(only_if_marked=True)
        return taken

    def _count(self, line: Line) -> None:
        self.unread += 1
        self.mentions += line.mention or self.sort is Sort.PRIVATE
        if not self.first_unread:
            self.first_unread = self.here = line.id

    def seen(self) -> None:
        """Everything in it was seen. The rule stays until `leave_rule`."""
        if self.unread or self.first_unread:
            self.revision += 1
        self.unread = self.mentions = self.first_unread = 0
        if (newest := self.seen_to) is not None:
            self.read_to = max(newest, self.read_to or newest)

    def read_elsewhere(self, time: datetime) -> None:
        """What is not later than *time* was seen on another device."""
        if self.read_to is None or time > self.read_to:
            self.read_to = time
            self.recount()

    def recount(self, *, only_if_marked: bool = False) -> None:
        """Count what is unread anew, from the marker."""
        marker = self.read_to
        if marker is None and only_if_marked:
            return
        unread: list[Line] = []
        for line in reversed(self.lines):
            if line.time is not None and marker is not None and line.time <= marker:
                break
            if line.is_speech and not line.mine and not line.redacted:
                unread.append(line)
        before = self.first_unread
        self.unread = self.mentions = self.first_unread = 0
        for line in reversed(unread):
            self._count(line)
        if before and not self.first_unread:
            self.here = 0
        self.revision += 1

    def settle(self, id: int, line: Line) -> None:
        """Our pending line *id* is *line* now."""
        self.revision += 1
        self.lines.settle(replace(line, id=id))

    def fail(self, id: int) -> None:
        """Our pending line *id* did not arrive, as far as is known."""
        line = self.lines.get(id)
        if line is not None:
            self.settle(id, replace(line, state=State.NOT_SENT))
