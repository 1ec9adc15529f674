"""Somebody at a console, over streams in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
import trio.testing

from admin.small_server import SmallServer
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.peer import Limits

PROMPT = "> "
CTRL_C = b"\xff\xf4\xff\xfd\x06"
"""What telnet sends for it."""


class Operator:
    """The far end of a console's stream."""

    def __init__(self, stream: trio.abc.Stream, cancel: trio.CancelScope) -> None:
        self.stream = stream
        self.cancel = cancel

    async def type(self, data: bytes | str) -> None:
        await self.stream.send_all(data.encode() if isinstance(data, str) else data)

    async def until(self, end: str = PROMPT) -> str:
        """What is shown up to *end*, which must come."""
        shown = b""
        while not shown.endswith(end.encode()):
            data = await self.stream.receive_some(1)
            assert data, f"closed after {shown!r}"
            shown += data
        return shown.decode("latin-1" if b"\xff" in shown else "utf-8")

    async def do(self, line: str, end: str = PROMPT) -> str:
        """Type a line; what is shown until the next prompt, without it and without line ends."""
        await self.type(f"{line}\n")
        return (await self.until(end)).removesuffix(end).strip()

    async def rest(self) -> str:
        """All that is still shown until the console hangs up."""
        shown = b""
        while data := await self.stream.receive_some(4096):
            shown += data
        return shown.decode("utf-8", "replace")


@asynccontextmanager
async def at_console(
    server: SmallServer, password: str | None = None, limits: Limits | None = None, console: Console | None = None
) -> AsyncIterator[Operator]:
    """Connect to a console; at the end hang up, and the console must end by itself."""
    ours, theirs = trio.testing.memory_stream_pair()
    console = console or Console(server, Login(password), limits)
    scope = trio.CancelScope()

    async def serve() -> None:
        with scope:
            await console.serve(theirs, "192.0.2.1", 4711)

    with trio.fail_after(10_000_000):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            yield Operator(ours, scope)
            await ours.aclose()


async def watching(server: SmallServer, operator: Operator, line: str = "monitor") -> None:
    """Start a monitor, up to where it shows what happens."""
    await operator.until()
    await operator.type(f"{line}\n")
    await operator.until("Enter, q or Ctrl-C stops.\r\n")
    await trio.testing.wait_all_tasks_blocked()
