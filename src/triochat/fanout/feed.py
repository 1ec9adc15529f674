"""What operators watch: committed entries as events, to any number of bounded subscriptions.

Costs nothing while nobody watches: the observer is only there as long as a subscription is. And little while
somebody does: an event is only made of an entry that is wanted, and of no more entries a second than are.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import trio

from triochat.domain import multiline
from triochat.domain.entry import CONNECT, Entry, Submission
from triochat.fanout.fanout import FanOut
from triochat.operations import Event

_WAITING_EVENTS = 1000
_PRIVATE = "private"
_MOST_A_SECOND = 500
"""Events that are made in a second for all watchers together: showing one costs some ten deliveries, or hundreds."""
_KINDS = {
    CONNECT: "connected",
    "QUIT": "disconnected",
    "PRIVMSG": "message",
    "NOTICE": "notice",
    "JOIN": "join",
    "PART": "part",
    "NICK": "nick",
    "TOPIC": "topic",
    "MODE": "mode",
    "KICK": "kick",
    "INVITE": "invite",
    "RENAME": "rename",
    "AUDIT": "operator",
}


class Wanted(NamedTuple):
    """Which events are; see Operations.monitor."""

    kinds: frozenset[str] = frozenset()
    user: str = ""
    room: str = ""


_EVERYTHING = Wanted()


class Feed:
    """Hands out subscriptions to what the fan-out delivers."""

    def __init__(
        self,
        fan_out: FanOut,
        clock: Callable[[], float] = time.monotonic,
        *,
        wall_clock: Callable[[], float] = time.time,
        commit_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """*commit_seconds* tells how long it took to store what is delivered now."""
        self._fan_out = fan_out
        self._clock = clock
        self.wall_clock = wall_clock
        self.commit_seconds = commit_seconds
        self._subscriptions: list[Subscription] = []

    def subscribe(self, wanted: Wanted = _EVERYTHING, rate: int = 0) -> "Subscription":
        """Events from now on, at most *rate* a second (0 = as many as can be); close the subscription when done."""
        subscription = Subscription(self, wanted, rate)
        self._subscriptions.append(subscription)
        if len(self._subscriptions) == 1:
            self._fan_out.observers.append(self._observe)
        return subscription

    def end(self, subscription: "Subscription") -> None:
        """No more events for *subscription*."""
        self._subscriptions.remove(subscription)
        if not self._subscriptions:
            self._fan_out.observers.remove(self._observe)

    def _observe(self, batch: Sequence[Submission]) -> None:
        now, share = self._clock(), max(1, _MOST_A_SECOND // len(self._subscriptions))
        for subscription in self._subscriptions:
            subscription.observe(batch, now, share)


class Subscription:
    """Implements operations.Monitor."""

    def __init__(self, feed: Feed | None = None, wanted: Wanted = _EVERYTHING, rate: int = 0) -> None:
        """Without a *feed* all events come from elsewhere."""
        self._feed = feed
        self._wanted = wanted if wanted != _EVERYTHING else None
        self._rate = rate or _WAITING_EVENTS
        self._second = float("-inf")
        self._left = 0  # events that may still be made in this second
        self._closed = False
        self._also: tuple[Callable[[], None], ...] = ()
        self._give, self._take = trio.open_memory_channel[Event](_WAITING_EVENTS)
        self.missed = 0

    async def next(self) -> Event:
        """Wait for the next event. Cancelling loses none."""
        return await self._take.receive()

    def at_hand(self, most: int) -> list[Event]:
        """Those that come next and wait already, so many at most."""
        found: list[Event] = []
        with suppress(trio.WouldBlock):
            while len(found) < most:
                found.append(self._take.receive_nowait())
        return found

    def observe(self, batch: Sequence[Submission], now: float, share: int) -> None:
        """Queue what is wanted of *batch*, or drop and count it. *share* is the most for one second."""
        if now - self._second >= 1.0:
            self._second, self._left = now, min(self._rate, share)
        wanted = self._wanted
        for submission in batch:
            entry = submission.entry
            if entry is None or (kind := _KINDS.get(entry.command) or _tagged(entry)) is None:
                continue
            if wanted is not None and not _is_wanted(wanted, kind, entry):
                continue
            if self._left:
                self._left -= 1
                self.offer(self._timed(_event(submission, entry, kind), entry))
            else:
                self.missed += 1

    def _timed(self, event: Event, entry: Entry) -> Event:
        """*event* with how long it took."""
        feed = self._feed
        if feed is None or not event.readers:
            return event
        stored_ms = feed.commit_seconds() * 1000 if entry.logs else None
        return replace(event, stored_ms=stored_ms, handed_ms=max(0.0, feed.wall_clock() * 1000 - entry.time_ms))

    def wants(self, event: Event) -> bool:
        """Whether *event*, which is of no room and comes from elsewhere, is wanted."""
        wanted = self._wanted
        if wanted is None:
            return True
        of_kind = not wanted.kinds or event.kind in wanted.kinds
        return of_kind and not wanted.room and (not wanted.user or event.name.casefold() == wanted.user)

    def offer(self, event: Event) -> None:
        """Queue *event*, or drop and count it."""
        try:
            self._give.send_nowait(event)
        except trio.WouldBlock:
            self.missed += 1
        except trio.ClosedResourceError:
            pass  # what came from elsewhere in the very moment of the end

    def also_close(self, *calls: Callable[[], None]) -> None:
        """Call these at the end."""
        self._also += calls

    def close(self) -> None:
        """End the subscription; idempotent."""
        if not self._closed:
            self._closed = True
            if self._feed is not None:
                self._feed.end(self)
            for call in self._also:
                call()
            self._give.close()
            self._take.close()


def _tagged(entry: Entry) -> str | None:
    """What a TAGMSG to a room is; to whom people type otherwise is nobody's business."""
    if entry.command != "TAGMSG" or not _room(entry):
        return None
    tags = entry.tags.split(";")
    if "+typing=active" in tags:
        return "typing"
    return "reaction" if any(tag.startswith("+draft/react=") for tag in tags) else None


def _is_wanted(wanted: Wanted, kind: str, entry: Entry) -> bool:
    room = _room(entry)
    if wanted.kinds and (_PRIVATE if _is_private(kind, room) else kind) not in wanted.kinds:
        return False
    if wanted.room and room.casefold().removeprefix("#") != wanted.room:
        return False
    return not wanted.user or entry.nick.casefold() == wanted.user


def _room(entry: Entry) -> str:
    target = entry.params[0] if entry.params else ""
    return target if target[:1] == "#" else ""


def _is_private(kind: str, room: str) -> bool:
    return not room and kind in ("message", "notice")


def _event(submission: Submission, entry: Entry, kind: str) -> Event:
    if kind == "operator":
        action, whom, count, _ = entry.params  # but not the text: it may be what somebody searched for
        deed = " ".join(part for part in (action, whom, f"hit {count}" if count else "") if part)
        return Event(entry.time_ms, kind, entry.source, "", deed, 0)
    room = _room(entry)
    text = ""
    if kind in ("typing", "reaction"):  # they are not for all who are in the room: whom they reached is not known
        return Event(entry.time_ms, kind, entry.nick, room, text, 0)
    if _is_private(kind, room):
        kind = _PRIVATE
    elif kind not in ("connected", "join"):
        text = multiline.combine(" ".join(entry.params[1:] if room else entry.params))
    readers = sum(map(len, submission.audiences)) + len(submission.recipients)
    if room and submission.origin is not None and not submission.echo:
        readers -= 1
    return Event(entry.time_ms, kind, entry.nick, room, text, max(0, readers))
