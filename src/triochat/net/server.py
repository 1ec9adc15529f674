"""The chat door: takes accepted sockets, runs their connections, knows them all."""

import gc
import socket
from itertools import count

import trio

from triochat.commands.barring import sentence
from triochat.commands.offering import Offer
from triochat.commands.server import Server
from triochat.domain.entry import Submission
from triochat.domain.limits import Limits
from triochat.fanout.outbox import Delivery
from triochat.net.admission import Admission
from triochat.net.arrival import PLAIN, Arrivals, Doorway, Tls, TurnedAway
from triochat.net.connection import Connection
from triochat.net.doors import Door
from triochat.net.flood import Flood
from triochat.net.timeouts import Timeouts
from triochat.net.wire import SocketWire, Wire
from triochat.proto.numerics import ERR_YOUREBANNEDCREEP

_SWEEP = 256
"""Connections taken after which the garbage collector looks at what is new, in a millisecond or two. By itself it
counts what came less what went: when thousands come while thousands go it would look late, at everything, and hold up
everybody for a tenth of a second."""


class ChatServer:
    """Runs each connection in a task of *nursery*."""

    def __init__(
        self,
        server: Server,
        delivery: Delivery,
        timeouts: Timeouts,
        nursery: trio.Nursery,
        arrivals: Arrivals | None = None,
    ) -> None:
        self.server = server
        self.delivery = delivery
        self.timeouts = timeouts
        self.arrivals = arrivals or Arrivals()
        self.flood = Flood(server.limits)
        self._taken = 0
        self.connections: dict[int, Connection] = {}
        self._closing: dict[int, trio.Event] = {}
        self._nursery = nursery
        self._admission = Admission(server.limits)
        self._unplaced: set[Connection] = set()
        """Connections of proxies that have not told yet from where they come."""
        self.draining = False
        """Whether no new connections are taken for now."""
        self.held: trio.Event | None = None
        """Set when clients may be read again; None = they may be now."""
        self._ids = count(1)
        server.end = self.end

    def hold(self) -> None:
        """Do nothing that clients say until `release`: it waits."""
        if self.held is None:
            self.held = trio.Event()

    def release(self) -> None:
        """Do again what clients say."""
        if self.held is not None:
            self.held.set()
            self.held = None

    def adopt(self, limits: Limits) -> None:
        """These limits count from now on, for all connections."""
        self._admission.adopt(limits)
        self.flood = Flood(limits)
        self.delivery.budget = limits.outbox
        self.arrivals.handshakes = limits.pending_handshakes
        for connection in self.connections.values():
            connection.adopt(limits)

    def adopt_timeouts(self, timeouts: Timeouts) -> None:
        """These deadlines count from now on; what is waited for already is waited for as long as was meant."""
        self.timeouts = timeouts
        self.delivery.stall_timeout = timeouts.stall

    def tell_of_offers(self, former: Offer) -> None:
        """The server offers other capabilities than those of *former* now: tell who wants to know."""
        for connection in self.connections.values():
            connection.tell_of_offers(former)

    def take(self, sock: socket.socket, address: str, doorway: Doorway = PLAIN) -> None:
        """Serve an accepted, non-blocking socket, or refuse it with a sentence."""
        refusal = self._start(SocketWire(sock), address, doorway)
        self._taken += 1
        if self._taken % _SWEEP == 0:
            gc.collect(1)
        if refusal is None:
            return
        if doorway.door is Door.IRC and doorway.tls is not Tls.REQUIRED:
            try:
                sock.send("".join(f"{line}\r\n" for line in self._told(address, refusal)).encode())
            except OSError:
                pass
        sock.close()

    def _told(self, address: str, refusal: str) -> list[str]:
        """What a refused client is told; of a ban by a numeric, too, so that it does not come straight back."""
        banned = self._banned(_plain(address)) == refusal
        numeric = [f":{self.server.identity.name} {ERR_YOUREBANNEDCREEP.code} * :{refusal}"] if banned else []
        return [*numeric, f"ERROR :{refusal}"]

    async def serve(self, wire: Wire, address: str, doorway: Doorway = PLAIN) -> None:
        """Serve a connection over any wire, in a task of its own."""
        if self._start(wire, address, doorway) is not None:
            await wire.aclose()

    def _start(self, wire: Wire, address: str, doorway: Doorway) -> str | None:
        """Let a connection in, or return why not. Counts both."""
        refusal = self._admit(wire, address, doorway)
        if refusal is None:
            self.server.tally.connections += 1
        else:
            self.server.tally.refused += 1
        return refusal

    def _admit(self, wire: Wire, address: str, doorway: Doorway) -> str | None:
        address = _plain(address)
        proxied = self.arrivals.trusts(address)
        if doorway.proxied and not proxied:
            return "This port is for proxies, and your address is not that of a known one"
        admission = self._admission
        if not proxied and (refusal := self._banned(address)) is not None:
            return refusal
        if self.draining:
            return "This server takes no new connections at the moment, try again later"
        refusal = admission.refuse_unplaced() if proxied else admission.refuse(address, trio.current_time())
        if refusal is None:
            connection = Connection(wire, address, self, doorway, proxied=proxied)
            self.connections[connection.session.id] = connection
            if proxied:
                self._unplaced.add(connection)
            self._nursery.start_soon(connection.run)
        return refusal

    def _banned(self, address: str) -> str | None:
        ban = self.server.bans.of_address(address, self.server.now())
        return sentence(ban) if ban is not None else None

    def end(self, session_id: int, by: str, reason: str) -> None:
        """See commands.server.Ended."""
        connection = self.connections.get(session_id)
        if connection is not None:
            connection.cut(f"Killed by {by}: {reason}", by)

    def next_id(self) -> int:
        """A number for a new session."""
        return next(self._ids)

    def place(self, connection: Connection, address: str) -> None:
        """The connection of a proxy really comes from *address*. Raises TurnedAway."""
        address = _plain(address)
        refusal = self._banned(address) or self._admission.place(address, trio.current_time())
        if refusal is not None:
            self.server.tally.refused += 1
            raise TurnedAway(refusal)
        self._unplaced.discard(connection)
        connection.session.address = address

    def closing(self, session_id: int) -> trio.Event:
        """Set when the socket of this session, whose connection runs and is about to end, is closed."""
        return self._closing.setdefault(session_id, trio.Event())

    def closed(self, session_id: int) -> None:
        """The socket of an ended connection is closed."""
        if (closing := self._closing.pop(session_id, None)) is not None:
            closing.set()

    def gone(self, connection: Connection) -> None:
        """The connection has ended."""
        session = connection.session
        if self.connections.pop(session.id, None) is not None:
            placed = connection not in self._unplaced
            self._unplaced.discard(connection)
            self._admission.release(session.address if placed else None)

    def close_all(self, reason: str) -> None:
        """Tell everybody *reason* and let them go; each has the farewell time to take what waits for it."""
        connections = list(self.connections.values())
        for connection in connections:
            # From this place in the log on nobody follows any more: else everybody would be told of everybody's end.
            sink = connection.session.sink
            leaving = Submission(None, tuple(sink.follows), unfollow=(sink,))
            self.server.journal.submit(leaving)
        for connection in connections:
            connection.close(reason)


def _plain(address: str) -> str:
    """Without the clothes in which an IPv6 socket shows an IPv4 address."""
    return address.removeprefix("::ffff:")
