"""How much of the event loop all consoles together may take.

The chat comes first. What one console does between two waits cannot be divided, so consoles take turns, and all rest
after each in proportion to what it cost: 200 that go mad at once take no more of the loop than one used in earnest.

Among themselves they are queued fairly (start-time fair queueing): next is whoever has had least. So an operator who
types a line now and then is answered next, however many others have something to do without end.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from heapq import heapify, heappop, heappush
from itertools import count

import trio

_SHARE = 0.02
"""Of the loop's time, once the allowance is used up, unless said otherwise."""
_ALLOWANCE_S = 0.05
"""Of work that is done without rest: whoever types by hand uses up as much only with long lists."""
_LONGEST_REST_S = 1.0
"""After work that could not be divided, or took long because the machine stood still."""
_TURN_S = 0.0001
"""What a turn costs at least: waking, reading and writing, which are not measured."""


class Ration:
    """Shared by all consoles, each of which has a place."""

    def __init__(self, share: float = _SHARE) -> None:
        """*share* is what all may have of the loop's time."""
        self._share = share
        self._rested = -math.inf  # when the rests after all work that was done are over
        self._waiting: list[_Waiter] = []  # a heap
        self._caller: _Waiter | None = None  # the one of those who wait that calls who is next
        self._had = 0.0  # as much as whoever was called last had had, in seconds
        self._numbers = count()

    def place(self) -> "Place":
        """For one console, or for one thing to do."""
        return Place(self)

    async def wait(self, had: float, at_least: float) -> float:
        """Wait for a turn, for somebody who has *had* so many seconds. Returns how many count, so that nobody saves
        them up by doing nothing."""
        waiter = _Waiter((max(had, self._had), had, next(self._numbers)), at_least)
        heappush(self._waiting, waiter)
        self._caller = self._caller or waiter
        try:
            while not waiter.called:
                if self._caller is waiter:
                    if await self._call_next() is waiter:
                        await trio.lowlevel.checkpoint()  # whoever was called before works now
                else:
                    await waiter.awake.wait()
        finally:
            if not waiter.called:
                self._waiting.remove(waiter)
                heapify(self._waiting)
            if self._caller is waiter:
                self._caller = self._waiting[0] if self._waiting else None
                if self._caller is not None:
                    self._caller.awake.set()
        return waiter.order[0]

    async def _call_next(self) -> "_Waiter":
        await trio.sleep_until(self._rested - _ALLOWANCE_S / self._share)
        waiter = heappop(self._waiting)
        waiter.called = True
        waiter.awake.set()
        self._had = waiter.order[0]
        self.charge(waiter.at_least)
        return waiter

    def charge(self, seconds: float) -> None:
        """So much was worked."""
        now = trio.current_time()
        latest = now + _ALLOWANCE_S / self._share + _LONGEST_REST_S
        self._rested = min(max(self._rested, now) + seconds / self._share, latest)


class Place:
    """One console's."""

    __slots__ = ("_had", "_ration")

    def __init__(self, ration: Ration) -> None:
        self._ration = ration
        self._had = 0.0

    async def turn(self, at_least: float = _TURN_S) -> None:
        """Wait for a turn of the event loop in which no other console does what the caller then does up to its next
        await. Always a checkpoint. Counts as *at_least* so many seconds of work."""
        self._had = await self._ration.wait(self._had, at_least) + at_least

    @contextmanager
    def work(self) -> Iterator[None]:
        """Measures what is done within, which must not wait; the next turn comes so much later."""
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            self._had += took
            self._ration.charge(took)


class _Waiter:
    """Somebody in the queue. *order* begins with what they have had as far as it counts, and says who is next."""

    __slots__ = ("at_least", "awake", "called", "order")

    def __init__(self, order: tuple[float, float, int], at_least: float) -> None:
        self.order = order
        self.at_least = at_least
        self.called = False
        self.awake = trio.Event()

    def __lt__(self, other: "_Waiter") -> bool:
        return self.order < other.order
