"""Opening the file of the SQLite store: its lock, its health, its connections."""

import sqlite3
from pathlib import Path
from threading import Timer
from typing import IO, Literal

from triochat.errors import Failure
from triochat.journal.schema import migrate

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 5.0
"""Seconds to wait when another program has locked the file."""
_CHECK_FOR = 1.0
"""Seconds that the check of a file may take at the start. A large one is checked in part."""


def take_lock(path: Path) -> IO[bytes]:
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


def open_writer(path: Path, durability: Literal["full", "normal"], patience: float) -> sqlite3.Connection:
    """Open or create the file and bring its schema up to date. A damaged one is left as it is. Raises sqlite3.Error
    and OSError."""
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
    try:
        _check(writer)
        path.chmod(0o600)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute(f"PRAGMA synchronous = {durability.upper()}")
        writer.execute("PRAGMA temp_store = MEMORY")
        writer.execute("PRAGMA secure_delete = ON")  # what was redacted is not to be found in the file
        migrate(writer)
    except BaseException:
        writer.close()
        raise
    return writer


def open_reader(path: Path, patience: float) -> sqlite3.Connection:
    """A connection that only reads. Raises sqlite3.Error."""
    reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
    reader.execute("PRAGMA query_only = 1")
    reader.execute("PRAGMA wal_autocheckpoint = 0")
    reader.execute("SELECT count(*) FROM log").fetchone()  # opens the file
    return reader


def _check(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError when the file is seen to be damaged; it takes `_CHECK_FOR` seconds at most."""
    timer = Timer(_CHECK_FOR, connection.interrupt)
    timer.start()
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return
    finally:
        timer.cancel()
        timer.join()
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged ({' '.join(found.split())})")
