"""What a watcher gets of what is delivered, and what it costs those who talk."""

from collections.abc import Sequence

import pytest
import trio
from trio.testing import MockClock

from fanout.test_fanout import Recorder
from triochat.domain.audience import Audience
from triochat.domain.entry import CONNECT, Entry, Submission
from triochat.fanout.fanout import FanOut
from triochat.fanout.feed import Feed, Subscription, Wanted
from triochat.operations import Event


class Watched:
    """A fan-out with a feed, and a clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.fan_out = FanOut()
        self.feed = Feed(self.fan_out, lambda: self.now)
        self._seq = 0

    def says(self, *lines: tuple[str, str, str]) -> None:
        """One turn of the fan-out: who, which command, to whom."""
        self.fan_out([self._submission(*line) for line in lines])

    def _submission(self, who: str, command: str, target: str) -> Submission:
        self._seq += 1
        entry = Entry(self._seq, f"m{self._seq}", 1000, f"{who}!u@h", command, (target, "some text"), (), None, "")
        return Submission(entry, (Audience(target),) if target[:1] == "#" else ())


def all_of(subscription: Subscription) -> list[Event]:
    async def main() -> Sequence[Event]:
        events = []
        while True:
            with trio.move_on_after(1) as scope:
                events.append(await subscription.next())
            if scope.cancelled_caught:
                return events

    return list(trio.run(main, clock=MockClock(autojump_threshold=0)))


LINES = (
    ("Alice", "PRIVMSG", "#lobby"),
    ("Bob", "PRIVMSG", "#Dev"),
    ("Alice", "PRIVMSG", "Bob"),
    ("Carol", "JOIN", "#dev"),
    ("Carol", "PONG", "x"),
    ("Carol", "TAGMSG", "#dev"),
    ("Dora", CONNECT, ""),
)


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        (Wanted(), ["message", "message", "private", "join", "connected"]),
        (Wanted(room="dev"), ["message", "join"]),
        (Wanted(user="alice"), ["message", "private"]),
        (Wanted(kinds=frozenset({"message"})), ["message", "message"]),
        (Wanted(kinds=frozenset({"private", "join"})), ["private", "join"]),
        (Wanted(user="alice", room="dev"), []),
    ],
)
def test_only_what_is_wanted_is_told_and_nothing_else_is_missed(wanted: Wanted, kinds: list[str]) -> None:
    watched = Watched()
    subscription = watched.feed.subscribe(wanted)
    watched.says(*LINES)
    assert [event.kind for event in all_of(subscription)] == kinds
    assert subscription.missed == 0


def test_private_messages_and_arrivals_come_without_text() -> None:
    watched = Watched()
    subscription = watched.feed.subscribe()
    watched.says(*LINES)
    assert [event.text for event in all_of(subscription)] == ["some text", "some text", "", "", ""]


@pytest.mark.parametrize(
    ("tags", "target", "kinds"),
    [
        ("+typing=active", "#dev", ["typing"]),
        ("+draft/react=👍;+draft/reply=m1", "#dev", ["reaction"]),
        ("+typing=active", "Bob", []),
        ("+typing=done", "#dev", []),
        ("+draft/unreact=👍;+draft/reply=m1", "#dev", []),
        ("+example=typing=", "#dev", []),
        ("+other=1", "#dev", []),
    ],
)
def test_who_types_in_a_room_is_seen_and_to_whom_otherwise_is_not(tags: str, target: str, kinds: list[str]) -> None:
    watched = Watched()
    subscription = watched.feed.subscribe()
    entry = Entry(1, "m1", 1000, "Ann!u@h", "TAGMSG", (target,), (), None, tags)
    watched.fan_out([Submission(entry, (Audience(target),) if target == "#dev" else ())])
    assert [(event.kind, event.text) for event in all_of(subscription)] == [(kind, "") for kind in kinds]


def test_how_long_storing_and_handing_out_took_is_told_of_what_reached_somebody() -> None:
    fan_out, room = FanOut(), Audience("#dev")
    room.add(Recorder("Bob"), 0)
    subscription = Feed(fan_out, wall_clock=lambda: 1.0025, commit_seconds=lambda: 0.0004).subscribe()
    for logs, audience in ((("#dev",), room), ((), room), (("#dev",), Audience("#dev"))):
        entry = Entry(1, "m1", 1000, "Ann!u@h", "PRIVMSG", ("#dev", "hi"), logs, None, "")
        fan_out([Submission(entry, (audience,))])
    times = [(event.stored_ms, event.handed_ms) for event in all_of(subscription)]
    assert times == [
        (pytest.approx(0.4), pytest.approx(2.5)),
        (None, pytest.approx(2.5)),
        (None, None),
    ]


def test_more_than_a_rate_is_counted_and_not_made() -> None:
    watched = Watched()
    subscription = watched.feed.subscribe(Wanted(room="lobby"), rate=2)
    for _ in range(3):
        watched.says(*LINES)
    assert (len(all_of(subscription)), subscription.missed) == (2, 1)
    watched.now += 1
    watched.says(*LINES)
    assert (len(all_of(subscription)), subscription.missed) == (1, 1)


def test_what_waits_already_can_be_had_at_once() -> None:
    watched = Watched()
    subscription = watched.feed.subscribe()
    watched.says(*LINES)
    assert [event.kind for event in subscription.at_hand(2)] == ["message", "message"]
    assert [event.kind for event in subscription.at_hand(20)] == ["private", "join", "connected"]
    assert subscription.at_hand(20) == []


def test_what_a_slow_watcher_does_not_take_is_counted() -> None:
    watched = Watched()
    subscription = watched.feed.subscribe(rate=400)
    for _ in range(3):
        watched.says(*[("Alice", "PRIVMSG", "#lobby")] * 400)
        watched.now += 1
    assert subscription.missed == 200
    assert len(all_of(subscription)) == 1000


def test_many_watchers_share_what_is_made_in_a_second() -> None:
    watched = Watched()
    subscriptions = [watched.feed.subscribe(rate=5000) for _ in range(100)]
    watched.says(*[("Alice", "PRIVMSG", "#lobby")] * 1200)
    assert {subscription.missed for subscription in subscriptions} == {1195}


def test_each_watcher_has_what_is_its_own_and_nobody_watches_behind_the_last() -> None:
    watched = Watched()
    one, other = watched.feed.subscribe(rate=1), watched.feed.subscribe()
    watched.says(*LINES[:2])
    assert (len(all_of(one)), len(all_of(other)), one.missed, other.missed) == (1, 2, 1, 0)
    one.close()
    assert len(watched.fan_out.observers) == 1
    other.close(), other.close()
    assert watched.fan_out.observers == []
