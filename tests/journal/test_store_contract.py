"""One contract for every store (triochat.ports.Store)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from triochat.domain.entry import Entry, Erasure, Forgetting, Record
from triochat.journal.memory import MemoryStore
from triochat.journal.sqlite import SqliteStore
from triochat.ports import Span, Store


@pytest.fixture(params=["memory", "sqlite-full", "sqlite-normal"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each implementation in turn."""
    kind, _, durability = request.param.partition("-")
    opened: Store = (
        MemoryStore()
        if kind == "memory"
        else SqliteStore.open(tmp_path / "chat.db", "full" if durability == "full" else "normal")
    )
    yield opened
    opened.close()


def line(seq: int, *logs: str, time_ms: int | None = None, text: str = "hi") -> Entry:
    """A message that was kept as number *seq*."""
    return Entry(
        seq,
        f"test-{seq}",
        seq * 1000 if time_ms is None else time_ms,
        "ann!a@host",
        "PRIVMSG",
        ("#x", text),
        logs or ("#x",),
        "ann",
        "+typing=active",
    )


def joined(seq: int, *logs: str) -> Entry:
    """An event that is no line."""
    return Entry(seq, f"test-{seq}", seq * 1000, "bob!b@host", "JOIN", ("#x", "*", "Bob"), logs or ("#x",))


def seqs(entries: list[Entry]) -> list[int]:
    """Their numbers."""
    return [entry.seq for entry in entries]


async def test_an_empty_store_has_nothing(store: Store) -> None:
    assert store.newest() == (0, 0)
    assert await store.read([Span("#x")], 10) == []
    assert await store.locate("#x", "test-1") is None


async def test_every_field_of_an_entry_comes_back(store: Store) -> None:
    await store.append([line(7, text="grüße, 世界 \x02bold\x02 'quoted' \"too\"")])
    (entry,) = await store.read([Span("#x")], 10)
    assert (entry.seq, entry.msgid, entry.time_ms) == (7, "test-7", 7000)
    assert (entry.source, entry.command, entry.account, entry.tags) == (
        "ann!a@host",
        "PRIVMSG",
        "ann",
        "+typing=active",
    )
    assert list(entry.params) == ["#x", "grüße, 世界 \x02bold\x02 'quoted' \"too\""]
    assert store.newest() == (7, 7000)


async def test_text_of_several_lines_comes_back_as_it_was(store: Store) -> None:
    text = "one\n\ntwo \0words \u2028\x1b"
    await store.append([line(1, text=text)])
    (entry,) = await store.read([Span("#x")], 10)
    assert entry.params[1] == text


async def test_reading_forward_takes_the_oldest_and_newest_takes_the_newest(store: Store) -> None:
    await store.append([line(seq) for seq in range(1, 11)])
    assert seqs(await store.read([Span("#x")], 3)) == [1, 2, 3]
    assert seqs(await store.read([Span("#x")], 3, newest=True)) == [8, 9, 10]


async def test_spans_leave_out_their_ends(store: Store) -> None:
    await store.append([line(seq) for seq in range(1, 11)])
    assert seqs(await store.read([Span("#x", 3, 7)], 10)) == [4, 5, 6]
    assert seqs(await store.read([Span("#x", 3, 7)], 2, newest=True)) == [5, 6]
    assert seqs(await store.read([Span("#x", 10)], 10)) == []
    assert seqs(await store.read([Span("#x", 4, 5)], 10)) == []


async def test_several_logs_come_in_one_order_and_shared_entries_once(store: Store) -> None:
    await store.append([line(1, "#x"), line(2, "#y"), joined(3, "#x", "#y"), line(4, "#z"), line(5, "#x")])
    spans = [Span("#x"), Span("#y"), Span("#none")]
    assert seqs(await store.read(spans, 10)) == [1, 2, 3, 5]
    assert seqs(await store.read(spans, 2, newest=True)) == [3, 5]
    assert seqs(await store.read([Span("#x", 1), Span("#y", 0, 3)], 10)) == [2, 3, 5]


async def test_lines_only_leaves_out_events_before_it_counts(store: Store) -> None:
    await store.append([line(1), joined(2), line(3), joined(4), joined(5)])
    assert seqs(await store.read([Span("#x")], 2, newest=True, lines_only=True)) == [1, 3]


async def test_locate_finds_an_entry_in_its_own_log_only(store: Store) -> None:
    await store.append([line(1, "#x"), line(2, "#y")])
    assert await store.locate("#y", "test-2") == 2
    assert await store.locate("#x", "test-2") is None
    assert await store.locate("#x", "other-1") is None
    assert await store.locate("#x", "no number") is None


@pytest.mark.parametrize(("time_ms", "later"), [(0, [1, 4, 9]), (1000, [1, 4, 9]), (1001, [4, 9]), (2000, [4, 9])])
async def test_position_at_divides_a_log_at_a_time(store: Store, time_ms: int, later: list[int]) -> None:
    await store.append(
        [line(1, time_ms=1000), line(2, "#y", time_ms=1500), line(4, time_ms=2000), line(9, time_ms=2000)]
    )
    position = await store.position_at("#x", time_ms)
    assert seqs(await store.read([Span("#x", position - 1)], 10)) == later


async def test_position_after_the_end_lets_nothing_through(store: Store) -> None:
    await store.append([line(1, time_ms=1000)])
    assert await store.read([Span("#x", await store.position_at("#x", 1001) - 1)], 10) == []
    assert await store.read([Span("#y", await store.position_at("#y", 5) - 1)], 10) == []


async def test_many_groups_keep_their_order(store: Store) -> None:
    for start in range(1, 500, 7):
        await store.append([line(seq) for seq in range(start, start + 7)])
    found = seqs(await store.read([Span("#x")], 1000))
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= 497


# -- what is kept besides entries --


async def test_a_record_is_what_was_kept_last(store: Store) -> None:
    assert store.records("room") == {}
    await store.append([], [Record("room", "#x", "1"), Record("room", "#y", "ü\0'\""), Record("account", "#x", "2")])
    await store.append([line(1)], [Record("room", "#x", "3"), Record("room", "#x", "4")])
    assert store.records("room") == {"#x": "4", "#y": "ü\0'\""}
    assert store.records("account") == {"#x": "2"}
    assert store.newest() == (1, 1000)


async def test_a_record_that_is_taken_back_is_gone(store: Store) -> None:
    await store.append([], [Record("room", "#x", "1"), Record("room", "#y", "2")])
    await store.append([], [Record("room", "#x", None), Record("room", "#none", None), Record("none", "#x", None)])
    assert store.records("room") == {"#y": "2"}


async def test_an_erased_entry_is_gone_from_its_log_only(store: Store) -> None:
    await store.append([line(1, "#x", "#y"), line(2, "#x", "#y")])
    await store.append([line(3)], [Erasure("#x", 1), Erasure("#x", 77), Erasure("#none", 2)])
    assert seqs(await store.read([Span("#x")], 10)) == [2, 3]
    assert seqs(await store.read([Span("#y")], 10)) == [1, 2]
    assert await store.locate("#x", "test-1") is None
    assert await store.locate("#y", "test-1") == 1


async def test_an_entry_may_be_erased_in_the_group_that_keeps_it(store: Store) -> None:
    await store.append([line(1), line(2)], [Erasure("#x", 1)])
    assert seqs(await store.read([Span("#x")], 10)) == [2]


async def test_logs_are_found_by_how_their_names_begin(store: Store) -> None:
    await store.append([line(1, "=ann/bob"), line(2, "=ann/cat", "=cat/ann"), line(3, "=anna/bob"), line(4, "#x")])
    assert sorted(await store.logs("=ann/")) == ["=ann/bob", "=ann/cat"]
    assert await store.logs("=%") == await store.logs("=_nn/") == []
    assert len(await store.logs("")) == 5


async def test_forgotten_logs_are_empty_and_others_are_not(store: Store) -> None:
    await store.append([line(1, "=ann/bob"), line(2, "=ann/cat", "=cat/ann"), line(3, "=anna/bob")])
    await store.append([], [Forgetting("=ann/")])
    assert await store.read([Span("=ann/bob"), Span("=ann/cat")], 10) == []
    assert seqs(await store.read([Span("=cat/ann"), Span("=anna/bob")], 10)) == [2, 3]
    await store.append([line(4, "=ann/bob")])
    assert seqs(await store.read([Span("=ann/bob")], 10)) == [4]
    await store.append([], [Forgetting("=nobody/")])


async def test_changes_are_made_in_their_order(store: Store) -> None:
    await store.append(
        [], [Record("a", "k", "1"), Record("a", "k", None), Record("a", "k", "2"), Record("a", "l", "3")]
    )
    await store.append([], [Record("a", "l", "4"), Record("a", "l", None)])
    assert store.records("a") == {"k": "2"}


def test_only_the_memory_store_forgets_its_oldest_entries() -> None:
    """Its bound is a promise about memory; it is documented as such."""

    async def fill(store: MemoryStore) -> list[int]:
        await store.append([line(seq) for seq in range(1, 11)])
        return seqs(await store.read([Span("#x")], 100))

    import trio

    make: Callable[[], MemoryStore] = lambda: MemoryStore(per_log=4)  # noqa: E731
    assert trio.run(fill, make()) == [7, 8, 9, 10]
