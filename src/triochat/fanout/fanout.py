"""One scheduler turn's committed submissions to everybody who follows.

The strategy, each step measured (docs/performance.md):

* Entries are encoded once per flavour, joined per room and turn, and sent with one non-blocking `send` per member
  from this very loop: no task switch, no channel, no allocation per member.
* Only sessions that said, joined or left something in the turn ("special" ones) need bytes of their own. Theirs are
  cut from the joined bytes around their own entries.
* When a turn holds more than one run of one room's entries, sends are corked per session until the turn's end: the
  order that a session sees is the journal's, across rooms too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from triochat.domain.audience import Audience, Sink
from triochat.domain.entry import Entry, Submission
from triochat.fanout.render import encode, encode_always

_Observer = Callable[[Sequence[Submission]], None]


class FanOut:
    """Call it with each committed batch. Never blocks, never raises for a session's sake."""

    def __init__(self) -> None:
        self.position = 0
        """The seq of the newest entry handed out; during a call, of the newest in what is being handed out."""
        self.messages = 0
        """Entries handed out since the start."""
        self.deliveries = 0
        """Entries times the sessions that they were for, but for a few of those that joined or left in the same turn.
        Who is parked counts, too, and reads them later."""
        self.observers: list[_Observer] = []
        """Called with each batch after it was delivered: logging, monitors."""
        self._cork: dict[Sink, list[_Piece]] | None = None
        self._departures: list[tuple[Sink, str, int, int]] = []

    def __call__(self, batch: Sequence[Submission]) -> None:
        runs = list(_runs(batch))
        if len(runs) > 1:
            self._cork = {}
        for audience, run in runs:
            for submission in reversed(run):
                if submission.entry is not None:
                    self.position = submission.entry.seq
                    break
            if audience is None:
                for submission in run:
                    self._to_sessions(submission)
                    if submission.replay:
                        self._replay(submission)
                continue
            self._to_room(audience, run)
            if run[-1].replay:
                self._replay(run[-1])
        self._uncork()
        self._cork = None
        for observe in self.observers:
            observe(batch)
        for submission in batch:
            if submission.entry is not None:
                self.messages += 1

    # -- one room --

    def _to_room(self, audience: Audience, run: Sequence[Submission]) -> None:
        """Consecutive entries of one room. Who joins follows from its JOIN on, who leaves up to its PART."""
        own: dict[Sink, list[int]] = {}
        first: dict[Sink, int] = {}
        last: dict[Sink, int] = {}
        unechoed = 0
        for i, submission in enumerate(run):
            if submission.origin is not None:
                own.setdefault(submission.origin, []).append(i)
                if not submission.echo and submission.audiences:
                    unechoed += 1
            if not submission.audiences:
                continue  # who quits from no room may have left this one a moment ago, but does not leave it now
            for sink in submission.follow:
                first[sink] = i
                audience.add(sink, _seq(submission))
                own.setdefault(sink, [])
            for sink in submission.unfollow:
                last[sink] = i
                own.setdefault(sink, [])
        written: dict[int, _Written] = {}
        for flavour, group in audience.groups.items():
            written[flavour] = together = _Written(run, flavour)
            whole = together.whole
            size = len(whole)
            if not size:
                continue
            self.deliveries += len(group) * (len(run) - together.pieces.count(b""))
            cork = self._cork
            if cork is not None:
                piece = _Piece(whole, False, self.position)
                for sink in group:
                    if sink not in own and not sink.parked:
                        cork.setdefault(sink, []).append(piece)
                continue
            for sink in group:
                if sink in own:
                    continue
                try:
                    sent = sink.send(whole)
                except BlockingIOError:
                    sent = 0
                except OSError:
                    sink.fail()
                    continue
                if sent != size:
                    sink.queue(whole[sent:])
        self.deliveries -= unechoed
        for sink, mine in own.items():
            if sink.flavour not in written:  # a sender from outside the room
                written[sink.flavour] = _Written(run, sink.flavour)
            end = last.get(sink, len(run) - 1) + 1
            self._to_special(sink, audience, run, written[sink.flavour], mine, first.get(sink, 0), end)
        for submission in run:
            if submission.audiences:
                for sink in submission.unfollow:
                    self._depart(sink, audience, _seq(submission))

    def _to_special(
        self,
        sink: Sink,
        audience: Audience,
        run: Sequence[Submission],
        written: _Written,
        mine: Sequence[int],
        cursor: int,
        end: int,
    ) -> None:
        """One who did something in this run: the joined bytes from *cursor* to *end*, with its own entries (at the
        indexes *mine*) cut out or replaced."""
        if sink not in audience:
            end = 0  # it gets what is its own, and nothing of the room
        parts: list[tuple[bytes, bool, int]] = []  # bytes, whether they are private, up to which index they reach
        for i in mine:
            until = min(i, end)
            if cursor < until:
                parts.append((written.cut(cursor, until), False, until))
            submission = run[i]
            if submission.echo:
                parts.append((written.pieces[i], False, i + 1))
            if submission.after:
                parts.append((submission.after, True, i + 1))
            if cursor <= i:
                cursor = i + 1
        if cursor < end:
            parts.append((written.cut(cursor, end), False, end))
        if self._cork is None and sink.live:  # the usual case, in which places in the log do not matter
            if data := b"".join([part[0] for part in parts]):
                _send(sink, data)
            return
        pieces = [_Piece(data, private, _reach(run, until)) for data, private, until in parts]
        if self._cork is not None:
            self._cork.setdefault(sink, []).extend(pieces)
        else:
            self._hand_out(sink, pieces)

    # -- everything else --

    def _to_sessions(self, submission: Submission) -> None:
        """An entry that goes to named sessions, to the members of several rooms, or a reply that kept its place."""
        entry, origin = submission.entry, submission.origin
        if entry is not None:
            encoded: dict[int, bytes] = {}
            seen: set[Sink] = set()
            for audience in submission.audiences:
                for flavour, group in audience.groups.items():
                    data = encoded.get(flavour)
                    if data is None:
                        data = encoded[flavour] = encode(entry, flavour)
                    if not data:
                        continue
                    for sink in group:
                        if sink not in seen:
                            seen.add(sink)
                            if sink is not origin or submission.echo:
                                self._deliver(sink, data)
            for sink in submission.recipients:
                if sink is not origin and sink not in seen:
                    seen.add(sink)
                    self._deliver(sink, encode_always(entry, sink.flavour), private=True)
            self.deliveries += len(seen)
            if submission.echo and origin is not None and origin not in seen:
                self._deliver(origin, encode_always(entry, origin.flavour), private=True)
        for sink, told in submission.told.items():
            if told.instead:
                self._deliver(sink, told.instead)
            if told.besides:
                self._deliver(sink, told.besides, private=True)
        for audience in submission.audiences:
            for sink in submission.follow:
                audience.add(sink, self.position + 1)
            for sink in submission.unfollow:
                self._depart(sink, audience, self.position)
        if submission.after and origin is not None:
            self._deliver(origin, submission.after, private=True)

    def _replay(self, submission: Submission) -> None:
        self._uncork()
        if submission.origin is not None and submission.replay is not None:
            before = submission.entry.seq if submission.entry is not None else self.position + 1
            submission.origin.replay(submission.audiences[0], before, submission.replay)

    def _depart(self, sink: Sink, audience: Audience, seq: int) -> None:
        """*sink* follows no more. The outbox learns of it when what it was still meant to get has been delivered: a
        session that is parked by that very delivery reads the rest from the log."""
        since = audience.remove(sink)
        if since is None:
            return
        if self._cork is not None:
            self._departures.append((sink, audience.log, since, seq))
        else:
            sink.left(audience.log, since, seq)

    def _deliver(self, sink: Sink, data: bytes, *, private: bool = False) -> None:
        """*private* bytes are in no log: they are queued even for a session that does not keep up."""
        if sink.parked and not private:
            return
        if self._cork is not None:
            self._cork.setdefault(sink, []).append(_Piece(data, private, self.position))
        elif private:
            sink.put(data)
        else:
            _send(sink, data)

    def _uncork(self) -> None:
        """Hand out what was corked."""
        if self._cork is None:
            return
        for sink, pieces in self._cork.items():
            self._hand_out(sink, pieces)
        self._cork.clear()
        for sink, log, since, seq in self._departures:
            sink.left(log, since, seq)
        self._departures.clear()

    def _hand_out(self, sink: Sink, pieces: Sequence[_Piece]) -> None:
        """One send for all; but to a session for which bytes wait already piece by piece, each with its place in the
        log, as any of them may be the one that parks it. A parked session reads its own entries from the log, too."""
        if sink.live:
            if data := b"".join([piece.data for piece in pieces]):
                _send(sink, data)
            return
        reached = self.position
        for piece in pieces:
            if piece.private:
                sink.put(piece.data)
            elif piece.data and not sink.parked:
                self.position = piece.position
                _send(sink, piece.data)
        self.position = reached


class _Piece(NamedTuple):
    """Corked bytes, and how far in the log they reach."""

    data: bytes
    private: bool
    position: int


class _Written:
    """A run as one flavour sees it."""

    __slots__ = ("_offsets", "pieces", "whole")

    def __init__(self, run: Sequence[Submission], flavour: int) -> None:
        self.pieces = [encode(_entry(s), flavour) if s.audiences else b"" for s in run]
        self.whole = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        self._offsets: list[int] | None = None

    def cut(self, start: int, end: int) -> bytes:
        """The bytes of the entries from index *start* up to *end*."""
        if self._offsets is None:
            self._offsets = [0, *accumulate(map(len, self.pieces))]
        return self.whole[self._offsets[start] : self._offsets[end]]


def _send(sink: Sink, data: bytes) -> None:
    """What the loop over a room's members does in line, for one session: a live one may take less than all of it."""
    if sink.live:
        sink.put(data)
    else:
        sink.send(data)


def _entry(submission: Submission) -> Entry:
    entry = submission.entry
    assert entry is not None
    return entry


def _reach(run: Sequence[Submission], end: int) -> int:
    """The seq of the last entry before the index *end*, 0 when there is none."""
    return next((s.entry.seq for s in reversed(run[:end]) if s.entry is not None), 0)


def _seq(submission: Submission) -> int:
    return _entry(submission).seq


def _runs(batch: Sequence[Submission]) -> Iterator[tuple[Audience | None, Sequence[Submission]]]:
    """Split into the longest stretches of one room's entries in which no session joins or leaves twice, each with the
    room's audience, and other submissions, with None.

    What nobody but its origin sees, such as a reply, belongs to the stretch around it: it breaks none. A replay ends
    its stretch.
    """
    start = 0
    audience: Audience | None = None
    fresh = True  # the stretch holds nothing yet but what goes with any
    moved: set[Sink] = set()
    for i, submission in enumerate(batch):
        audiences = submission.audiences
        if not audiences and _goes_with_any(submission):
            continue
        elsewhere = submission.recipients or submission.told
        alone = len(audiences) == 1 and submission.entry is not None and not elsewhere
        here = audiences[0] if alone else None
        moves = [*submission.follow, *submission.unfollow] if submission.follow or submission.unfollow else ()
        if not fresh and (here is None or here is not audience or not moved.isdisjoint(moves)):
            yield audience, batch[start:i]
            start, moved = i, set()
        audience, fresh = here, False
        moved.update(moves)
        if submission.replay:
            yield audience, batch[start : i + 1]
            start, audience, fresh, moved = i + 1, None, True, set()
    if start < len(batch):
        yield audience, batch[start:]


def _goes_with_any(submission: Submission) -> bool:
    """Of one without audiences: whether nobody but its origin sees it."""
    return not (submission.recipients or submission.echo or submission.told)
