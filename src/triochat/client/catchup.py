"""Reading a room's history before what is said meanwhile. Pure.

History is asked for with CHATHISTORY and comes in batches (https://ircv3.net/specs/extensions/chathistory): the
newest lines, or, from a line that is known, all that follow it, page by page. Until it is complete, later events wait
here, so that a person reads everything in order. A PING sent behind each request tells when a server answered without
a batch.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from triochat.client.events import (
    EarlierRead,
    Event,
    HistoryRead,
    Invited,
    Joined,
    Kicked,
    Left,
    ModeChanged,
    Parted,
    Reacted,
    Redacted,
    Renamed,
    Said,
    TopicChanged,
)

Ask = Callable[[str, str, str, int], str]
"""Asks for at most so many lines (last) of a conversation (second): LATEST, or AFTER or BEFORE (first) a place
(third). Returns the token of the PING that was sent behind."""

_HELD = (Said, Redacted, Reacted, Joined, Parted, Kicked, Left, Renamed, TopicChanged, ModeChanged, Invited)
_MOST_HELD = 20_000  # beyond this, order gives way to memory
_MOST_LINES = 5000  # of one reading: of more, the oldest are left out
_MOST_BATCHES = 64


class Entrance(NamedTuple):
    """How a room is entered: with its key, and the msgids of lines to read on from, if any are known, best first."""

    key: str = ""
    known: tuple[str, ...] = ()


@dataclass(slots=True)
class _Batch:
    room: str
    lines: deque[Said] = field(default_factory=lambda: deque(maxlen=_MOST_LINES))
    size: int = 0
    """Messages in it, also those that nobody said."""


@dataclass(slots=True)
class _Reading:
    """The history of one room, being read."""

    room: str
    known: deque[str]
    """Msgids to read on from, best first: any may have been taken back, and then says nothing. Without one, the
    newest lines are read."""
    limit: int
    """Lines of a page."""
    barrier: str = ""
    lines: deque[Said] = field(default_factory=lambda: deque(maxlen=_MOST_LINES))
    left_out: bool = False
    gap: bool = False

    def take(self, page: _Batch) -> None:
        self.left_out |= len(self.lines) + len(page.lines) > _MOST_LINES
        self.lines += page.lines

    def told(self, *, failed: bool = False) -> HistoryRead:
        return HistoryRead(self.room, tuple(self.lines), full=self.left_out, gap=self.gap or failed)


@dataclass(slots=True)
class _Earlier:
    """What came before is being read, for somebody who scrolls up: nothing waits for it."""

    room: str
    places: deque[str]
    """To read back from, best first."""
    limit: int
    barrier: str = ""


class Catchup:
    """Which rooms' histories are being read, and the events that wait behind them. Each reading ends in one
    HistoryRead, whatever the server does."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._readings: dict[str, _Reading] = {}  # by folded room
        self._earlier: dict[str, _Earlier] = {}
        self._batches: dict[str, _Batch] = {}
        self._held: deque[Event] = deque()

    def read(self, room: str, folded: str, known: Sequence[str], limit: int) -> None:
        """Read all of *room* that follows the first of the msgids *known* that the server knows, or, without any, the
        newest lines; *limit* lines at once."""
        reading = self._readings[folded] = _Reading(room, deque(known), limit)
        self._request(reading)

    def read_before(self, room: str, folded: str, places: Sequence[str], limit: int) -> bool:
        """Read what came before the first of *places* that the server knows; False when that is not possible now."""
        if not places or folded in self._readings or folded in self._earlier:
            return False
        earlier = self._earlier[folded] = _Earlier(room, deque(places), limit)
        self._request_earlier(earlier)
        return True

    def concerns(self, folded: str) -> bool:
        """Something of this conversation is being read."""
        return folded in self._readings or folded in self._earlier

    def opened(self, reference: str, room: str) -> None:
        if len(self._batches) < _MOST_BATCHES:
            self._batches[reference] = _Batch(room)

    def is_open(self, reference: str) -> bool:
        return reference in self._batches

    def add(self, reference: str, said: Said | None) -> None:
        """A message of a batch; None = it says nothing."""
        batch = self._batches[reference]
        batch.size += 1
        if said is not None:
            batch.lines.append(said)

    def room_of(self, reference: str) -> str:
        return self._batches[reference].room if reference in self._batches else ""

    def closed(self, reference: str, folded: str) -> list[Event]:
        """The batch is complete: the history that it ends, and what waited for it. *folded* is its room, folded."""
        if reference not in self._batches:
            return []
        batch = self._batches.pop(reference)
        reading = self._readings.get(folded)
        if reading is None and self._earlier.pop(folded, None) is not None:
            return [EarlierRead(batch.room, tuple(batch.lines), beginning=batch.size == 0)]
        if reading is None:
            return [HistoryRead(batch.room, tuple(batch.lines), full=False), *self._release()]
        reading.take(batch)
        more = 0 < reading.limit <= batch.size
        if more and reading.known:
            newest = next((said.msgid for said in reversed(batch.lines) if said.msgid), "")
            if newest and newest != reading.known[0]:
                reading.known = deque([newest])
                self._request(reading)
                return []
        reading.left_out |= more and not reading.known
        del self._readings[folded]
        return [reading.told(), *self._release()]

    def ponged(self, token: str) -> list[Event]:
        """The server has answered all that was sent before this ping; what is missing will not come."""
        over = [folded for folded, earlier in self._earlier.items() if earlier.barrier == token]
        refused: list[Event] = [self._refuse(folded) for folded in over]
        ended = [folded for folded, reading in self._readings.items() if reading.barrier == token]
        return refused + (self._end(ended) if ended else [])

    def refused(self, folded: str | None = None) -> list[Event]:
        """The server does not give the history of this room (None = of any) as it was asked for."""
        reading = self._readings.get(folded or "")
        if reading is None and folded in self._earlier:
            earlier = self._earlier[folded]
            earlier.places.popleft()
            if not earlier.places:
                return [self._refuse(folded)]
            self._request_earlier(earlier)
            return []
        if reading is None:
            return [*(self._refuse(folded) for folded in list(self._earlier)), *self._end(list(self._readings))]
        if not reading.known:
            return self._end([folded or ""])
        reading.known.popleft()
        reading.gap = not reading.known
        self._request(reading)
        return []

    def pass_on(self, events: list[Event]) -> list[Event]:
        """Those of *events* that may be told now; the rest is told when the history is complete."""
        if not self._readings:
            return events
        now: list[Event] = []
        for event in events:
            if isinstance(event, _HELD) and not (isinstance(event, Joined) and event.mine):
                self._held.append(event)
            else:
                now.append(event)
        if len(self._held) > _MOST_HELD:
            now += self._end(list(self._readings))
        return now

    def _request(self, reading: _Reading) -> None:
        place = f"msgid={reading.known[0]}" if reading.known else "*"
        reading.barrier = self._ask("AFTER" if reading.known else "LATEST", reading.room, place, reading.limit)

    def _request_earlier(self, earlier: _Earlier) -> None:
        earlier.barrier = self._ask("BEFORE", earlier.room, earlier.places[0], earlier.limit)

    def _refuse(self, folded: str) -> EarlierRead:
        return EarlierRead(self._earlier.pop(folded).room, (), beginning=False, refused=True)

    def _end(self, rooms: list[str]) -> list[Event]:
        """Nothing more will come for these; what came is told, and what waited."""
        events: list[Event] = [self._readings.pop(folded).told(failed=True) for folded in rooms]
        return events + self._release()

    def _release(self) -> list[Event]:
        if self._readings:
            return []
        released = list(self._held)
        self._held.clear()
        return released
