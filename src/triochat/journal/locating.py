"""Finding an entry by its msgid, which has the entry's number in it; so no index of msgids is needed."""

import sqlite3

from triochat.journal.journal import sequence_of

_FIRST_BEHIND = "SELECT id, seq FROM entry WHERE id > ? ORDER BY id LIMIT 1"
_FROM = "SELECT name, seq, msgid FROM entry JOIN log ON log.id = log WHERE entry.id >= ? ORDER BY entry.id"


def locate(reader: sqlite3.Connection, log_id: int | None, msgid: str) -> int | None:
    """The seq of the entry of a log with this msgid."""
    row = reader.execute(
        "SELECT seq FROM entry WHERE log = ? AND seq = ? AND msgid = ?", (log_id, sequence_of(msgid), msgid)
    ).fetchone()
    return row[0] if row else None


def find(reader: sqlite3.Connection, msgid: str, prefix: str) -> tuple[str, int] | None:
    """The first log, of those whose names begin with *prefix*, that has an entry with this msgid, and its seq.

    By bisection, however many logs there are: rows are added in the order of their seqs."""
    wanted = sequence_of(msgid)
    low, high = 0, reader.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0]
    while low < high:  # the rows up to number low have lower seqs, those behind number high have not
        middle = (low + high) // 2
        row = reader.execute(_FIRST_BEHIND, (middle,)).fetchone()
        if row is not None and row[1] < wanted:
            low = row[0]
        else:
            high = middle
    for name, seq, found in reader.execute(_FROM, (low + 1,)):
        if seq != wanted:
            break
        if found == msgid and name.startswith(prefix):
            return name, seq
    return None
