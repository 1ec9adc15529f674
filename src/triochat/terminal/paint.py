"""Rows of text onto prompt_toolkit's screen, a grapheme to a cell.

Terminals disagree about the width of some graphemes, such as joined emoji. What stands behind one is therefore put
into its place by an absolute cursor position, and drawn again with it: no terminal can shift the rest of the row.
"""

from collections.abc import Sequence
from functools import lru_cache

import wcwidth
from prompt_toolkit.layout.screen import Char, Screen

from triochat.terminal.arrangement import Area
from triochat.terminal.cells import Row, letters

_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


class _Fresh(str):
    """A cell's text that is drawn again though nothing of it changed."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True


@lru_cache(maxsize=8192)
def _cells(style: str, text: str) -> tuple[tuple[Char, int, bool], ...]:
    """Each grapheme with its width, and whether terminals may disagree about that."""
    return tuple(
        (_cell(letter, style, cells), cells, len(letter) > 1 and _is_doubtful(letter, cells))
        for letter, cells in letters(text)
    )


@lru_cache(maxsize=8192)
def _cell(letter: str, style: str, cells: int) -> Char:
    char = Char(letter, style)
    char.width = cells
    return char


@lru_cache(maxsize=8192)
def _fresh(letter: str, style: str, cells: int) -> Char:
    char = Char(letter, style)
    char.char, char.width = _Fresh(letter), cells
    return char


def _is_doubtful(letter: str, cells: int) -> bool:
    return not _JOINERS.isdisjoint(letter) or sum(max(0, wcwidth.wcwidth(c)) for c in letter) != cells


class Canvas:
    """Paints on one screen after another, and remembers of the last one what it has to."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._doubtful: dict[int, list[tuple[int, int]]] = {}
        self._before: dict[int, tuple[Char, ...]] = {}

    def begin(self, screen: Screen) -> None:
        self._screen = screen
        self._doubtful = {}

    def paint(self, area: Area, rows: Sequence[Row], style: str = "") -> None:
        """Put *rows* into *area* from its top; what does not fit is left out. *style* lies below all of it."""
        for y, row in zip(range(area.y, area.y + area.height), rows, strict=False):
            self.row(area.x, y, area.width, row, style)

    def row(self, x: int, y: int, width: int, row: Row, style: str = "") -> None:
        """One row of *width* cells. With a *style*, it is filled to its end."""
        cells = self._screen.data_buffer[y]
        end = x + width
        for part, text in row:
            for char, size, doubtful in _cells(f"{style} {part}" if style else part, text):
                if x + size > end:
                    break
                cells[x] = char
                if doubtful:
                    self._doubtful.setdefault(y, []).append((x, size))
                if size == 2:
                    cells[x + 1] = _cell("", char.style, 0)
                x += size
        if style:
            for rest in range(x, end):
                cells[rest] = _cell(" ", style, 1)
        self._screen.height = max(self._screen.height, y + 1)

    def clear(self, area: Area) -> None:
        """Blanks, for what lies over something else."""
        blank = _cell(" ", "", 1)
        for y in range(area.y, area.y + area.height):
            cells = self._screen.data_buffer[y]
            for x in range(area.x, area.x + area.width):
                cells[x] = blank

    def finish(self, columns: int) -> None:
        """To be called when everything is painted."""
        before: dict[int, tuple[Char, ...]] = {}
        for y, places in self._doubtful.items():
            cells, escapes = self._screen.data_buffer[y], self._screen.zero_width_escapes[y]
            before[y] = tuple(map(cells.__getitem__, range(columns)))
            for x, size in places:
                escapes[x] += f"\x1b[{size}X"  # a terminal may draw less than this
                if x + size < columns:
                    escapes[x + size] += f"\x1b[{x + size + 1}G"
            if before[y] == self._before.get(y):
                continue
            for x in range(places[0][0], columns):
                if cells[x].char:
                    cells[x] = _fresh(cells[x].char, cells[x].style, cells[x].width)
        self._before = before
