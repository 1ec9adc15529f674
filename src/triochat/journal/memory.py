"""Logs in memory: nothing survives the process, and each log keeps its newest entries only."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice

import trio

from triochat.domain.entry import LINES, Change, Entry, Forgetting, Record, Sent
from triochat.journal.retention import DAY_MS
from triochat.journal.searching import Matcher, Wanted
from triochat.ports import Span

_MOST_LOGS = 4096
_LINES_AT_ONCE = 500
"""Lines that are looked at before others have their turn."""
_MOST_SENT = 100_000


class MemoryStore:
    """Keeps the newest *per_log* entries of each log, and `tidy` leaves of them *keep_days* days; 0 = all."""

    def __init__(self, per_log: int = 10_000, *, keep_days: int = 0) -> None:
        self._keep_ms = keep_days * DAY_MS
        self._per_log = per_log
        self._logs: dict[str, deque[Entry]] = {}
        self._dropped: dict[str, int] = {}
        self._forgotten = 0  # the newest entry of all logs that are no more
        self._last_seq = self._last_ms = 0
        self._sent: dict[str, Sent] = {}
        self._records: dict[str, dict[str, str]] = {}

    async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
        """Keep *entries*, make *changes*. Never waits."""
        logs = self._logs
        for entry in entries:
            for name in entry.logs:
                log = logs.get(name)
                if log is None:
                    if len(logs) >= _MOST_LOGS:  # the rooms that have been silent for longest are forgotten
                        silent = min(logs, key=lambda name: logs[name][-1].seq if logs[name] else 0)
                        if logs[silent]:
                            self._forgotten = max(self._forgotten, logs[silent][-1].seq)
                        del logs[silent]
                        self._dropped.pop(silent, None)
                    log = logs[name] = deque(maxlen=self._per_log)
                    if self._forgotten:  # it may be one of those
                        self._dropped[name] = self._forgotten
                if len(log) == self._per_log:
                    self._dropped[name] = log[0].seq
                log.append(entry)
        if entries:
            self._last_seq, self._last_ms = entries[-1].seq, entries[-1].time_ms
        for change in changes:
            self._change(change)

    def _change(self, change: Change) -> None:
        if isinstance(change, Record):
            records = self._records.setdefault(change.kind, {})
            if change.value is None:
                records.pop(change.key, None)
            else:
                records[change.key] = change.value
            return
        if isinstance(change, Sent):
            self._sent[change.id] = change
            if len(self._sent) > _MOST_SENT:
                del self._sent[next(iter(self._sent))]
            return
        if isinstance(change, Forgetting):
            for name in [name for name in self._logs if name.startswith(change.prefix)]:
                del self._logs[name]
            return
        log = self._logs.get(change.log, ())
        index = bisect_left(log, change.seq, key=lambda entry: entry.seq)
        if index < len(log) and log[index].seq == change.seq:
            del self._logs[change.log][index]

    def records(self, kind: str) -> dict[str, str]:
        """See ports.Store."""
        return dict(self._records.get(kind, {}))

    async def read(
        self, spans: Sequence[Span], limit: int, *, newest: bool = False, lines_only: bool = False
    ) -> list[Entry]:
        """See ports.History."""
        parts = [self._part(span, newest, lines_only) for span in spans]
        found: list[Entry] = []
        for entry in merge(*parts, key=lambda entry: -entry.seq if newest else entry.seq):
            if found and found[-1] is entry:
                continue
            if len(found) == limit:
                break
            found.append(entry)
        if newest:
            found.reverse()
        return found

    def _part(self, span: Span, newest: bool, lines_only: bool) -> Iterable[Entry]:
        log = self._logs.get(span.log)
        if not log:
            return []
        first = bisect_left(log, span.after + 1, key=lambda entry: entry.seq)
        last = len(log) if span.before is None else bisect_left(log, span.before, key=lambda entry: entry.seq)
        part = islice(reversed(log), len(log) - last, len(log) - first) if newest else islice(log, first, last)
        return [entry for entry in part if entry.command in LINES] if lines_only else part

    async def logs(self, prefix: str) -> list[str]:
        """See ports.History."""
        return [name for name in self._logs if name.startswith(prefix)]

    async def sent(self, id: str) -> Sent | None:
        """See ports.History."""
        return self._sent.get(id)

    async def locate(self, log: str, msgid: str) -> int | None:
        """See ports.History."""
        return next((entry.seq for entry in self._logs.get(log, ()) if entry.msgid == msgid), None)

    async def find(self, msgid: str, prefix: str) -> tuple[str, int] | None:
        """See ports.History."""
        for log in self._logs:
            if log.startswith(prefix) and (seq := await self.locate(log, msgid)) is not None:
                return log, seq
        return None

    async def kept_from(self, log: str) -> int:
        """See ports.History."""
        if log not in self._logs and self._forgotten:
            return self._forgotten + 1
        return self._dropped.get(log, -1) + 1

    async def position_at(self, log: str, time_ms: int) -> int:
        """See ports.History."""
        entries = self._logs.get(log)
        if not entries:
            return self._last_seq + 1
        index = bisect_left(entries, time_ms, key=lambda entry: entry.time_ms)
        return entries[index].seq if index < len(entries) else self._last_seq + 1

    async def search(
        self,
        spans: Sequence[Span],
        text: str,
        *,
        sender: str = "",
        after_ms: int | None = None,
        before_ms: int | None = None,
        limit: int,
    ) -> list[Entry]:
        """See ports.History. Looks at every line."""
        matcher = Matcher(Wanted(text, sender, after_ms, before_ms))
        found: dict[int, Entry] = {}
        looked_at = 0
        for span in spans:
            hits = 0
            for entry in list(self._part(span, after_ms is None, True)):
                looked_at += 1
                if looked_at % _LINES_AT_ONCE == 0:
                    await trio.lowlevel.checkpoint()
                if matcher.matches(entry):
                    found[entry.seq] = entry
                    hits += 1
                    if hits >= limit:
                        break
        seqs = sorted(found)
        return [found[seq] for seq in (seqs[:limit] if after_ms is not None else seqs[max(0, len(seqs) - limit) :])]

    async def tidy(self, now_ms: int) -> bool:
        """See ports.Store."""
        left = _LINES_AT_ONCE
        for name, log in self._logs.items() if self._keep_ms else ():
            while log and log[0].time_ms < now_ms - self._keep_ms:
                if not left:
                    return True
                left -= 1
                self._dropped[name] = log.popleft().seq
        return False

    def newest(self) -> tuple[int, int]:
        """See ports.Store."""
        return self._last_seq, self._last_ms

    def close(self) -> None:
        """Nothing to release."""
