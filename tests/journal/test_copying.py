"""A copy of the database while it is in use."""

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import trio

from disks import SmallDisk, small_disk
from triochat.domain.entry import Entry, Record
from triochat.journal import copying
from triochat.journal.copying import copy
from triochat.journal.sqlite import SqliteStore
from triochat.ports import Span, StoreFault

__all__ = ["small_disk"]

LONG = "word " * 80


def lines(first: int, count: int) -> list[Entry]:
    """Messages in #x."""
    return [
        Entry(seq, f"t-{seq}", seq, "a!a@h", "PRIVMSG", ("#x", LONG), ("#x",)) for seq in range(first, first + count)
    ]


async def test_a_copy_opens_as_a_database_with_everything_in_it(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append(lines(1, 500), [Record("room", "#x", "1")])
    size = await store.copy_to(tmp_path / "copy.db")
    store.close()
    target = tmp_path / "copy.db"
    assert (target.stat().st_size, stat.S_IMODE(target.stat().st_mode)) == (size, 0o600)
    again = SqliteStore.open(target)
    assert len(await again.read([Span("#x")], 1000)) == 500
    assert again.records("room") == {"#x": "1"}
    assert len(await again.search([Span("#x")], "word", limit=1000)) == 500
    again.close()


def test_what_is_stored_meanwhile_is_not_in_it_and_does_not_make_it_begin_again(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    trio.run(store.append, lines(1, 5000))
    steps = 0

    def say_more() -> None:
        nonlocal steps
        steps += 1
        assert steps < 100
        trio.run(store.append, lines(10_000 * steps, 5))

    copy(tmp_path / "chat.db", tmp_path / "copy.db", 1.0, say_more)
    store.close()
    assert steps > 2
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copied:
        assert copied.execute("SELECT count(*), max(seq) FROM entry").fetchone() == (5000, 5000)
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(StoreFault, match="is there already"):
        await store.copy_to(tmp_path / "notes")
    with pytest.raises(StoreFault, match="No such file or directory"):
        await store.copy_to(tmp_path / "no" / "such" / "place")
    assert (tmp_path / "notes").read_text() == "mine"
    store.close()


async def test_a_copy_for_which_there_is_no_room_is_not_left_behind(small_disk: SmallDisk, tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append(lines(1, 8000))
    with pytest.raises(StoreFault, match="full"):
        await store.copy_to(small_disk.path / "copy.db")
    assert not list(small_disk.path.iterdir())
    await store.append(lines(9000, 1))
    store.close()


async def test_a_copy_that_is_cancelled_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append(lines(1, 3000))
    monkeypatch.setattr(copying, "_PAGES", 1)
    with trio.CancelScope() as scope:
        asked: Callable[[], None] = trio.from_thread.check_cancelled

        def cancel_first() -> None:
            trio.from_thread.run_sync(scope.cancel)
            asked()

        monkeypatch.setattr(trio.from_thread, "check_cancelled", cancel_first)
        await store.copy_to(tmp_path / "copy.db")
    assert scope.cancelled_caught
    assert not (tmp_path / "copy.db").exists()
    store.close()
