"""Whatever happens in the rooms and however little a peer reads, in the end it has seen what a fast peer saw."""

from collections.abc import Sequence

import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked

from fanout.pipe import Pipe
from triochat.domain.audience import Audience
from triochat.domain.entry import Entry, Submission, Told
from triochat.domain.user import Session, User
from triochat.fanout.fanout import FanOut
from triochat.fanout.outbox import Delivery, Outbox
from triochat.fanout.render import LINE, encode_moved
from triochat.journal.memory import MemoryStore
from triochat.proto.caps import Cap

_ENOUGH = 10_000_000


class Follower:
    """One session and what it saw."""

    def __init__(self, delivery: Delivery, room: int, flavour: int) -> None:
        self.pipe = Pipe(room)
        self.ended: list[str] = []
        self.outbox = Outbox(self.pipe, delivery, self)
        self.outbox.flavour = flavour
        session = Session(1, self.outbox, address="::1", door="irc", tls=False, now=0)
        self.user = session.user = User("me", "u", "h", "Me", 0)
        self.outbox.session = session

    def lost(self, reason: str) -> None:
        self.ended.append(reason)

    def moved(self, entry: Entry) -> bytes:
        return encode_moved(entry, self.outbox.flavour, self.user)

    def lines(self, *, private: bool) -> list[str]:
        return [line for line in self.pipe.lines if line.startswith("private") == private]


class Rooms:
    """Two rooms, a fast and a slow follower who do the same, and somebody who talks."""

    def __init__(self, nursery: trio.Nursery, budget: int, flavour: int) -> None:
        self.fan_out = FanOut()
        self.store = MemoryStore()
        delivery = Delivery(
            nursery, self.store, lambda: self.fan_out.position, budget=budget, stall_timeout=float("inf")
        )
        self.fast = Follower(delivery, _ENOUGH, flavour)
        self.slow = Follower(delivery, 50, flavour)
        self.audiences = [Audience("#a"), Audience("#b"), Audience("#c")]
        self.inside: set[int] = set()
        self.seq = 0

    def entry(self, where: Sequence[int], command: str, *params: str) -> Entry:
        self.seq += 1
        logs = tuple(self.audiences[i].log for i in where)
        return Entry(self.seq, f"i-{self.seq}", self.seq, "ann!u@h", command, params, logs)

    def submissions(self, action: str, where: int) -> list[Submission]:
        audience = self.audiences[where]
        both = (self.fast.outbox, self.slow.outbox)
        if action == "say":
            return [Submission(self.entry([where], "PRIVMSG", audience.log, f"{self.seq} {'x' * 60}"), (audience,))]
        if action == "say lines":
            lines = f"{self.seq} one\n\ntwo \0{'x' * 60}\nthree"
            return [Submission(self.entry([where], "NOTICE", audience.log, lines), (audience,))]
        if action == "reply":
            return [Submission(None, origin=sink, after=b"private %d\r\n" % self.seq) for sink in both]
        if action == "rename":
            entry = self.entry([where], "RENAME", audience.log, f"{audience.log}{self.seq}", "why")
            told = {
                follower.outbox: Told(
                    b"" if follower.outbox.flavour & Cap.CHANNEL_RENAME else follower.moved(entry),
                    b"private %d\r\n" % self.seq,
                )
                for follower in (self.fast, self.slow)
                if where in self.inside
            }
            return [Submission(entry, (audience,), told=told)]
        if action == "quit" and self.inside:
            places = sorted(self.inside)
            return [Submission(self.entry(places, "QUIT", str(self.seq)), tuple(self.audiences[i] for i in places))]
        if action == "nick" and self.inside:  # seen by the members of rooms, and by some who are told besides
            places = sorted(self.inside)
            entry = self.entry(places, "NICK", f"ann{self.seq}")
            return [Submission(entry, tuple(self.audiences[i] for i in places), both)]
        if action == "sneak":  # into an auditorium or out of it, which no log tells
            joining = where not in self.inside
            (self.inside.add if joining else self.inside.discard)(where)
            follow, unfollow = (both, ()) if joining else ((), both)
            return [Submission(None, (audience,), follow=follow, unfollow=unfollow)]
        if action == "move":
            joining = where not in self.inside
            (self.inside.add if joining else self.inside.discard)(where)
            entry = self.entry([where], "JOIN" if joining else "PART", audience.log)
            return [
                Submission(
                    entry,
                    (audience,),
                    origin=None,
                    follow=both if joining else (),
                    unfollow=() if joining else both,
                )
            ]
        return []

    async def turn(self, actions: Sequence[tuple[str, int]]) -> None:
        batch = [submission for action in actions for submission in self.submissions(*action)]
        if entries := [submission.entry for submission in batch if submission.entry is not None]:
            await self.store.append(entries)
        self.fan_out(batch)
        await wait_all_tasks_blocked()


_ACTION = st.tuples(
    st.sampled_from(["say", "say", "say", "say lines", "reply", "move", "sneak", "nick", "quit", "rename"]),
    st.integers(0, 2),
)
_TURN = st.tuples(st.lists(_ACTION, max_size=12), st.integers(0, 400))

_FLAVOURS = [0, Cap.MESSAGE_TAGS | Cap.ACCOUNT_TAG, Cap.MULTILINE | Cap.CHANNEL_RENAME, LINE]


@settings(max_examples=300)
@given(st.lists(_TURN, max_size=25), st.sampled_from([150, 400, 1500]), st.sampled_from(_FLAVOURS))
def test_a_slow_follower_sees_what_a_fast_one_saw(
    turns: Sequence[tuple[Sequence[tuple[str, int]], int]], budget: int, flavour: int
) -> None:
    """The log in the same order, nothing twice, nothing missing; replies in their order too."""

    async def play() -> tuple[Follower, Follower]:
        async with trio.open_nursery() as nursery:
            rooms = Rooms(nursery, budget, flavour)
            await rooms.turn([("move", 0), ("move", 1)])
            for actions, sip in turns:
                await rooms.turn(actions)
                rooms.slow.pipe.read(sip)
                await wait_all_tasks_blocked()
            rooms.slow.pipe.read(_ENOUGH)
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        return rooms.fast, rooms.slow

    fast, slow = trio.run(play)
    assert fast.ended == []
    assert slow.ended == []
    assert slow.lines(private=False) == fast.lines(private=False)
    assert slow.lines(private=True) == fast.lines(private=True)
