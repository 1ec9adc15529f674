"""The lines of one conversation, in order: cheap to add to at both ends, and to find one in. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import overload

from triochat.client.line import Line, State

LINES_KEPT = 50_000
"""The most lines that a conversation holds. Older ones are dropped, and read from the server again when wanted."""
_SLACK = 500  # so many are dropped at once
_STEP_BACK = 20


class Lines(Sequence[Line]):
    """Settled lines, oldest first, then those of ours that are pending.

    A line that is added goes before the pending ones, as these will be stored after it.
    """

    def __init__(self, most: int = LINES_KEPT) -> None:
        self._most = most
        self._lines: list[Line] = []
        self._places: dict[int, int] = {}  # by id; counted from `_first`, so that adding in front moves none
        self._first = 0
        self._pending = 0
        self._msgids: dict[str, int] = {}
        self._replaced: set[str] = set()

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        return self._lines[index]

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines)

    def __reversed__(self) -> Iterator[Line]:
        return reversed(self._lines)

    # -- queries

    @property
    def is_full(self) -> bool:
        """Nothing older is taken in."""
        return len(self._lines) >= self._most

    def index_of(self, id: int) -> int | None:
        """Where the line *id* is; None when it is not here any more."""
        place = self._places.get(id)
        return None if place is None else place - self._first

    def get(self, id: int) -> Line | None:
        index = self.index_of(id)
        return None if index is None else self._lines[index]

    def find(self, msgid: str) -> Line | None:
        """The line that the server calls *msgid*."""
        id = self._msgids.get(msgid)
        return None if id is None else self.get(id)

    def knows(self, msgid: str) -> bool:
        """A line of this msgid is here. Lines without one are never known."""
        return bool(msgid) and msgid in self._msgids

    def is_replaced(self, msgid: str) -> bool:
        """A line that takes the place of the line *msgid* is here, or was."""
        return msgid in self._replaced

    @property
    def pending(self) -> list[Line]:
        return self._lines[len(self._lines) - self._pending :]

    def to_read_on_from(self) -> tuple[str, ...]:
        """The newest msgid, and an older one for the case that that message is taken back meanwhile."""
        newest: list[str] = []
        for line in reversed(self._lines):
            if line.msgid and not line.redacted and line.state is State.STORED:
                newest.append(line.msgid)
                if len(newest) == _STEP_BACK:
                    break
        return (newest[0], newest[-1]) if len(newest) > 1 else tuple(newest)

    @property
    def oldest_msgid(self) -> str:
        return next((line.msgid for line in self._lines if line.msgid and not line.redacted), "")

    # -- changes

    def add(self, line: Line) -> None:
        """Put *line* behind all that is settled."""
        end = len(self._lines) - self._pending
        self._lines.insert(end, line)
        for place in range(end, len(self._lines)):
            self._places[self._lines[place].id] = self._first + place
        self._name(line)
        if len(self._lines) > self._most:
            self.drop(min(_SLACK, max(1, self._most // 10)))

    def add_pending(self, line: Line) -> None:
        """Put *line* behind everything."""
        self._places[line.id] = self._first + len(self._lines)
        self._lines.append(line)
        self._pending += 1

    def settle(self, line: Line) -> None:
        """The pending line of the same id is *line* now, behind all that is settled."""
        index = self.index_of(line.id)
        if index is None:
            self.add(line)
            return
        if index < len(self._lines) - self._pending:
            self.put(line)
            return
        del self._lines[index]
        self._pending -= 1
        self.add(line)

    def put(self, line: Line) -> None:
        """*line* takes the place of the line with its id, if that is still here."""
        index = self.index_of(line.id)
        if index is not None:
            self._lines[index] = line
            self._name(line)

    def redact(self, msgid: str) -> Line | None:
        """Forget what the line *msgid* said; returns it as it is now."""
        line = self.find(msgid)
        if line is None:
            return None
        redacted = replace(line, text="", redacted=True, mention=False)
        self.put(redacted)
        return redacted

    def prepend(self, lines: Iterable[Line]) -> int:
        """Put *lines*, oldest first, before all others, as far as there is room: the newest. Returns how many."""
        older = list(lines)
        room = max(0, self._most - len(self._lines))
        older = older[len(older) - room :] if room < len(older) else older
        self._first -= len(older)
        self._lines[:0] = older
        for place, line in enumerate(older):
            self._places[line.id] = self._first + place
            self._name(line)
        return len(older)

    def drop(self, count: int) -> None:
        """Forget the *count* oldest settled lines."""
        count = min(count, len(self._lines) - self._pending)
        for line in self._lines[:count]:
            del self._places[line.id]
            if line.msgid and self._msgids.get(line.msgid) == line.id:
                del self._msgids[line.msgid]
                self._replaced.discard(line.msgid)
        del self._lines[:count]
        self._first += count

    def _name(self, line: Line) -> None:
        if line.msgid:
            self._msgids[line.msgid] = line.id
        if line.replaces:
            self._replaced.add(line.replaces)
