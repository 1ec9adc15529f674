"""The schema of the SQLite store, and how an older file is brought up to it."""

import sqlite3

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
    """
    ALTER TABLE log ADD COLUMN kept_from INTEGER NOT NULL DEFAULT 0;
    CREATE VIEW line AS SELECT id, json_extract(params, '$[1]') AS text FROM entry WHERE is_line;
    CREATE VIRTUAL TABLE line_text USING fts5(
        text, content = 'line', content_rowid = 'id', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER line_kept AFTER INSERT ON entry WHEN new.is_line BEGIN
        INSERT INTO line_text (rowid, text) VALUES (new.id, json_extract(new.params, '$[1]'));
    END;
    CREATE TRIGGER line_gone AFTER DELETE ON entry WHEN old.is_line BEGIN
        INSERT INTO line_text (line_text, rowid, text) VALUES ('delete', old.id, json_extract(old.params, '$[1]'));
    END;
    INSERT INTO line_text (line_text) VALUES ('rebuild');
    """,
    """
    CREATE TABLE sent (id TEXT PRIMARY KEY, msgid TEXT NOT NULL, seq INTEGER NOT NULL, time_ms INTEGER NOT NULL)
    WITHOUT ROWID;
    CREATE INDEX sent_by_time ON sent (time_ms);
    """,
    """
    CREATE TABLE indexed (until INTEGER NOT NULL);
    INSERT INTO indexed SELECT coalesce(max(id), 0) FROM entry;
    DROP TRIGGER line_kept;
    DROP TRIGGER line_gone;
    DROP VIEW line;
    CREATE VIEW line AS SELECT id, json_extract(params, '$[1]') AS text FROM entry
        WHERE is_line AND id <= (SELECT until FROM indexed);
    CREATE TRIGGER line_gone AFTER DELETE ON entry WHEN old.id <= (SELECT until FROM indexed) BEGIN
        INSERT INTO line_text (line_text, rowid, text)
        SELECT 'delete', old.id, json_extract(old.params, '$[1]') WHERE old.is_line;
        UPDATE indexed SET until = (SELECT coalesce(max(id), 0) FROM entry)
        WHERE until > (SELECT coalesce(max(id), 0) FROM entry);
    END;
    """,
    """
    ALTER TABLE entry ADD COLUMN words TEXT;
    DROP TRIGGER line_gone;
    DROP VIEW line;
    DROP TABLE line_text;
    UPDATE indexed SET until = 0;
    CREATE VIEW line AS SELECT id, coalesce(words, json_extract(params, '$[1]')) AS text FROM entry
        WHERE is_line AND id <= (SELECT until FROM indexed);
    CREATE VIRTUAL TABLE line_text USING fts5(
        text, content = 'line', content_rowid = 'id', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER line_gone AFTER DELETE ON entry WHEN old.id <= (SELECT until FROM indexed) BEGIN
        INSERT INTO line_text (line_text, rowid, text)
        SELECT 'delete', old.id, coalesce(old.words, json_extract(old.params, '$[1]')) WHERE old.is_line;
        UPDATE indexed SET until = (SELECT coalesce(max(id), 0) FROM entry)
        WHERE until > (SELECT coalesce(max(id), 0) FROM entry);
    END;
    """,
)
"""Append-only: the n-th script leads from schema n to n + 1 (PRAGMA user_version). A released one never changes.

In the third, *kept_from* says below which seq entries of a log were purged, and *line_text* is the index of words.
Since the fifth it has only the entries up to number *until*. A trigger takes out what is deleted, in the same
transaction, whatever deletes it; *until* follows when the newest go, as their numbers are given again.
Since the sixth, *words* are those of a line that SQLite would divide otherwise than we do, and the index has those.
"""

_SECURE_DELETE_SINCE = (3, 42)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file up to date, each step whole or not at all. Raises sqlite3.Error."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError(f"it was written by a newer triochat (schema {version})")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
    if forgets_words_at_once():
        connection.execute("INSERT INTO line_text (line_text, rank) VALUES ('secure-delete', 1)")


def forgets_words_at_once() -> bool:
    """Whether this SQLite takes the words of what is deleted out of the index in the same step; an older one does so
    when it merges the index."""
    return sqlite3.sqlite_version_info >= _SECURE_DELETE_SINCE
