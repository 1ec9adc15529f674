"""Standard input and output as Trio streams.

Each call is made in a worker thread: these files may be terminals, pipes or disks, and are shared with other
processes, so that they must not be made non-blocking. A call that is cancelled is left behind in its thread, which
dies with the process; `os` functions hold no lock that could then delay the exit.
"""

import errno
import os

import trio

_CHUNK = 64 * 1024


class InputFile(trio.abc.ReceiveStream):
    """Reads file descriptor *fd*, which stays open."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        try:
            return await trio.to_thread.run_sync(os.read, self._fd, max_bytes or _CHUNK, abandon_on_cancel=True)
        except OSError as error:
            if error.errno == errno.EIO:  # the terminal is gone
                return b""
            raise trio.BrokenResourceError from error

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


class OutputFile(trio.abc.SendStream):
    """Writes to file descriptor *fd*, which stays open."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        try:
            await trio.to_thread.run_sync(_write, self._fd, bytes(data), abandon_on_cancel=True)
        except OSError as error:
            raise trio.BrokenResourceError from error

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
