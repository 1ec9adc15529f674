"""The event loop's pulse: how long its turns take, and whether one is under way.

A turn is what happens between two waits for input and output: a task that does not await makes it long, and everybody
waits meanwhile. Two calls a turn, and some arithmetic, is all that it costs.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import trio

from triochat.domain.tally import SLOW_ON_LOOP, TURN_BOUNDS, Histogram, SlowLog

_SHORT = TURN_BOUNDS[0]
_HOUR = 60
"""Minutes for which the worst stall is remembered."""


class _Minute(NamedTuple):
    number: int
    worst: float


class Turns(trio.abc.Instrument):
    """Install it with `trio.lowlevel.add_instrument`, in the turn in which it was made. Other threads may read it."""

    __slots__ = ("_clock", "_long", "_minutes", "_slow", "busy", "count", "since")

    def __init__(self, slow: SlowLog, clock: Callable[[], float] = time.perf_counter) -> None:
        """*clock* is in seconds, and need not be the Trio run's."""
        self._slow = slow
        self._clock = clock
        self._minutes: deque[_Minute] = deque(maxlen=_HOUR)
        self._long = Histogram(TURN_BOUNDS)
        self.since = clock()
        """When the turn that is under way began; infinity between turns."""
        self.count = 0
        """Turns that have ended."""
        self.busy = 0.0
        """Seconds that they took, all together."""

    def after_io_wait(self, timeout: float) -> None:
        """A turn begins."""
        self.since = self._clock()

    def before_io_wait(self, timeout: float) -> None:
        """The turn has ended, and nobody but the operating system is waited for."""
        now = self._clock()
        took = now - self.since
        self.since = math.inf
        self.count += 1
        self.busy += took
        if took > _SHORT:
            self._note(took, now)

    def _note(self, took: float, now: float) -> None:
        self._long.add(took)
        minute = int(now // 60)
        minutes = self._minutes
        if not minutes or minutes[-1].number != minute:
            minutes.append(_Minute(minute, took))
        elif took > minutes[-1].worst:
            minutes[-1] = _Minute(minute, took)
        if took >= SLOW_ON_LOOP:
            self._slow.note("turn", "everything waited", took)

    @property
    def counts(self) -> list[int]:
        """As in Histogram, for TURN_BOUNDS."""
        long = self._long.counts
        return [self.count - sum(long), *long[1:]]

    @property
    def blocked(self) -> float:
        """For how many seconds the turn that is under way lasts; 0 between turns."""
        since = self.since
        return 0.0 if since == math.inf else self._clock() - since

    @property
    def worst(self) -> float:
        """Seconds of the longest turn of the last hour, the one that is under way included."""
        oldest = int(self._clock() // 60) - _HOUR
        ended = (minute.worst for minute in list(self._minutes) if minute.number > oldest)
        return max(self.blocked, max(ended, default=0.0))
