"""Whatever becomes of lines, a search finds those that are there, as a store without an index would."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from triochat.domain.entry import Change, Entry, Erasure, Forgetting
from triochat.journal.memory import MemoryStore
from triochat.journal.sqlite import SqliteStore
from triochat.ports import Span

LOGS = ("#x", "#y", "=a/b")
WORDS = ("fox", "Fuchs", "foxes", "fuchs")

lines = st.tuples(st.just("line"), st.sampled_from(LOGS), st.lists(st.sampled_from(WORDS), max_size=2))
events = st.tuples(st.just("event"), st.sampled_from(LOGS), st.just(()))
erasures = st.tuples(st.just("erase"), st.sampled_from(LOGS), st.integers(0, 3))
others = st.tuples(st.sampled_from(["forget", "tidy", "reopen"]), st.just(""), st.just(0))


def indexed(path: Path) -> tuple[int, int]:
    """How many entries there are, and how many are in the index, which is checked against them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO line_text (line_text, rank) VALUES ('integrity-check', 1)")
        (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
        (missing,) = connection.execute(
            "SELECT count(*) FROM entry WHERE id > (SELECT until FROM indexed)"
        ).fetchone()
        return entries, entries - missing


@given(program=st.lists(lines | events | erasures | others, max_size=40), step=st.integers(1, 4), eager=st.booleans())
async def test_what_is_said_erased_and_indexed_in_any_order_is_found(program: list, step: int, eager: bool) -> None:  # type: ignore[type-arg]
    with TemporaryDirectory() as directory:
        path = Path(directory, "chat.db")
        store, model = SqliteStore.open(path, "normal", index_step=step), MemoryStore()
        for seq, (what, log, detail) in enumerate(program, 1):
            entries: list[Entry] = []
            changes: list[Change] = []
            match what:
                case "line":
                    entries = [Entry(seq, f"t-{seq}", seq, "a!a@h", "PRIVMSG", ("#x", " ".join(detail)), (log,))]
                case "event":
                    entries = [Entry(seq, f"t-{seq}", seq, "a!a@h", "JOIN", ("#x",), (log,))]
                case "erase":  # the newest, or one a little older
                    for entry in (await model.read([Span(log)], 1 + detail, newest=True))[:1]:
                        changes = [Erasure(log, entry.seq)]
                case "forget":
                    changes = [Forgetting("=")]
                case "reopen":
                    store.close()
                    store = SqliteStore.open(path, "normal", index_step=step)
            for each in (store, model):
                await each.append(entries, changes)
            while (eager or what == "tidy") and await store.tidy(0):
                pass
            for text in WORDS:
                spans = [Span(log) for log in LOGS]
                found, wanted = [await each.search(spans, text, limit=99) for each in (store, model)]
                assert [entry.seq for entry in found] == [entry.seq for entry in wanted]
        while await store.tidy(0):
            pass
        entries_now, indexed_now = indexed(path)
        assert entries_now - indexed_now < step
        store.close()


async def test_many_new_lines_come_into_the_index_step_by_step_and_few_wait(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    store = SqliteStore.open(path)
    for first in range(1, 2500, 50):
        await store.append(
            [Entry(n, f"t-{n}", n, "a!a@h", "PRIVMSG", ("#x", f"w{n:04}"), ("#x",)) for n in range(first, first + 50)]
        )
    assert indexed(path) == (2500, 0)
    assert await store.tidy(0)
    assert indexed(path) == (2500, 1000)
    assert not await store.tidy(0)
    assert indexed(path) == (2500, 2000)
    for number in (1, 1000, 1001, 2000, 2001, 2500):
        (found,) = await store.search([Span("#x")], f"w{number:04}", limit=9)
        assert found.seq == number
    store.close()
