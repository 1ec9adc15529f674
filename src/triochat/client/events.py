"""What happened, as facts in the past tense. `session` tells them, `model` takes them in. Pure.

Texts and names in events are safe to print: the session has made control characters visible.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Registered:
    """The server let us in as *name*; *wanted* was asked for first."""

    name: str
    wanted: str
    reserved: bool = False
    """The wanted name belongs to an account."""


class Cause(Enum):
    """Why a server will not have us."""

    NAME = auto()
    PASSWORD = auto()
    BANNED = auto()
    REMOVED = auto()
    PLAIN_TEXT = auto()


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will not have us, and trying the same again is pointless. *text* is a sentence."""

    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class Supported:
    """The server said how it compares names and what rooms begin with."""

    casemapping: str


@dataclass(frozen=True, slots=True)
class Joined:
    """*history*: it is we who joined, and a HistoryRead for the room will most likely follow."""

    room: str
    name: str
    mine: bool
    history: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class JoinFailed:
    room: str
    text: str


@dataclass(frozen=True, slots=True)
class Parted:
    room: str
    name: str
    reason: str
    mine: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class Kicked:
    room: str
    name: str
    by: str
    reason: str
    mine: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody's connection to the server ended."""

    name: str
    reason: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Renamed:
    old: str
    new: str
    mine: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class NamesListed:
    """Everybody in *room*, ourselves included."""

    room: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicTold:
    """What the topic is, told when we joined."""

    room: str
    topic: str


@dataclass(frozen=True, slots=True)
class TopicChanged:
    room: str
    topic: str
    by: str
    time: datetime


@dataclass(frozen=True, slots=True)
class ModeChanged:
    room: str
    change: str
    by: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    room: str
    by: str
    time: datetime


class Manner(Enum):
    """How something was said."""

    MESSAGE = auto()
    ACTION = auto()
    NOTICE = auto()


@dataclass(frozen=True, slots=True)
class Said:
    """*target* is a room, our own name, or (our own private messages) the name of the other."""

    target: str
    name: str
    text: str
    manner: Manner
    mine: bool
    private: bool
    time: datetime
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """What *room* keeps of what we asked for, oldest first. *full*: older lines that belong to it were left out.
    *gap*: what was said before is not kept any more, or could not be read."""

    room: str
    lines: tuple[Said, ...]
    full: bool
    gap: bool = False
    sent: int = 0
    """Lines of ours whose fate was unknown, and that are among these or on their way again."""


@dataclass(frozen=True, slots=True)
class Found:
    """The lines, oldest first, that have all of *words* in them."""

    words: str
    lines: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class RoomsListed:
    """(name, people, topic) of each room; *more* were left out."""

    rooms: tuple[tuple[str, int, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class ServerSaid:
    """A notice (*error* False) or a refusal of something we asked (*error* True)."""

    text: str
    error: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class NotSent:
    """The server refused a line of ours; *text* says why."""

    text: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Ponged:
    """A ping of ours came back after *lag* seconds."""

    lag: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """The server announced that it closes the connection."""

    text: str


Event = (
    Registered
    | Refused
    | Supported
    | Joined
    | JoinFailed
    | Parted
    | Kicked
    | Left
    | Renamed
    | NamesListed
    | TopicTold
    | TopicChanged
    | ModeChanged
    | Invited
    | Said
    | HistoryRead
    | Found
    | RoomsListed
    | ServerSaid
    | NotSent
    | Ponged
    | Dropped
)
