"""The index of words, brought up to date a thousand entries at a time.

Words that go into SQLite's full-text index line after line, or commit after commit, cost five times what they cost
in larger steps, and would be half of the server's work. So the newest entries are in no index yet; a search looks
through them one by one (see searching). What is erased leaves the index in the same transaction (see schema).

SQLite reads no text beyond a NUL, knows the characters of the year 2012, and leaves accents on all letters but Latin
ones. So of lines where that may matter it is given the words as domain.words has them.
"""

import sqlite3

import msgspec

from triochat.domain.words import words_in
from triochat.journal.schema import forgets_words_at_once

STEP = 1000
"""Entries that one step takes into the index, unless another number is asked for."""
_MERGE = 16
"""Pages of the index that one step of a merge writes, about."""
_MERGED_NOTHING = 2
"""Changes that a step makes at least when there was something to merge."""

_UNTIL = "(SELECT until FROM indexed)"
_MISSING = f"SELECT count(*) FROM entry WHERE id > {_UNTIL}"
_LAST_OF_STEP = f"SELECT id FROM entry WHERE id > {_UNTIL} ORDER BY id LIMIT 1 OFFSET ?"
_OF_STEP = f"id > {_UNTIL} AND id <= ? AND is_line"
_UNUSUAL = f"""
    SELECT id, params FROM entry
    WHERE {_OF_STEP} AND (instr(params, '\\u0000') OR (
        length(params) < length(CAST(params AS BLOB)) AND params GLOB '*[^' || char(1) || '-' || char(0x17f) || ']*'
    ))
    """
"""Lines with other letters than those of Europe's west, or of several parts."""
_KEEP_WORDS = "UPDATE entry SET words = ? WHERE id = ?"
_TAKE_IN = f"""
    INSERT INTO line_text (rowid, text)
    SELECT id, coalesce(words, json_extract(params, '$[1]')) FROM entry WHERE {_OF_STEP}
    """
_from_json = msgspec.json.Decoder(list[str]).decode


class WordIndex:
    """What the writer has to do about the index. It lags behind by less than a step when nothing is due."""

    def __init__(self, writer: sqlite3.Connection, step: int = STEP) -> None:
        """*step* is in entries. Raises sqlite3.Error."""
        self._step = step
        self._missing: int = writer.execute(_MISSING).fetchone()[0]
        self._to_forget = self._forgetting = False

    def appended(self, entries: int) -> None:
        """So many more *entries* are stored."""
        self._missing += entries

    def erased(self) -> None:
        """Lines were taken back. A SQLite that leaves their words in the index for now drops them when it merges the
        index, so that is written anew, a part at a time."""
        self._to_forget, self._forgetting = not forgets_words_at_once(), False

    @property
    def due(self) -> bool:
        """Whether there is something to do."""
        return self._missing >= self._step or self._to_forget

    def step(self, writer: sqlite3.Connection) -> bool:
        """Do a little; True = there is more. Raises sqlite3.Error, and may have begun a transaction then."""
        if self._missing >= self._step:
            self._take_in(writer)
        elif self._to_forget:
            self._forget(writer)
        return self.due

    def _take_in(self, writer: sqlite3.Connection) -> None:
        last = writer.execute(_LAST_OF_STEP, (self._step - 1,)).fetchone()
        if last is None:  # some of them were erased since
            self._missing = writer.execute(_MISSING).fetchone()[0]
            return
        writer.execute("BEGIN IMMEDIATE")
        unusual = writer.execute(_UNUSUAL, last).fetchall()
        writer.executemany(_KEEP_WORDS, [(" ".join(words_in(_from_json(params)[1])), id) for id, params in unusual])
        writer.execute(_TAKE_IN, last)
        writer.execute("UPDATE indexed SET until = ?", last)
        writer.execute("COMMIT")
        self._missing -= self._step

    def _forget(self, writer: sqlite3.Connection) -> None:
        changes = writer.total_changes
        # A negative number begins a merge of the whole index; positive ones go on with it.
        pages = _MERGE if self._forgetting else -_MERGE
        writer.execute("INSERT INTO line_text (line_text, rank) VALUES ('merge', ?)", (pages,))
        self._to_forget = not self._forgetting or writer.total_changes - changes >= _MERGED_NOTHING
        self._forgetting = True
