"""Who may open one more connection. Pure: time is handed in."""

import ipaddress

from triochat.domain.limits import Limits
from triochat.domain.throttle import Throttle

_BURST_SECONDS = 10
_SWEEP = 1024


class Admission:
    """Counts connections in all and by network: an IPv4 address, or an IPv6 /64."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._total = 0
        self._open: dict[str, int] = {}
        self._rates: dict[str, Throttle] = {}

    def refuse(self, address: str, now: float) -> str | None:
        """Why this connection may not come in, as a sentence; None = it is in, and `release` must follow."""
        refusal = self.refuse_unplaced()
        if refusal is None:
            refusal = self.place(address, now)
            if refusal is not None:
                self.release(None)
        return refusal

    def refuse_unplaced(self) -> str | None:
        """The same for a connection of a proxy, which has not told yet from where it comes."""
        if self._total >= self._limits.connections:
            return "The server is full, try again later"
        self._total += 1
        return None

    def place(self, address: str, now: float) -> str | None:
        """Why a connection that was not placed yet may not come in from *address*; None = it is placed there."""
        limits = self._limits
        network = network_of(address)
        if limits.connections_per_ip and self._open.get(network, 0) >= limits.connections_per_ip:
            return "Too many connections from your address, close some first"
        if limits.connection_rate and not self._rate(network, now).allow(now):
            return "You are connecting too fast, wait a few seconds"
        self._open[network] = self._open.get(network, 0) + 1
        return None

    def release(self, address: str | None) -> None:
        """The connection is closed; None = it was never placed."""
        self._total -= 1
        if address is None:
            return
        network = network_of(address)
        left = self._open[network] - 1
        if left:
            self._open[network] = left
        else:
            del self._open[network]

    def _rate(self, network: str, now: float) -> Throttle:
        throttle = self._rates.get(network)
        if throttle is None:
            if len(self._rates) >= _SWEEP:
                self._rates = {key: t for key, t in self._rates.items() if not t.is_full(now)}
            rate = self._limits.connection_rate
            throttle = self._rates[network] = Throttle(rate, max(1.0, rate * _BURST_SECONDS), now)
        return throttle


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
