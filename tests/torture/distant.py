"""A client that is a process of its own, so that it can be stopped like one.

It reads `PORT` lines on stdin, one for each life of the server, and writes its transcript to a file when it has seen
the last line of all.
"""

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import trio

from e2e.server import clean_environment
from torture.check import Line
from torture.client import Client, Lives, Person


class Distant:
    """The process, as seen from here."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._file = directory / f"{name}.json"
        self._process: trio.Process | None = None

    async def start(self) -> None:
        """Begin."""
        self._process = await trio.lowlevel.open_process(
            [sys.executable, "-m", "torture.distant", self.name, str(self._file)],
            stdin=subprocess.PIPE,
            env=clean_environment(PYTHONPATH=str(Path(__file__).parent.parent)),
        )

    async def tell(self, port: int) -> None:
        """The server is there, on *port*."""
        assert self._process is not None and self._process.stdin is not None
        await self._process.stdin.send_all(f"{port}\n".encode())

    def stop(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def transcript(self) -> list[Line]:
        """Wait until it has seen all. Returns what it saw."""
        assert self._process is not None
        await self._process.wait()
        return msgspec.json.decode(self._file.read_bytes(), type=list[Line])

    async def end(self) -> None:
        """Leave nothing running."""
        if self._process is not None:
            self._process.kill()
            with trio.CancelScope(shield=True):
                await self._process.wait()
            assert self._process.stdin is not None
            await self._process.stdin.aclose()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


async def _main(name: str) -> list[Line]:
    """What *name* saw."""
    person, lives, ended = Person(name), Lives(), trio.Event()
    person.on_end = ended.set
    async with trio.open_nursery() as nursery:

        async def learn() -> None:
            rest = b""
            async for data in trio.lowlevel.FdStream(sys.stdin.fileno()):
                *ports, rest = (rest + data).split(b"\n")
                for port in ports:
                    lives.begin(int(port))
            sys.exit("nobody is there any more")

        nursery.start_soon(learn)
        nursery.start_soon(Client(person).run, lives)
        await ended.wait()
        nursery.cancel_scope.cancel()
    return person.transcript


if __name__ == "__main__":
    seen = trio.run(_main, sys.argv[1])
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(seen))
