"""A socket whose peer reads when the test says so."""

import trio


class Pipe:
    """A socket with room for some bytes; the test reads them and so makes room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = bytearray()
        self.readable = trio.Event()
        self.broken = False

    def try_send(self, data: bytes) -> int:
        if self.broken:
            raise ConnectionResetError
        if self.room <= 0:
            raise BlockingIOError
        part = data[: self.room]
        self.room -= len(part)
        self.taken += part
        return len(part)

    async def send_some(self, data: memoryview) -> int:
        while True:
            try:
                return self.try_send(bytes(data))
            except BlockingIOError:
                await self.readable.wait()

    def read(self, more: int) -> None:
        """The peer reads: there is room for *more* bytes."""
        self.room += more
        self.readable.set()
        self.readable = trio.Event()

    @property
    def lines(self) -> list[str]:
        """What was taken."""
        lines = self.taken.decode().split("\r\n")
        assert lines.pop() == "", "a line is cut"
        return lines

    @property
    def texts(self) -> list[str]:
        """The last parameters."""
        return [line.rpartition(":")[2] for line in self.lines]
