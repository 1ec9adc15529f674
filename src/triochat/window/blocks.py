"""One line of a conversation as text with tags, as Tk's Text widget takes it. Pure."""

import re

from triochat.client.line import Kind, Line, State
from triochat.client.standing import HERE, TAKEN_BACK, Standing, day_name, note_of

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?'»)\]}]", re.IGNORECASE)
_NAME_COLOURS = 12
_DASHES = "─" * 8

Span = tuple[str, tuple[str, ...]]
"""A text and the names of its tags."""

_KIND_TAGS = {
    Kind.EVENT: "event",
    Kind.STATUS: "status",
    Kind.ERROR: "error",
    Kind.WELCOME: "welcome",
    Kind.RULE: "rule",
}


def block(line: Line, standing: Standing, name: str, name_colour: int, *, found: bool = False) -> tuple[Span, ...]:
    """*line* with what stands before it; every row ends with a line end. *name* is how much of the name is shown,
    *found* that the person was led to it."""
    spans: list[Span] = []
    if standing.top:
        spans.append((_rule(standing.top), ("rule",)))
    if standing.day is not None:
        spans.append((_rule(day_name(standing.day)), ("rule",)))
    if standing.here:
        spans.append((_rule(HERE), ("here",)))
    if not standing.hidden:
        spans += _line(line, found, name, name_colour)
    return tuple(spans)


def rows(spans: tuple[Span, ...]) -> int:
    """How many rows *spans* make, long ones not broken."""
    return sum(text.count("\n") for text, _ in spans)


def url(link: str) -> str:
    """What to open for the text of a link."""
    return link if "://" in link else f"http://{link}"


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
    text = TAKEN_BACK if line.redacted else line.text.replace("\t", "    ")
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
    if note := note_of(line):
        spans.append((note, (*around, "more" if others else "first", *(state or ("dim",)))))
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


def _rule(text: str) -> str:
    return f"{_DASHES} {text} {_DASHES}\n"
