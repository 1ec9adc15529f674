"""What goes wrong with disks and files: nobody is told that something was kept that was not, nothing is overwritten,
and the server goes on by itself when it is over."""

import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from disks import SmallDisk, small_disk
from triochat.domain.entry import Entry, Record, Submission
from triochat.errors import Failure
from triochat.journal import opening
from triochat.journal.journal import Journal
from triochat.journal.memory import MemoryStore
from triochat.journal.schema import MIGRATIONS
from triochat.journal.sqlite import SqliteStore
from triochat.journal.tidying import keep_tidy
from triochat.ports import Span, Store, StoreFault

__all__ = ["small_disk"]

LONG = "word " * 80


def line(seq: int, text: str = "hi") -> Entry:
    """A message in #x."""
    return Entry(seq, f"t-{seq}", seq, "a!a@h", "PRIVMSG", ("#x", text), ("#x",))


async def seqs(store: Store) -> list[int]:
    """What #x holds."""
    return [entry.seq for entry in await store.read([Span("#x")], 10_000)]


# -- a full disk, a lock: until it is over --


async def test_a_full_disk_refuses_whole_groups_and_is_used_again_when_there_is_room(small_disk: SmallDisk) -> None:
    store = SqliteStore.open(small_disk.path / "chat.db")
    await store.append([line(1)])
    small_disk.fill()
    refused = 0
    for seq in range(2, 100):  # there may be some room left in the files that are there
        try:
            await store.append([line(seq, LONG) for _ in range(1)], [Record("room", "#x", str(seq))])
        except StoreFault as fault:
            assert "full" in str(fault)
            refused = refused or seq
    assert refused
    assert await seqs(store) == list(range(1, refused))
    assert store.records("room").get("#x", "1") == str(refused - 1)
    small_disk.free()
    await store.append([line(200)])
    assert await seqs(store) == [*range(1, refused), 200]
    assert await store.search([Span("#x")], "hi", limit=9) != []
    store.close()
    again = SqliteStore.open(small_disk.path / "chat.db")
    assert await seqs(again) == [*range(1, refused), 200]
    again.close()


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Another program is writing to the database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_locked_database_refuses_until_it_is_free(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db", patience=0.01)
    await store.append([line(1)])
    async with locked(tmp_path / "chat.db"):
        with pytest.raises(StoreFault, match="locked"):
            await store.append([line(2)])
        assert await seqs(store) == [1]  # reading goes on
    await store.append([line(3)])
    assert await seqs(store) == [1, 3]
    store.close()


async def test_people_are_told_and_nobody_sees_what_was_not_stored(tmp_path: Path) -> None:
    """From the journal's side: the line comes back as its refusal, and the next one goes out."""
    store = SqliteStore.open(tmp_path / "chat.db", patience=0.01)
    seen: list[Submission] = []
    journal = Journal(store, seen.extend, most_waiting=9, instance="t")

    async def say(text: str) -> None:
        delivered = trio.Event()
        entry = journal.new_entry("a!a@h", "PRIVMSG", ("#x", text), ("#x",))
        journal.submit(Submission(entry, refused=b"FAIL PRIVMSG MESSAGE_NOT_STORED", done=delivered.set))
        await journal.barrier()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.run)
        async with locked(tmp_path / "chat.db"):
            await say("lost")
        await say("kept")
        journal.close()
    assert [(s.entry.params[1] if s.entry else None, s.after) for s in seen] == [
        (None, b"FAIL PRIVMSG MESSAGE_NOT_STORED"),
        ("kept", b""),
    ]
    assert [entry.params[1] for entry in await store.read([Span("#x")], 9)] == ["kept"]
    store.close()


async def test_a_disk_that_takes_long_delays_what_is_said_and_loses_nothing(tmp_path: Path) -> None:
    """A slow fsync: nobody sees a line before it is stored, and the loop goes on."""

    class Slow(SqliteStore):
        gate = threading.Event()

        def _append(self, entries, changes):  # type: ignore[no-untyped-def]
            self.gate.wait(20)
            super()._append(entries, changes)

    store = Slow.open(tmp_path / "chat.db")
    seen: list[Submission] = []
    journal = Journal(store, seen.extend, most_waiting=3, instance="t")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.run)
        for number in range(5):
            if number == 1:
                await wait_all_tasks_blocked()  # the first is at the store, the others gather
            journal.submit(Submission(journal.new_entry("a!a@h", "PRIVMSG", ("#x", str(number)), ("#x",))))
        assert seen == []
        assert await seqs(store) == []  # reading does not wait for the writer
        assert journal.full
        Slow.gate.set()
        await journal.barrier()
        assert [s.entry.params[1] for s in seen if s.entry] == list("01234")
        journal.close()
    assert await seqs(store) == [1, 2, 3, 4, 5]
    store.close()


@pytest.mark.parametrize("fault", [StoreFault("disk full"), IndexError("an entry without a text")])
async def test_tidying_goes_on_after_a_fault(
    fault: Exception, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(MemoryStore):
        faults = 3

        async def tidy(self, now_ms: int) -> bool:
            if self.faults:
                self.faults -= 1
                raise fault
            return await super().tidy(now_ms)

    store = Faulty(keep_days=1)
    await store.append([line(seq) for seq in range(1, 2000)])
    with trio.move_on_after(120):
        await keep_tidy(store, lambda: 1e9)
    assert await seqs(store) == []
    (record,) = caplog.records
    assert record.message.startswith("cannot tidy the database, will try again")
    assert str(fault) in caplog.text


async def test_an_entry_that_makes_no_sense_keeps_others_from_nothing_but_the_index(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    store = SqliteStore.open(path, index_step=2)
    await store.append([line(1), line(2)])
    with closing(sqlite3.connect(path)) as damaging:
        damaging.execute("UPDATE entry SET params = 'ж' WHERE seq = 1")
        damaging.commit()
    with pytest.raises(StoreFault):
        await store.tidy(0)
    await store.append([line(3)])
    with pytest.raises(StoreFault):
        await store.read([Span("#x")], 10)
    assert [entry.seq for entry in await store.read([Span("#x", 1)], 10)] == [2, 3]
    store.close()


async def test_a_purge_that_fails_drops_nothing(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "chat.db", keep_days=1, patience=0.01)
    await store.append([line(1), line(2)])
    async with locked(tmp_path / "chat.db"):
        with pytest.raises(StoreFault):
            await store.tidy(10**12)
        assert await seqs(store) == [1, 2]
        assert await store.kept_from("#x") == 0
    assert await store.tidy(10**12)
    assert await store.kept_from("#x") == 3
    store.close()


# -- at the start --


def refused(path: Path, words: str) -> None:
    """It does not start on this file, says why in one sentence or two, and leaves the file as it is."""
    before = path.read_bytes()
    with pytest.raises(Failure, match=words) as caught:
        SqliteStore.open(path, patience=0.01)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A database with some thousand lines."""
    store = SqliteStore.open(tmp_path / "chat.db")
    trio.run(store.append, [line(seq, LONG) for seq in range(1, 3000)])
    store.close()
    return tmp_path / "chat.db"


def test_a_damaged_page_is_found_at_the_start(full: Path) -> None:
    data = bytearray(full.read_bytes())
    middle = len(data) // 8192 * 4096
    for page in range(middle, middle + 40 * 4096, 4096):
        data[page : page + 200] = b"\xff" * 200
    full.write_bytes(data)
    refused(full, f"cannot use the database {full}: .*(damaged|malformed)")


def test_a_file_that_was_cut_is_found_at_the_start(full: Path) -> None:
    data = full.read_bytes()
    full.write_bytes(data[: len(data) // 2])
    refused(full, "damaged|malformed")


def test_a_file_without_its_head_is_found_at_the_start(full: Path) -> None:
    full.write_bytes(b"\0" * 4096 + full.read_bytes()[4096:])
    refused(full, "not a database")


def test_a_locked_file_is_told_at_the_start(full: Path) -> None:
    with closing(sqlite3.connect(full, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Failure, match="locked"):
            SqliteStore.open(full, patience=0.01)


def test_the_check_at_the_start_ends_in_time(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_CHECK_FOR", 0.0)
    SqliteStore.open(full).close()


async def test_a_read_only_file_system_is_told_at_the_start(small_disk: SmallDisk) -> None:
    path = small_disk.path / "chat.db"
    store = SqliteStore.open(path)
    await store.append([line(1)])
    store.close()
    small_disk.make_read_only()
    refused(path, r"cannot write to .*: Read-only file system\. Choose another place with --data-dir\.")


async def test_a_disk_without_room_is_told_at_the_start(small_disk: SmallDisk) -> None:
    small_disk.fill()
    with pytest.raises(Failure, match=r"cannot (use the database|write to)"):
        SqliteStore.open(small_disk.path / "chat.db")


# -- older files --


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
async def test_every_older_schema_is_brought_up_to_date_with_what_is_in_it(tmp_path: Path, version: int) -> None:
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(f"{''.join(MIGRATIONS[:version])} PRAGMA user_version = {version};")
        old.executemany("INSERT INTO log (id, name) VALUES (?, ?)", [(1, "#x"), (2, "=a/b")])
        rows = []
        for seq in range(1, 1001):
            is_line = seq % 5 != 0
            said = f'["#x", "sentence number{seq}"]'
            command = "PRIVMSG" if is_line else "JOIN"
            rows.append((1 + seq % 2, seq, f"old-{seq}", 1000 * seq, is_line, "a!a@h", None, command, said, ""))
        old.executemany(
            "INSERT INTO entry (log, seq, msgid, time_ms, is_line, source, account, command, params, tags)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        if version > 1:
            old.execute("INSERT INTO record VALUES ('room', '#x', '1')")
        old.commit()
    store = SqliteStore.open(path)
    assert store.newest() == (1000, 1_000_000)
    assert await seqs(store) == list(range(2, 1001, 2))
    assert store.records("room") == ({"#x": "1"} if version > 1 else {})
    spans = [Span("#x"), Span("=a/b")]
    assert [entry.seq for entry in await store.search(spans, "NUMBER77 sentence", limit=2)] == [778, 779]
    assert [entry.seq for entry in await store.search(spans, "number998", limit=9)] == [998]
    assert await store.search(spans, "number1000", limit=9) == []  # a JOIN
    await store.append([line(1001, "sentence new")], [Record("room", "#x", "2")])
    assert [entry.seq for entry in await store.search(spans, "new", limit=9)] == [1001]
    assert await store.kept_from("#x") == 0
    store.close()
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        new.execute("INSERT INTO line_text (line_text, rank) VALUES ('integrity-check', 1)")


async def test_a_step_to_a_newer_schema_that_fails_changes_nothing(tmp_path: Path, small_disk: SmallDisk) -> None:
    """The disk is full while the index of words is made: the old file is as good as before."""
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
        connection.execute("INSERT INTO log (id, name) VALUES (1, '#x')")
        connection.executemany(
            "INSERT INTO entry (log, seq, msgid, time_ms, is_line, source, command, params, tags)"
            " VALUES (1, ?, '', 1, 1, 'a!a@h', 'PRIVMSG', ?, '')",
            [(seq, f'["#x", "{" ".join(f"w{seq}x{n}" for n in range(20))}"]') for seq in range(1, 6000)],
        )
        connection.commit()
    path = small_disk.path / "chat.db"
    shutil.copy(old, path)
    with pytest.raises(Failure, match="full"):
        SqliteStore.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (5999,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA user_version").fetchone()[0] < 3
