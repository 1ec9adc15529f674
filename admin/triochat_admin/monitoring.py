"""A running `monitor`: events to a peer until something is typed. The Trio part; what is shown is in watch.py."""

import logging
from collections.abc import Sequence
from typing import Protocol

import trio

from triochat.operations import Event, Monitor
from triochat_admin.grammar import Watch
from triochat_admin.peer import Gone
from triochat_admin.session import Refused, Session, internal_error
from triochat_admin.watch import Pace

_AT_ONCE = 20
"""Events that are shown with one write: about a millisecond's work."""
_WRITE_S, _EVENT_S = 0.0001, 0.00005
"""What a write costs, and each event in it."""

logger = logging.getLogger("triochat.admin")


class View(Protocol):
    """How a monitor looks: lines for people, or JSON."""

    async def events(self, events: Sequence[Event]) -> None:
        """Show events, with one write: each costs turns of the event loop, and so everybody."""

    async def missed(self, count: int) -> None:
        """Own up to events that were not shown."""


async def follow(session: Session, watch: Watch, view: View) -> Pace:
    """Show events until something is typed; return what was counted.

    A peer that does not read is cut by its send deadline, and until then the events it misses are dropped by the
    subscription: the server never waits. Raises Gone, or Refused when the subscription breaks.
    """
    monitor = session.guard(watch.open)
    try:
        following = _Following(session, watch, view, monitor)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(following.stop_when_typed)
            await following.show()
            nursery.cancel_scope.cancel()
        if following.failure:
            raise following.failure
        return following.pace
    finally:
        monitor.close()


class _Following:
    """Shared by the two tasks. Neither raises into the nursery: the failure is kept, so it arrives unwrapped."""

    def __init__(self, session: Session, watch: Watch, view: View, monitor: Monitor) -> None:
        self.failure: Gone | Refused | None = None
        self.pace = Pace(watch, trio.current_time(), lambda: monitor.missed)
        self._session = session
        self._view = view
        self._monitor = monitor
        self._stopped = False
        self._waiting = trio.CancelScope()

    async def stop_when_typed(self) -> None:
        try:
            await self._session.peer.typed()
        except Gone as gone:
            self.failure = gone
        # Only the waiting is cancelled: a line that is being sent goes out whole.
        self._stopped = True
        self._waiting.cancel()

    async def show(self) -> None:
        try:
            while not self._stopped:
                await self._step()
        except Gone as gone:
            self.failure = gone
        except Exception:
            logger.exception("admin console: a monitor broke")
            self.failure = internal_error()

    async def _step(self) -> None:
        events: list[Event] = []
        self._waiting = trio.CancelScope(deadline=self.pace.next_notice())
        with self._waiting:
            events.append(await self._monitor.next())
            events += self._monitor.at_hand(_AT_ONCE - 1)
        now = trio.current_time()
        if shown := [event for event in events if self.pace.admit(event, now)]:
            await self._session.place.turn(_WRITE_S + len(shown) * _EVENT_S)
            await self._view.events(shown)

        if missed := self.pace.notice(now):
            await self._view.missed(missed)
