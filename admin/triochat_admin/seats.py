"""Who may use a console: so many who have logged in, and so many who are about to.

Strangers must not keep out whoever knows the password. When too many wait at the prompt, the one who came first of
the network with most of them gives way: to keep out an operator one has to come from the operator's network.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable

_STRANGERS = 2
"""For each seat."""


class Seats:
    """All that there are: *most*, which may change; nobody loses a seat by that."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: set[object] = set()
        self._strangers: dict[object, tuple[str, Callable[[], None]]] = {}

    def come(self, who: object, address: str, go: Callable[[], None]) -> None:
        """*who* is about to log in. If they have to give way before, *go* is called."""
        if len(self._strangers) >= max(1, _STRANGERS * self.most):
            crowd, _ = Counter(network for network, _ in self._strangers.values()).most_common(1)[0]
            first = next(who for who, (network, _) in self._strangers.items() if network == crowd)
            self._strangers.pop(first)[1]()
        self._strangers[who] = (_network(address), go)

    def take(self, who: object) -> str | None:
        """*who* has logged in, or need not. Returns a sentence when there is no seat."""
        self._strangers.pop(who, None)
        if len(self._taken) >= self.most:
            return f"All {self.most} consoles are in use. Try again later."
        self._taken.add(who)
        return None

    def leave(self, who: object) -> None:
        """*who* has gone, wherever they were."""
        self._strangers.pop(who, None)
        self._taken.discard(who)


def _network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address: one customer has that many."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((int(found), 64), strict=False))
