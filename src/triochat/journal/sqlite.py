"""Logs in one SQLite file: WAL mode, one writing connection, group commit in a worker thread.

SQLite before 3.51.3 can damage a WAL that two connections write or checkpoint. So only the writer writes and
checkpoints; readers are query-only and never checkpoint; the writer is closed last; and a lock file keeps a second
server away.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Literal, ParamSpec, TypeVar

import msgspec
import trio

from triochat.domain.entry import LINES, Change, Entry, Forgetting, Record, Sent
from triochat.errors import Failure
from triochat.journal.copying import copy
from triochat.journal.indexing import STEP, WordIndex
from triochat.journal.locating import find, locate
from triochat.journal.opening import PATIENCE, open_reader, open_writer, take_lock
from triochat.journal.retention import Retention, Step
from triochat.journal.searching import Wanted, search
from triochat.ports import Span, StoreFault

P = ParamSpec("P")
T = TypeVar("T")

_COLUMNS = "seq, msgid, time_ms, source, account, command, params, tags"
_INSERT = "INSERT INTO entry (log, seq, msgid, time_ms, is_line, source, account, command, params, tags) VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Python gives up its lock for each statement, and a busy event loop is slow to give it back: fewer, larger ones.
_INSERTS = {count: _INSERT + ", ".join([_ROW] * count) for count in (64, 16, 4, 1)}
_to_json = msgspec.json.Encoder().encode
_from_json = msgspec.json.Decoder(list[str]).decode
_READERS = 2
_IDS_KEPT_MS = 7 * 24 * 3600 * 1000
"""How long clients' own ids of their lines are remembered."""
_FORGOTTEN_AT_ONCE = 200
_FORGET_IDS = "DELETE FROM sent WHERE id IN (SELECT id FROM sent WHERE time_ms < ? ORDER BY time_ms LIMIT ?)"
_BEGINS = "name >= ? AND name < ?"
"""With `_range_of`: the names that begin with a prefix, found by the index, as there may be very many names."""


class SqliteStore:
    """The durable store. Open it with `SqliteStore.open`."""

    def __init__(
        self,
        path: Path,
        writer: sqlite3.Connection,
        lock: IO[bytes],
        keep_lines: int,
        keep_days: int,
        patience: float,
        index_step: int,
    ) -> None:
        self._path = path
        self._writer = writer
        self._lock = lock
        self._patience = patience
        # Opened now: when they are needed, there may be no file descriptor left.
        self._idle_readers = [open_reader(path, patience) for _ in range(_READERS)]
        self._write_limiter = trio.CapacityLimiter(1)
        self._read_limiter = trio.CapacityLimiter(_READERS)
        self._search_limiter = trio.CapacityLimiter(_READERS - 1)  # a search may take long; reading on must not wait
        self._log_ids: dict[str, int] = dict(writer.execute("SELECT name, id FROM log"))
        self._kept_from: dict[int, int] = dict(writer.execute("SELECT id, kept_from FROM log WHERE kept_from"))
        rooms = [log_id for name, log_id in self._log_ids.items() if name[:1] == "#"]
        self._retention = Retention(keep_lines, keep_days, rooms)
        self._word_index = WordIndex(writer, index_step)
        self._ids_kept = 0
        row = writer.execute("SELECT seq, time_ms FROM entry ORDER BY id DESC LIMIT 1").fetchone()
        seq, time_ms = row or (0, 0)
        self._newest: tuple[int, int] = (max(seq, *(kept - 1 for kept in self._kept_from.values()), 0), time_ms)

    @classmethod
    def open(
        cls,
        path: Path,
        durability: Literal["full", "normal"] = "full",
        *,
        keep_lines: int = 0,
        keep_days: int = 0,
        patience: float = PATIENCE,
        index_step: int = STEP,
    ) -> "SqliteStore":
        """Open or create the file at *path* and bring its schema up to date. `tidy` leaves of each room the newest
        *keep_lines* lines and what lies between them, and of everything *keep_days* days; 0 = all. *patience* is for
        how many seconds it waits when another program has locked the file, *index_step* how many entries go into the
        index of words at once. Blocks; raises Failure with a sentence when it cannot be used. A damaged file is never
        overwritten."""
        with ExitStack() as opened:
            lock = opened.enter_context(take_lock(path))
            try:
                writer = opened.enter_context(closing(open_writer(path, durability, patience)))
                store = cls(path, writer, lock, keep_lines, keep_days, patience, index_step)
            except (sqlite3.Error, OSError) as error:
                raise Failure(f"cannot use the database {path}: {error}. Check it, or move it away.") from None
            opened.pop_all()  # from here on `close` closes them
        return store

    def newest(self) -> tuple[int, int]:
        """See ports.Store."""
        return self._newest

    async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
        """See ports.Store. On return the entries survive kill -9, with durability "full" a power cut too."""
        await trio.to_thread.run_sync(self._append, entries, changes, limiter=self._write_limiter)

    def records(self, kind: str) -> dict[str, str]:
        """See ports.Store."""
        try:
            return dict(self._writer.execute("SELECT key, value FROM record WHERE kind = ?", (kind,)))
        except sqlite3.Error as error:
            raise StoreFault(str(error)) from error

    async def read(
        self, spans: Sequence[Span], limit: int, *, newest: bool = False, lines_only: bool = False
    ) -> list[Entry]:
        """See ports.History."""
        return await self._reading(self._read, spans, limit, newest, lines_only)

    async def logs(self, prefix: str) -> list[str]:
        """See ports.History."""
        return await self._reading(self._logs, prefix)

    async def sent(self, id: str) -> Sent | None:
        """See ports.History."""
        return await self._reading(self._sent, id)

    async def locate(self, log: str, msgid: str) -> int | None:
        """See ports.History."""
        return await self._reading(locate, self._log_ids.get(log), msgid)

    async def find(self, msgid: str, prefix: str) -> tuple[str, int] | None:
        """See ports.History."""
        return await self._reading(find, msgid, prefix)

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
        """See ports.History."""
        wanted = Wanted(text, sender, after_ms, before_ms)
        known = [(log_id, span) for span in spans if (log_id := self._log_ids.get(span.log)) is not None]
        async with self._search_limiter:
            return await self._reading(search, known, wanted, limit)

    async def kept_from(self, log: str) -> int:
        """See ports.History."""
        return self._kept_from.get(self._log_ids.get(log, 0), 0)

    async def position_at(self, log: str, time_ms: int) -> int:
        """See ports.History."""
        return await self._reading(self._position_at, log, time_ms)

    async def tidy(self, now_ms: int) -> bool:
        """See ports.Store."""
        if not (self._retention.due(now_ms) or self._word_index.due):
            return False
        return await trio.to_thread.run_sync(self._tidy, now_ms, limiter=self._write_limiter)

    async def copy_to(self, target: Path) -> int:
        """Write a copy of the whole database to the new file *target*; its size. Entries are stored meanwhile. Raises
        StoreFault with a sentence; then, and when it is cancelled, there is no new file."""
        return await trio.to_thread.run_sync(self._copy_to, target)

    def _copy_to(self, target: Path) -> int:
        try:
            return copy(self._path, target, self._patience, trio.from_thread.check_cancelled)
        except FileExistsError:
            raise StoreFault(f"{target} is there already") from None
        except OSError as error:
            raise StoreFault(f"cannot write {target}: {error.strerror}") from None
        except sqlite3.Error as error:
            raise StoreFault(f"cannot write {target}: {error}") from error

    def close(self) -> None:
        """Close the readers, then checkpoint and close the writer."""
        for reader in self._idle_readers:
            reader.close()
        self._idle_readers.clear()
        with suppress(sqlite3.Error):
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writer.close()
        self._lock.close()

    # -- in the writer thread --

    def _append(self, entries: Sequence[Entry], changes: Sequence[Change]) -> None:
        writer = self._writer
        new_logs: list[str] = []
        try:
            writer.execute("BEGIN IMMEDIATE")
            rows = []
            for entry in entries:
                params = _to_json(entry.params).decode()
                for name in entry.logs:
                    log_id = self._log_ids.get(name)
                    if log_id is None:
                        cursor = writer.execute("INSERT INTO log (name) VALUES (?)", (name,))
                        log_id = cursor.lastrowid
                        assert log_id is not None
                        self._log_ids[name] = log_id
                        new_logs.append(name)
                    rows.append(
                        (
                            log_id,
                            entry.seq,
                            entry.msgid,
                            entry.time_ms,
                            entry.command in LINES,
                            entry.source,
                            entry.account,
                            entry.command,
                            params,
                            entry.tags,
                        )
                    )
            done = 0
            for count, insert in _INSERTS.items():
                while len(rows) - done >= count:
                    writer.execute(insert, list(chain.from_iterable(rows[done : done + count])))
                    done += count
            for change in changes:
                self._change(change)
            writer.execute("COMMIT")
        except Exception as error:
            for name in new_logs:
                del self._log_ids[name]
            self._roll_back()
            raise StoreFault(str(error)) from error
        if entries:
            self._newest = (entries[-1].seq, entries[-1].time_ms)
            self._word_index.appended(len(rows))
            for entry in entries:
                for name in entry.logs:
                    if name[:1] == "#":
                        self._retention.appended(self._log_ids[name])

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _tidy(self, now_ms: int) -> bool:
        try:
            step = self._retention.next_step(self._writer, now_ms)
            if step is not None:
                self._purge(step)
                return True
            return self._word_index.step(self._writer)
        except Exception as error:
            self._roll_back()
            raise StoreFault(str(error)) from error

    def _purge(self, step: Step) -> None:
        before = {log_id: self._kept_from.get(log_id, 0) for log_id in step.kept_from}
        after = {log_id: max(before[log_id], kept_from) for log_id, kept_from in step.kept_from.items()}
        # Told before it is so: who reads meanwhile must not take a gap for silence.
        self._kept_from.update(after)
        execute = self._writer.execute
        try:
            execute("BEGIN IMMEDIATE")
            execute(f"DELETE FROM entry WHERE id IN ({', '.join('?' * len(step.ids))})", step.ids)
            for log_id, kept_from in after.items():
                execute("UPDATE log SET kept_from = ? WHERE id = ?", (kept_from, log_id))
            execute("COMMIT")
        except sqlite3.Error:
            self._kept_from.update(before)
            raise

    def _change(self, change: Change) -> None:
        execute = self._writer.execute
        if isinstance(change, Sent):
            execute("INSERT OR REPLACE INTO sent (id, msgid, seq, time_ms) VALUES (?, ?, ?, ?)", change)
            self._ids_kept += 1
            if self._ids_kept % _FORGOTTEN_AT_ONCE == 0:
                execute(_FORGET_IDS, (change.time_ms - _IDS_KEPT_MS, 2 * _FORGOTTEN_AT_ONCE))
        elif isinstance(change, Forgetting):
            # Numbers are not used again: the newest entry of all may be among these.
            newest = "SELECT max(seq) + 1 FROM entry WHERE entry.log = log.id"
            names = _range_of(change.prefix)
            execute(f"UPDATE log SET kept_from = coalesce(({newest}), kept_from) WHERE {_BEGINS}", names)
            execute(f"DELETE FROM entry WHERE log IN (SELECT id FROM log WHERE {_BEGINS})", names)
            self._word_index.erased()
        elif not isinstance(change, Record):
            self._word_index.erased()
            execute("DELETE FROM entry WHERE log = ? AND seq = ?", (self._log_ids.get(change.log), change.seq))
        elif change.value is None:
            execute("DELETE FROM record WHERE kind = ? AND key = ?", change[:2])
        else:
            execute("INSERT OR REPLACE INTO record (kind, key, value) VALUES (?, ?, ?)", change)

    # -- in reader threads --

    async def _reading(self, work: Callable[..., T], *args: object) -> T:
        """Run *work* in a thread with a connection of its own. Cancelling waits for the query, which is bounded."""
        async with self._read_limiter:
            reader = self._idle_readers.pop()
            try:
                return await trio.to_thread.run_sync(_translated, work, reader, args)
            finally:
                self._idle_readers.append(reader)

    def _read(
        self,
        reader: sqlite3.Connection,
        spans: Sequence[Span],
        limit: int,
        newest: bool,
        lines_only: bool,
    ) -> list[Entry]:
        direction = "DESC" if newest else "ASC"
        found: dict[int, Entry] = {}
        for span in spans:
            log_id = self._log_ids.get(span.log)
            if log_id is None:
                continue
            where, values = "log = ? AND seq > ?", [log_id, span.after]
            if span.before is not None:
                where += " AND seq < ?"
                values.append(span.before)
            if lines_only:
                where += " AND is_line"
            rows = reader.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE {where} ORDER BY seq {direction} LIMIT ?",
                (*values, limit),
            )
            for row in rows:
                found[row[0]] = _entry(row, span.log)
        seqs = sorted(found)
        return [found[seq] for seq in (seqs[-limit:] if newest else seqs[:limit])]

    def _logs(self, reader: sqlite3.Connection, prefix: str) -> list[str]:
        rows = reader.execute(f"SELECT name FROM log WHERE {_BEGINS} ORDER BY id", _range_of(prefix))
        return [name for (name,) in rows]

    def _sent(self, reader: sqlite3.Connection, id: str) -> Sent | None:
        row = reader.execute("SELECT id, msgid, seq, time_ms FROM sent WHERE id = ?", (id,)).fetchone()
        return Sent(*row) if row else None

    def _position_at(self, reader: sqlite3.Connection, log: str, time_ms: int) -> int:
        """By bisection: within a log the time never decreases, so no index on it is needed."""
        log_id = self._log_ids.get(log)
        low, high = 0, self._newest[0] + 1  # the answer is in low..high
        while low < high:
            middle = (low + high) // 2
            row = reader.execute(
                "SELECT seq, time_ms FROM entry WHERE log = ? AND seq > ? ORDER BY seq LIMIT 1",
                (log_id, middle),
            ).fetchone()
            if row is not None and row[1] < time_ms:
                low = row[0]
            else:
                high = middle
        return low + 1


def _range_of(prefix: str) -> tuple[str, str]:
    return prefix, prefix + chr(0x10FFFF)


def _translated(work: Callable[..., T], reader: sqlite3.Connection, args: tuple[object, ...]) -> T:
    try:
        return work(reader, *args)
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        raise StoreFault(str(error)) from error


def _entry(row: tuple[int, str, int, str, str | None, str, str, str], log: str) -> Entry:
    seq, msgid, time_ms, source, account, command, params, tags = row
    return Entry(seq, msgid, time_ms, source, command, _from_json(params), (log,), account, tags)
