"""A whole server over streams in memory, and peers that talk to it."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import trio
from trio.testing import memory_stream_pair

from cheap import registrar
from net.wires import StreamWire
from triochat.commands.server import Identity, Server
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy
from triochat.domain.world import World
from triochat.fanout.fanout import FanOut
from triochat.fanout.outbox import Delivery
from triochat.journal.journal import Journal
from triochat.journal.memory import MemoryStore
from triochat.net.arrival import PLAIN, Arrivals, Doorway
from triochat.net.server import ChatServer
from triochat.net.timeouts import Timeouts


class Peer:
    """The far end of a connection."""

    def __init__(self, stream: trio.abc.HalfCloseableStream | trio.SSLStream) -> None:  # type: ignore[type-arg]
        self.stream = stream
        self._rest = b""

    async def send(self, *lines: str | bytes) -> None:
        """Send lines, each with its line end."""
        await self.stream.send_all(
            b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines)
        )

    async def line(self) -> str:
        """The next line; "" when the server has closed."""
        while b"\r\n" not in self._rest:
            data = await self.stream.receive_some()
            if not data:
                assert not self._rest, f"closed inside a line: {self._rest!r}"
                return ""
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line.decode()

    async def until(self, *words: str) -> list[str]:
        """Lines up to and with the first that holds all of *words*."""
        lines: list[str] = []
        while True:
            line = await self.line()
            assert line, f"closed before {words}: {lines}"
            lines.append(line)
            if all(word in line for word in words):
                return lines

    async def sync(self) -> list[str]:
        """All that came before the answer to a PING: a barrier instead of a sleep."""
        await self.send("PING sync")
        return (await self.until("PONG", "sync"))[:-1]

    async def rest(self) -> list[str]:
        """All lines until the server closes."""
        lines = []
        while line := await self.line():
            lines.append(line)
        return lines

    async def close(self) -> None:
        """Hang up."""
        await trio.aclose_forcefully(self.stream)


class Chat:
    """The server's parts, for tests to look at."""

    def __init__(
        self,
        nursery: trio.Nursery,
        limits: Limits,
        timeouts: Timeouts,
        password: str | None,
        store: MemoryStore,
        arrivals: Arrivals | None,
    ) -> None:
        self.fan_out = FanOut()
        self.store = store
        self.journal = Journal(store, self.fan_out, most_waiting=limits.journal_entries)
        self.world = World(limits)
        lobby = self.world.add_room("#lobby", 0, permanent=True)
        lobby.flags = {"n"}
        self.server = Server(
            identity=Identity("test.server", "testnet", "a test", "triochat-test", "today", ("Be kind.",)),
            world=self.world,
            journal=self.journal,
            limits=limits,
            tally=self.journal.tally,
            wall_clock=lambda: 1_700_000_000.0,
            clock=trio.current_time,
            password=password,
            registrar=registrar(self.world, self.journal.keep, AccountPolicy(), 0),
        )
        delivery = Delivery(
            nursery, store, lambda: self.fan_out.position, budget=limits.outbox, stall_timeout=timeouts.stall
        )
        self.nursery = nursery
        self.streams: list[trio.SocketStream] = []
        self.door = ChatServer(self.server, delivery, timeouts, nursery, arrivals)
        nursery.start_soon(self.journal.run)

    def connect(self, address: str = "127.0.0.1", doorway: Doorway = PLAIN) -> Peer:
        """A new connection."""
        ours, theirs = memory_stream_pair()
        self.nursery.start_soon(self.door.serve, StreamWire(theirs), address, doorway)
        return Peer(ours)

    def connect_by_socket(self, doorway: Doorway) -> Peer:
        """A new connection over real sockets, which take bytes at once. Not for tests with a clock that jumps."""
        ours, theirs = socket.socketpair()
        for sock in (ours, theirs):
            sock.setblocking(False)
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
        self.streams.append(stream)
        self.door.take(theirs, "127.0.0.1", doorway)
        return Peer(stream)

    def connect_stalled(self) -> tuple[Peer, Callable[[], None]]:
        """A peer that takes no bytes until the returned function is called."""
        ours, theirs = memory_stream_pair()
        gate = trio.Event()

        pump = theirs.send_stream.send_all_hook
        assert pump is not None

        async def wait() -> None:
            await gate.wait()
            await pump()

        theirs.send_stream.send_all_hook = wait
        self.nursery.start_soon(self.door.serve, StreamWire(theirs), "127.0.0.1")
        return Peer(ours), gate.set

    async def irc(self, nick: str, *, caps: str = "", join: str = "", address: str = "127.0.0.1") -> Peer:
        """A registered IRC client."""
        peer = self.connect(address)
        if caps:
            await peer.send("CAP LS 302", f"CAP REQ :{caps}", "CAP END")
        await peer.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        await peer.until(" 376 ")
        if join:
            await peer.send(f"JOIN {join}")
            await peer.until(" 366 ")
        return peer

    async def person(self, name: str) -> Peer:
        """Somebody with `nc`."""
        peer = self.connect()
        await peer.send(name)
        await peer.until("You joined the chat.")
        return peer


@asynccontextmanager
async def chat(
    *,
    password: str | None = None,
    store: MemoryStore | None = None,
    timeouts: Timeouts | None = None,
    arrivals: Arrivals | None = None,
    **limits: float,
) -> AsyncIterator[Chat]:
    """A server that ends with the test."""
    quiet = replace(Limits(), command_rate=0.0)
    async with trio.open_nursery() as nursery:
        running = Chat(
            nursery,
            replace(quiet, **limits),  # type: ignore[arg-type]
            timeouts or Timeouts(),
            password,
            store or MemoryStore(),
            arrivals,
        )
        try:
            yield running
        finally:
            for stream in running.streams:
                stream.socket.close()
        nursery.cancel_scope.cancel()
