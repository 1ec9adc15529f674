"""Reading a room's history before what is said meanwhile. Pure.

History is asked for with CHATHISTORY and comes as a batch
(https://ircv3.net/specs/extensions/chathistory). Until it is complete, later events wait here, so that a
person reads everything in order. A PING sent behind the request tells when a server answered without a batch.
"""

from collections import deque

from triochat.client.events import (
    Event,
    HistoryRead,
    Invited,
    Joined,
    Kicked,
    Left,
    ModeChanged,
    Parted,
    Renamed,
    Said,
    TopicChanged,
)

_HELD = (Said, Joined, Parted, Kicked, Left, Renamed, TopicChanged, ModeChanged, Invited)
_MOST_HELD = 2000  # beyond this, order gives way to memory
_MOST_LINES = 1000  # of one batch; a server that sends more than it was asked for loses the oldest
_MOST_BATCHES = 64


class Catchup:
    """Which rooms' histories are awaited, the batches being read, and the events that wait behind them."""

    def __init__(self) -> None:
        self._awaited: dict[str, tuple[str, int]] = {}  # folded room → (barrier token, lines asked for)
        self._batches: dict[str, tuple[str, deque[Said]]] = {}  # batch reference → (room, lines)
        self._held: deque[Event] = deque()

    @property
    def waiting(self) -> bool:
        return bool(self._awaited)

    def expect(self, room: str, barrier: str, limit: int) -> None:
        """History of *room* (folded) was asked for; a PONG with *barrier* follows the answer."""
        self._awaited[room] = (barrier, limit)

    def opened(self, reference: str, room: str) -> None:
        if len(self._batches) < _MOST_BATCHES:
            self._batches[reference] = (room, deque(maxlen=_MOST_LINES))

    def is_open(self, reference: str) -> bool:
        return reference in self._batches

    def add(self, reference: str, said: Said) -> None:
        self._batches[reference][1].append(said)

    def closed(self, reference: str, folded: str) -> list[Event]:
        """The batch is complete: its history, and what waited for it. *folded* is its room, folded."""
        if reference not in self._batches:
            return []
        room, lines = self._batches.pop(reference)
        _, limit = self._awaited.pop(folded, ("", 0))
        return [HistoryRead(room, tuple(lines), full=0 < limit <= len(lines)), *self._release()]

    def room_of(self, reference: str) -> str:
        return self._batches[reference][0] if reference in self._batches else ""

    def ponged(self, token: str) -> list[Event]:
        """The server has answered all that was sent before this ping; what is missing will not come."""
        for room, (barrier, _) in list(self._awaited.items()):
            if barrier == token:
                del self._awaited[room]
        return self._release()

    def give_up(self, room: str | None = None) -> list[Event]:
        """No history will come for *room* (folded; None = for any); returns what waited."""
        if room in self._awaited:
            del self._awaited[room]
        else:
            self._awaited.clear()
        return self._release()

    def pass_on(self, events: list[Event]) -> list[Event]:
        """Those of *events* that may be told now; the rest is told when the history is complete."""
        if not self._awaited:
            return events
        now: list[Event] = []
        for event in events:
            if isinstance(event, _HELD) and not (isinstance(event, Joined) and event.mine):
                self._held.append(event)
            else:
                now.append(event)
        if len(self._held) > _MOST_HELD:
            self._awaited.clear()
            now += self._release()
        return now

    def _release(self) -> list[Event]:
        if self._awaited:
            return []
        released = list(self._held)
        self._held.clear()
        return released
