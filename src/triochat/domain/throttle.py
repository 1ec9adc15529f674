"""Token buckets: how often is too often."""


class Throttle:
    """Allows *burst* at once and *rate* a second in the long run. Time is handed in, in seconds."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def spend(self, now: float) -> float:
        """Take one token and return how many seconds to wait until it is really there, 0 when it is."""
        tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - 1
        self._at = now
        self._tokens = tokens
        return -tokens / self._rate if tokens < 0 else 0.0

    def charge(self, tokens: float) -> None:
        """Take more for what turned out to be costly."""
        self._tokens -= tokens

    def allow(self, now: float) -> bool:
        """Take one token if there is one."""
        tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens = tokens - 1 if tokens >= 1 else tokens
        return tokens >= 1

    def is_full(self, now: float) -> bool:
        """True when nothing was taken lately: the bucket need not be remembered."""
        return self._tokens + (now - self._at) * self._rate >= self._burst
