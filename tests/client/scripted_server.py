"""The server's end of a connection in memory, played by a test."""

from collections import deque
from collections.abc import Callable

import trio
import trio.testing

Stream = trio.StapledStream[trio.testing.MemorySendStream, trio.testing.MemoryReceiveStream]

IRCV3 = "batch draft/chathistory echo-message message-tags server-time"


class ScriptedServer:
    """Reads commands and sends lines, as the test says."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._buffer = b""
        self._lines: deque[str] = deque()

    async def send(self, *lines: str) -> None:
        """Send each of *lines*."""
        await self.stream.send_all("".join(f"{line}\r\n" for line in lines).encode())

    async def expect(self, start: str) -> str:
        """Read on until a line that begins with *start*; fails when the client closes first."""
        while True:
            while self._lines:
                line = self._lines.popleft()
                if line.startswith(start):
                    return line
            data = await self.stream.receive_some(65536)
            assert data, f"the client closed the connection; {start!r} never came"
            *lines, self._buffer = (self._buffer + bytes(data)).split(b"\r\n")
            self._lines.extend(line.decode() for line in lines)

    async def closed_by_client(self) -> None:
        """Read on until the client closes."""
        while await self.stream.receive_some(65536):
            pass

    async def welcome(self, name: str = "Bob", caps: str = "") -> None:
        """Let the client in as *name*, with the capabilities *caps*."""
        await self.expect("USER")
        await self.send(f":irc CAP * LS :{caps}")
        if caps:
            await self.expect("CAP REQ")
            await self.send(f":irc CAP {name} ACK :{caps}")
        await self.expect("CAP END")
        await self.send(f":irc 001 {name} :Welcome", f":irc 005 {name} CASEMAPPING=ascii CHANTYPES=# :are supported")

    async def admit(self, name: str = "Bob", room: str = "#lobby", people: str = "Alice") -> None:
        """Answer the client's JOIN of *room*, where *people* are already."""
        await self.expect(f"JOIN {room}")
        await self.let_into(room, people, name)

    async def let_into(self, room: str, people: str, name: str = "Bob") -> None:
        """Have the client in *room*, whether it asked or not, where *people* are already."""
        await self.send(
            f":{name}!bob@host JOIN {room}",
            f":irc 353 {name} = {room} :{name} {people}",
            f":irc 366 {name} {room} :End",
        )

    async def pong(self) -> None:
        """Answer the client's next PING."""
        token = (await self.expect("PING ")).removeprefix("PING ")
        await self.send(f":irc PONG irc :{token}")

    async def goodbye(self) -> str:
        """Wait for the client's QUIT, close, and return it."""
        line = await self.expect("QUIT")
        await self.send("ERROR :Closing link: host (Quit)")
        await self.stream.aclose()
        return line


class Wire:
    """Connections in memory: it is how the client dials, and `accept` is the server's end of each."""

    def __init__(self) -> None:
        self._ends, self._accepted = trio.open_memory_channel[ScriptedServer](10)
        self.refusals: deque[Exception] = deque()
        """What the next attempts fail with."""
        self.dialled: Callable[[], None] = lambda: None
        """Called when a connection is made."""
        self.policies: list[str] = []
        """What servers said of encryption."""
        self.is_plain = False
        """The next connection is one that a policy ends."""
        self.attempts = 0
        self.last: Stream
        """The client's end of the newest connection."""

    async def heed(self, policy: str) -> bool:
        await trio.lowlevel.checkpoint()
        self.policies.append(policy)
        was_plain, self.is_plain = self.is_plain, False
        return was_plain

    async def __call__(self) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        self.attempts += 1
        if self.refusals:
            raise self.refusals.popleft()
        ours, theirs = trio.testing.memory_stream_pair()
        self.last = ours
        self._ends.send_nowait(ScriptedServer(theirs))
        self.dialled()
        return ours

    async def accept(self) -> ScriptedServer:
        """The next connection that the client opens."""
        return await self._accepted.receive()
