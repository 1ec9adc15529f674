"""The chat door: takes accepted sockets, runs their connections, knows them all."""

import socket
from itertools import count

import trio

from triochat.commands.context import Server
from triochat.domain.entry import Submission
from triochat.fanout.outbox import Delivery
from triochat.net.admission import Admission
from triochat.net.connection import Connection, Timeouts
from triochat.net.wire import SocketWire, Wire


class ChatServer:
    """Runs each connection in a task of *nursery*."""

    def __init__(self, server: Server, delivery: Delivery, timeouts: Timeouts, nursery: trio.Nursery) -> None:
        self.server = server
        self.delivery = delivery
        self.timeouts = timeouts
        self.connections: dict[int, Connection] = {}
        self._nursery = nursery
        self._admission = Admission(server.limits)
        self._ids = count(1)

    def take(self, sock: socket.socket, address: str) -> None:
        """Serve an accepted, non-blocking socket, or refuse it with a sentence."""
        address = address.removeprefix("::ffff:")
        refusal = self._admission.refuse(address, trio.current_time())
        if refusal is None:
            self._start(SocketWire(sock), address)
            return
        try:
            sock.send(f"ERROR :{refusal}\r\n".encode())
        except OSError:
            pass
        sock.close()

    async def serve(self, wire: Wire, address: str) -> None:
        """Serve a connection over any wire, in a task of its own."""
        if self._admission.refuse(address, trio.current_time()) is None:
            self._start(wire, address)
        else:
            await wire.aclose()

    def _start(self, wire: Wire, address: str) -> None:
        connection = Connection(wire, address, self)
        self.connections[connection.session.id] = connection
        self._nursery.start_soon(connection.run)

    def next_id(self) -> int:
        """A number for a new session."""
        return next(self._ids)

    def gone(self, connection: Connection) -> None:
        """The connection has ended."""
        session = connection.session
        if self.connections.pop(session.id, None) is not None:
            self._admission.release(session.address)

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
