"""What a connection needs of the server around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import trio

from triochat.commands.server import Server
from triochat.fanout.outbox import Delivery
from triochat.net.arrival import Arrivals
from triochat.net.flood import Flood
from triochat.net.timeouts import Timeouts

if TYPE_CHECKING:
    from triochat.net.connection import Connection


class Host(Protocol):
    """The server around a connection."""

    server: Server
    delivery: Delivery
    timeouts: Timeouts
    arrivals: Arrivals
    flood: Flood

    def next_id(self) -> int:
        """A number for a new session."""

    def place(self, connection: Connection, address: str) -> None:
        """Its proxy has told from where the connection comes. Raises TurnedAway."""

    @property
    def held(self) -> trio.Event | None:
        """Set when peers may be read again; None = they may be now."""

    def gone(self, connection: Connection) -> None:
        """The connection has ended."""

    def closed(self, session_id: int) -> None:
        """Its socket is closed, too."""
