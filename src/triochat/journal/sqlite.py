"""Logs in one SQLite file: WAL mode, one writing connection, group commit in a worker thread.

SQLite before 3.51.3 can damage a WAL that two connections write or checkpoint. So only the writer writes and
checkpoints; readers are query-only and never checkpoint; the writer is closed last; and a lock file keeps a second
server away.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO, Literal, ParamSpec, TypeVar

import msgspec
import trio

from triochat.domain.entry import LINES, Change, Entry, Forgetting, Record
from triochat.errors import Failure
from triochat.journal.journal import sequence_of
from triochat.ports import Span, StoreFault

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

P = ParamSpec("P")
T = TypeVar("T")

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        log INTEGER NOT NULL REFERENCES log (id),
        seq INTEGER NOT NULL,
        msgid TEXT NOT NULL,
        time_ms INTEGER NOT NULL,
        is_line INTEGER NOT NULL,
        source TEXT NOT NULL,
        account TEXT,
        command TEXT NOT NULL,
        params TEXT NOT NULL,
        tags TEXT NOT NULL
    );
    CREATE UNIQUE INDEX entry_by_log ON entry (log, seq, is_line);
    """,
    """
    CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key))
    WITHOUT ROWID;
    """,
)
"""Append-only: the n-th script leads from schema n to n + 1 (PRAGMA user_version). A released one never changes."""

_COLUMNS = "seq, msgid, time_ms, source, account, command, params, tags"
_INSERT = "INSERT INTO entry (log, seq, msgid, time_ms, is_line, source, account, command, params, tags) VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_ONE = _INSERT + _ROW
# Python gives up its lock for each statement, and a busy event loop is slow to give it back: fewer, larger ones.
_ROWS_AT_ONCE = 50
_INSERT_MANY = _INSERT + ", ".join([_ROW] * _ROWS_AT_ONCE)
_to_json = msgspec.json.Encoder().encode
_from_json = msgspec.json.Decoder(list[str]).decode
_READERS = 2
_BEGINS = "name >= ? AND name < ?"
"""With `_range_of`: the names that begin with a prefix, found by the index, as there may be very many names."""
_PURGE_AFTER = 100
"""Entries by which a log outgrows its bound before it is purged."""
_PURGE = """
    DELETE FROM entry WHERE log = ? AND seq <
    (SELECT seq FROM entry WHERE log = ? AND is_line ORDER BY seq DESC LIMIT 1 OFFSET ?)
"""


class SqliteStore:
    """The durable store. Open it with `SqliteStore.open`."""

    def __init__(self, path: Path, writer: sqlite3.Connection, lock: IO[bytes], keep_lines: int = 0) -> None:
        self._path = path
        self._keep_lines = keep_lines
        self._appended: Counter[int] = Counter()  # rows by log, since the log was purged
        self._writer = writer
        self._lock = lock
        # Opened now: when they are needed, there may be no file descriptor left.
        self._idle_readers = [_open_reader(path) for _ in range(_READERS)]
        self._write_limiter = trio.CapacityLimiter(1)
        self._read_limiter = trio.CapacityLimiter(_READERS)
        self._log_ids: dict[str, int] = dict(writer.execute("SELECT name, id FROM log"))
        row = writer.execute("SELECT seq, time_ms FROM entry ORDER BY id DESC LIMIT 1").fetchone()
        self._newest: tuple[int, int] = tuple(row) if row else (0, 0)

    @classmethod
    def open(
        cls, path: Path, durability: Literal["full", "normal"] = "full", *, keep_lines: int = 0
    ) -> "SqliteStore":
        """Open or create the file at *path* and bring its schema up to date; of each room it keeps the newest
        *keep_lines* lines and what lies between them, 0 = all. Blocks; raises Failure with a sentence
        when it cannot be used. A damaged file is never overwritten."""
        lock = _take_lock(path)
        writer = None
        try:
            writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
            path.chmod(0o600)
            writer.execute("PRAGMA journal_mode = WAL")
            writer.execute(f"PRAGMA synchronous = {durability.upper()}")
            writer.execute("PRAGMA temp_store = MEMORY")
            writer.execute("PRAGMA secure_delete = FAST")  # what was redacted is not to be found in the file
            _migrate(writer)
            return cls(path, writer, lock, keep_lines)
        except (sqlite3.Error, OSError) as error:
            if writer is not None:
                writer.close()
            lock.close()
            raise Failure(f"cannot use the database {path}: {error}. Check it, or move it away.") from None

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

    async def locate(self, log: str, msgid: str) -> int | None:
        """See ports.History."""
        return await self._reading(self._locate, log, msgid)

    async def kept_from(self, log: str) -> int:
        """See ports.History."""
        return await self._reading(self._kept_from, log) if self._keep_lines else 0

    async def position_at(self, log: str, time_ms: int) -> int:
        """See ports.History."""
        return await self._reading(self._position_at, log, time_ms)

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
            while len(rows) - done >= _ROWS_AT_ONCE:
                writer.execute(_INSERT_MANY, list(chain.from_iterable(rows[done : done + _ROWS_AT_ONCE])))
                done += _ROWS_AT_ONCE
            writer.executemany(_INSERT_ONE, rows[done:])
            for change in changes:
                self._change(change)
            if self._keep_lines:
                self._purge(entries)
            writer.execute("COMMIT")
        except Exception as error:
            for name in new_logs:
                del self._log_ids[name]
            with suppress(sqlite3.Error):
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
            raise StoreFault(str(error)) from error
        if entries:
            self._newest = (entries[-1].seq, entries[-1].time_ms)

    def _purge(self, entries: Sequence[Entry]) -> None:
        """Drop what is older than the lines to keep, now and then and little at a time."""
        self._appended.update(self._log_ids[name] for e in entries for name in e.logs if name[:1] == "#")
        for log_id, count in list(self._appended.items()):
            if count > _PURGE_AFTER:
                del self._appended[log_id]
                self._writer.execute(_PURGE, (log_id, log_id, self._keep_lines - 1))

    def _change(self, change: Change) -> None:
        execute = self._writer.execute
        if isinstance(change, Forgetting):
            execute(f"DELETE FROM entry WHERE log IN (SELECT id FROM log WHERE {_BEGINS})", _range_of(change.prefix))
        elif not isinstance(change, Record):
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

    def _locate(self, reader: sqlite3.Connection, log: str, msgid: str) -> int | None:
        row = reader.execute(
            "SELECT seq FROM entry WHERE log = ? AND seq = ? AND msgid = ?",
            (self._log_ids.get(log), sequence_of(msgid), msgid),
        ).fetchone()
        return row[0] if row else None

    def _kept_from(self, reader: sqlite3.Connection, log: str) -> int:
        row = reader.execute("SELECT min(seq) FROM entry WHERE log = ?", (self._log_ids.get(log),)).fetchone()
        return row[0] or 0

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


def _open_reader(path: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    reader.execute("PRAGMA query_only = 1")
    reader.execute("PRAGMA wal_autocheckpoint = 0")
    reader.execute("SELECT count(*) FROM log").fetchone()  # opens the file
    return reader


def _translated(work: Callable[..., T], reader: sqlite3.Connection, args: tuple[object, ...]) -> T:
    try:
        return work(reader, *args)
    except sqlite3.Error as error:
        raise StoreFault(str(error)) from error


def _entry(row: tuple[int, str, int, str, str | None, str, str, str], log: str) -> Entry:
    seq, msgid, time_ms, source, account, command, params, tags = row
    return Entry(seq, msgid, time_ms, source, command, _from_json(params), (log,), account, tags)


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError(f"it was written by a newer triochat (schema {version})")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


def _take_lock(path: Path) -> IO[bytes]:
    """Hold *path*.lock for as long as the returned file is open, so that one server alone writes the database."""
    try:
        lock = path.with_name(path.name + ".lock").open("wb")
    except OSError as error:
        raise Failure(
            f"cannot write to {path.parent}: {error.strerror}. Choose another place with --data-dir."
        ) from None
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Failure(
                f"another triochat server is using {path}. Stop it, or choose another place with --data-dir."
            ) from None
    return lock
