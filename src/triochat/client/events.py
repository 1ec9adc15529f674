"""What happened, as facts in the past tense. `session` tells them, `model` takes them in. Pure.

Texts and names in events are safe to print: the session has made control characters visible.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from triochat.client.typists import Typing


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
    marks: tuple[str, ...] = ()
    """The rank of each as the server marks it: `@`, `+` and the like, or ""."""


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
    ranks: tuple[tuple[bool, str, str], ...] = ()
    """Whose rank changed: (given or taken, its mark, the name)."""
    order: str = ""
    """All marks, the highest first."""


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
    sent: str = ""
    """Ours: the id of the Sent that this is the echo of."""
    replaces: str = ""
    """The msgid of the message that this one replaces."""
    past: bool = False
    """It was said while we were not connected."""

    @property
    def conversation(self) -> str:
        """Where an answer belongs: the room, or the other person."""
        return self.target if self.mine or not self.private else self.name


@dataclass(frozen=True, slots=True)
class Redacted:
    """A message was taken back."""

    conversation: str
    """The room, or the other person."""
    msgid: str
    by: str
    mine: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody answered the message *msgid* with a sign, most often an emoji."""

    conversation: str
    msgid: str
    name: str
    sign: str
    time: datetime


@dataclass(frozen=True, slots=True)
class TypingTold:
    """What somebody's keyboard does."""

    conversation: str
    name: str
    state: Typing
    time: datetime


@dataclass(frozen=True, slots=True)
class ReadTo:
    """Another device of ours read *conversation* up to *time*, or the server remembers that from before."""

    conversation: str
    time: datetime


@dataclass(frozen=True, slots=True)
class AwayChanged:
    """Somebody, maybe ourselves, is away or back."""

    name: str
    away: bool
    mine: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class PresenceListed:
    """Who of *room* is away."""

    room: str
    away: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """We are logged in as *account*; "" = logged out."""

    account: str


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """We could not log in, or make an account; *text* says why."""

    text: str
    time: datetime


@dataclass(frozen=True, slots=True)
class EarlierRead:
    """What was said in *conversation* before all that is here, oldest first. *refused*: the server gives none;
    *beginning*: there is nothing before these."""

    conversation: str
    lines: tuple[Said, ...]
    beginning: bool
    refused: bool = False


@dataclass(frozen=True, slots=True)
class PartnersListed:
    """Conversations in which something was said meanwhile, and when last."""

    partners: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """What *room*, or a private conversation, keeps of what we asked for, oldest first. *full*: older lines that
    belong to it were left out. *gap*: what was said before is not kept any more, or could not be read."""

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
    sent: str = ""
    """The id of its Sent."""


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
    | Redacted
    | Reacted
    | TypingTold
    | ReadTo
    | AwayChanged
    | PresenceListed
    | AccountChanged
    | LoginFailed
    | EarlierRead
    | PartnersListed
    | HistoryRead
    | Found
    | RoomsListed
    | ServerSaid
    | NotSent
    | Ponged
    | Dropped
)
