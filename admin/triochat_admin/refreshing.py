"""A running `top`: pictures to a peer until something is typed. The Trio part; what is shown is in top.py."""

from collections.abc import Awaitable, Callable, Sequence

import trio

from triochat_admin.grammar import Picture, Refreshing
from triochat_admin.peer import Gone, Peer
from triochat_admin.session import Refused, Session, refusing
from triochat_admin.text import clip
from triochat_admin.top import Flow

_FIRST_S = 1.0
"""Seconds from the first look to the first picture: rates need two looks."""

Show = Callable[[Sequence[Flow]], Awaitable[None]]


async def measured(session: Session, wanted: Refreshing) -> Sequence[Flow]:
    """One picture; takes a second. Raises Refused."""
    await _look(session, wanted)
    await trio.sleep(_FIRST_S)
    return await _look(session, wanted)


async def refresh(session: Session, wanted: Refreshing, show: Show) -> None:
    """Show one picture after the other until something is typed. A peer that does not read is cut by its send
    deadline; the server never waits. Raises Gone, or Refused when looking fails."""
    refreshing = _Refreshing(session, wanted, show)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(refreshing.stop_when_typed)
        await refreshing.run()
        nursery.cancel_scope.cancel()
    if refreshing.failure:
        raise refreshing.failure


class Screen:
    """Pictures on a person's terminal: each in the place of the one before, where the terminal is known to be one;
    otherwise below it."""

    def __init__(self, peer: Peer, picture: Picture) -> None:
        self._peer = peer
        self._picture = picture
        self._cleared = False

    @property
    def line_is_open(self) -> bool:
        """Whether the cursor stands behind the last line, and not below it."""
        return self._cleared

    async def show(self, flows: Sequence[Flow]) -> None:
        """Show one picture."""
        text = self._picture.text(flows, self._peer.rows)
        if not self._peer.edits_here:
            await self._peer.write(f"{text}\n\n")
            return
        columns = self._peer.columns or 80
        lines = [f"{clip(line, columns - 1)}\x1b[K\n" for line in text.split("\n")]
        begin = "\x1b[H" if self._cleared else "\x1b[2J\x1b[H"
        self._cleared = True
        await self._peer.write(f"{begin}{''.join(lines)}q leaves.\x1b[J")


class _Refreshing:
    """Shared by the two tasks. Neither raises into the nursery: the failure is kept, so it arrives unwrapped."""

    def __init__(self, session: Session, wanted: Refreshing, show: Show) -> None:
        self.failure: Gone | Refused | None = None
        self._session = session
        self._wanted = wanted
        self._show = show
        self._stopped = trio.Event()

    async def stop_when_typed(self) -> None:
        try:
            await self._session.peer.typed()
        except Gone as gone:
            self.failure = gone
        self._stopped.set()

    async def run(self) -> None:
        try:
            await _look(self._session, self._wanted)
            pause = _FIRST_S
            while not await self._stops_within(pause):
                # What is being sent goes out whole: nothing is cancelled here.
                await self._session.place.turn()
                await self._show(await _look(self._session, self._wanted))
                pause = self._wanted.every
        except (Gone, Refused) as failure:
            self.failure = failure

    async def _stops_within(self, seconds: float) -> bool:
        with trio.move_on_after(seconds):
            await self._stopped.wait()
        return self._stopped.is_set()


async def _look(session: Session, wanted: Refreshing) -> Sequence[Flow]:
    with refusing():
        traffic = await wanted.traffic()
    return session.guard(lambda: wanted.picture.look(*traffic))
