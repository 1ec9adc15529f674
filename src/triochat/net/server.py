"""The chat door: takes accepted sockets, runs their connections, knows them all."""

import socket

import trio

from triochat.domain.limits import Limits
from triochat.net.admission import Admission
from triochat.net.connection import Connection, Context
from triochat.net.wire import SocketWire, Wire


class ChatServer:
    """Runs each connection in a task of *nursery*."""

    def __init__(self, context: Context, nursery: trio.Nursery, limits: Limits) -> None:
        self._context = context
        self._nursery = nursery
        self._admission = Admission(limits)
        self.connections: dict[int, Connection] = {}

    def take(self, sock: socket.socket, address: str) -> None:
        """Serve an accepted, non-blocking socket, or refuse it with a sentence."""
        address = address.removeprefix("::ffff:")
        refusal = self._admission.refuse(address, trio.current_time())
        if refusal is not None:
            try:
                sock.send(f"ERROR :{refusal}\r\n".encode())
            except OSError:
                pass
            sock.close()
            return
        self._nursery.start_soon(self._serve, SocketWire(sock), address)

    async def serve(self, wire: Wire, address: str) -> None:
        """Serve a connection over any wire; returns when it is closed."""
        refusal = self._admission.refuse(address, trio.current_time())
        if refusal is None:
            await self._serve(wire, address)
        else:
            await wire.aclose()

    async def _serve(self, wire: Wire, address: str) -> None:
        connection = Connection(wire, address, self._context)
        self.connections[connection.id] = connection
        try:
            await connection.run()
        finally:
            del self.connections[connection.id]
            self._admission.release(address)

    def close_all(self, reason: str) -> None:
        """Tell everybody *reason* and let them go; each has the farewell time to take what waits for it."""
        for connection in list(self.connections.values()):
            connection.close(reason)
