"""Everything the client knows about the chat: rooms, people, what was said. Pure.

`update` takes in events and returns the lines that a person should read for them; the rest are queries.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import islice

from triochat.client import events as ev
from triochat.client.delivery import Sent
from triochat.client.line import Kind, Line, error, status
from triochat.client.names import Fold, folding

LINES_KEPT = 5000
"""A room, and message ids remembered to show no line twice."""
_STEP_BACK = 20
_NAMES_SHOWN = 20
_ROOMS_SHOWN = 30
_MOST_ROOMS = 500  # a server may put us into rooms; not into any number
_MOST_MEMBERS = 100_000


class Link(Enum):
    """Where the connection stands."""

    CONNECTING = auto()
    ONLINE = auto()
    WAITING = auto()


class Seen:
    """The message ids met last."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}

    def __contains__(self, msgid: str) -> bool:
        return msgid in self._ids

    def is_new(self, msgid: str) -> bool:
        """Remember *msgid*; False when it was known. Messages without one are always new."""
        if not msgid:
            return True
        if msgid in self._ids:
            return False
        self._ids[msgid] = None
        if len(self._ids) > LINES_KEPT:
            del self._ids[next(iter(self._ids))]
        return True

    def to_read_on_from(self) -> tuple[str, ...]:
        """The newest id, and an older one for the case that that message is taken back meanwhile."""
        newest = list(islice(reversed(self._ids), _STEP_BACK))
        return (newest[0], newest[-1]) if len(newest) > 1 else tuple(newest)


@dataclass(slots=True)
class Room:
    """A room we are in, or were in when the connection was lost."""

    name: str
    key: str = ""
    topic: str = ""
    members: dict[str, str] = field(default_factory=dict)
    """Folded names to names."""
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    seen: Seen = field(default_factory=Seen)
    newest: datetime = datetime(1, 1, 1, tzinfo=UTC)
    """By the server's clock, what is later has not been read."""
    here: bool = True
    introduced: bool = False
    rejoining: bool = False


class Model:
    """The state; changed by `update`, `lost` and `switch` only."""

    def __init__(self, name: str) -> None:
        self.me = name
        self.link = Link.CONNECTING
        self.retry_in = 0
        self.lag: float | None = None
        self.rooms: dict[str, Room] = {}
        self.keys: dict[str, str] = {}
        self.welcomed = False
        self.pending: tuple[Sent, ...] = ()
        """Lines of ours that the server has not confirmed and that are not among the shown ones, oldest first."""
        self.fold: Fold = folding("rfc1459")
        self._visited: list[str] = []  # folded names; the last is the current room
        self._private = Seen()
        self._lost_at: datetime | None = None
        self._away_seconds: int | None = None

    # -- queries

    @property
    def current(self) -> Room | None:
        """The room that typed text goes to."""
        return self.rooms.get(self._visited[-1]) if self._visited else None

    def room(self, name: str) -> Room | None:
        return self.rooms.get(self.fold(name))

    def is_room(self, name: str) -> bool:
        return name[:1] in ("#", "&", "+", "!")

    def people(self) -> list[str]:
        """Names of everybody in sight but ourselves, those in the current room first."""
        rooms = sorted(self.rooms.values(), key=lambda room: room is not self.current)
        names = {key: name for room in reversed(rooms) for key, name in room.members.items()}
        first = self.current.members if self.current else {}
        names.pop(self.fold(self.me), None)
        return sorted(names.values(), key=lambda name: (self.fold(name) not in first, self.fold(name)))

    def members_sentence(self, room: Room) -> str:
        """Who is in *room*, as a sentence that stays short in a crowd."""
        me = self.fold(self.me)
        names = [name + (" (you)" if key == me else "") for key, name in sorted(room.members.items())]
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        return f"{room.name}, {len(names)} here: {shown}{more}"

    # -- changes

    def switch(self, room: Room) -> None:
        """Make *room* the current one."""
        key = self.fold(room.name)
        self._visited = [other for other in self._visited if other != key] + [key]

    def lost(self, now: datetime) -> None:
        """The connection is gone; rooms stay, to be entered again."""
        self._lost_at = self._lost_at or now
        self.lag = None
        for room in self.rooms.values():
            room.here = False
            room.rejoining = True

    def update(self, event: ev.Event, now: datetime) -> list[Line]:
        """Take in what happened; returns the lines to show."""
        match event:
            case ev.Said():
                return self._said(event)
            case ev.HistoryRead():
                return self._history(event)
            case ev.Joined():
                return self._joined(event)
            case ev.Parted() | ev.Kicked():
                return self._gone(event)
            case ev.Left():
                reason = f" ({event.reason})" if event.reason else ""
                return self._everywhere(event.name, None, f"{event.name} left{reason}", event.time)
            case ev.Renamed():
                return self._renamed(event)
            case ev.NamesListed():
                return self._named(event)
            case ev.TopicTold() | ev.TopicChanged():
                return self._topic(event)
            case ev.ModeChanged():
                by = f" by {event.by}" if event.by else ""
                return self._happened(event.room, f"mode {event.change}{by}", event.time)
            case ev.Registered():
                return self._registered(event, now)
            case ev.Supported():
                self._refold(folding(event.casemapping))
            case ev.Ponged():
                self.lag = event.lag
            case ev.Invited():
                return [status(f"{event.by} invites you to {event.room}: /join {event.room}")]
            case ev.Found():
                return self._found(event)
            case ev.RoomsListed():
                return self._listed(event)
            case ev.JoinFailed():
                self.keys.pop(self.fold(event.room), None)
                return [error(event.text)]
            case ev.NotSent():
                return [error(f"Not sent: {event.text}")]
            case ev.ServerSaid():
                return [error(event.text) if event.error else status(event.text)] if event.text else []
            case ev.Refused() | ev.Dropped():
                pass  # the chat's business
        return []

    def _registered(self, event: ev.Registered, now: datetime) -> list[Line]:
        self.me = event.name
        self.link = Link.ONLINE
        again = self._lost_at is not None
        if self._lost_at is not None:
            self._away_seconds = round((now - self._lost_at).total_seconds())
            self._lost_at = None
        lines = []
        if event.name != event.wanted and again:
            lines.append(f"Your old connection still holds {event.wanted}; you are {event.name} until it is gone.")
        elif event.reserved:
            lines.append(
                f"{event.wanted} belongs to an account; you are {event.name}. If it is yours, leave and come"
            )
            lines.append(f"back with its password: triochat connect --name {event.wanted} --password-stdin")
        elif event.name != event.wanted:
            lines.append(f"{event.wanted} is here already; you are {event.name}. /nick NEW changes it.")
        if again and not self.rooms:
            lines.append(f"Reconnected after {self._away_seconds} s.")
            self._away_seconds = None
        return [status(line) for line in lines]

    def _joined(self, event: ev.Joined) -> list[Line]:
        key = self.fold(event.room)
        room = self.rooms.get(key)
        if not event.mine:
            if room is None:
                return []
            if len(room.members) < _MOST_MEMBERS:
                room.members[self.fold(event.name)] = event.name
            return self._happened(event.room, f"{event.name} joined", event.time)
        if room is not None:
            room.here = True
            room.members = {self.fold(event.name): event.name}
            if room.rejoining and not event.history:
                room.rejoining = False
                return [status(f"{self._reconnected(room)}; what was said meanwhile is not known here.")]
            return []
        if len(self.rooms) >= _MOST_ROOMS:
            return []
        room = Room(event.room, self.keys.pop(key, ""))
        room.members[self.fold(event.name)] = event.name
        room.newest = event.time
        self.rooms[key] = room
        self.switch(room)
        if not self.welcomed:
            self.welcomed = True
            return [Line(Kind.WELCOME, "You joined the chat.", event.time)]
        return [status(f"You are in {room.name} now.")]

    def _gone(self, event: ev.Parted | ev.Kicked) -> list[Line]:
        room = self.room(event.room)
        if room is None:
            return []
        reason = f" ({event.reason})" if event.reason else ""
        if not event.mine:
            room.members.pop(self.fold(event.name), None)
            text = f"{event.name} left" if isinstance(event, ev.Parted) else f"{event.by} removed {event.name}"
            return self._happened(event.room, text + reason, event.time)
        key = self.fold(room.name)
        del self.rooms[key]
        self._visited = [other for other in self._visited if other != key]
        text = f"You left {room.name}" if isinstance(event, ev.Parted) else f"{event.by} removed you from {room.name}"
        after = f" You are in {self.current.name} now." if self.current else " /join ROOM enters another."
        return [status(f"{text}{reason}.{after}")]

    def _renamed(self, event: ev.Renamed) -> list[Line]:
        if event.mine:
            self.me = event.new
        text = f"You are {event.new} now" if event.mine else f"{event.old} is now {event.new}"
        lines = self._everywhere(event.old, event.new, text, event.time)
        return lines or ([status(f"{text}.")] if event.mine else [])

    def _everywhere(self, name: str, new: str | None, text: str, time: datetime) -> list[Line]:
        """Somebody left, or is called *new*: told once, though it concerns several rooms."""
        key = self.fold(name)
        rooms = [room for room in self.rooms.values() if key in room.members]
        for room in rooms:
            del room.members[key]
            if new is not None:
                room.members[self.fold(new)] = new
        shown = min(rooms, key=lambda room: room is not self.current, default=None)
        return self._happened(shown.name, text, time) if shown else []

    def _named(self, event: ev.NamesListed) -> list[Line]:
        room = self.room(event.room)
        if room is None:
            return []
        room.members = {self.fold(name): name for name in event.names}
        if room.introduced:
            return []
        room.introduced = True
        return [status(f"{self.members_sentence(room)}.")]

    def _topic(self, event: ev.TopicTold | ev.TopicChanged) -> list[Line]:
        room = self.room(event.room)
        if room is None:
            return []
        known, room.topic = room.topic, event.topic
        if isinstance(event, ev.TopicTold):
            return [status(f"Topic of {room.name}: {event.topic}")] if event.topic != known else []
        text = f"{event.by} set the topic: {event.topic}" if event.topic else f"{event.by} removed the topic"
        return self._happened(event.room, text, event.time)

    def _listed(self, event: ev.RoomsListed) -> list[Line]:
        if not event.rooms:
            return [status("There are no rooms. /join ROOM opens one.")]
        lines = []
        for name, people, topic in event.rooms[:_ROOMS_SHOWN]:
            here = "*" if self.room(name) else " "
            lines.append(status(f"{here} {name:<16} {people:>5}  {topic}".rstrip()))
        left_out = max(0, len(event.rooms) - _ROOMS_SHOWN) + event.more
        return [*lines, status(f"… and {left_out} rooms more.")] if left_out else lines

    def _found(self, event: ev.Found) -> list[Line]:
        what = f"with {event.words}" if event.words else "by this person"
        if not event.lines:
            return [status(f"There are no lines {what}.")]
        count = f"{len(event.lines)} line{'' if len(event.lines) == 1 else 's'}"
        lines = [self._line(said, past=True) for said in event.lines]
        return [Line(Kind.RULE, f"{count} {what}"), *lines, Line(Kind.RULE, "now")]

    def _line(self, event: ev.Said, *, past: bool) -> Line:
        kind = {
            ev.Manner.MESSAGE: Kind.SAID,
            ev.Manner.ACTION: Kind.ACTION,
            ev.Manner.NOTICE: Kind.NOTICE,
        }[event.manner]
        room = None if event.private else self.room(event.target)
        label = "" if event.private or (room is self.current and room is not None) else event.target
        to = event.target if event.private else ""
        return Line(kind, event.text, event.time, event.name, to, label, event.mine, past)

    def _said(self, event: ev.Said, past: bool = False) -> list[Line]:
        room = None if event.private else self.room(event.target)
        if not (room.seen if room else self._private).is_new(event.msgid):
            return []
        line = self._line(event, past=past)
        if room is not None:
            room.lines.append(line)
            room.newest = max(room.newest, event.time)
        return [line]

    def _history(self, event: ev.HistoryRead) -> list[Line]:
        room = self.room(event.room)
        if room is None:
            return []
        known = [index for index, said in enumerate(event.lines) if said.msgid in room.seen]
        if known:
            unread = event.lines[known[-1] + 1 :]
        else:
            # Nothing to tie it to; after a first look at the room, what is older is none of our business.
            unread = tuple(said for said in event.lines if not room.rejoining or said.time > room.newest)
        lines = [line for said in unread for line in self._said(said, past=True)]
        if not room.rejoining:
            if not lines:
                return []
            return [Line(Kind.RULE, "earlier"), *lines, Line(Kind.RULE, "now")]
        room.rejoining = False
        missed = sum(not line.mine for line in lines)
        sentence = self._reconnected(room)
        if lines or not event.gap:
            sentence += f", {missed or 'no'} missed line{'' if missed == 1 else 's'}"
        if event.sent:
            sentence += f", {event.sent} of yours sent"
        if known:
            pass  # nothing is missing between what was there and what came
        elif event.gap:
            sentence += f"; what was said {'before these' if lines else 'meanwhile'} is not known here"
        elif event.full:
            sentence += "; older ones are not shown"
        return [status(f"{sentence}."), *lines]

    def _reconnected(self, room: Room) -> str:
        """Opens the sentence about the first room entered again, then about the others."""
        seconds, self._away_seconds = self._away_seconds, None
        return f"Reconnected after {seconds} s" if seconds is not None else f"Back in {room.name}"

    def _happened(self, name: str, text: str, time: datetime) -> list[Line]:
        room = self.room(name)
        if room is None:
            return []
        line = Line(Kind.EVENT, text, time, label="" if room is self.current else room.name)
        room.lines.append(line)
        return [line]

    def _refold(self, fold: Fold) -> None:
        self.fold = fold
        self._visited = [fold(self.rooms[key].name) for key in self._visited if key in self.rooms]
        self.rooms = {fold(room.name): room for room in self.rooms.values()}
        self.keys = {fold(name): key for name, key in self.keys.items()}
