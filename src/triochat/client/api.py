"""The chat for programs: connect, take events, say things. Trio.

See docs/reference/python.md. All that a program must not care for (coming back, reading what was missed, sending
again what did not arrive) is done by `Chat` and `Link`.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

import trio

from triochat.client import address as addresses
from triochat.client import intents
from triochat.client.chat import Chat, Entered
from triochat.client.dial import Dial, Dialler
from triochat.client.events import Event
from triochat.client.line import Kind, Line, status
from triochat.client.link import Link, utc_now
from triochat.client.model import Model
from triochat.client.options import DEFAULT_ROOM
from triochat.client.refusal import check
from triochat.errors import Failure
from triochat.trust import KnownServers, parse_fingerprint

MOST_EVENTS = 1000
"""So many wait for a program that does not take them; then the server's lines wait."""
_MOST_WHILE_SAYING = 100_000
LEAVE_SECONDS = 5.0


class NotDone(Failure):
    """Something that was asked for cannot be done. *str(error)* is a sentence that says why."""


class Client:
    """One connection to a chat, across reconnects: iterate over it for events."""

    def __init__(self, chat: Chat, dial: Dial, place: str, now: Callable[[], datetime] = utc_now) -> None:
        self.chat = chat
        chat.events = []
        self.skipped = 0
        """Events that were dropped, as 100,000 others came while `say` waited."""
        self._now = now
        self._events: deque[Event] = deque()
        self._changed = trio.Event()
        self._saying = 0
        self._over = False
        self._link = Link(chat, dial, place, self._show, patient=False, now=now)

    @property
    def model(self) -> Model:
        """All that is known of the chat."""
        return self.chat.model

    def __aiter__(self) -> "Client":
        return self

    async def __anext__(self) -> Event:
        """The next event, once. Raises Failure when the server will not have us any more."""
        await self._until(lambda: bool(self._events) or self._over)
        if not self._events:
            self._raise_failure()
            raise StopAsyncIteration
        event = self._events.popleft()
        self._stir()
        return event

    async def say(self, text: str, to: str | None = None) -> None:
        """Say *text* to the room or person *to*, None = to the current room, at first that of `connect`. Returns when
        the server has stored it, be it after a reconnect. Raises NotDone when it refuses, or when it is not known
        whether it did."""
        self._saying += 1
        try:
            before = self.chat.undecided
            await self.perform(intents.Say(text, to))
            ours = self.chat.undecided - before
            await self._until(lambda: self._over or not ours & self.chat.undecided)
            for id in ours:
                if (reason := self.chat.failures.get(id)) is not None:
                    raise NotDone(reason)
            if ours & self.chat.undecided:
                self._raise_failure()
                raise NotDone("The connection ended before the server had stored it.")
        finally:
            self._saying -= 1

    async def perform(self, intent: intents.Intent) -> None:
        """Do *intent*, as soon as there is a connection. Raises NotDone when that makes no sense."""
        while True:
            await self._until(lambda: self._over or self.chat.ready)
            if self._over:
                self._raise_failure()
                raise NotDone("The connection has ended.")
            self.chat.take_lines()
            entered = self.chat.perform(intent, self._now())
            said = [line.text for line in self.chat.take_lines() if line.kind is Kind.ERROR]
            self._link.wake()
            if entered is Entered.WRONG:
                raise NotDone(said[-1] if said else "That cannot be done.")
            if entered is Entered.DONE:
                self._take_events()
                return
            changed = self._changed
            await changed.wait()

    # -- for `connect`

    async def run(self) -> None:
        """Stay connected until we leave or are refused."""
        try:
            await self._link.run()
        finally:
            self._over = True
            self._stir()

    async def enter(self) -> None:
        """Return when we are in the room; raise Failure when that will not be."""
        await self._until(lambda: self._over or self.chat.model.welcomed or bool(self.chat.first_room_failed))
        if not self.chat.model.welcomed:
            self._raise_failure()

    async def leave(self) -> None:
        """Say goodbye, and give the server a little time to take it."""
        if self.chat.online and not self._over:
            self.chat.leave()
            self._link.wake()
            with trio.move_on_after(LEAVE_SECONDS):
                await self._until(lambda: self._over)

    def _raise_failure(self) -> None:
        check(self.chat.refusal, self._link.failure or self.chat.first_room_failed)

    async def _show(self, lines: list[Line]) -> None:
        self._take_events()
        while len(self._events) > MOST_EVENTS and not self._saying:
            changed = self._changed
            await changed.wait()

    def _take_events(self) -> None:
        if self.chat.events:
            self._events.extend(self.chat.events)
            self.chat.events.clear()
        while len(self._events) > _MOST_WHILE_SAYING:
            self._events.popleft()
            self.skipped += 1
        self._stir()

    def _stir(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when *condition*, which looks at `model`, holds; it is asked after every change. Raises NotDone when
        the connection ends before."""
        await self._until(lambda: self._over or condition())
        if not condition():
            self._raise_failure()
            raise NotDone("The connection has ended.")

    async def _until(self, condition: Callable[[], bool]) -> None:
        await trio.lowlevel.checkpoint()
        while not condition():
            await self._changed.wait()


class connect:
    """`async with connect("chat.example.org", name="Echo") as client:`; leaving the block says goodbye.

    *address* is what `triochat connect` takes, *trust* the fingerprint of the only certificate to accept. Entering
    raises Failure, a sentence, when the server cannot be reached or does not let us in.
    """

    def __init__(
        self,
        address: str,
        *,
        name: str,
        room: str | None = None,
        password: str | None = None,
        tls: bool | None = None,
        trust: str | None = None,
        dial: Dial | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """*dial* reaches the server in another way than by its address."""
        try:
            place = addresses.parse(address, tls=True if trust is not None and tls is None else tls)
            trusted = parse_fingerprint(trust) if trust is not None else None
        except ValueError as error:
            raise Failure(str(error)) from None
        chat = Chat(name, room or place.room or DEFAULT_ROOM, password)
        self._own = Dialler(place, KnownServers(), lambda text: chat.show(status(text)), trusted=trusted)
        self._client = Client(chat, dial or self._own, str(place), now)
        self._nurseries = trio.open_nursery()
        self._nursery: trio.Nursery

    async def __aenter__(self) -> Client:
        self._nursery = await self._nurseries.__aenter__()
        self._nursery.start_soon(self._client.run)
        try:
            await self._client.enter()
        except BaseException:
            await self._close()
            raise
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._client.leave()
        finally:
            await self._close()

    async def _close(self) -> None:
        self._nursery.cancel_scope.cancel()
        # Without the error of the block: it is raised as it is, and not wrapped into a group.
        await self._nurseries.__aexit__(None, None, None)
        await self._own.finish()
