"""Looking for lines by their words."""

import sqlite3
from functools import cache

import msgspec

from triochat.domain.entry import Entry
from triochat.domain.words import has_words
from triochat.journal.indexing import WordIndex
from triochat.journal.schema import migrate
from triochat.journal.searching import Matcher, Wanted
from triochat.journal.searching import search as search_in
from triochat.ports import Span

_INSERT = (
    "INSERT INTO entry (log, seq, msgid, time_ms, is_line, source, command, params, tags) "
    "VALUES (1, ?, ?, ?, 1, 'ann!a@h', 'PRIVMSG', ?, '')"
)
_SPANS = [(1, Span("#a", 0, None))]
_MOST = 8
_VOWELS = dict.fromkeys([*range(0x19B0, 0x19C1), 0x19C8, 0x19C9, 0x1CF2, 0x1CF3], " ")
"""Of New Tai Lue and of Vedic: no letters when SQLite's tables were made, and letters now."""


@cache
def _database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    connection.execute("INSERT INTO log (id, name) VALUES (1, '#a')")
    return connection


def search(data: bytes) -> None:
    """The first line is looked for in the others: nothing of it is syntax, and the index finds what reading finds."""
    wanted, *said = data.decode(errors="replace").translate(_VOWELS).split("\n")[: _MOST + 1]
    database = _database()
    index = WordIndex(database, 1)
    entries = []
    for number, text in enumerate(said, 1):
        params = ("#a", text)
        database.execute(_INSERT, (number, f"m{number}", number, msgspec.json.encode(params).decode()))
        entries.append(Entry(number, f"m{number}", number, "ann!a@h", "PRIVMSG", params, ("#a",)))
    looked_for = Wanted(wanted)
    try:
        matcher = Matcher(looked_for)
        expected = [entry.seq for entry in entries if has_words(wanted) and matcher.matches(entry)]
        unindexed = _found(database, looked_for)
        index.appended(len(said))
        while index.due:
            index.step(database)
        indexed = _found(database, looked_for)
    finally:
        database.execute("DELETE FROM entry")
    if wanted:
        assert unindexed == expected
        assert indexed == expected


def _found(database: sqlite3.Connection, wanted: Wanted) -> list[int]:
    return [entry.seq for entry in search_in(database, _SPANS, wanted, 100)]
