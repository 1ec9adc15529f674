"""What a view shows of a line besides its text, and what stands before it because of where it is. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from triochat.client.conversation import Conversation, Past
from triochat.client.line import Line, State

TAKEN_BACK = "(taken back)"
HERE = "you are here"
_QUARTER = 900  # seconds; days begin on a quarter of an hour everywhere
_LOOK_BACK = 20

_TOPS = {
    Past.MORE: "",
    Past.ASKED: "asking for what was said before …",
    Past.BEGINNING: "the beginning",
    Past.FULL: "search finds what was said before",
    Past.NOT_KEPT: "",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one line stands in its conversation."""

    top: str = ""
    """Before everything: what is known of earlier lines."""
    day: date | None = None
    """It is the first line of this day."""
    here: bool = False
    """The person read up to this place."""
    hidden: bool = False
    """It is not shown: its edited form says it all."""


def standing(conversation: Conversation, index: int) -> Standing:
    """How line number *index* stands there."""
    lines = conversation.lines
    line = lines[index]
    day = day_of(line.time)
    return Standing(
        _TOPS[conversation.past] if index == 0 else "",
        day if day is not None and day != _day_before(conversation, index) else None,
        line.id == conversation.here,
        line.redacted and lines.is_replaced(line.msgid),
    )


def _day_before(conversation: Conversation, index: int) -> date | None:
    lines = conversation.lines
    for before in range(index - 1, max(-1, index - _LOOK_BACK), -1):
        if (day := day_of(lines[before].time)) is not None:
            return day
    return None


def day_of(time: datetime | None) -> date | None:
    """The day of *time* where the person is."""
    return _day(int(time.timestamp()) // _QUARTER) if time is not None else None


@lru_cache(maxsize=4096)
def _day(quarter: int) -> date:
    return datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone().date()


def day_name(day: date) -> str:
    """*day* in words."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def note_of(line: Line) -> str:
    """What became of it, to stand behind its text; empty for nothing."""
    edited = " (edited)" if line.replaces else ""
    return edited + {State.NOT_SENT: " ✗ not sent", State.PENDING: " …"}.get(line.state, "")
