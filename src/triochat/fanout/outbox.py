"""What waits for one session.

Usually nothing does: `send` is the socket's own non-blocking method. What the socket does not take goes into a
bounded memory channel, and a writer task drains it and ends. A session whose channel holds more than the budget is
*parked*: no more log entries are queued, and when the writer has drained the channel it reads on in the log from
where the session stopped, until it is up to date.

    live --socket full--> queued --over budget--> parked --drained--> reading on --up to date--> queued --> live

Where a session was parked, a mark stands in the channel: what is put later, such as replies, comes after the lines
that were missed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

import trio

from triochat.domain.audience import Audience
from triochat.domain.entry import Replay
from triochat.domain.renames import under
from triochat.domain.user import Session
from triochat.fanout.missed import mask_of, missed
from triochat.fanout.render import encode_earlier
from triochat.ports import History, Span, StoreFault

_log = logging.getLogger("triochat.fanout")

_SMALLEST = 16
"""Bytes of the shortest line: so many slots that a channel is full of bytes before it is full of lines."""
_JOIN_BYTES = 65_536
_PAGE = 256
"""Entries that are read from the log at once."""
_PRIVATE_BYTES = 1024 * 1024
"""Bytes above the budget that may wait before the session is cut: the rest of one turn, and private replies, which no
log keeps."""


class _Replay(NamedTuple):
    """Stands in the channel where the newest *lines* of *span* are to be shown, as lines of the room *name*."""

    span: Span
    lines: int
    name: str


class _CatchUp:
    """Stands in the channel where the session was parked."""


_CATCH_UP = _CatchUp()
_Item: TypeAlias = bytes | _Replay | _CatchUp


class Wire(Protocol):
    """The connection below an outbox."""

    def try_send(self, data: bytes, /) -> int:
        """Take bytes now and return how many; BlockingIOError: none, other OSError: the peer is gone."""

    async def send_some(self, data: memoryview) -> int:
        """Wait until the peer takes bytes, and return how many. Raises OSError or trio.BrokenResourceError when it is
        gone."""


class Owner(Protocol):
    """The connection that an outbox belongs to."""

    def lost(self, reason: str) -> None:
        """The session cannot go on. Called at most once."""


class Delivery:
    """What all outboxes of a server share."""

    def __init__(
        self,
        nursery: trio.Nursery,
        history: History,
        position: Callable[[], int],
        *,
        budget: int,
        stall_timeout: float,
    ) -> None:
        """*position* tells the seq of the newest entry fanned out. Writers run in *nursery*; one that cannot send
        for *stall_timeout* seconds ends its session."""
        self.nursery = nursery
        self.history = history
        self.position = position
        self.budget = budget
        self.parkings = 0
        """How often a session was parked."""
        self.stall_timeout = stall_timeout


class Outbox:
    """The Sink (see domain.audience) of one session."""

    __slots__ = (
        "_accepted",
        "_closed",
        "_delivery",
        "_ended",
        "_give",
        "_idle",
        "_owner",
        "_parked_as",
        "_parked_at",
        "_since",
        "_take",
        "_wire",
        "flavour",
        "follows",
        "pending",
        "send",
        "session",
        "waiting",
    )

    def __init__(self, wire: Wire, delivery: Delivery, owner: Owner) -> None:
        self._wire = wire
        self._delivery = delivery
        self._owner = owner
        self.send: Callable[[bytes], int] = wire.try_send
        self.flavour = 0
        self.pending = 0
        self.follows: dict[Audience, int] = {}
        self.session: Session | None = None
        self.waiting = 0
        """Bytes in the channel and in the writer's hands."""
        self._closed = False
        self._give: trio.MemorySendChannel[_Item] | None = None
        self._take: trio.MemoryReceiveChannel[_Item] | None = None
        self._accepted = 0  # while queued: the newest entry that is sent or queued
        self._parked_at: int | None = None  # the newest entry that was queued before parking
        self._parked_as = ""  # by what mask the session's user was known then
        self._ended: tuple[Span, ...] = ()  # logs left while parked, still to be read
        self._idle: trio.Event | None = None
        self._since: float | None = None  # when the writer began to wait for the peer

    # -- Sink --

    @property
    def live(self) -> bool:
        """True when nothing waits."""
        return self._give is None

    @property
    def parked(self) -> bool:
        """True while log entries are not queued."""
        return self._parked_at is not None

    def put(self, data: bytes) -> None:
        """Send or queue *data*, which is for this session alone. Never blocks, never reorders."""
        if self._give is None:
            try:
                sent = self.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.fail()
                return
            if sent != len(data):
                self.queue(data[sent:])
            return
        if not self._enqueue(data) or self.waiting > self._delivery.budget + _PRIVATE_BYTES:
            self.fail("Too much output is waiting")

    def queue(self, data: bytes) -> None:
        """Queue the rest of what the socket took in part, and everything that follows it."""
        if self._closed:
            return
        self._open()
        self._enqueue(data)

    def replay(self, audience: Audience, before: int, replay: Replay) -> None:
        """See Sink."""
        if self._closed:
            return
        self._open()
        assert self._give is not None
        try:
            self._give.send_nowait(_Replay(Span(audience.log, replay.after, before), replay.lines, replay.name))
        except trio.WouldBlock:
            pass  # a peer that has a full channel before it sees its first room can do without earlier lines

    def left(self, log: str, after: int, until: int) -> None:
        """While parked, remember that entries from *after* to *until* are still to be read."""
        if self._parked_at is not None:
            self._ended += (Span(log, max(self._parked_at, after - 1), until + 1),)

    def fail(self, reason: str = "Connection lost") -> None:
        """The session cannot go on: take no more bytes and have it ended."""
        if not self._closed:
            self.close()
            self._owner.lost(reason)

    # -- for the connection --

    def rewire(self, wire: Wire) -> None:
        """Go on over *wire*. Nothing may wait yet."""
        if not self._closed:
            self._wire = wire
            self.send = wire.try_send

    @property
    def congested(self) -> bool:
        """True when the peer should read before more is done for it."""
        return self._give is not None and (self.parked or self.waiting > self._delivery.budget // 2)

    @property
    def stuck_s(self) -> float | None:
        """For how many seconds the peer has taken nothing of what waits; None = nothing waits for it."""
        return None if self._since is None else trio.current_time() - self._since

    async def relieved(self) -> None:
        """When congested, wait until nothing waits for the peer any more."""
        if self.congested:
            await self.drained()

    async def drained(self) -> None:
        """Wait until nothing waits for the peer any more."""
        while self._give is not None and not self._closed:
            if self._idle is None:
                self._idle = trio.Event()
            await self._idle.wait()

    def close(self) -> None:
        """Take no more bytes; what waits is dropped. Idempotent."""
        self._closed = True
        self.send = _discard
        if self._give is not None and self._take is not None:
            self._give.close()
            self._take.close()
        self._wake()

    # -- queueing --

    def _open(self) -> None:
        """From now on everything goes through the channel, and the writer task drains it."""
        if self._give is None:
            slots = (self._delivery.budget + _PRIVATE_BYTES) // _SMALLEST + 16
            self._give, self._take = trio.open_memory_channel[_Item](slots)
            self._accepted = self._delivery.position()
            self.send = self._send_queued
            self._delivery.nursery.start_soon(self._write, self._take)

    def _send_queued(self, data: bytes) -> int:
        """Stands in `send` while the channel is open: queue whole log entries, or park."""
        if self.waiting + len(data) > self._delivery.budget or not self._enqueue(data):
            self._park()
        else:
            self._accepted = self._delivery.position()
        return len(data)

    def _enqueue(self, data: bytes) -> bool:
        assert self._give is not None
        try:
            self._give.send_nowait(data)
        except trio.WouldBlock:
            return False
        except trio.ClosedResourceError:
            return True
        self.waiting += len(data)
        return True

    def _park(self) -> None:
        if self._parked_at is None and self._give is not None:
            try:
                self._give.send_nowait(_CATCH_UP)
            except trio.WouldBlock:
                self.fail("Too much output is waiting")
                return
            except trio.ClosedResourceError:
                return
            self._delivery.parkings += 1
            self._parked_at = self._accepted
            self._parked_as = mask_of(self.session)
            self.send = len  # takes everything, keeps nothing: the log has it

    def _wake(self) -> None:
        if self._idle is not None:
            self._idle.set()
            self._idle = None

    # -- the writer --

    async def _write(self, take: trio.MemoryReceiveChannel[_Item]) -> None:
        """Send what waits, reading on in the log where the channel says so; ends when nothing is left."""
        try:
            while not self._closed:
                parts, mark = _take_all(take)
                if parts:
                    data = b"".join(parts)
                    await self._send(data)
                    self.waiting -= len(data)
                if isinstance(mark, _Replay):
                    await self._show_earlier(mark)
                elif mark is not None:
                    await self._catch_up()
                elif not parts:
                    break
        except trio.TooSlowError:
            self.fail("Nothing was read for too long")
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            self.fail()
        except StoreFault:
            self.fail("What you missed cannot be read now")
        except _Forgotten:
            self.fail("What you missed is no longer kept")
        except Exception:  # noqa: BLE001  # a bug in writing one entry must end one session, not the server
            _log.exception("a session was ended by an error while writing to it")
            self.fail("Internal error")
        if not self._closed and self._give is not None:
            self._give.close()
            take.close()
            self._give = self._take = None
            self.send = self._wire.try_send
        self._wake()

    async def _send(self, data: bytes) -> None:
        """Send all of *data*; the deadline is for a peer that takes nothing, not for one that is slow."""
        view = memoryview(data)
        try:
            while view:
                self._since = trio.current_time()
                with trio.fail_after(self._delivery.stall_timeout):
                    view = view[await self._wire.send_some(view) :]
        finally:
            self._since = None

    async def _catch_up(self) -> None:
        """Read from where the session was parked up to now; what is fanned out meanwhile queues behind."""
        assert self._parked_at is not None
        after, until = self._parked_at, self._delivery.position()
        spans = [Span(a.log, max(after, since - 1), until + 1) for a, since in self.follows.items()]
        spans += self._ended
        self._ended = ()
        self._parked_at = None
        self._accepted = until
        self.send = self._send_queued
        await self._read_out(spans)

    async def _show_earlier(self, replay: _Replay) -> None:
        entries = await self._delivery.history.read([replay.span], replay.lines, newest=True, lines_only=True)
        if data := b"".join([encode_earlier(under(entry, replay.name), self.flavour) for entry in entries]):
            await self._send(data)

    async def _read_out(self, spans: list[Span]) -> None:
        history = self._delivery.history
        while spans:
            entries = await history.read(spans, _PAGE)
            for span in spans:
                if await history.kept_from(span.log) > span.after + 1:
                    raise _Forgotten
            if data := missed(entries, self.session, self.flavour, self._parked_as):
                await self._send(data)
            if len(entries) < _PAGE:
                break
            spans = [span._replace(after=max(span.after, entries[-1].seq)) for span in spans]


class _Forgotten(Exception):
    """A part of what was missed is no longer in the log."""


def _discard(data: bytes) -> int:
    return len(data)


def _take_all(take: trio.MemoryReceiveChannel[_Item]) -> tuple[list[bytes], _Replay | _CatchUp | None]:
    """What waits, up to a portion or to a mark that has its place behind it."""
    parts: list[bytes] = []
    size = 0
    try:
        while size < _JOIN_BYTES:
            item = take.receive_nowait()
            if not isinstance(item, bytes):
                return parts, item
            parts.append(item)
            size += len(item)
    except (trio.WouldBlock, trio.EndOfChannel):
        pass
    return parts, None
