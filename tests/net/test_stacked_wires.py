"""TLS and WebSocket below a real outbox: however little the peer takes at a time, every line comes once, in order."""

from collections.abc import Sequence

import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked
from wsproto import ConnectionType
from wsproto.connection import Connection

from net.wires import Browser, TinyWire, TlsClient, server_context
from triochat.fanout.outbox import Delivery, Outbox
from triochat.journal.memory import MemoryStore
from triochat.net.tls import secure
from triochat.net.websocket import BINARY, TEXT, WebSocketWire
from triochat.net.wire import Wire

_ENOUGH = 100_000_000


class Stack:
    """An outbox over wires around a tiny one, and the peer at its far end."""

    def __init__(self, nursery: trio.Nursery, opcode: int | None) -> None:
        self.tiny = TinyWire(_ENOUGH)
        self.pipe = self.tiny.pipe
        self.wire: Wire = self.tiny
        self.client: TlsClient | None = None
        self.browser: Browser | None = None
        self.opcode = opcode
        self.lost_because: list[str] = []
        self.delivery = Delivery(nursery, MemoryStore(), lambda: 0, budget=_ENOUGH, stall_timeout=float("inf"))

    async def encrypt(self) -> None:
        self.client = client = TlsClient()
        async with trio.open_nursery() as nursery:

            async def shake() -> None:
                self.wire, rest = await secure(self.tiny, server_context(), client.hello())
                assert rest == b""

            nursery.start_soon(shake)
            await wait_all_tasks_blocked()
            self.tiny.arrives(client.answers(bytes(self.pipe.taken)))
        self.pipe.taken.clear()

    def open(self) -> Outbox:
        if self.opcode is not None:
            self.browser = Browser()
            frames = Connection(ConnectionType.SERVER)
            self.wire = WebSocketWire(self.wire, frames, self.opcode, line_limit=1000)
        self.pipe.room = 0
        return Outbox(self.wire, self.delivery, self)

    def lost(self, reason: str) -> None:
        self.lost_because.append(reason)

    def ping(self, payload: bytes) -> None:
        if self.browser is not None:
            data = self.browser.pings(payload)
            self.tiny.arrives(self.client.says(data) if self.client is not None else data)
            assert self.wire.read() is None

    @property
    def lines(self) -> list[bytes]:
        data = bytes(self.pipe.taken)
        if self.client is not None:
            data = self.client.takes(data)
        if self.browser is not None:
            self.browser.takes(data)
            return self.browser.lines
        return data.split(b"\r\n")[:-1]


def line(number: int, size: int) -> bytes:
    return b"%d %s\r\n" % (number, b"x" * size)


_SIZE = st.sampled_from([0, 1, 50, 121, 122, 123, 124, 300, 8000, 20_000])
_STEP = st.one_of(
    st.tuples(st.just("put"), st.lists(_SIZE, min_size=1, max_size=5)),
    st.tuples(st.just("sip"), st.sampled_from([1, 2, 3, 5, 40, 500, 17_000])),
    st.tuples(st.just("ping"), st.tuples(st.integers(0, 9), st.sampled_from([0, 1, 3, 100]))),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_STEP, max_size=30), st.booleans(), st.sampled_from([None, TEXT, BINARY]))
def test_every_line_comes_once_and_in_order(
    steps: Sequence[tuple[str, object]], encrypted: bool, opcode: int | None
) -> None:
    async def play() -> tuple[Stack, list[bytes]]:
        sent: list[bytes] = []
        async with trio.open_nursery() as nursery:
            stack = Stack(nursery, opcode)
            if encrypted:
                await stack.encrypt()
            outbox = stack.open()
            for action, value in steps:
                if action == "put":
                    assert isinstance(value, list)
                    lines = [line(len(sent) + i, size) for i, size in enumerate(value)]
                    sent += lines
                    outbox.put(b"".join(lines))
                elif action == "sip":
                    assert isinstance(value, int)
                    stack.pipe.read(value)
                else:
                    assert isinstance(value, tuple)
                    number, room = value
                    stack.pipe.room += room  # the writer does not know of it yet
                    stack.ping(b"%d" % number)
                await wait_all_tasks_blocked()
            stack.pipe.read(_ENOUGH)
            await wait_all_tasks_blocked()
            outbox.put(b"last\r\n")  # takes a waiting pong along
            assert outbox.live
            nursery.cancel_scope.cancel()
        return stack, [*(text[:-2] for text in sent), b"last"]

    stack, sent = trio.run(play)
    assert stack.lines == sent
    assert stack.lost_because == []
    if stack.browser is not None and any(action == "ping" for action, _ in steps):
        last = [value for action, value in steps if action == "ping"][-1]
        assert isinstance(last, tuple)
        assert stack.browser.pongs[-1] == b"%d" % last[0]
