"""The part of a conversation that is on the screen, and moving about in it. Pure.

Only what is shown, or passed while scrolling, is ever laid out. The place is remembered by a line's id, so nothing
that is added at either end moves what a person is reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from triochat.client.conversation import Conversation
from triochat.client.standing import HERE, standing
from triochat.terminal.cells import Row
from triochat.terminal.laying import Layer, day_rule, rule

_NEAR_THE_TOP = 30


@dataclass(frozen=True, slots=True)
class _Place:
    """The lowest row on the screen: of the block of the line *id*, *hidden* rows are below it."""

    id: int
    hidden: int


class Messages:
    """A window on the lines of one conversation at a time."""

    def __init__(self) -> None:
        self._conversation: Conversation | None = None
        self._place: _Place | None = None  # None: at the newest, and staying there
        self._layer = Layer()
        self._columns = 1
        self._height = 1
        self._top = 0

    # -- queries

    @property
    def at_newest(self) -> bool:
        """What comes is seen."""
        return self._place is None

    @property
    def wants_earlier(self) -> bool:
        """The person is about to see the oldest line that is known."""
        return self._top < _NEAR_THE_TOP and (self._place is not None or self._top == 0)

    @property
    def below(self) -> int:
        """How many lines there are below the screen."""
        if self._place is None or self._conversation is None:
            return 0
        index = self._conversation.lines.index_of(self._place.id)
        return 0 if index is None else len(self._conversation.lines) - 1 - index

    def rows(self, conversation: Conversation | None, columns: int, height: int) -> list[Row]:
        """What to show in *columns* and *height*; fewer rows when there is no more to show."""
        if conversation is not self._conversation:
            self._conversation = conversation
            self.to_newest()
        self._columns, self._height = max(1, columns), max(1, height)
        if conversation is None or not len(conversation.lines):
            self._top = 0
            return []
        rows, missing = self._collect()
        if missing and self._place is not None:
            self._move_down(missing)
            rows, _ = self._collect()
        return rows

    # -- moving

    def to_newest(self) -> None:
        self._place = None
        self._layer.found = 0

    def scroll(self, rows: int) -> None:
        """Go up by *rows*, or down by minus so many."""
        if self._conversation is None or not len(self._conversation.lines):
            return
        if rows > 0:
            self._move_up(rows)
        else:
            self._move_down(-rows)

    def page(self, pages: int) -> None:
        """Go up by *pages*, keeping a row or two in sight."""
        self.scroll(pages * max(1, self._height - 2))

    def go_to(self, id: int) -> bool:
        """Show the line *id* in the upper part, and make it stand out; False when it is not there any more."""
        conversation = self._conversation
        if conversation is None or conversation.lines.index_of(id) is None:
            return False
        self._layer.found = id
        self._place = _Place(id, 0)
        self._move_down(self._height * 2 // 3)
        return True

    def mention(self, step: int) -> int:
        """The id of the next mention below (*step* 1) or above (-1) where the person is; 0 = there is none."""
        conversation = self._conversation
        if conversation is None:
            return 0
        lines = conversation.lines
        index = lines.index_of(self._layer.found) if self._layer.found else None
        if index is None:
            bottom = self._bottom()[0]
            index = bottom + 1 if step < 0 else bottom
        index += step
        while 0 <= index < len(lines):
            if lines[index].mention:
                return lines[index].id
            index += step
        return 0

    # -- how

    def _bottom(self) -> tuple[int, int]:
        """The index of the line at the bottom, and how many rows of its block are below the screen."""
        assert self._conversation is not None
        lines = self._conversation.lines
        if self._place is None:
            return len(lines) - 1, 0
        index = lines.index_of(self._place.id)
        return (0, 0) if index is None else (index, self._place.hidden)

    def _block(self, index: int) -> list[Row]:
        """The rows of a line, and the rules that stand before it."""
        assert self._conversation is not None
        stands = standing(self._conversation, index)
        rows: list[Row] = []
        if stands.top:
            rows.append(rule(stands.top, self._columns, "class:rule"))
        if stands.day is not None:
            rows.append(day_rule(stands.day, self._columns))
        if stands.here:
            rows.append(rule(HERE, self._columns, "class:here"))
        if not stands.hidden:
            rows += self._layer.rows(self._conversation.lines[index], self._columns)
        return rows

    def _upward(self) -> Iterator[tuple[int, list[Row]]]:
        """The blocks from the bottom of the screen upward, the first without what is below the screen."""
        index, hidden = self._bottom()
        while index >= 0:
            rows = self._block(index)
            yield index, rows[: len(rows) - hidden] if hidden else rows
            hidden = 0
            index -= 1

    def _collect(self) -> tuple[list[Row], int]:
        """The rows of the screen, and how many are missing because the oldest line is reached."""
        rows: list[Row] = []
        self._top = 0
        for index, block in self._upward():
            rows[:0] = block
            self._top = index
            if len(rows) >= self._height:
                return rows[len(rows) - self._height :], 0
        return rows, self._height - len(rows)

    def _move_up(self, rows: int) -> None:
        assert self._conversation is not None
        index, hidden = self._bottom()
        left = rows
        while left > 0:
            size = len(self._block(index))
            if hidden + left < size or index == 0:
                hidden = max(0, min(size - 1, hidden + left))
                break
            left -= size - hidden
            hidden = 0
            index -= 1
        self._place = _Place(self._conversation.lines[index].id, hidden)

    def _move_down(self, rows: int) -> None:
        assert self._conversation is not None
        if self._place is None:
            return
        lines = self._conversation.lines
        index, hidden = self._bottom()
        left = rows
        while left > hidden:
            left -= hidden
            index += 1
            if index >= len(lines):
                self._place = None
                return
            hidden = len(self._block(index))
        hidden -= left
        if index == len(lines) - 1 and hidden == 0:
            self._place = None
        else:
            self._place = _Place(lines[index].id, hidden)
