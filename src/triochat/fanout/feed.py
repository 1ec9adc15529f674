"""What operators watch: committed entries as events, to any number of bounded subscriptions.

Costs nothing while nobody watches: the observer is only there as long as a subscription is.
"""

from collections.abc import Callable, Iterator, Sequence

import trio

from triochat.domain import multiline
from triochat.domain.entry import CONNECT, Submission
from triochat.fanout.fanout import FanOut
from triochat.operations import Event

_WAITING_EVENTS = 1000
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


class Feed:
    """Hands out subscriptions to what the fan-out delivers."""

    def __init__(self, fan_out: FanOut) -> None:
        self._fan_out = fan_out
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> "Subscription":
        """Events from now on; close the subscription when done."""
        subscription = Subscription(self)
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
        for event in _events(batch):
            for subscription in self._subscriptions:
                subscription.offer(event)


class Subscription:
    """Implements operations.Monitor."""

    def __init__(self, feed: Feed | None = None) -> None:
        """Without a *feed* all events come from elsewhere."""
        self._feed = feed
        self._closed = False
        self._also: tuple[Callable[[], None], ...] = ()
        self._give, self._take = trio.open_memory_channel[Event](_WAITING_EVENTS)
        self.missed = 0

    async def next(self) -> Event:
        """Wait for the next event. Cancelling loses none."""
        return await self._take.receive()

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


def _events(batch: Sequence[Submission]) -> Iterator[Event]:
    for submission in batch:
        entry = submission.entry
        kind = _KINDS.get(entry.command) if entry is not None else None
        if entry is None or kind is None:
            continue
        if kind == "operator":
            action, whom, count, _ = entry.params  # but not the text: it may be what somebody searched for
            text = " ".join(part for part in (action, whom, f"hit {count}" if count else "") if part)
            yield Event(entry.time_ms, kind, entry.source, "", text, 0)
            continue
        target = entry.params[0] if entry.params else ""
        room = target if target[:1] == "#" else ""
        text = multiline.combine(" ".join(entry.params[1:] if room else entry.params))
        if kind in ("message", "notice") and not room:
            kind, text = "private", ""
        elif kind in ("connected", "join"):
            text = ""
        readers = sum(map(len, submission.audiences)) + len(submission.recipients)
        if room and submission.origin is not None and not submission.echo:
            readers -= 1
        yield Event(entry.time_ms, kind, entry.nick, room, text, max(0, readers))
