"""What may lie over the messages, one thing at a time. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triochat.terminal.cells import Row
from triochat.terminal.panes import picker_rows, table_rows
from triochat.terminal.picking import Picker


@dataclass(slots=True)
class Table:
    """Keys or commands, and what they do."""

    title: str
    entries: Sequence[tuple[str, str]]
    first: int = 0
    _size: int = 0

    def scroll(self, rows: int, height: int) -> None:
        """Go down by *rows* in what has *height* of them."""
        self.first = max(0, min(self.first + rows, self._size - height))

    def rows(self, columns: int, height: int) -> list[Row]:
        every = table_rows(self.entries, columns, height)
        self._size = len(every)
        self.scroll(0, height)
        return every[self.first : self.first + height]


@dataclass(slots=True)
class Asking:
    """A line is typed for something else than the chat: words to search for."""

    prompt: str
    then: Callable[[str], None]

    def rows(self, columns: int, height: int) -> list[Row]:
        return []


Popup = Table | Asking | Picker


def popup_rows(popup: Popup, columns: int, height: int) -> list[Row]:
    """What *popup* shows; empty when it lies over nothing."""
    return picker_rows(popup, columns, height) if isinstance(popup, Picker) else popup.rows(columns, height)
