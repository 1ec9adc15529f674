"""Finding lines by their words (see domain.words), one by one or in SQLite's full-text index.

A line is found when it has every word that is looked for, in any order. Nothing of a search is ever taken for the
syntax of the index: only letters and digits get there, in quotes.
"""

import re
import sqlite3
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from triochat.domain.entry import Entry
from triochat.domain.words import is_prefix, stands_for, words_in
from triochat.ports import Span

_LONGEST = 2.0
"""Seconds that a search may take, about."""
_STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock."""
_END = 1 << 62
_COLUMNS = "e.log, e.seq, e.msgid, e.time_ms, e.source, e.account, e.command, e.params, e.tags"
_WITH_SPANS = """
    WITH span (log, after, before) AS MATERIALIZED
        (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
        FROM json_each(?))
    """
"""The table *span*, from `_places`."""
_to_json = msgspec.json.Encoder().encode
_Row = tuple[int, int, str, int, str, str | None, str, str, str]
_from_json = msgspec.json.Decoder(list[str]).decode


class Wanted(NamedTuple):
    """What is looked for; see ports.History.search."""

    text: str
    sender: str = ""
    after_ms: int | None = None
    before_ms: int | None = None


class Matcher:
    """Tells which lines are wanted, one by one, for lines that are in no index."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._words = words_in(wanted.text)
        self._sender = _lower(wanted.sender)

    def matches(self, entry: Entry) -> bool:
        """Whether *entry*, which is a line, is wanted."""
        wanted = self._wanted
        if self._sender and _lower(entry.nick) != self._sender:
            return False
        if wanted.after_ms is not None and entry.time_ms < wanted.after_ms:
            return False
        if wanted.before_ms is not None and entry.time_ms > wanted.before_ms:
            return False
        if not wanted.text:
            return True
        said = words_in(entry.params[1])
        return bool(self._words) and all(any(stands_for(word, other) for other in said) for word in self._words)


def _lower(name: str) -> str:
    """*name* as SQLite's LIKE compares it: only ASCII letters have a case."""
    return "".join(character.lower() if character.isascii() else character for character in name)


def search(reader: sqlite3.Connection, spans: Sequence[tuple[int, Span]], wanted: Wanted, limit: int) -> list[Entry]:
    """See ports.History.search; *spans* come with the numbers of their logs. Raises sqlite3.Error."""
    words = words_in(wanted.text)
    if not spans or limit <= 0 or (wanted.text and not words):
        return []
    deadline = time.monotonic() + _LONGEST
    reader.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        if words:
            # In this order: what goes into the index meanwhile is found twice rather than not at all.
            rows = _by_comparing(reader, spans, wanted) + _by_words(reader, spans, wanted, limit, words)
        else:
            rows = _by_place(reader, spans, wanted, limit)
    except sqlite3.OperationalError:
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError("the search took too long") from None
        raise
    finally:
        reader.set_progress_handler(None, 0)
    names = {log_id: span.log for log_id, span in spans}
    found = {row[1]: _entry(row, names[row[0]]) for row in rows}
    seqs = sorted(found)
    return [found[seq] for seq in (seqs[:limit] if wanted.after_ms is not None else seqs[-limit:])]


def _by_words(
    reader: sqlite3.Connection, spans: Sequence[tuple[int, Span]], wanted: Wanted, limit: int, words: Sequence[str]
) -> list[_Row]:
    """Those in the index. Entries have their numbers (id) in the order of seq and time, and it yields them so."""
    first = first_at(reader, wanted.after_ms)[0] if wanted.after_ms is not None else 0
    end = first_at(reader, wanted.before_ms + 1)[0] if wanted.before_ms is not None else _END
    said_by, sender = _by_sender(wanted.sender)
    return reader.execute(
        f"""
        {_WITH_SPANS}
        SELECT {_COLUMNS} FROM line_text CROSS JOIN entry AS e ON e.id = line_text.rowid
            CROSS JOIN span ON span.log = e.log
        WHERE line_text MATCH ? AND line_text.rowid >= ? AND line_text.rowid < ?
            AND e.seq > span.after AND e.seq < span.before {said_by}
        ORDER BY line_text.rowid {_direction(wanted)} LIMIT ?
        """,
        (_places(spans), _expression(words), first, end, *sender, limit),
    ).fetchall()


def _by_comparing(reader: sqlite3.Connection, spans: Sequence[tuple[int, Span]], wanted: Wanted) -> list[_Row]:
    """Those that are too new for the index, all of them."""
    rows = reader.execute(
        f"""
        {_WITH_SPANS}
        SELECT {_COLUMNS} FROM entry AS e CROSS JOIN span ON span.log = e.log
        WHERE e.id > (SELECT until FROM indexed) AND e.is_line AND e.seq > span.after AND e.seq < span.before
        """,
        (_places(spans),),
    )
    matcher = Matcher(wanted)
    return [row for row in rows if matcher.matches(_entry(row, ""))]


def _by_place(
    reader: sqlite3.Connection, spans: Sequence[tuple[int, Span]], wanted: Wanted, limit: int
) -> list[_Row]:
    first = first_at(reader, wanted.after_ms)[1] if wanted.after_ms is not None else 0
    end = first_at(reader, wanted.before_ms + 1)[1] if wanted.before_ms is not None else _END
    said_by, sender = _by_sender(wanted.sender)
    rows: list[_Row] = []
    for log_id, span in spans:
        before = end if span.before is None else min(end, span.before)
        rows += reader.execute(
            f"""
            SELECT {_COLUMNS} FROM entry AS e
            WHERE e.log = ? AND e.seq > ? AND e.seq < ? AND e.is_line {said_by}
            ORDER BY e.seq {_direction(wanted)} LIMIT ?
            """,
            (log_id, max(first - 1, span.after), before, *sender, limit),
        ).fetchall()
    return rows


def _places(spans: Sequence[tuple[int, Span]]) -> str:
    return _to_json(
        [(log_id, span.after, _END if span.before is None else span.before) for log_id, span in spans]
    ).decode()


def _direction(wanted: Wanted) -> str:
    return "DESC" if wanted.after_ms is None else "ASC"


def _by_sender(name: str) -> tuple[str, tuple[str, ...]]:
    """A condition and its value. The source of a line is `nick!user@host`, or the name of a server."""
    if not name:
        return "", ()
    pattern = re.sub(r"([%_\\])", r"\\\1", name)
    return r"AND (e.source LIKE ? ESCAPE '\' OR e.source LIKE ? ESCAPE '\')", (f"{pattern}!%", pattern)


def _expression(words: Sequence[str]) -> str:
    """What the index is asked: all of *words*, each in quotes."""
    return " AND ".join(f'"{word}"*' if is_prefix(word) else f'"{word}"' for word in words)


def first_at(connection: sqlite3.Connection, time_ms: int) -> tuple[int, int]:
    """The number and the seq of the first entry at *time_ms* or later, or what comes behind the last. By bisection:
    time never decreases with the number."""
    newest = connection.execute("SELECT id, seq FROM entry ORDER BY id DESC LIMIT 1").fetchone() or (0, 0)
    low, high, seq = 0, newest[0] + 1, newest[1] + 1  # the answer is in low..high
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            "SELECT id, time_ms, seq FROM entry WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is not None and row[1] < time_ms:
            low = row[0] + 1
        else:
            high = middle
            if row is not None:
                seq = row[2]
    return low, seq


def _entry(row: _Row, log: str) -> Entry:
    _, seq, msgid, time_ms, source, account, command, params, tags = row
    return Entry(seq, msgid, time_ms, source, command, _from_json(params), (log,), account, tags)
