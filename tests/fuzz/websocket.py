"""The WebSocket door: the HTTP request, and frames."""

import trio
from trio.testing import MockClock
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, Ping

from fuzz.pieces import ways
from net.wires import Browser, TinyWire
from triochat.net.upgrade import Granted, Upgrade
from triochat.net.websocket import WebSocketWire

LIMIT = 300
_ENOUGH = 1_000_000


def upgrade(data: bytes) -> None:
    """A request is answered once, the same however it arrives; what follows it is not lost."""
    for origins in ((), ("https://chat.example.org",), ("*",)):
        results = [_asked(pieces, origins) for pieces in ways(data)]
        assert results[1:] == results[:-1]
        answer = results[0][0]
        assert not answer or answer.startswith(b"HTTP/1.1 ")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.isascii() and body.isascii()
        assert all(line.strip() and b"\n" not in line for line in head.split(b"\r\n")[:-1])


def _asked(pieces: list[bytes], origins: tuple[str, ...]) -> tuple[bytes, bytes]:
    """The answer, and what is left for the WebSocket."""
    asked = Upgrade(origins)
    for number, piece in enumerate(pieces, 1):
        answer = asked.feed(piece)
        if isinstance(answer, Granted):
            assert b" 101 " in answer.answer.partition(b"\r\n")[0]
            return answer.answer, answer.rest + b"".join(pieces[number:])
        if answer is not None:
            assert answer.why.isprintable()
            return answer.answer, b""
    return b"", b""


def frames(data: bytes) -> None:
    """Frames are the same lines however they arrive; a line is never more than its message; the end has a reason."""
    trio.run(_frames, data, clock=MockClock())


async def _frames(data: bytes) -> None:
    results = [await _heard(pieces) for pieces in ways(data) if pieces]
    assert results[1:] == results[:-1]
    await _said(data)


async def _heard(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    """The lines that the server reads, and whether it ends the connection. Which of several reasons it has for that
    depends on how much of a frame has come."""
    tiny = TinyWire(_ENOUGH)
    wire = WebSocketWire(tiny, Connection(ConnectionType.SERVER), line_limit=LIMIT)
    tiny.arrives(*pieces)
    read, ended = b"", False
    while tiny.unread or wire._unread:
        await wire.readable()
        got = wire.read()
        read += got or b""
        if ended := got == b"":
            break
    assert len(wire._message) <= LIMIT
    ended = ended or wire._ended
    await wire.aclose()
    browser = Browser()
    browser.takes(bytes(tiny.pipe.taken))
    assert not browser.lines
    lines = read.split(b"\n")[:-1]
    assert b"\n".join([*lines, b""]) == read
    if lines and len(lines[-1]) > LIMIT:
        assert ended
        lines.pop()
    assert all(0 < len(line) <= LIMIT for line in lines)
    assert not ended or (browser.closed is not None and 1000 <= browser.closed <= 4999)
    return lines, ended


async def _said(data: bytes) -> None:
    """Each line of *data* is a message, in fragments with pings between them: it comes as that line."""
    messages = [message for message in data.split(b"\n") if len(message) <= LIMIT][:20]
    browser = Browser()
    sent = []
    for message in messages:
        middle = len(message) // 2
        sent.append(browser.frames.send(BytesMessage(data=message[:middle], message_finished=False)))
        sent.append(browser.frames.send(Ping(payload=message[:9])))
        sent.append(browser.frames.send(BytesMessage(data=message[middle:], message_finished=True)))
    tiny = TinyWire(_ENOUGH)
    wire = WebSocketWire(tiny, Connection(ConnectionType.SERVER), line_limit=LIMIT)
    read = b""
    for piece in sent:
        tiny.arrives(piece)
        read += wire.read() or b""
    expected = [line for message in messages if (line := message.rstrip(b"\r"))]
    assert read == b"".join(line + b"\n" for line in expected)
    browser.takes(bytes(tiny.pipe.taken))
    assert browser.pongs == [message[:9] for message in messages]
    whole = data[:LIMIT].rstrip(b"\r\n")  # with line ends inside, it is one line all the same, and a malformed one
    if whole:
        tiny.arrives(browser.says(whole))
        assert wire.read() == whole.replace(b"\n", b"\r") + b"\n"
