"""How long honest people wait for each other: some talk, all read, and the time between is taken."""

import time
from dataclasses import dataclass

import trio

from siege.attacks import HOST

_ROOM = "#siege"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from sending a line to its arrival at somebody else."""

    samples: int
    p50: float
    p99: float
    worst: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms, worst {self.worst:.1f} ms of {self.samples}"


class People:
    """Some who talk and all who read, in one room."""

    def __init__(self, port: int, talkers: int = 10, readers: int = 20) -> None:
        self._port = port
        self._talkers = talkers
        self._people = talkers + readers
        self._streams: list[trio.SocketStream] = []
        self._delays: list[float] = []
        self._expected = 0
        self._all = trio.Event()

    async def come(self, nursery: trio.Nursery) -> None:
        """Everybody comes in, and reads from now on in *nursery*."""
        for number in range(self._people):
            stream = await trio.open_tcp_stream(HOST, self._port)
            await stream.send_all(f"NICK honest{number}\r\nUSER x 0 * :x\r\nJOIN {_ROOM}\r\n".encode())
            self._streams.append(stream)
            ready = trio.Event()
            nursery.start_soon(self._read, stream, ready)
            await ready.wait()

    async def _read(self, stream: trio.SocketStream, ready: trio.Event) -> None:
        rest = b""
        async for data in stream:
            now = time.monotonic_ns()
            *lines, rest = (rest + data).split(b"\r\n")
            for line in lines:
                if b" PRIVMSG " in line:
                    self._delays.append((now - int(line.rpartition(b":")[2])) / 1e6)
                elif b" 366 " in line:
                    ready.set()
                elif line.startswith(b"PING"):
                    await stream.send_all(line.replace(b"PING", b"PONG", 1) + b"\r\n")
            if len(self._delays) >= self._expected:
                self._all.set()

    async def talk(self, seconds: float, rate: float = 10.0) -> Latency:
        """Each talker says *rate* lines a second. Nothing may be lost: raises TooSlowError."""
        self._delays.clear()
        rounds = int(seconds * rate)
        self._expected = rounds * self._talkers * (self._people - 1)
        self._all = trio.Event()
        began = trio.current_time()
        for number in range(rounds):
            for talker in range(self._talkers):
                await trio.sleep_until(began + (number + talker / self._talkers) / rate)
                line = f"PRIVMSG {_ROOM} :{time.monotonic_ns()}\r\n"
                await self._streams[talker].send_all(line.encode())
        with trio.fail_after(30):
            await self._all.wait()
        delays = sorted(self._delays)
        return Latency(len(delays), delays[len(delays) // 2], delays[len(delays) * 99 // 100], delays[-1])

    async def go(self) -> None:
        """Everybody leaves."""
        for stream in self._streams:
            await stream.aclose()
