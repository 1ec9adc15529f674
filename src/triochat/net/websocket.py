"""WebSocket around a wire: one IRC line a message, without its line end.

Specifications: RFC 6455, https://ircv3.net/specs/extensions/websocket. Frames are read by wsproto; those with lines
are written here, as the same bytes go to many. Compression is not offered: see RFC 7692 section 8 and the bombs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from functools import lru_cache
from typing import Final

import trio
from wsproto.connection import Connection, ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping
from wsproto.frame_protocol import CloseReason

from triochat.domain.throttle import Throttle
from triochat.net.upgrade import Granted, Upgrade
from triochat.net.wire import Wire, receive, send_all

TEXT: Final = 0x81
BINARY: Final = 0x82
"""First byte of a frame that holds a whole message."""

_READ_PORTION = 2048
"""Bytes that are read as frames at once: several hundred frames, a few milliseconds of work."""
_SEND_PORTION = 16_384
_IDLE_RATE = 10.0
_IDLE_BURST = 100
"""Frames that say nothing (pings, fragments, empty messages) a second, and at once. Lines are counted elsewhere."""


class NoWebSocket(Exception):
    """The peer asked for something else, and was answered."""


async def accept(
    wire: Wire, data: bytes, origins: Sequence[str], line_limit: int
) -> tuple[WebSocketWire, str | None]:
    """Answer the HTTP request that begins with *data*. Returns the wire from then on, and from where the request was
    forwarded, if a proxy says so. Raises NoWebSocket, OSError or trio.BrokenResourceError. A
    deadline is the caller's."""
    upgrade = Upgrade(origins)
    while True:
        answer = upgrade.feed(data or await receive(wire))
        if answer is not None:
            break
        data = b""
    await send_all(wire, answer.answer)
    if not isinstance(answer, Granted):
        raise NoWebSocket(answer.why)
    opcode = BINARY if answer.binary else TEXT
    web = WebSocketWire(wire, answer.frames, opcode, unread=answer.rest, line_limit=line_limit)
    return web, answer.forwarded


class WebSocketWire:
    """A wire (see net.wire) that takes whole lines and sends each as a message.

    A line counts as taken when its frame is on its way whole. When only a part of a frame is, that line is offered
    again (it waits in the outbox), and the rest of the frame, which is kept here, is what is sent for it.
    """

    __slots__ = (
        "_code",
        "_control",
        "_ended",
        "_frames",
        "_limit",
        "_message",
        "_opcode",
        "_owed",
        "_rest",
        "_throttle",
        "_unread",
        "_wire",
    )

    def __init__(
        self, wire: Wire, frames: Connection, opcode: int = TEXT, *, unread: bytes = b"", line_limit: int
    ) -> None:
        """*frames* has shaken hands; *unread* is what came already; *opcode* is TEXT or BINARY. A message of more
        than *line_limit* bytes is handed on as such a line, and the rest is not read."""
        self._wire = wire
        self._frames = frames
        self._opcode = opcode
        self._limit = line_limit
        self._throttle = Throttle(_IDLE_RATE, _IDLE_BURST, trio.current_time())
        self._unread = unread
        """Bytes that have arrived and are still to be read as frames."""
        self._message = b""
        """The message that has not ended yet."""
        self._ended = False
        self._code: int = CloseReason.NORMAL_CLOSURE
        self._rest = b""
        """Of the frame that has begun, what is not on its way."""
        self._owed = 0
        """How many offered bytes to count as taken when it is."""
        self._control = b""
        """A control frame to send when no frame has begun. Of several pings, the last is answered (section 5.5.3)."""

    # -- reading --

    def readable(self) -> Awaitable[object]:
        """See Wire."""
        if self._ended or self._unread:
            return trio.lowlevel.checkpoint()  # noqa: ASYNC105  # the caller awaits it
        return self._wire.readable()

    def read(self) -> bytes | None:
        """See Wire. Bytes are lines with LF behind each."""
        if self._ended:
            return b""
        if not self._unread:
            data = self._wire.read()
            if not data:
                return data
            self._unread = data
        portion, self._unread = self._unread[:_READ_PORTION], self._unread[_READ_PORTION:]
        self._frames.receive_data(portion)
        lines: list[bytes] = []
        for event in self._frames.events():
            if not self._take(event, lines):
                break
        self._send_control()
        return b"".join(lines) or (b"" if self._ended else None)

    def _take(self, event: Event, lines: list[bytes]) -> bool:
        """Add what *event* says to *lines*; False when it is the last."""
        if isinstance(event, Message):
            data = event.data if isinstance(event, BytesMessage) else event.data.encode()
            message = self._message + bytes(data) if self._message else bytes(data)
            if len(message) > self._limit:
                self._end(CloseReason.MESSAGE_TOO_BIG)
                lines.append(_one_line(message))  # refused like any line that is too long
            elif not event.message_finished:
                self._message = message
                if event.frame_finished:
                    self._spend()
            else:
                self._message = b""
                line = message.rstrip(b"\r\n")
                if line:
                    lines.append(_one_line(line))
                else:
                    self._spend()
        elif isinstance(event, CloseConnection):
            self._end(event.code)
        else:
            if isinstance(event, Ping):
                self._control = self._frames.send(event.response())
            self._spend()
        return not self._ended

    def _spend(self) -> None:
        """Count a frame that says nothing: there are only so many."""
        if not self._throttle.allow(trio.current_time()):
            self._end(CloseReason.POLICY_VIOLATION)

    def _end(self, code: int) -> None:
        self._ended = True
        self._message = b""
        self._code = CloseReason.NORMAL_CLOSURE if code == CloseReason.NO_STATUS_RCVD else code

    # -- sending --

    def try_send(self, data: bytes, /) -> int:
        """See Wire."""
        taken = 0
        while self._begun:
            self._rest = self._rest[_sent(self._wire, self._rest) :]
            if self._rest:
                return taken
            taken += self._owed
            self._owed = 0
        if lines := data[taken:]:
            frames = _framed(lines, self._opcode)
            taken += self._account(lines, frames, _sent(self._wire, frames))
        return taken

    async def send_some(self, data: memoryview) -> int:
        """See Wire."""
        taken = 0
        while not taken:
            # It waits only while a frame has begun: then nothing else comes between.
            while self._begun and not taken:
                self._rest = self._rest[await self._wire.send_some(memoryview(self._rest)) :]
                if not self._rest:
                    taken, self._owed = self._owed, 0
            if not taken:
                lines = _whole_lines(data)
                frames = _framed(lines, self._opcode)
                taken = self._account(lines, frames, _sent(self._wire, frames))
        self._send_control()
        return taken

    @property
    def _begun(self) -> bool:
        """True when something must be sent before lines. A control frame begins as soon as no other is under way."""
        if not self._rest and self._control:
            self._rest, self._control = self._control, b""
        return bool(self._rest)

    def _account(self, lines: bytes, frames: bytes, sent: int) -> int:
        """Of *frames*, the first *sent* bytes are on their way: keep the rest of the frame that has begun, and return
        how many bytes of *lines* are taken."""
        if sent == len(frames):
            return len(lines)
        taken = at = 0
        for line in _split(lines):
            size = len(line) + 1
            end = at + len(_frame(line, self._opcode))
            if end > sent:
                self._rest = frames[sent:end]
                self._owed = size
                break
            taken, at = taken + size, end
        return taken

    def _send_control(self) -> None:
        """Send a control frame if that goes now; else it goes with the next lines."""
        if not self._rest and self._begun:
            self._rest = self._rest[_sent(self._wire, self._rest) :]

    async def aclose(self) -> None:
        """See Wire."""
        open_still = self._frames.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING)
        if open_still and not self._rest:
            try:
                _sent(self._wire, self._frames.send(CloseConnection(code=self._code)))
            except OSError:
                pass  # the peer was first
        await self._wire.aclose()


def _sent(wire: Wire, data: bytes) -> int:
    """How many bytes go out now."""
    try:
        return wire.try_send(data)
    except BlockingIOError:
        return 0


def _one_line(message: bytes) -> bytes:
    """*message* with a line end. A break inside must not make a second line, of which its sender may know nothing: as
    a bare CR it makes the line malformed."""
    return message.replace(b"\n", b"\r") + b"\n"


def _whole_lines(data: memoryview) -> bytes:
    """A portion of *data* that ends with a line."""
    portion = bytes(data[:_SEND_PORTION])
    return portion[: portion.rfind(b"\n") + 1] or bytes(data)


def _split(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


@lru_cache(maxsize=2)  # in a room the same bytes go to many, one after another
def _framed(data: bytes, opcode: int) -> bytes:
    """Each line of *data* as a message."""
    return b"".join([_frame(line, opcode) for line in _split(data)])


def _frame(line: bytes, opcode: int) -> bytes:
    """A message of one frame, without the line's CR (RFC 6455 section 5.2)."""
    if line[-1:] == b"\r":
        line = line[:-1]
    size = len(line)
    if size < 126:
        return b"%c%c%b" % (opcode, size, line)
    if size < 65_536:
        return b"%c\x7e%b%b" % (opcode, size.to_bytes(2), line)
    return b"%c\x7f%b%b" % (opcode, size.to_bytes(8), line)
