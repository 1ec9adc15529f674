"""What the SQLite store keeps no longer, found a little at a time.

A purge of a large log in one step would hold up everybody who says something meanwhile.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from triochat.journal.searching import first_at

STEP = 250
"""Entries that one step deletes at most."""
_PURGE_AFTER = 100
"""Entries by which a log outgrows its bound before it is purged."""
DAY_MS = 24 * 3600 * 1000


class Step(NamedTuple):
    """One step: the entries with these numbers go, and each log (by number) is kept from a seq on."""

    ids: list[int]
    kept_from: dict[int, int]


class Retention:
    """Of each room *keep_lines* lines are kept, and of everything *keep_days*; 0 = all."""

    def __init__(self, keep_lines: int, keep_days: int, rooms: Iterable[int]) -> None:
        self._keep_lines = keep_lines
        self._keep_ms = keep_days * DAY_MS
        self._appended: Counter[int] = Counter()  # by log, since it was purged
        self._outgrown: dict[int, int | None] = dict.fromkeys(rooms) if keep_lines else {}
        """Logs that may have too much, with the seq from which on they are kept when that is known."""
        self._too_old_at = 0
        """When the oldest entry will have been kept long enough, in ms; 0 = not known."""

    def appended(self, log_id: int) -> None:
        """The log of a room has one entry more."""
        if self._keep_lines:
            self._appended[log_id] += 1
            if self._appended[log_id] > _PURGE_AFTER:
                del self._appended[log_id]
                self._outgrown[log_id] = None

    def due(self, now_ms: int) -> bool:
        """Whether something may have to go."""
        return bool(self._outgrown) or (self._keep_ms > 0 and now_ms > self._too_old_at)

    def next_step(self, connection: sqlite3.Connection, now_ms: int) -> Step | None:
        """What goes next; None when nothing has to. Raises sqlite3.Error."""
        if self._keep_ms and (step := self._too_old(connection, now_ms - self._keep_ms)) is not None:
            return step
        while self._outgrown:
            log_id = next(iter(self._outgrown))
            if (step := self._too_many(connection, log_id)) is not None:
                return step
            del self._outgrown[log_id]
        return None

    def _too_old(self, connection: sqlite3.Connection, time_ms: int) -> Step | None:
        oldest = connection.execute("SELECT time_ms FROM entry ORDER BY id LIMIT 1").fetchone()
        if oldest is None or oldest[0] >= time_ms:
            self._too_old_at = oldest[0] + self._keep_ms if oldest is not None else 0
            return None
        end, _ = first_at(connection, time_ms)
        rows = connection.execute("SELECT id, log, seq FROM entry WHERE id < ? ORDER BY id LIMIT ?", (end, STEP))
        return _step(rows)

    def _too_many(self, connection: sqlite3.Connection, log_id: int) -> Step | None:
        bound = self._outgrown[log_id]
        if bound is None:
            row = connection.execute(
                "SELECT seq FROM entry WHERE log = ? AND is_line ORDER BY seq DESC LIMIT 1 OFFSET ?",
                (log_id, self._keep_lines - 1),
            ).fetchone()
            self._outgrown[log_id] = bound = row[0] if row is not None else 0
        rows = connection.execute(
            "SELECT id, log, seq FROM entry WHERE log = ? AND seq < ? ORDER BY seq LIMIT ?", (log_id, bound, STEP)
        )
        return _step(rows)


def _step(rows: Iterable[tuple[int, int, int]]) -> Step | None:
    ids, kept_from = [], {}
    for number, log_id, seq in rows:
        ids.append(number)
        kept_from[log_id] = seq + 1
    return Step(ids, kept_from) if ids else None
