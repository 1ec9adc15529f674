"""A copy of the database while it is in use."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from triochat.journal.opening import open_reader

_PAGES = 256
"""Pages of one step."""


def copy(source: Path, target: Path, patience: float, between: Callable[[], None]) -> int:
    """Write what *source* holds now to the new file *target*, for its owner only; how many bytes it has. *between*
    is called between two steps, and may raise. Raises OSError and sqlite3.Error; then there is no new file."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        reader = open_reader(source, patience)
        try:
            # Within one transaction it sees one state, whatever is written meanwhile, and need not begin again.
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _copy_pages(reader, target, between)
        finally:
            reader.close()
        _make_durable(target)
        return target.stat().st_size
    except BaseException:
        target.unlink()
        raise


def _copy_pages(reader: sqlite3.Connection, target: Path, between: Callable[[], None]) -> None:
    writer = sqlite3.connect(target, isolation_level=None)
    try:
        # A copy that fails is deleted, so there is nothing to roll back to, and no journal to leave beside it.
        writer.execute("PRAGMA journal_mode = OFF")
        writer.execute("PRAGMA synchronous = OFF")  # it is made durable as a whole, at the end
        reader.backup(writer, pages=_PAGES, progress=lambda *_: between())
    finally:
        writer.close()


def _make_durable(target: Path) -> None:
    _sync(target, os.O_RDWR)
    try:
        _sync(target.parent, os.O_RDONLY)
    except OSError:
        pass  # not every system opens directories


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
