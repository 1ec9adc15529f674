"""How much a second: counters that only grow, looked at once a second, and compared with a minute ago. Pure."""

from collections import deque
from collections.abc import Sequence

_SAMPLES = 61


class Rates:
    """The last minute of some counters."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, Sequence[float]]] = deque(maxlen=_SAMPLES)

    def sample(self, now: float, counters: Sequence[float]) -> None:
        """At the time *now* (seconds) the counters stand like this; always the same, in the same order."""
        self._samples.append((now, counters))

    def per_second(self, now: float, counters: Sequence[float]) -> list[float]:
        """By how much each has grown a second since a minute ago, or since the first sample."""
        if not self._samples:
            return [0.0] * len(counters)
        since, former = self._samples[0]
        elapsed = max(now - since, 0.001)
        return [(current - before) / elapsed for current, before in zip(counters, former, strict=True)]
