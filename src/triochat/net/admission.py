"""Who may open one more connection. Pure: time is handed in."""

from triochat.domain.limits import Limits
from triochat.domain.throttle import PerNetwork, network_of

_BURST_SECONDS = 10


class Admission:
    """Counts connections in all and by network: an IPv4 address, or an IPv6 /64."""

    def __init__(self, limits: Limits) -> None:
        self._total = 0
        self._open: dict[str, int] = {}
        self.adopt(limits)

    def adopt(self, limits: Limits) -> None:
        """These limits count from now on."""
        self._limits = limits
        rate = limits.connection_rate
        self._rates = PerNetwork(rate, max(1.0, rate * _BURST_SECONDS))

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
        if not self._rates.allow(address, now):
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
