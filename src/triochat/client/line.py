"""What a person reads, one line at a time, before it is given a form. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


class Kind(Enum):
    """Decides how a line looks, and in plain mode where it goes."""

    SAID = auto()
    ACTION = auto()
    NOTICE = auto()
    EVENT = auto()
    """Something that happened in a room."""
    STATUS = auto()
    """The client or the server speaks."""
    ERROR = auto()
    WELCOME = auto()
    """You joined the chat."""
    RULE = auto()
    """A divider in what is printed line by line; never among the lines of a conversation."""


class State(Enum):
    """What became of a line."""

    STORED = auto()
    """The server has it; so has everybody else."""
    PENDING = auto()
    """Ours, on its way: shown grey."""
    NOT_SENT = auto()
    """Ours, refused or perhaps lost: shown red."""


@dataclass(frozen=True, slots=True)
class Line:
    """*text*, *name* and the rest are safe to print. *text* holds line ends when it was said in several lines.

    A line never changes: when what it stands for changes, another Line with the same *id* takes its place. What was
    drawn for a line may be kept for as long as its conversation holds that very object.
    """

    kind: Kind
    text: str
    time: datetime | None = None
    name: str = ""
    """Who says or does it."""
    to: str = ""
    """The receiver of a private message, else empty."""
    label: str = ""
    """The room, when it was not the current one at that time."""
    mine: bool = False
    past: bool = False
    """It comes from the history."""
    id: int = 0
    """Unique among the lines of all conversations of this run; 0 for what is in none."""
    msgid: str = ""
    """The server's name for it, if it has one."""
    state: State = State.STORED
    mention: bool = False
    """Somebody else says our name, or a word we look for."""
    redacted: bool = False
    """It was taken back; *text* is empty then."""
    replaces: str = ""
    """The msgid of the line that this one replaces: it was edited."""

    @property
    def is_speech(self) -> bool:
        """Somebody said it; the other kinds tell what happened."""
        return self.kind in (Kind.SAID, Kind.ACTION, Kind.NOTICE)


def status(text: str) -> Line:
    return Line(Kind.STATUS, text)


def error(text: str) -> Line:
    return Line(Kind.ERROR, text)
