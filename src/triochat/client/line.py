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
    """A divider in what is on the screen."""


@dataclass(frozen=True, slots=True)
class Line:
    """*text*, *name* and the rest are safe to print."""

    kind: Kind
    text: str
    time: datetime | None = None
    name: str = ""
    """Who says or does it."""
    to: str = ""
    """The receiver of a private message, else empty."""
    label: str = ""
    """The room, when it is not the one that the person is in."""
    mine: bool = False
    past: bool = False
    """It comes from the history."""


def status(text: str) -> Line:
    return Line(Kind.STATUS, text)


def error(text: str) -> Line:
    return Line(Kind.ERROR, text)
