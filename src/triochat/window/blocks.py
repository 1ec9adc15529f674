"""One line of a conversation as text with tags, as Tk's Text widget takes it. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from triochat.client.line import Kind, Line, State

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?'»)\]}]", re.IGNORECASE)
_NAME_COLOURS = 12
_DASHES = "─" * 8
_QUARTER = 900  # seconds; days begin on a quarter of an hour everywhere

Span = tuple[str, tuple[str, ...]]
"""A text and the names of its tags."""

_KIND_TAGS = {
    Kind.EVENT: "event",
    Kind.STATUS: "status",
    Kind.ERROR: "error",
    Kind.WELCOME: "welcome",
    Kind.RULE: "rule",
}


@dataclass(frozen=True, slots=True)
class Extra:
    """What stands with a line because of where it is."""

    top: str = ""
    """Before everything: what is known of earlier lines."""
    day: date | None = None
    """It is the first line of this day."""
    here: bool = False
    """The person read up to this place."""
    found: bool = False
    """The person was led to it."""


def block(line: Line, extra: Extra, name: str, name_colour: int) -> tuple[Span, ...]:
    """*line* with what stands before it; every row ends with a line end. *name* is how much of the name is shown."""
    spans: list[Span] = []
    if extra.top:
        spans.append((_rule(extra.top), ("rule",)))
    if extra.day is not None:
        spans.append((_rule(f"{extra.day:%A}, {extra.day.day} {extra.day:%B %Y}"), ("rule",)))
    if extra.here:
        spans.append((_rule("you are here"), ("here",)))
    spans += _line(line, extra.found, name, name_colour)
    return tuple(spans)


def rows(spans: tuple[Span, ...]) -> int:
    """How many rows *spans* make, long ones not broken."""
    return sum(text.count("\n") for text, _ in spans)


def url(link: str) -> str:
    """What to open for the text of a link."""
    return link if "://" in link else f"http://{link}"


@lru_cache(maxsize=4096)
def _day(quarter: int) -> date:
    return datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone().date()


def day_of(time: datetime | None) -> date | None:
    """The day of *time* where the person is."""
    return _day(int(time.timestamp()) // _QUARTER) if time is not None else None


def _line(line: Line, found: bool, name: str, name_colour: int) -> list[Span]:
    around = tuple(tag for tag, on in (("mention", line.mention), ("found", found)) if on)
    state = {State.PENDING: ("pending",), State.NOT_SENT: ("unsent",)}.get(line.state, ())
    kind = (_KIND_TAGS[line.kind],) if line.kind in _KIND_TAGS else ()
    tags = (*around, *kind, *state)
    clock = f"{line.time.astimezone():%H:%M}" if line.time is not None else ""
    spans: list[Span] = [(f"{clock}\t", (*around, "first", "time", *state))]
    mentions = ("mentionname",) if line.mention else ()
    name_tags = (*around, "first", "name", f"name{name_colour % _NAME_COLOURS}", *mentions, *state)
    before: list[Span] = []
    match line.kind:
        case Kind.SAID:
            spans.append((f"{name}\t", name_tags))
        case Kind.NOTICE:
            spans.append((f"-{name}-\t", name_tags))
        case Kind.ACTION:
            spans.append(("*\t", (*around, "first", *state)))
            before.append((f"{name} ", name_tags))
        case Kind.EVENT:
            spans.append(("·\t", (*around, "first", "event")))
        case _:
            spans.append(("\t", (*around, "first")))
    text = "(taken back)" if line.redacted else line.text.replace("\t", "    ")
    if line.redacted:
        tags = (*tags, "redacted")
    elif not line.is_speech and "   " in text:
        tags = (*tags, "columns")
    first, *others = text.split("\n")
    spans += before
    spans += _with_links(first, (*tags, "first"))
    for other in others:
        spans.append(("\n", tags))
        spans += _with_links(other, (*tags, "more"))
    spans += _notes(line, (*around, "more" if others else "first"))
    spans.append(("\n", tags))
    return spans


def _with_links(text: str, tags: tuple[str, ...]) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for link in LINK.finditer(text):
        if link.start() > at:
            spans.append((text[at : link.start()], tags))
        spans.append((link[0], (*tags, "link")))
        at = link.end()
    if at < len(text):
        spans.append((text[at:], tags))
    return spans


def _notes(line: Line, tags: tuple[str, ...]) -> list[Span]:
    """What became of it."""
    notes: list[Span] = []
    if line.replaces:
        notes.append((" (edited)", (*tags, "dim")))
    if line.state is State.NOT_SENT:
        notes.append((" ✗ not sent", (*tags, "unsent")))
    elif line.state is State.PENDING:
        notes.append((" …", (*tags, "pending")))
    return notes


def _rule(text: str) -> str:
    return f"{_DASHES} {text} {_DASHES}\n"
