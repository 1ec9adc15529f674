"""What waits for one session.

Usually nothing does: `send` is the socket's own non-blocking method. What the socket does not take goes into a
bounded memory channel, and a writer task drains it and ends. A session whose channel holds more than the budget is
*parked*: no more log entries are queued, and when the writer has drained the channel it reads on in the log from
where the session stopped, until it is up to date.

    live --socket full--> queued --over budget--> parked --drained--> reading on --up to date--> queued --> live
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

import trio

from triochat.domain.audience import Audience
from triochat.domain.entry import LINES, Entry
from triochat.domain.user import Session
from triochat.fanout.render import LINE, encode_always
from triochat.ports import History, Span, StoreFault
from triochat.proto.caps import Cap

_CHANNEL_SLOTS = 1024
_JOIN_BYTES = 65_536
_PAGE = 256
"""Entries that are read from the log at once."""
_HARD_LIMIT = 4
"""Times the budget that private replies may fill before the session is cut."""


class _Replay(NamedTuple):
    """Stands in the channel where the newest *lines* of *span* are to be shown."""

    span: Span
    lines: int


_Item: TypeAlias = bytes | _Replay


class Wire(Protocol):
    """The connection below an outbox."""

    try_send: Callable[[bytes], int]
    """Take bytes now and return how many; BlockingIOError: none, other OSError: the peer is gone."""

    async def send_all(self, data: bytes) -> None:
        """Send all of *data*. Raises OSError or trio.BrokenResourceError when the peer is gone."""


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
        "_parked_at",
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
        self._ended: tuple[Span, ...] = ()  # logs left while parked, still to be read
        self._idle: trio.Event | None = None

    # -- Sink --

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
        if not self._enqueue(data) or self.waiting > self._delivery.budget * _HARD_LIMIT:
            self.fail("Too much output is waiting")
            return
        self._accepted = self._delivery.position()
        if self.waiting > self._delivery.budget:
            self._park()

    def queue(self, data: bytes) -> None:
        """Queue the rest of what the socket took in part, and everything that follows it."""
        if self._closed:
            return
        self._open()
        self._enqueue(data)

    def replay(self, audience: Audience, before: int, lines: int) -> None:
        """Show the newest *lines* of the log before the entry *before*, ahead of all that is put later."""
        if self._closed:
            return
        self._open()
        assert self._give is not None
        try:
            self._give.send_nowait(_Replay(Span(audience.log, 0, before), lines))
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

    @property
    def congested(self) -> bool:
        """True when the peer should read before more is done for it."""
        return self._give is not None and (self.parked or self.waiting > self._delivery.budget // 2)

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
            self._give, self._take = trio.open_memory_channel[_Item](_CHANNEL_SLOTS)
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
        if self._parked_at is None:
            self._parked_at = self._accepted
            self.send = len  # takes everything, keeps nothing: the log has it

    def _wake(self) -> None:
        if self._idle is not None:
            self._idle.set()
            self._idle = None

    # -- the writer --

    async def _write(self, take: trio.MemoryReceiveChannel[_Item]) -> None:
        """Send what waits, then read on in the log if the session was parked; ends when nothing is left."""
        try:
            while not self._closed:
                parts, replay = _take_all(take)
                if parts:
                    await self._send(b"".join(parts))
                if replay is not None:
                    await self._read_out([replay.span], newest=replay.lines)
                elif parts:
                    continue
                elif self._parked_at is not None:
                    await self._catch_up()
                else:
                    break
        except trio.TooSlowError:
            self.fail("Nothing was read for too long")
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            self.fail()
        except StoreFault:
            self.fail("What you missed cannot be read now")
        if not self._closed and self._give is not None:
            self._give.close()
            take.close()
            self._give = self._take = None
            self.send = self._wire.try_send
        self._wake()

    async def _send(self, data: bytes) -> None:
        with trio.fail_after(self._delivery.stall_timeout):
            await self._wire.send_all(data)
        self.waiting -= min(len(data), self.waiting)

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

    async def _read_out(self, spans: list[Span], *, newest: int = 0) -> None:
        while spans:
            entries = await self._delivery.history.read(
                spans, newest or _PAGE, newest=bool(newest), lines_only=bool(newest)
            )
            data = b"".join(encode_always(e, self.flavour) for e in entries if self._wants(e, replayed=bool(newest)))
            if data:
                with trio.fail_after(self._delivery.stall_timeout):
                    await self._wire.send_all(data)
            if newest or len(entries) < _PAGE:
                break
            spans = [span._replace(after=max(span.after, entries[-1].seq)) for span in spans]

    def _wants(self, entry: Entry, *, replayed: bool) -> bool:
        """Own lines come back only to those who asked for their echo, or as part of a room's earlier lines."""
        if replayed or entry.command not in LINES:
            return True
        session = self.session
        if session is None or session.user is None or entry.source != session.user.source:
            return True
        return bool(session.caps & Cap.ECHO_MESSAGE) and self.flavour != LINE


def _discard(data: bytes) -> int:
    return len(data)


def _take_all(take: trio.MemoryReceiveChannel[_Item]) -> tuple[list[bytes], _Replay | None]:
    """What waits, up to a portion or to a replay that has its place behind it."""
    parts: list[bytes] = []
    size = 0
    try:
        while size < _JOIN_BYTES:
            item = take.receive_nowait()
            if isinstance(item, _Replay):
                return parts, item
            parts.append(item)
            size += len(item)
    except (trio.WouldBlock, trio.EndOfChannel):
        pass
    return parts, None
