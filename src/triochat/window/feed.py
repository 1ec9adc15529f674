"""Which lines of a conversation stand in the Text widget, and what has to change there. Pure.

The widget holds a bounded number of lines, whatever the model holds. The place is remembered by lines' ids, so that
nothing that is added at either end moves what a person is reading.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from triochat.client.conversation import Conversation
from triochat.client.line import Line
from triochat.client.standing import Standing, standing
from triochat.window.blocks import Span, block, rows

KEPT = 300
"""So many lines stand in the widget at first."""
MOST = 600
"""It never holds more of them."""
AROUND = 200
"""So many stand there when somebody goes to a line: with each place of the scroll bar all of them come anew."""
STEP = 150
_SLACK = 100


@dataclass(frozen=True, slots=True)
class Change:
    """At row *at* (the first is 0), *gone* rows go and *spans* come. Changes are made one after the other."""

    at: int
    gone: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it stands in the widget."""

    line: Line
    standing: Standing
    found: bool
    spans: tuple[Span, ...]
    rows: int


class Feed:
    """A piece of one conversation at a time."""

    def __init__(self, name_colour: Callable[[str], int], name_shown: Callable[[str], str] = str) -> None:
        """*name_colour* gives the number of the colour of a name, *name_shown* what is shown of it."""
        self._name_colour = name_colour
        self._name_shown = name_shown
        self._conversation: Conversation | None = None
        self._bounds: tuple[int, int] | None = None  # ids of the first and the last line; None: the newest
        self._attached = True
        self._start = 0
        self._entries: list[Entry] = []
        self._ends: list[int] = []  # the row behind each entry
        self.found = 0
        """The id of the line that the person was led to."""

    # -- queries

    @property
    def conversation(self) -> Conversation | None:
        return self._conversation

    @property
    def start(self) -> int:
        """The index in the conversation of the first line in the widget."""
        return self._start

    @property
    def size(self) -> int:
        """How many lines stand in the widget."""
        return len(self._entries)

    @property
    def is_attached(self) -> bool:
        """The newest line stands in the widget."""
        return self._attached

    def place_of(self, row: int) -> int | None:
        """Which of the lines in the widget, counted from 0, stands in *row*."""
        place = bisect_right(self._ends, row)
        return place if place < len(self._entries) else None

    def line_at(self, row: int) -> Line | None:
        """What stands in *row*."""
        place = self.place_of(row)
        return self._entries[place].line if place is not None else None

    def row_of(self, id: int, *, last: bool = False) -> int | None:
        """The row in which what belongs to the line *id* begins, or its *last* one."""
        for entry, end in zip(self._entries, self._ends, strict=True):
            if entry.line.id == id:
                return end - 1 if last else end - entry.rows
        return None

    # -- moving; the next `update` makes it so

    def to_newest(self) -> None:
        self.found = 0
        self._bounds = None
        self._attached = True

    def up(self) -> bool:
        """Hold earlier lines; False when there are none."""
        start, end = self._span()
        if start == 0:
            return False
        start = max(0, start - STEP)
        self._hold(start, min(end, start + MOST))
        return True

    def down(self) -> bool:
        """Hold later lines; False when there are none."""
        start, end = self._span()
        if self._conversation is None or end >= len(self._conversation.lines):
            return False
        end = min(len(self._conversation.lines), end + STEP)
        self._hold(max(start, end - MOST), end)
        return True

    def go_to(self, index: int) -> None:
        """Hold the lines around number *index* of the conversation."""
        if self._conversation is not None:
            total = len(self._conversation.lines)
            start = max(0, min(index - AROUND // 2, total - AROUND))
            self._hold(start, min(total, start + AROUND))

    # -- drawing

    def update(self, conversation: Conversation | None, *, follow: bool) -> list[Change]:
        """Bring the widget up to date, and show *conversation* from now on. *follow*: the person sees the newest
        line, and goes on seeing it."""
        if conversation is not self._conversation:
            self._conversation = conversation
            self.to_newest()
        start, end = self._span()
        if self._attached and conversation is not None:
            total = len(conversation.lines)
            end = total if follow else max(end, min(total, start + MOST))
            if follow and (end - start > KEPT + _SLACK or end - start < KEPT):
                start = max(0, end - KEPT)  # there may be earlier ones now, too
        self._hold(start, end)
        before, self._entries = self._entries, self._wanted(start, end)
        self._start = start
        self._ends = list(accumulate(entry.rows for entry in self._entries))
        return changes(before, self._entries)

    def forget(self) -> None:
        """The widget is empty now."""
        self._entries = []

    # -- how

    def _span(self) -> tuple[int, int]:
        if self._conversation is None:
            return 0, 0
        lines = self._conversation.lines
        if self._bounds is None:
            return max(0, len(lines) - KEPT), len(lines)
        first, last = (lines.index_of(id) for id in self._bounds)
        start = first if first is not None else 0
        return start, max(start, last + 1 if last is not None else min(len(lines), start + KEPT))

    def _hold(self, start: int, end: int) -> None:
        lines = self._conversation.lines if self._conversation is not None else ()
        self._bounds = (lines[start].id, lines[end - 1].id) if start < end else None
        self._attached = end == len(lines)

    def _wanted(self, start: int, end: int) -> list[Entry]:
        if self._conversation is None:
            return []
        conversation = self._conversation
        lines = conversation.lines[start:end]
        known = {entry.line.id: entry for entry in self._entries}
        wanted = []
        for index, line in enumerate(lines, start):
            stands = standing(conversation, index)
            found = line.id == self.found
            entry = known.get(line.id)
            if entry is None or entry.line is not line or entry.standing != stands or entry.found != found:
                name, colour = self._name_shown(line.name), self._name_colour(line.name)
                spans = block(line, stands, name, colour, found=found)
                entry = Entry(line, stands, found, spans, rows(spans))
            wanted.append(entry)
        return wanted


def changes(shown: Sequence[Entry], wanted: Sequence[Entry]) -> list[Change]:
    """What makes *wanted* of *shown*."""
    places = {entry.line.id: place for place, entry in enumerate(wanted)}
    found: list[Change] = []
    row = gone = next_wanted = 0
    spans: list[Span] = []

    def flush() -> None:
        nonlocal row, gone, spans
        if gone or spans:
            found.append(Change(row, gone, tuple(spans)))
            row += rows(tuple(spans))
        gone, spans = 0, []

    for entry in shown:
        place = places.get(entry.line.id, -1)
        if place < next_wanted or wanted[place] is not entry:
            gone += entry.rows  # it went, changed, or stands elsewhere
            continue
        for new in wanted[next_wanted:place]:
            spans += new.spans
        flush()
        row += entry.rows
        next_wanted = place + 1
    for new in wanted[next_wanted:]:
        spans += new.spans
    flush()
    return found
