"""One line of a conversation as rows of the screen. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from triochat.client.line import Kind, Line, State
from triochat.client.standing import TAKEN_BACK, day_name, note_of
from triochat.terminal.cells import LINK, Row, Span, cut, width, wrap
from triochat.terminal.colours import of_name

_COMPACT = 40
_TIME = "%H:%M "
_TIME_CELLS = 6
_MOST_INDENT = 3
_LINES_LAID = 4000

_PLAIN_STYLES = {
    Kind.EVENT: "class:event",
    Kind.STATUS: "class:status-line",
    Kind.ERROR: "class:error",
    Kind.WELCOME: "class:welcome",
    Kind.RULE: "class:rule",
}


def name_cells(columns: int) -> int:
    """How wide the names' column is when the messages have *columns*."""
    return 9 if columns < 70 else 11 if columns < 100 else 14


def lay(line: Line, columns: int, *, found: bool = False) -> tuple[Row, ...]:
    """*line* in rows of at most *columns* cells. *found*: the person was led to it."""
    columns = max(1, columns)
    head = _head(line, columns, found)
    used = sum(width(text) for _, text in head)
    indent = min(used, _TIME_CELLS + name_cells(columns)) if columns >= _COMPACT else min(_MOST_INDENT, columns // 4)
    text, styles = _text(line)
    rows: list[Row] = []
    for start, end in wrap(text, columns - used, columns - indent):
        begin: tuple[Span, ...] = head if not rows else (("", " " * indent),)
        rows.append((*begin, *_slice(text, styles, start, end)))
    return tuple(rows)


def _head(line: Line, columns: int, found: bool) -> tuple[Span, ...]:
    """What stands before the text."""
    mark = _state_style(line)
    spans: list[Span] = []
    if columns >= _COMPACT:
        clock = f"{line.time.astimezone():{_TIME}}" if line.time else " " * _TIME_CELLS
        spans.append(("class:found" if found else mark or "class:time", clock))
    if not line.is_speech:
        return (*spans, (_PLAIN_STYLES[line.kind], "· ")) if line.kind is Kind.EVENT else tuple(spans)
    style = mark or ("class:mention.name " if line.mention else "") + of_name(line.name)
    name = cut(line.name, max(1, columns // 3 if columns >= _COMPACT else columns // 2))
    if line.kind is Kind.ACTION:
        return (*spans, (mark, "* "), (style, name), ("", " "))
    if line.kind is Kind.NOTICE:
        return (*spans, (mark, "-"), (style, name), (mark, "- "))
    if columns < _COMPACT:
        return (*spans, (style, name), ("", " "))
    padding = " " * max(1, name_cells(columns) - width(name))
    return (*spans, (style, name), ("", padding))


def _state_style(line: Line) -> str:
    return {State.PENDING: "class:pending", State.NOT_SENT: "class:unsent"}.get(line.state, "")


def _text(line: Line) -> tuple[str, list[tuple[int, int, str]]]:
    """The text, and from where to where it has which style."""
    if line.redacted:
        return TAKEN_BACK, [(0, len(TAKEN_BACK), "class:redacted")]
    base = _state_style(line) or _PLAIN_STYLES.get(line.kind, "")
    if line.mention:
        base = f"{base} class:mention".strip()
    text = line.text
    styles: list[tuple[int, int, str]] = []
    at = 0
    for link in LINK.finditer(text):
        styles += [(at, link.start(), base), (link.start(), link.end(), f"{base} class:link".strip())]
        at = link.end()
    styles.append((at, len(text), base))
    if note := note_of(line):
        styles.append((len(text), len(text) + len(note), _state_style(line) or "class:dim"))
    return text + note, styles


def _slice(text: str, styles: list[tuple[int, int, str]], start: int, end: int) -> Iterator[Span]:
    for first, last, style in styles:
        if first < end and last > start:
            yield style, text[max(first, start) : min(last, end)]


def rule(text: str, columns: int, style: str) -> Row:
    """A horizontal line across *columns*, with *text* in its middle."""
    text = f" {cut(text, columns - 4)} " if text and columns > 8 else cut(text, columns)
    left = max(0, (columns - width(text)) // 2)
    return ((style, "─" * left + text + "─" * max(0, columns - left - width(text))),)


def day_rule(day: date, columns: int) -> Row:
    return rule(day_name(day), columns, "class:rule")


@dataclass(frozen=True, slots=True)
class _Laid:
    line: Line
    rows: tuple[Row, ...]


class Layer:
    """Lays out lines, and remembers the rows of the last few thousand for one width."""

    def __init__(self) -> None:
        self._columns = 0
        self._laid: dict[int, _Laid] = {}
        self.found = 0
        """The id of the line that the person was led to."""

    def rows(self, line: Line, columns: int) -> tuple[Row, ...]:
        """As `lay`."""
        if columns != self._columns:
            self._columns = columns
            self._laid.clear()
        if line.id == self.found or not line.id:
            return lay(line, columns, found=bool(line.id))
        known = self._laid.get(line.id)
        if known is None or known.line is not line:
            if len(self._laid) >= _LINES_LAID:
                for id in list(self._laid)[: _LINES_LAID // 4]:
                    del self._laid[id]
            known = self._laid[line.id] = _Laid(line, lay(line, columns))
        return known.rows
