"""What is particular to the SQLite store: files, locks, schema, faults."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from triochat.domain.entry import Entry, Erasure, Forgetting, Record, Sent
from triochat.errors import Failure
from triochat.journal import searching
from triochat.journal.retention import DAY_MS, STEP
from triochat.journal.schema import MIGRATIONS
from triochat.journal.sqlite import SqliteStore
from triochat.ports import Span, StoreFault


def line(seq: int, text: str = "hi") -> Entry:
    """A message in #x."""
    return Entry(seq, f"t-{seq}", seq, "a!a@h", "PRIVMSG", ("#x", text), ("#x",))


async def test_entries_are_there_after_reopening(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(1), line(2)])
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db")
    assert again.newest() == (2, 2)
    assert [entry.seq for entry in await again.read([Span("#x")], 10)] == [1, 2]
    again.close()


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    assert stat.S_IMODE((tmp_path / "chat.db").stat().st_mode) == 0o600
    store.close()


async def test_a_second_server_on_the_same_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    with pytest.raises(Failure, match="another triochat server is using"):
        SqliteStore.open(tmp_path / "chat.db")
    store.close()
    SqliteStore.open(tmp_path / "chat.db").close()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    path.write_bytes(b"these are somebody's notes\n" * 100)
    with pytest.raises(Failure, match="cannot use the database"):
        SqliteStore.open(path)
    assert path.read_bytes().startswith(b"these are somebody's notes")


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(Failure, match="newer triochat"):
        SqliteStore.open(path)


async def test_the_oldest_schema_is_brought_up_to_date_with_its_entries(tmp_path: Path) -> None:
    """A migration may add and rename; what was said must stay."""
    path = tmp_path / "chat.db"
    connection = sqlite3.connect(path)
    connection.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
    connection.execute("INSERT INTO log VALUES (1, '#x')")
    connection.execute(
        "INSERT INTO entry (log, seq, msgid, time_ms, is_line, source, command, params, tags)"
        " VALUES (1, 5, 'old-5', 77, 1, 'a!a@h', 'PRIVMSG', '[\"#x\", \"long ago\"]', '')"
    )
    connection.commit()
    connection.close()
    store = SqliteStore.open(path)
    (entry,) = await store.read([Span("#x")], 10)
    assert (entry.seq, entry.time_ms, list(entry.params)) == (5, 77, ["#x", "long ago"])
    store.close()


async def test_a_group_that_fails_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    """The second entry of the group breaks a constraint of the table: all or none."""
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(1)])
    twice = Entry(2, "t-2", 2, "a!a@h", "PRIVMSG", ("#new", "x"), ("#new", "#new"))
    with pytest.raises(StoreFault):
        await store.append([line(3), twice])
    await store.append([line(4), Entry(5, "t-5", 5, "a!a@h", "PRIVMSG", ("#new", "y"), ("#new",))])
    assert [entry.seq for entry in await store.read([Span("#x"), Span("#new")], 10)] == [1, 4, 5]
    store.close()


async def tidied(store: SqliteStore, now_ms: int = 0) -> int:
    """Let it drop all that it has to; in how many steps it did."""
    steps = 0
    while await store.tidy(now_ms):
        steps += 1
    return steps


async def test_of_each_room_the_newest_lines_are_kept_when_so_many_are_wanted(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db", keep_lines=10)
    for seq in range(1, 301):
        await store.append([line(seq)])
        await store.tidy(0)
    kept = await store.read([Span("#x")], 1000)
    assert kept[-1].seq == 300
    assert 10 <= len(kept) <= 10 + 101
    assert await store.kept_from("#x") == kept[0].seq
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db")
    assert await again.kept_from("#x") == kept[0].seq  # also when all are kept from now on
    again.close()


async def test_a_large_room_is_cut_to_a_lower_bound_in_small_steps_from_the_start(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(seq, f"word{seq}") for seq in range(1, 2001)])
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db", keep_lines=10)
    await again.tidy(0)
    assert len(await again.read([Span("#x")], 5000)) == 2000 - STEP
    assert await again.kept_from("#x") == STEP + 1
    assert await tidied(again) == (1990 - 1) // STEP
    assert [entry.seq for entry in await again.read([Span("#x")], 5000)] == list(range(1991, 2001))
    assert await again.search([Span("#x")], "word1990", limit=9) == []
    assert len(await again.search([Span("#x")], "word1991", limit=9)) == 1
    assert await again.kept_from("#x") == 1991
    again.close()


async def test_numbers_are_not_used_again_though_all_entries_were_dropped(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db", keep_days=1)
    await store.append([line(7), Entry(8, "t-8", 8, "a!a@h", "PRIVMSG", ("b", "x"), ("=a/b",))])
    await tidied(store, 10 * DAY_MS)
    assert await store.read([Span("#x"), Span("=a/b")], 10) == []
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db")
    assert again.newest()[0] == 8
    assert await again.kept_from("#x") == 8
    again.close()


async def test_numbers_are_not_used_again_though_the_newest_were_forgotten(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(7), Entry(8, "t-8", 8, "a!a@h", "PRIVMSG", ("b", "x"), ("=a/b",))])
    await store.append([], [Forgetting("=a/")])
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db")
    assert again.newest()[0] == 8
    again.close()


async def test_records_are_there_after_reopening(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([], [Record("room", "#x", "1"), Record("room", "#y", "2")])
    await store.append([line(1)], [Record("room", "#y", None)])
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db")
    assert again.records("room") == {"#x": "1"}
    again.close()


async def test_records_that_cannot_be_read_are_a_fault(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    with closing(sqlite3.connect(tmp_path / "chat.db")) as damaging:
        damaging.execute("DROP TABLE record")
    with pytest.raises(StoreFault):
        store.records("room")
    store.close()


async def test_a_file_of_the_first_schema_can_keep_records(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    connection = sqlite3.connect(path)
    connection.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
    connection.close()
    store = SqliteStore.open(path)
    assert store.records("room") == {}
    await store.append([line(1)], [Record("room", "#x", "1")])
    store.close()
    again = SqliteStore.open(path)
    assert again.records("room") == {"#x": "1"}
    again.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


async def test_a_group_that_fails_makes_none_of_its_changes(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(1)], [Record("room", "#x", "1")])
    twice = Entry(2, "t-2", 2, "a!a@h", "PRIVMSG", ("#x", "x"), ("#x", "#x"))
    with pytest.raises(StoreFault):
        await store.append([twice], [Record("room", "#x", "2"), Erasure("#x", 1)])
    bad: Record = Record("room", "#x", object())  # type: ignore[arg-type]
    with pytest.raises(StoreFault):
        await store.append([line(3)], [Erasure("#x", 1), Record("room", "#y", "2"), bad])
    assert store.records("room") == {"#x": "1"}
    assert [entry.seq for entry in await store.read([Span("#x")], 10)] == [1]
    store.close()


def everything_in(directory: Path) -> bytes:
    """The bytes of all its files."""
    return b"".join(path.read_bytes() for path in directory.iterdir())


@pytest.mark.parametrize("indexed", [True, False])
async def test_what_was_erased_is_not_in_the_files(tmp_path: Path, indexed: bool) -> None:
    store = SqliteStore.open(tmp_path / "chat.db", index_step=2 if indexed else 1000)
    await store.append([line(1, "keep this"), line(2, "never-to-be-seen"), line(3, "keep that")])
    private = Entry(4, "t-4", 4, "a!a@h", "PRIVMSG", ("b", "burn-after-reading"), ("=a/b",))
    await store.append([private])
    await tidied(store)
    await store.append([], [Erasure("#x", 2)])
    await store.append([], [Forgetting("=a/")])
    await tidied(store)
    store.close()
    held = everything_in(tmp_path)
    assert b"keep this" in held
    for word in (b"never", b"seen", b"burn", b"reading"):  # nor in the index of words
        assert word not in held
    assert b"never-to-be-seen" not in held
    assert b"burn-after-reading" not in held


async def test_numbers_are_not_used_again_though_the_newest_entry_was_erased(tmp_path: Path) -> None:
    """Times are those of entries, and markers and rooms hold numbers of entries."""
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(7), line(8)])
    await store.append([line(9)], [Erasure("#x", 8)])
    store.close()
    again = SqliteStore.open(tmp_path / "chat.db")
    assert again.newest() == (9, 9)
    again.close()


async def test_only_so_many_lines_of_a_room_are_kept_and_all_private_ones(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db", keep_lines=10)
    for seq in range(1, 500):
        private = Entry(seq + 1000, f"p-{seq}", seq, "a!a@h", "PRIVMSG", ("b", "x"), ("=a/b",))
        await store.append([line(seq), private])
    await tidied(store)
    kept = [entry.seq for entry in await store.read([Span("#x")], 1000)]
    assert kept[-10:] == list(range(490, 500))
    assert len(kept) <= 10 + 101
    assert await store.kept_from("#x") == kept[0]
    assert len(await store.read([Span("=a/b")], 1000)) == 499
    store.close()


async def test_ids_of_lines_are_forgotten_after_a_week(tmp_path: Path) -> None:
    week = 7 * 24 * 3600 * 1000
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([], [Sent(f"old-{number:012}", "t-1", 1, number) for number in range(200)])
    await store.append([], [Sent(f"new-{number:012}", "t-2", 2, week + 1000) for number in range(200)])
    assert await store.sent("old-000000000000") is None
    assert await store.sent("new-000000000000") is not None
    store.close()


async def test_a_search_that_takes_too_long_is_ended_and_the_next_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore.open(tmp_path / "chat.db")
    await store.append([line(seq, f"word {seq}") for seq in range(1, 500)])
    with monkeypatch.context() as patch:
        patch.setattr(searching, "_LONGEST", -1.0)
        patch.setattr(searching, "_STEPS", 1)
        for text in ("word", ""):
            for _ in range(3):
                with pytest.raises(StoreFault, match="too long"):
                    await store.search([Span("#x")], text, limit=9)
    assert len(await store.search([Span("#x")], "word", limit=9)) == 9
    assert len(await store.read([Span("#x")], 9)) == 9
    store.close()
