"""One contract for every store (triochat.ports.Store)."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from triochat.domain.entry import Entry, Erasure, Forgetting, Record, Sent
from triochat.journal.memory import MemoryStore
from triochat.journal.sqlite import SqliteStore
from triochat.ports import Span, Store


@pytest.fixture(params=["memory", "sqlite-full", "sqlite-normal", "sqlite-indexed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each implementation in turn."""
    opened: Store
    match request.param:
        case "memory":
            opened = MemoryStore()
        case "sqlite-normal":
            opened = SqliteStore.open(tmp_path / "chat.db", "normal")
        case "sqlite-indexed":
            opened = SqliteStore.open(tmp_path / "chat.db", index_step=1)
        case _:
            opened = SqliteStore.open(tmp_path / "chat.db")
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


async def test_an_entry_is_found_by_its_msgid_alone(store: Store) -> None:
    await store.append([line(3, "#a"), line(4, "mail b"), joined(5, "#a", "#b", "#c"), line(9, "#b"), line(10, "#a")])
    await store.append([line(12, "#c"), line(14, "#d"), line(15, "#a")], [Erasure("#a", 10), Erasure("#a", 5)])
    logs = {seq: await store.find(f"test-{seq}", "#") for seq in range(17)}
    found = {3: ("#a", 3), 5: ("#b", 5), 9: ("#b", 9), 12: ("#c", 12), 14: ("#d", 14), 15: ("#a", 15)}
    assert {seq: log for seq, log in logs.items() if log is not None} == found
    assert await store.find("test-4", "mail") == ("mail b", 4)
    assert await store.find("other-9", "#") is None
    assert await store.find("no number", "#") is None


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


# -- finding lines by their words --


def said(seq: int, text: str, log: str = "#x", nick: str = "ann") -> Entry:
    """A line of somebody."""
    return Entry(seq, f"test-{seq}", seq * 1000, f"{nick}!a@host", "PRIVMSG", (log, text), (log,))


async def search(store: Store, spans: list[Span], text: str, **choice: Any) -> list[int]:
    """The numbers of the lines that are found when the store has tidied up."""
    while await store.tidy(0):
        pass
    return seqs(await store.search(spans, text, **choice))


async def found(store: Store, text: str, *logs: str, limit: int = 10) -> list[int]:
    """The numbers of the lines that have these words."""
    return await search(store, [Span(log) for log in logs or ("#x",)], text, limit=limit)


async def test_search_finds_lines_that_have_all_words(store: Store) -> None:
    await store.append([said(1, "the quick fox"), said(2, "A QUICK brown Fox!"), said(3, "quick"), joined(4)])
    assert await found(store, "quick") == [1, 2, 3]
    assert await found(store, "fox QUICK") == [1, 2]
    assert await found(store, "fox, quick; brown?") == [2]
    assert await found(store, "fox wolf") == []
    assert await found(store, "bob") == []  # who joined is no line


async def test_search_does_not_mind_case_and_accents(store: Store) -> None:
    await store.append([said(1, "Grüße aus Köln"), said(2, "cafe\u0301 ΑΘΗΝΑ"), said(3, "привет Москва")])
    assert await found(store, "KOLN grusse") == []
    assert await found(store, "koln GRÜSSE".replace("SS", "ß")) == [1]
    assert await found(store, "Café") == await found(store, "cafe") == await found(store, "αθηνα") == [2]
    assert await found(store, "МОСКВА") == [3]


async def test_search_knows_letters_and_signs_that_sqlite_does_not(store: Store) -> None:
    await store.append(
        [said(1, "Αθήνα, ο μαθητής"), said(2, "Ёлка мой"), said(3, "🤔hello👍🏽 ok🥳"), said(4, "한국어")]
    )
    assert await found(store, "αθηνα ΜΑΘΗΤΗΣ") == [1]
    assert await found(store, "елка") == await found(store, "МОЙ") == [2]
    assert await found(store, "hello ok") == [3]
    assert await found(store, "한국") == [4]


async def test_search_goes_into_all_parts_of_a_long_line(store: Store) -> None:
    await store.append([said(1, "first part \0second part"), said(2, "cut in the mid\0dle of a word\nlast line")])
    await store.append([said(3, "a \\u0000 that was written \\"), said(4, "\\\0backslash")])
    assert await found(store, "second first") == [1]
    assert await found(store, "middle last") == [2]
    assert await found(store, "dle") == []
    assert await found(store, "u0000 written") == [3]
    assert await found(store, "backslash") == [4]


async def test_search_takes_longer_words_for_a_word_of_three_letters(store: Store) -> None:
    await store.append([said(1, "Fasting is hard"), said(2, "breakfast"), said(3, "it is so")])
    assert await found(store, "fast") == [1]
    assert await found(store, "i") == []
    assert await found(store, "is") == [1, 3]


async def test_search_goes_into_multiple_lines_and_special_characters(store: Store) -> None:
    await store.append(
        [said(1, "first line\nsecond one\0going-on"), said(2, "\x01ACTION waves\x01"), said(3, "🎂 cake")]
    )
    assert await found(store, "second") == [1]
    assert await found(store, "waves") == [2]
    assert await found(store, "cake") == [3]
    assert await found(store, "🎂") == []  # no word


@pytest.mark.parametrize(
    "text",
    ['"', '""', "fox\"", "fox AND", "OR", "NOT fox", "NEAR(fox, 2)", "text:fox", "{text}: fox", "fox*", "^fox", "(",
     "fox)", "-fox", "fox + fox", "'; DROP TABLE entry; --", "fox\0", "%", "_", "\\", "* *"],
)  # fmt: skip
async def test_nothing_that_is_looked_for_is_syntax(store: Store, text: str) -> None:
    await store.append([said(1, "a fox and or not near text drop table entry 2"), said(2, "elsewhere")])
    assert await found(store, text) in ([], [1])
    assert await found(store, "fox") == [1]


async def test_search_looks_into_these_logs_only_and_from_their_floor(store: Store) -> None:
    await store.append([said(1, "secret"), said(2, "secret", "#y"), said(3, "secret", "=a/b"), said(4, "secret")])
    assert await found(store, "secret", "#x", "#none") == [1, 4]
    assert await found(store, "secret", "#x", "#y") == [1, 2, 4]
    spans = [Span("#x", 1), Span("#y", 0, 2), Span("=a/b", 2, 4)]
    assert await search(store, spans, "secret", limit=10) == [3, 4]
    assert await search(store, spans, "", limit=10) == [3, 4]
    assert await search(store, [], "secret", limit=10) == await search(store, [], "", limit=10) == []


async def test_search_takes_the_newest_or_the_oldest_after_a_time(store: Store) -> None:
    await store.append([said(seq, "word", "#x" if seq % 2 else "#y") for seq in range(1, 11)])
    for text in ("word", ""):
        spans = [Span("#x"), Span("#y")]
        assert await search(store, spans, text, limit=3) == [8, 9, 10]
        assert await search(store, spans, text, after_ms=3000, limit=3) == [3, 4, 5]
        assert await search(store, spans, text, before_ms=5000, limit=3) == [3, 4, 5]
        assert await search(store, spans, text, after_ms=2999, before_ms=4000, limit=9) == [3, 4]
        assert await search(store, spans, text, after_ms=99_000, limit=9) == []
        assert await search(store, spans, text, before_ms=999, limit=9) == []
        assert await search(store, spans, text, limit=0) == []


async def test_search_by_who_said_it(store: Store) -> None:
    await store.append(
        [said(1, "hi", nick="ann"), said(2, "hi", nick="an%"), said(3, "hi", nick="Ann"), said(4, "hi", nick="annie")]
    )
    server = Entry(5, "test-5", 5000, "irc.test", "NOTICE", ("#x", "hi"), ("#x",))
    await store.append([server])

    async def by(sender: str, text: str = "hi") -> list[int]:
        return await search(store, [Span("#x")], text, sender=sender, limit=10)

    for text in ("hi", ""):
        assert await by("ANN", text) == [1, 3]
        assert await by("an%", text) == [2]
        assert await by("a_n", text) == []
        assert await by("irc.test", text) == [5]


async def test_what_was_taken_back_is_not_found(store: Store) -> None:
    await store.append([said(1, "secret"), said(2, "secret"), said(3, "secret", "=a/b"), said(4, "secret", "=b/a")])
    await store.append([], [Erasure("#x", 1), Forgetting("=a/")])
    assert await found(store, "secret", "#x", "=a/b", "=b/a") == [2, 4]
    await store.append([said(5, "secret", "=a/b")], [Erasure("#x", 2)])
    assert await found(store, "secret", "#x", "=a/b", "=b/a") == [4, 5]


# -- what is kept no longer --


@pytest.fixture(params=["memory", "sqlite"])
def week(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each implementation, keeping everything for a week."""
    opened: Store
    opened = (
        MemoryStore(keep_days=7) if request.param == "memory" else SqliteStore.open(tmp_path / "w.db", keep_days=7)
    )
    yield opened
    opened.close()


async def test_what_is_older_than_the_days_to_keep_is_dropped_from_all_logs(week: Store) -> None:
    day = 24 * 3600 * 1000
    for number in range(1, 11):
        await week.append(
            [line(3 * number, time_ms=number * day), line(3 * number + 1, "=a/b", time_ms=number * day)]
        )
        await week.append([line(3 * number + 2, "#old", time_ms=number * day)] if number < 3 else [])
    while await week.tidy(10 * day):
        pass
    assert seqs(await week.read([Span("#x")], 100)) == [9, 12, 15, 18, 21, 24, 27, 30]
    assert seqs(await week.read([Span("=a/b")], 100))[0] == 10
    assert await week.read([Span("#old")], 100) == []
    # What is gone is owned up to, also where nothing is left.
    assert 6 < await week.kept_from("#x") <= 9
    assert await week.kept_from("#old") == 9
    assert await week.kept_from("#other") == 0
    assert await week.locate("#x", "test-3") is None
    assert await found(week, "hi", "#x", "#old", limit=2) == [27, 30]


async def test_nothing_is_dropped_when_everything_is_to_be_kept(store: Store) -> None:
    await store.append([line(seq) for seq in range(1, 500)])
    while await store.tidy(10**15):
        pass
    assert len(await store.read([Span("#x")], 1000)) == 499
    assert await store.kept_from("#x") == 0


async def test_much_is_dropped_in_steps_between_which_others_have_their_turn(week: Store) -> None:
    await week.append([line(seq, text=f"word{seq}") for seq in range(1, 1201)])
    steps, left = 0, [1200]
    while await week.tidy(10**12):
        steps += 1
        left.append(len(await week.read([Span("#x")], 2000)))
        assert await week.kept_from("#x") == 1201 - left[-1]
    assert steps > 1
    assert left[-1] <= 500
    assert all(before - after <= 500 for before, after in pairwise(left))
    assert await found(week, "word1") == []


def test_only_the_memory_store_forgets_its_oldest_entries() -> None:
    """Its bound is a promise about memory; it is documented as such."""

    async def fill(store: MemoryStore) -> list[int]:
        await store.append([line(seq) for seq in range(1, 11)])
        return seqs(await store.read([Span("#x")], 100))

    import trio

    make: Callable[[], MemoryStore] = lambda: MemoryStore(per_log=4)  # noqa: E731
    assert trio.run(fill, make()) == [7, 8, 9, 10]


async def test_a_line_is_found_by_the_id_that_its_sender_gave_it(store: Store) -> None:
    await store.append([line(7)], [Sent("id-of-this-line-0001", "test-7", 7, 7000)])
    assert await store.sent("id-of-this-line-0001") == Sent("id-of-this-line-0001", "test-7", 7, 7000)
    assert await store.sent("id-of-another-line-1") is None
