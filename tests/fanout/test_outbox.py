"""An outbox from live over queued and parked back to live: nothing lost, doubled or out of order on the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from fanout.pipe import Pipe
from triochat.domain.audience import Audience
from triochat.domain.entry import Replay, Submission
from triochat.domain.user import Session, User
from triochat.fanout.fanout import FanOut
from triochat.fanout.outbox import Delivery, Outbox
from triochat.journal.journal import Journal
from triochat.journal.memory import MemoryStore
from triochat.proto.caps import Cap


class Bench:
    """A journal on memory, its fan-out, one room, one outbox under test."""

    def __init__(self, nursery: trio.Nursery, *, room: int, budget: int, stall: float = 60, per_log: int = 10_000):
        self.fan_out = FanOut()
        self.store = MemoryStore(per_log)
        self.journal = Journal(self.store, self.fan_out, most_waiting=1000, wall_clock=lambda: 1.0, instance="i")
        delivery = Delivery(nursery, self.store, lambda: self.fan_out.position, budget=budget, stall_timeout=stall)
        self.pipe = Pipe(room)
        self.ended: list[str] = []
        self.outbox = Outbox(self.pipe, delivery, self)
        session = Session(1, self.outbox, address="::1", door="irc", tls=False, now=0)
        session.user = User("me", "u", "h", "Me", 0)
        self.outbox.session = session
        self.audience = Audience("#x")
        self.audience.add(self.outbox, 0)
        self.said = 0
        nursery.start_soon(self.journal.run)

    def lost(self, reason: str) -> None:
        """The outbox gives up."""
        self.ended.append(reason)

    async def say(self, count: int = 1, *, by: str = "ann", own: bool = False) -> None:
        """Lines of the room, one turn each."""
        for _ in range(count):
            self.said += 1
            entry = self.journal.new_entry(f"{by}!u@h", "PRIVMSG", ("#x", str(self.said)), ("#x",))
            self.journal.submit(Submission(entry, (self.audience,), origin=self.outbox if own else None))
            await wait_all_tasks_blocked()

    def expected(self) -> list[str]:
        return [str(i) for i in range(1, self.said + 1)]


@asynccontextmanager
async def bench(*, room: int, budget: int = 10_000, **more: float) -> AsyncIterator[Bench]:
    """The bench, with its tasks ended afterwards."""
    async with trio.open_nursery() as nursery:
        yield Bench(nursery, room=room, budget=budget, **more)  # type: ignore[arg-type]
        nursery.cancel_scope.cancel()


async def test_a_reading_peer_needs_no_task_and_no_channel() -> None:
    async with bench(room=1_000_000) as b:
        await b.say(50)
        assert b.outbox.send == b.pipe.try_send
        assert b.outbox.waiting == 0
        assert b.pipe.texts == b.expected()


async def test_a_full_socket_queues_and_goes_back_to_direct_sends() -> None:
    async with bench(room=100) as b:
        await b.say(20)
        assert b.outbox.waiting > 0
        assert not b.outbox.parked
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.outbox.send == b.pipe.try_send
        await b.say(5)
        assert b.pipe.texts == b.expected()


async def test_over_budget_the_session_is_parked_and_holds_no_more_than_the_budget() -> None:
    async with bench(room=100, budget=500) as b:
        await b.say(1000)
        assert b.outbox.parked
        assert b.outbox.waiting <= 500
        assert b.ended == []


async def test_a_parked_session_catches_up_from_the_log_and_misses_nothing() -> None:
    async with bench(room=100, budget=500) as b:
        await b.say(1000)
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == b.expected()
        assert b.outbox.send == b.pipe.try_send
        await b.say(3)
        assert b.pipe.texts == b.expected()


@pytest.mark.parametrize("sip", [37, 200, 777])
async def test_a_peer_that_reads_slowly_while_others_talk_gets_all_in_order(sip: int) -> None:
    async with bench(room=100, budget=300) as b:
        for _ in range(150):
            await b.say(5)
            b.pipe.read(sip)
            await wait_all_tasks_blocked()
        b.pipe.read(10_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == b.expected()


async def test_own_lines_are_not_read_back_unless_their_echo_was_asked_for() -> None:
    async with bench(room=0, budget=100) as b:
        await b.say(10)
        await b.say(5, by="me", own=True)
        await b.say(1)
        assert b.outbox.parked
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == [str(i) for i in [*range(1, 11), 16]]


async def test_own_lines_are_read_back_with_echo_message() -> None:
    async with bench(room=0, budget=100) as b:
        assert b.outbox.session is not None
        b.outbox.session.caps = Cap.ECHO_MESSAGE
        await b.say(10)
        await b.say(5, by="me", own=True)
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == b.expected()


async def test_leaving_the_room_while_parked_ends_what_is_read_there() -> None:
    async with bench(room=0, budget=100) as b:
        await b.say(20)
        entry = b.journal.new_entry("op!u@h", "KICK", ("#x", "me", "out"), ("#x",))
        b.journal.submit(Submission(entry, (b.audience,), unfollow=(b.outbox,)))
        seen = b.expected()
        await b.say(20)
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == [*seen, "out"]


async def test_private_bytes_reach_a_parked_session_in_their_order() -> None:
    async with bench(room=0, budget=100) as b:
        await b.say(20)
        b.outbox.put(b"x :p1\r\n")
        b.outbox.put(b"x :p2\r\n")
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        texts = b.pipe.texts
        assert [text for text in texts if text.startswith("p")] == ["p1", "p2"]
        assert [text for text in texts if not text.startswith("p")] == b.expected()


async def test_private_bytes_without_end_are_cut_off() -> None:
    async with bench(room=0, budget=100) as b:
        for _ in range(3000):
            b.outbox.put(b"x" * 1000)
        assert b.ended == ["Too much output is waiting"]
        assert b.outbox.waiting < 1_100_000


async def test_a_peer_that_takes_nothing_for_too_long_is_ended(autojump_clock: trio.testing.MockClock) -> None:
    async with bench(room=10, stall=120) as b:
        await b.say(5)
        await trio.sleep(121)
        assert b.ended == ["Nothing was read for too long"]


async def test_a_peer_that_breaks_while_bytes_wait_is_ended_once() -> None:
    async with bench(room=10) as b:
        await b.say(5)
        b.pipe.broken = True
        b.pipe.read(1)
        await wait_all_tasks_blocked()
        await b.say(5)
        assert b.ended == ["Connection lost"]


async def test_a_replay_comes_before_all_that_is_said_meanwhile() -> None:
    async with bench(room=1_000_000) as b:
        b.audience.remove(b.outbox)
        await b.say(30)
        b.audience.add(b.outbox, b.journal.next_seq)
        b.outbox.replay(b.audience, b.journal.next_seq, Replay(20, "#x"))
        entry = b.journal.new_entry("ann!u@h", "PRIVMSG", ("#x", "live"), ("#x",))
        b.fan_out([Submission(entry, (b.audience,))])
        await wait_all_tasks_blocked()
        assert b.pipe.texts == [*(str(i) for i in range(11, 31)), "live"]


async def test_waiting_for_the_outbox_ends_when_it_is_drained_and_when_it_is_closed() -> None:
    for close in (False, True):
        async with bench(room=10) as b, trio.open_nursery() as nursery:
            await b.say(5)
            nursery.start_soon(b.outbox.drained)
            await wait_all_tasks_blocked()
            assert len(nursery.child_tasks) == 1
            if close:
                b.outbox.close()
            else:
                b.pipe.read(1_000_000)


async def test_a_slow_but_steady_peer_is_not_ended(autojump_clock: trio.testing.MockClock) -> None:
    """The limit is for a peer that takes nothing, not for a portion that takes long."""
    async with bench(room=10, stall=10, budget=100_000) as b:
        await b.say(200)
        for _ in range(100):
            await trio.sleep(5)
            b.pipe.read(50)
        assert b.ended == []
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == b.expected()


async def test_who_misses_what_is_no_longer_kept_is_told_and_not_fooled() -> None:
    async with bench(room=0, budget=500, per_log=50) as b:
        await b.say(300)
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.ended == ["What you missed is no longer kept"]


async def test_many_short_lines_park_by_bytes_and_a_reply_still_fits() -> None:
    async with bench(room=0, budget=262_144) as b:
        await b.say(1500)
        assert not b.outbox.parked
        b.outbox.put(b"x :reply\r\n")
        assert b.ended == []
        b.pipe.read(10_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == [*b.expected(), "reply"]


async def test_own_lines_are_known_after_a_change_of_name() -> None:
    async with bench(room=0, budget=300) as b:
        await b.say(20)
        assert b.outbox.parked
        await b.say(1, by="me", own=True)
        assert b.outbox.session is not None
        assert b.outbox.session.user is not None
        b.outbox.session.user.rename("me2")
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == [str(i) for i in range(1, 21)]


async def test_lines_that_one_relayed_are_not_read_back_either() -> None:
    async with bench(room=0, budget=300) as b:
        await b.say(20)
        assert b.outbox.parked
        for tags in ("draft/relaymsg=me", "draft/relaymsg=other;+reply=me"):
            b.said += 1
            params = ("#x", str(b.said))
            entry = b.journal.new_entry("x/y!me@server", "PRIVMSG", params, ("#x",), tags=tags)
            b.journal.submit(Submission(entry, (b.audience,)))
            await wait_all_tasks_blocked()
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == [*(str(i) for i in range(1, 21)), "22"]


async def test_what_a_client_did_not_negotiate_is_not_read_from_the_log() -> None:
    async with bench(room=0, budget=300) as b:
        await b.say(20)
        assert b.outbox.parked
        for command, *params in (("REDACT", "#x", "i-1"), ("TAGMSG", "#x")):
            b.journal.submit(Submission(b.journal.new_entry("ann!u@h", command, params, ("#x",)), (b.audience,)))
        await wait_all_tasks_blocked()
        await b.say()
        b.pipe.read(1_000_000)
        await wait_all_tasks_blocked()
        assert b.pipe.texts == b.expected()
