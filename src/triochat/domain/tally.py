"""What is counted for operators. Counting is adding to an integer; whoever reads does the arithmetic. Pure.

Nothing here is done for each member of a room: a line is counted when it is read, a commit when it ends, and
deliveries by multiplying (see fanout.fanout).
"""

import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

COMMIT_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds, of commits."""
TURN_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds, of the event loop's turns."""
SLOW_COMMIT = 0.1
SLOW_ON_LOOP = 0.05
"""Seconds after which something that the whole chat waits for is noted as slow."""
SLOW_FOR_ONE = 0.5
"""Seconds after which something that one client alone waits for is."""
_RECENT = 1000
_MOST_SLOW = 100


class Histogram:
    """How often something took how long, in seconds."""

    __slots__ = ("bounds", "counts", "recent", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """How many were at most the bound of the same index, and above the one before; the last above all."""
        self.sum = 0.0
        self.recent: deque[float] = deque(maxlen=_RECENT)

    def add(self, seconds: float) -> None:
        """Once more."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds
        self.recent.append(seconds)

    def quantile(self, share: float) -> float:
        """Of the last thousand: at most this long took this *share* of them, 0 when there were none."""
        ordered = sorted(self.recent)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


class SlowOperation(NamedTuple):
    """Something that took long. *kind* is `commit`, `turn`, `command`, `wait` or `fan-out`."""

    id: int
    time_ms: int
    kind: str
    what: str
    seconds: float


class SlowLog:
    """The last of them, each with a number of its own."""

    def __init__(self, wall_clock: Callable[[], float] = time.time) -> None:
        self._wall_clock = wall_clock
        self._noted: deque[SlowOperation] = deque(maxlen=_MOST_SLOW)
        self.count = 0

    def __iter__(self) -> Iterator[SlowOperation]:
        return iter(self._noted)

    def note(self, kind: str, what: str, seconds: float) -> None:
        """*what* has just ended and took so many *seconds*."""
        self.count += 1
        self._noted.append(SlowOperation(self.count, int(self._wall_clock() * 1000), kind, what, seconds))


@dataclass(slots=True)
class Tally:
    """The counts of one server since its start."""

    commits: Histogram = field(default_factory=lambda: Histogram(COMMIT_BOUNDS))
    slow: SlowLog = field(default_factory=SlowLog)
    connections: int = 0
    """Connections that were let in."""
    refused: int = 0
    """Connections that were not."""
    lines: int = 0
    """Lines that clients sent."""
    delayed: int = 0
    """Lines that were read later because their sender was too fast."""
    logins: int = 0
    failed_logins: int = 0
