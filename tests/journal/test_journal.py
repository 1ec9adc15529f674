"""The journal task: order, stored before seen, honest refusals."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from triochat.domain.entry import Change, Entry, Erasure, Record, Submission
from triochat.journal.journal import Journal, sequence_of
from triochat.journal.memory import MemoryStore
from triochat.ports import Span, StoreFault


class GatedStore(MemoryStore):
    """Commits when the gate is open, and fails on demand: a slow disk, a full disk."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = trio.Event()
        self.gate.set()
        self.groups: list[int] = []
        self.fault: str | None = None

    async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
        await self.gate.wait()
        if self.fault is not None:
            raise StoreFault(self.fault)
        self.groups.append(len(entries))
        await super().append(entries, changes)


class Sink:
    """Only what the journal touches of a session."""

    pending = 0


@asynccontextmanager
async def running(journal: Journal) -> AsyncIterator[None]:
    """The journal's task."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.run)
        yield
        journal.close()


def say(journal: Journal, text: str, **more: object) -> Submission:
    """Submit one line."""
    submission = Submission(journal.new_entry("a!a@h", "PRIVMSG", ("#x", text), ("#x",)), **more)  # type: ignore[arg-type]
    journal.submit(submission)
    return submission


def journal_on(store: MemoryStore, seen: list[Submission], clock: Callable[[], float] = lambda: 1.0) -> Journal:
    """A journal whose fan-out is a list."""
    return Journal(store, seen.extend, most_waiting=5, wall_clock=clock, instance="i")


def texts(seen: list[Submission]) -> list[str]:
    """What was said."""
    return [s.entry.params[1] for s in seen if s.entry is not None]


async def test_nobody_sees_an_entry_before_it_is_stored() -> None:
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    async with running(journal):
        store.gate = trio.Event()
        say(journal, "one")
        await wait_all_tasks_blocked()
        assert seen == []
        store.gate.set()
        await wait_all_tasks_blocked()
        assert texts(seen) == ["one"]


async def test_what_gathers_during_a_commit_is_the_next_group() -> None:
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    async with running(journal):
        store.gate = trio.Event()
        say(journal, "first")
        await wait_all_tasks_blocked()
        for text in "abc":
            say(journal, text)
        store.gate.set()
        await wait_all_tasks_blocked()
        assert store.groups == [1, 3]
        assert texts(seen) == ["first", "a", "b", "c"]


async def test_sequence_time_and_msgid_never_go_back_even_when_the_clock_does() -> None:
    times = iter([5.0, 3.0, 6.0])
    seen: list[Submission] = []
    journal = journal_on(MemoryStore(), seen, lambda: next(times))
    entries = [journal.new_entry("a", "PRIVMSG", ("#x", "y"), ("#x",)) for _ in range(3)]
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.time_ms for entry in entries] == [5000, 5000, 6000]
    assert [sequence_of(entry.msgid) for entry in entries] == [1, 2, 3]
    assert len({entry.msgid for entry in entries}) == 3


async def test_a_new_journal_goes_on_where_the_store_ends() -> None:
    store, seen = MemoryStore(), []
    await store.append([Entry(41, "old-41", 99_000, "a", "PRIVMSG", ("#x", "y"), ("#x",))])
    entry = journal_on(store, seen).new_entry("a", "PRIVMSG", ("#x", "y"), ("#x",))
    assert (entry.seq, entry.time_ms) == (42, 99_000)


async def test_the_sender_of_a_line_that_cannot_be_stored_is_told_and_nobody_sees_it() -> None:
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    store.fault = "disk full"
    sink = Sink()
    async with running(journal):
        say(journal, "lost?", origin=sink, refused=b"FAIL")
        await wait_all_tasks_blocked()
        assert [(s.entry, s.origin, s.after) for s in seen] == [(None, sink, b"FAIL")]
        assert sink.pending == 0
        store.fault = None
        say(journal, "again", origin=sink, refused=b"FAIL")
        await wait_all_tasks_blocked()
        assert texts(seen) == ["again"]


async def test_what_has_changed_the_world_is_told_even_if_it_cannot_be_stored() -> None:
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    store.fault = "disk full"
    async with running(journal):
        journal.submit(Submission(journal.new_entry("a!a@h", "JOIN", ("#x",), ("#x",))))
        await wait_all_tasks_blocked()
        assert [s.entry.command for s in seen if s.entry] == ["JOIN"]


async def test_a_full_journal_makes_readers_wait_until_it_has_room() -> None:
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    waited = trio.Event()

    async def reader() -> None:
        await journal.room_to_submit()
        waited.set()

    async with running(journal):
        store.gate = trio.Event()
        say(journal, "under way")
        await wait_all_tasks_blocked()
        for _ in range(5):
            assert not journal.full
            say(journal, "waits")
        assert journal.full
        async with trio.open_nursery() as nursery:
            nursery.start_soon(reader)
            await wait_all_tasks_blocked()
            assert not waited.is_set()
            store.gate.set()
            await wait_all_tasks_blocked()
            assert waited.is_set()


async def test_closing_hands_on_what_still_waits() -> None:
    seen: list[Submission] = []
    journal = journal_on(MemoryStore(), seen)
    async with running(journal):
        say(journal, "last words")
    assert texts(seen) == ["last words"]


async def test_a_failing_fan_out_does_not_end_the_journal() -> None:
    calls: list[int] = []

    def fan_out(batch: Sequence[Submission]) -> None:
        calls.append(len(batch))
        if len(calls) == 1:
            raise RuntimeError("a bug")

    journal = Journal(MemoryStore(), fan_out, most_waiting=5)
    async with running(journal):
        say(journal, "one")
        await wait_all_tasks_blocked()
        say(journal, "two")
        await wait_all_tasks_blocked()
    assert calls == [1, 1]


async def test_who_waits_for_a_change_is_told_also_when_the_fan_out_fails(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """It is stored all the same."""

    def fan_out(batch: Sequence[Submission]) -> None:
        raise RuntimeError("a bug")

    store = MemoryStore()
    journal = Journal(store, fan_out, most_waiting=5)
    async with running(journal):
        with trio.fail_after(1):
            await journal.keep([Record("account", "ann", "1")])
    assert store.records("account") == {"ann": "1"}


async def test_a_turn_is_bounded_in_bytes_and_keeps_the_order() -> None:
    """What a turn hands out may have to wait for a session as a whole."""
    seen: list[int] = []
    order: list[str] = []

    def fan_out(batch: Sequence[Submission]) -> None:
        seen.append(len(batch))
        order.extend(s.entry.params[1] for s in batch if s.entry is not None)

    journal = Journal(MemoryStore(), fan_out, most_waiting=100_000)
    for i in range(5000):
        say(journal, f"{i} {'x' * 300}")
    async with running(journal):
        await wait_all_tasks_blocked()
    assert sum(seen) == 5000
    assert max(seen) < 1000
    assert [text.split()[0] for text in order] == [str(i) for i in range(5000)]


async def test_each_line_of_a_message_counts_in_a_turn() -> None:
    """To a session, a hundred short lines are much more than their text."""
    seen: list[int] = []
    journal = Journal(MemoryStore(), lambda batch: seen.append(len(batch)), most_waiting=100_000)
    for _ in range(200):
        say(journal, "\n".join("x" * 100))
    async with running(journal):
        await wait_all_tasks_blocked()
    assert sum(seen) == 200
    assert max(seen) < 50


async def test_bytes_fill_the_journal_as_well_as_entries() -> None:
    journal = Journal(MemoryStore(), lambda batch: None, most_waiting=100_000)
    sink = Sink()
    for _ in range(100):
        journal.submit(Submission(None, origin=sink, after=b"x" * 100_000))  # type: ignore[arg-type]
    assert journal.full


async def test_a_store_that_fails_in_an_unknown_way_is_a_fault_like_any_other() -> None:
    class Broken(MemoryStore):
        async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
            raise RuntimeError("a bug")

    seen: list[Submission] = []
    journal = journal_on(Broken(), seen)
    sink = Sink()
    async with running(journal):
        say(journal, "lost?", origin=sink, refused=b"FAIL")
        await wait_all_tasks_blocked()
        assert [s.after for s in seen] == [b"FAIL"]


# -- what is kept besides entries --


async def test_keep_returns_when_the_change_is_durable() -> None:
    store, kept = GatedStore(), trio.Event()

    async def keep() -> None:
        await journal.keep([Record("account", "ann", "1")])
        kept.set()

    journal = journal_on(store, [])
    async with trio.open_nursery() as nursery, running(journal):
        store.gate = trio.Event()
        nursery.start_soon(keep)
        await wait_all_tasks_blocked()
        assert not kept.is_set()
        store.gate.set()
        await kept.wait()
    assert store.records("account") == {"ann": "1"}


async def test_keep_that_fails_was_not_made_and_is_not_made_later() -> None:
    store = GatedStore()
    journal = journal_on(store, [])
    store.fault = "disk full"
    async with running(journal):
        with pytest.raises(StoreFault, match="disk full"):
            await journal.keep([Record("account", "ann", "1")])
        store.fault = None
        say(journal, "later")
        await wait_all_tasks_blocked()
    assert store.records("account") == {}


async def test_keep_that_is_cancelled_in_line_is_not_made() -> None:
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    store.gate = trio.Event()
    async with running(journal):
        say(journal, "first")
        await wait_all_tasks_blocked()
        with trio.CancelScope() as scope:
            scope.cancel()
            await journal.keep([Record("account", "ann", "1")])
        assert scope.cancelled_caught
        store.gate.set()
    assert store.records("account") == {} and len(seen) == 2


async def test_keep_that_is_cancelled_while_it_is_being_made_returns_all_the_same(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Else the world would not know what the store does."""
    store, returned = GatedStore(), []

    async def keep(scope: trio.CancelScope) -> None:
        with scope:
            await journal.keep([Record("account", "ann", "1")])
            returned.append(True)

    journal = journal_on(store, [])
    store.gate, scope = trio.Event(), trio.CancelScope()
    async with trio.open_nursery() as nursery, running(journal):
        nursery.start_soon(keep, scope)
        await wait_all_tasks_blocked()
        scope.cancel()
        await trio.sleep(0.1)
        store.gate.set()
    assert returned == [True] and store.records("account") == {"ann": "1"}


async def test_what_has_changed_the_world_is_stored_as_soon_as_it_can_be() -> None:
    """A room's record while the disk is full: the newest counts, in its order."""
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    store.fault = "disk full"
    async with running(journal):
        for value in ("1", "2"):
            entry = journal.new_entry("a!a@h", "TOPIC", ("#x", value), ("#x",))
            journal.submit(Submission(entry, changes=(Record("room", "#x", value),)))
            await wait_all_tasks_blocked()
        assert [s.entry.params[1] for s in seen if s.entry] == ["1", "2"]
        assert store.records("room") == {}
        store.fault = None
        journal.submit(Submission(None, changes=(Record("room", "#y", "3"),)))
        await wait_all_tasks_blocked()
        assert store.records("room") == {"#x": "2", "#y": "3"}
        journal.submit(Submission(None, changes=(Record("room", "#x", "4"),)))
        await wait_all_tasks_blocked()
    assert store.records("room") == {"#x": "4", "#y": "3"}


async def test_change_of_a_line_that_was_refused_is_not_made_later() -> None:
    """A redaction that could not be stored was told to have failed: the message stays."""
    store, seen = GatedStore(), []
    journal = journal_on(store, seen)
    async with running(journal):
        say(journal, "stays")
        await wait_all_tasks_blocked()
        store.fault = "disk full"
        say(journal, "redaction", refused=b"FAIL", changes=(Erasure("#x", 1),))
        await wait_all_tasks_blocked()
        store.fault = None
        say(journal, "next")
        await wait_all_tasks_blocked()
        assert [entry.params[1] for entry in await store.read([Span("#x")], 9)] == ["stays", "next"]


async def test_of_much_that_is_overdue_the_newest_is_stored() -> None:
    store = GatedStore()
    journal = Journal(store, lambda batch: None, most_waiting=1_000_000)
    store.fault = "disk full"
    async with running(journal):
        for number in range(30_000):
            journal.submit(Submission(None, changes=(Record("room", f"#{number % 10}", str(number)),)))
        await wait_all_tasks_blocked()
        for number in range(30_000, 30_010):
            journal.submit(Submission(None, changes=(Record("room", f"#{number % 10}", str(number)),)))
            await wait_all_tasks_blocked()
        store.fault = None
        journal.submit(Submission(None, changes=(Record("room", "#last", "1"),)))
        await wait_all_tasks_blocked()
    assert store.records("room") == {"#last": "1", **{f"#{n % 10}": str(n) for n in range(30_000, 30_010)}}
