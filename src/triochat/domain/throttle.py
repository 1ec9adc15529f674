"""Token buckets: how often is too often, and from where."""

import ipaddress
from functools import lru_cache

_SWEEP = 1024
"""Buckets that are remembered, at least, before those are looked for that need not be."""


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


class Shared:
    """A bucket for each key, made when it is needed and forgotten when it is full again."""

    def __init__(self, rate: float, burst: float) -> None:
        """*rate* 0 = no limit."""
        self._rate = rate
        self._burst = burst
        self._throttles: dict[str, Throttle] = {}
        self._sweep_at = _SWEEP

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._throttles)

    def of(self, key: str, now: float) -> Throttle | None:
        """The bucket of *key*, for now; None when there is no limit."""
        throttle = self._throttles.get(key)
        if throttle is None and self._rate:
            if len(self._throttles) >= self._sweep_at:
                self._throttles = {key: t for key, t in self._throttles.items() if not t.is_full(now)}
                # Where many are in use, each of those who come next must not look at all of them again.
                self._sweep_at = max(_SWEEP, 2 * len(self._throttles))
            throttle = self._throttles[key] = Throttle(self._rate, self._burst, now)
        return throttle


class PerNetwork:
    """A bucket for each network."""

    def __init__(self, rate: float, burst: float) -> None:
        """*rate* 0 = no limit."""
        self._shared = Shared(rate, burst)

    def allow(self, address: str, now: float) -> bool:
        """Take one token of the network of *address* if there is one."""
        throttle = self._shared.of(network_of(address), now)
        return throttle is None or throttle.allow(now)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What counts as one place: the IPv4 address itself, the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False).network_address)
