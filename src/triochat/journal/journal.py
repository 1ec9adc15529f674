"""The task that orders, commits and hands on.

Submissions wait in a list; one task takes all that wait, commits their entries in one transaction (group commit:
while a commit is under way the next group gathers) and then hands the batch to the fan-out. So nobody sees an
entry that is not stored, and everybody sees entries in the same order.

The list is bounded by its readers: who submits looks at `full` between two lines of input. A memory channel of
capacity one rings the task.
"""

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence

import trio

from triochat.domain import multiline
from triochat.domain.audience import Sink
from triochat.domain.entry import Change, Entry, Submission
from triochat.domain.limits import Limits
from triochat.domain.tally import SLOW_COMMIT, SLOW_ON_LOOP, Tally
from triochat.ports import History, Store, StoreFault

_log = logging.getLogger("triochat.journal")

_TURN_BYTES = 256 * 1024
"""What one turn hands out at most, about: more is never queued for one session at once."""
_WAITING_BYTES = 8 * 1024 * 1024
"""What may wait in line, all together, before readers are told to wait."""
_LOOK_ROUND = 2
"""How often the event loop goes round before a group is taken. The first time it sees which sockets have something,
after the second all their readers have submitted it. Without this there would be two groups of half the size, one
gathering while the other is handed out, which costs twice the commits and twice the sends."""
_MOST_OVERDUE = 10_000
_LAST_WAIT = 1.0
"""Seconds that a cancelled task waits for its changes when they are being stored, so that it knows that they are."""
_OVERHEAD = 128
"""Bytes that a line has besides its text, about."""


class Journal:
    """Orders everything that sessions see. Submitting is synchronous; `run` does the rest."""

    def __init__(
        self,
        store: Store,
        fan_out: Callable[[Sequence[Submission]], None],
        *,
        most_waiting: int,
        wall_clock: Callable[[], float] = time.time,
        instance: str | None = None,
        tally: Tally | None = None,
    ) -> None:
        """*most_waiting* entries make the journal full. *instance* begins each msgid (default: random). *tally* is
        where commits are counted."""
        self._store = store
        self.history: History = store
        self._fan_out = fan_out
        self._most_waiting = most_waiting
        self._wall_clock = wall_clock
        self._instance = instance if instance is not None else secrets.token_hex(5)
        self._waiting: deque[Submission] = deque()
        self._waiting_bytes = 0
        self._ring, self._doorbell = trio.open_memory_channel[None](1)
        self._room = trio.lowlevel.ParkingLot()
        self._seq, self._last_ms = store.newest()
        self._handed_out = self._seq
        self._handed = 0  # submissions, since the start
        self._under_way = 0
        self.tally = tally or Tally()
        self.faulty = False
        """True while the store accepts no entries."""
        self._overdue: list[Change] = []  # changes of a world that has changed already, to be stored when possible
        self.commit_seconds = 0.0
        """How long the last commit took."""

    # -- submitting --

    @property
    def next_seq(self) -> int:
        """The seq that the next entry will get."""
        return self._seq + 1

    @property
    def handed_out(self) -> int:
        """The seq of the newest entry that was handed to the fan-out. The store may be ahead of it."""
        return self._handed_out

    def new_entry(
        self,
        source: str,
        command: str,
        params: Sequence[str],
        logs: tuple[str, ...] = (),
        account: str | None = None,
        tags: str = "",
    ) -> Entry:
        """An entry with the next seq, its msgid and its time. Submit it before making another."""
        self._seq = seq = self._seq + 1
        now = int(self._wall_clock() * 1000)
        if now > self._last_ms:
            self._last_ms = now
        return Entry(seq, f"{self._instance}-{seq}", self._last_ms, source, command, params, logs, account, tags)

    def submit(self, submission: Submission) -> None:
        """Put *submission* in line. Never blocks."""
        if submission.origin is not None:
            submission.origin.pending += 1
        self._waiting_bytes += _size(submission)
        waiting = self._waiting
        if not waiting:
            try:
                self._ring.send_nowait(None)
            except trio.WouldBlock:
                pass  # rung already
        waiting.append(submission)

    async def keep(self, changes: Sequence[Change]) -> None:
        """See ports.Journal."""
        ended = trio.Event()
        faults: list[Exception] = []

        def failed(fault: Exception) -> None:
            faults.append(fault)
            ended.set()

        submission = Submission(None, changes=tuple(changes), done=ended.set, failed=failed)
        self.submit(submission)
        try:
            await ended.wait()
        except trio.Cancelled:
            if submission in self._waiting:
                submission.changes = ()  # who wanted them has gone: they are not made
                raise
            with trio.move_on_after(_LAST_WAIT, shield=True):
                await ended.wait()
            if not ended.is_set():
                raise
        if faults:
            raise faults[0]

    @property
    def waiting(self) -> int:
        """How many submissions wait for the next commit."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """True when readers should wait before they submit more."""
        return len(self._waiting) >= self._most_waiting or self._waiting_bytes >= _WAITING_BYTES

    def adopt(self, limits: Limits) -> None:
        """These limits count from now on."""
        self._most_waiting = limits.journal_entries
        self._room.unpark_all()

    async def barrier(self) -> None:
        """See ports.Journal."""
        await trio.lowlevel.checkpoint()  # readers that have something to submit, too, come first
        mark = self._handed + self._under_way + len(self._waiting)
        while self._handed < mark:
            await self._room.park()

    async def room_to_submit(self) -> None:
        """Wait until the journal is no longer full."""
        while self.full:
            await self._room.park()

    async def settled(self, sink: Sink, most: int) -> None:
        """Wait until at most *most* submissions of *sink* are on their way."""
        while sink.pending > most:
            await self._room.park()

    # -- the task --

    async def run(self) -> None:
        """Commit and hand on until cancelled, or until `close` was called and nothing waits."""
        async for _ in self._doorbell:
            await self._work_off()
        await self._work_off()

    def close(self) -> None:
        """No more submissions will come; `run` returns when what waits is done."""
        self._ring.close()

    async def _work_off(self) -> None:
        while self._waiting:
            for _ in range(_LOOK_ROUND):
                await trio.lowlevel.checkpoint()
            await self._turn(self._take())

    def _take(self) -> list[Submission]:
        """The next batch: all that waits, unless its entries are too much for one turn. What goes to single sessions
        does not count there: a thousand people who join at once each get a long list of names."""
        if self._waiting_bytes <= _TURN_BYTES:
            batch = list(self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0
        else:
            batch, size = [], 0
            while self._waiting and size < _TURN_BYTES:
                submission = self._waiting.popleft()
                batch.append(submission)
                size += _size(submission) - _private_size(submission)
                self._waiting_bytes -= _size(submission)
        self._room.unpark_all()
        return batch

    async def _turn(self, batch: list[Submission]) -> None:
        self._under_way = len(batch)
        entries = [entry for s in batch if (entry := s.entry) is not None and entry.logs]
        changes = self._overdue + [change for s in batch if s.changes for change in s.changes]
        if entries or changes:
            started = time.perf_counter()
            try:
                await self._store.append(entries, changes)
            except StoreFault as fault:
                batch = self._refuse(batch, fault)
            except Exception as error:  # noqa: BLE001  # whatever is wrong with the store, the chat goes on
                _log.exception("the store failed unexpectedly")
                batch = self._refuse(batch, StoreFault(str(error)))
            else:
                self._overdue = []
                if self.faulty:
                    self.faulty = False
                    _log.warning("the store accepts entries again")
            self.commit_seconds = took = time.perf_counter() - started
            self.tally.commits.add(took)
            if took >= SLOW_COMMIT:
                self.tally.slow.note("commit", f"{len(entries)} entries, {len(changes)} changes", took)
        started = time.perf_counter()
        try:
            self._fan_out(batch)
        except Exception:  # noqa: BLE001  # a bug in rendering one entry must not end the server
            _log.exception("fan-out failed; clients catch up from the log when they reconnect")
        if (took := time.perf_counter() - started) >= SLOW_ON_LOOP:
            self.tally.slow.note("fan-out", f"{len(batch)} entries and replies", took)
        for submission in batch:
            if submission.entry is not None:
                self._handed_out = submission.entry.seq
            if submission.origin is not None:
                submission.origin.pending -= 1
            if submission.done is not None:
                submission.done()
        self._handed += len(batch)
        self._under_way = 0
        self._room.unpark_all()

    def _refuse(self, batch: list[Submission], fault: StoreFault) -> list[Submission]:
        """What still goes out when the entries of *batch* could not be stored.

        Lines of conversation become an honest error to their sender. Joins, modes and the like have changed the
        world already: hiding them would make every client's picture wrong, so they go out though no log has them.
        """
        if not self.faulty:
            self.faulty = True
            _log.error("cannot store entries, senders are told: %s", fault)
        for submission in batch:
            if submission.failed is not None:
                submission.failed(fault)
            elif not submission.refused:
                self._overdue += submission.changes
        if len(self._overdue) > _MOST_OVERDUE:  # the newest of each record is enough
            newest = {change[:2]: change for change in self._overdue}
            self._overdue = list(newest.values())
        return [
            Submission(None, origin=s.origin, after=s.refused) if s.refused or s.failed is not None else s
            for s in batch
        ]


def _size(submission: Submission) -> int:
    """About how many bytes a submission is to each session."""
    entry = submission.entry
    size = _private_size(submission) if submission.told else len(submission.after)
    if entry is not None:
        text = entry.params[-1] if entry.params else ""
        size += (_OVERHEAD + len(entry.tags)) * multiline.count(text) + len(text)
    return size


def _private_size(submission: Submission) -> int:
    """How many of them are for single sessions."""
    size = len(submission.after)
    for told in submission.told.values():
        size += len(told.instead) + len(told.besides)
    return size


def sequence_of(msgid: str) -> int:
    """The seq that stands in a msgid made here; 0 when there is none."""
    _, _, digits = msgid.rpartition("-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0
