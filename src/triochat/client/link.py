"""The connection to the server: made, kept alive, made again. Trio; decides nothing about what is said.

One nursery is one connection: a reader (the nursery's body), a writer and a watchdog. Whoever finds the connection
dead cancels the nursery. Every wait for the server ends: the reader by the watchdog, the writer by a deadline.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from math import ceil, inf
from random import random

import trio

from triochat.client.chat import Chat
from triochat.client.dial import Dial, Unreachable, Untrusted
from triochat.client.files import Keeper
from triochat.client.line import Line, status
from triochat.client.model import Link as State
from triochat.proto.errors import LineTooLong
from triochat.proto.framing import LineBuffer

REGISTRATION_SECONDS = 30.0
SILENCE_SECONDS = 30.0
ANSWER_SECONDS = 15.0
LAG_SECONDS = 60.0  # a busy connection is measured this often
SEND_SECONDS = 30.0
LONGEST_WAIT = 30.0
STABLE_SECONDS = 30.0  # a connection that lasted this long starts the back-off anew
_LONGEST_LINE = 16 * 1024  # 8191 bytes of tags, 512 of message, and generosity
_MOST_OUTGOING = 64 * 1024
_RECEIVE = 64 * 1024
_LINES_AT_ONCE = 50

Show = Callable[[list[Line]], Awaitable[None]]
"""Brings lines before the person; waits while too many are on their way. An empty list: only the state changed."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Link:
    """Keeps *chat* connected through *dial*."""

    def __init__(
        self,
        chat: Chat,
        dial: Dial,
        place: str,
        show: Show,
        *,
        patient: bool,
        keeper: Keeper | None = None,
        stop_hint: str = " (Ctrl+C to stop)",
        now: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random,
    ) -> None:
        """*place* names the server to people. *patient*: even the first connection is tried again and again. *keeper*
        writes exports and logs. *stop_hint* follows what is said of the next attempt."""
        self.failure: str | None = None
        """Why `run` gave up, as a sentence."""
        self.untrusted: Untrusted | None = None
        """The same, when the server is not who it should be."""
        self.trouble = ""
        """Why there was no connection the last time, as a sentence; empty while there is one."""
        self._stop_hint = stop_hint
        self._chat = chat
        self._dial = dial
        self._place = chat.place = place
        self._keeper = keeper or Keeper()
        self._show = show
        self._patient = patient
        self._now = now
        self._jitter = jitter
        self._wake = trio.Event()
        self._drained = trio.Event()
        self._stirred = trio.Event()
        self._heard = 0.0
        self._showing = False
        self._told = ""
        self._moving = False

    def wake(self) -> None:
        """There is something to send, or to show. From outside Trio call this through the Trio token."""
        self._wake.set()
        self._stirred.set()

    async def run(self) -> None:
        """Connect, and connect again, until the person left, the server refused us, or (impatient) failed."""
        try:
            await self._stay()
        finally:
            await self._keeper.keep(self._chat, last=True)  # its own deadlines end it

    async def _stay(self) -> None:
        chat = self._chat
        attempt = 0
        while True:
            began = trio.current_time()
            trouble = await self._connection()
            chat.lost(self._now())
            if chat.leaving or chat.refusal or self.failure:
                await self._flush()
                return
            if self._moving:
                self._moving = False
                continue
            if not chat.model.welcomed and not self._patient:
                self.failure = trouble
                await self._flush()
                return
            attempt = 0 if trio.current_time() - began >= STABLE_SECONDS else attempt
            wait = min(LONGEST_WAIT, 2.0**attempt) * (1 + self._jitter() / 4)
            attempt = min(attempt + 1, 10)
            self.trouble = trouble
            self._tell(trouble, wait)
            await self._pause(wait)

    # -- one connection

    async def _connection(self) -> str:
        """Live through one connection; returns, as a sentence, why it ended or never began."""
        model = self._chat.model
        model.link = State.CONNECTING
        await self._flush()
        try:
            stream = await self._dial()
        except Unreachable as error:
            return str(error)
        except Untrusted as error:
            self.untrusted = error
            self.failure = str(error)
            return self.failure
        self._chat.connected(self._now())
        self._heard = trio.current_time()
        trouble = [f"Connection to {self._place} lost."]
        try:
            await self._flush()  # what was to be said about the server's certificate
            async with trio.open_nursery() as nursery:

                def end(reason: str) -> None:
                    trouble.append(reason)
                    nursery.cancel_scope.cancel()

                nursery.start_soon(self._write, stream, end)
                nursery.start_soon(self._watch, end)
                nursery.start_soon(self._keep_time)
                await self._read(stream, end)
                nursery.cancel_scope.cancel()
        finally:
            # What had to be said was said; nothing is worth waiting for any more, not even TLS's goodbye.
            await trio.aclose_forcefully(stream)
        if self._chat.online:
            self._told = ""
        if self._chat.dropped:
            trouble.append(f"{self._place} closed the connection: {self._chat.dropped}.")
        return trouble[-1]

    async def _read(self, stream: trio.abc.Stream, end: Callable[[str], None]) -> None:
        buffer = LineBuffer(_LONGEST_LINE)
        sts = ""
        while True:
            try:
                data = await stream.receive_some(_RECEIVE)
            except trio.BrokenResourceError:
                return
            if not data:
                return
            self._heard = trio.current_time()
            try:
                lines = buffer.feed(bytes(data))
            except LineTooLong:
                end(f"{self._place} does not speak IRC: it sent an endless line.")
                return
            now = self._now()
            for number, line in enumerate(lines, 1):
                self._chat.receive(line, now)
                if not number % _LINES_AT_ONCE:
                    await trio.lowlevel.cancel_shielded_checkpoint()  # else keys would wait for all of them
            if self._chat.sts != sts:
                sts = self._chat.sts
                if await self._dial.heed(sts):
                    self._moving = True
                    return
            self.wake()
            await self._flush()
            if self._chat.refusal:
                return
            while self._chat.outgoing_size > _MOST_OUTGOING:
                # The server asks for more than it takes. The writer's deadline ends this, if nothing else does.
                await self._drained.wait()

    async def _write(self, stream: trio.abc.Stream, end: Callable[[str], None]) -> None:
        while True:
            data = self._chat.take_outgoing()
            if not data:
                await self._wake.wait()
                self._wake = trio.Event()
                continue
            self._drained.set()
            self._drained = trio.Event()
            try:
                with trio.fail_after(SEND_SECONDS):
                    await stream.send_all(data)
            except trio.BrokenResourceError:
                return  # there may be last words to read; the reader ends the connection
            except trio.TooSlowError:
                end(f"{self._place} takes nothing any more.")

    async def _watch(self, end: Callable[[str], None]) -> None:
        """Notice a server that has gone without saying so."""
        await trio.sleep(REGISTRATION_SECONDS)
        if not self._chat.online:
            end(f"{self._place} did not let us in within {REGISTRATION_SECONDS:.0f} s. Is it a chat server?")
        pinged = trio.current_time() - REGISTRATION_SECONDS
        while True:
            due = min(self._heard + SILENCE_SECONDS, pinged + LAG_SECONDS)
            if due > trio.current_time():
                await trio.sleep_until(due)
                continue
            pinged = trio.current_time()
            self._chat.ping(self._now())
            self.wake()
            await trio.sleep(ANSWER_SECONDS)
            # While the person's side takes no lines, we do not listen: the silence is ours then.
            if self._heard < pinged and not self._showing:
                end(f"{self._place} has not answered for {trio.current_time() - self._heard:.0f} s.")

    async def _keep_time(self) -> None:
        """Do what is due when it is due, and what has to be written to a disk."""
        while True:
            self._stirred = trio.Event()
            more = await self._keeper.keep(self._chat)
            due = self._chat.due
            wait = inf if due is None else (due - self._now()).total_seconds()
            if wait > 0:
                with trio.move_on_after(min(wait, more)):
                    await self._stirred.wait()
                continue
            self._chat.tick(self._now())
            self._wake.set()
            await self._flush()

    # -- between connections

    def _tell(self, trouble: str, wait: float) -> None:
        """Say what is wrong, once; after that the countdown says enough."""
        if trouble != self._told and not (self._told and self._chat.model.welcomed):
            self._told = trouble
            self._chat.show(status(f"{trouble} Retrying in {ceil(wait)} s{self._stop_hint}."))

    async def _pause(self, seconds: float) -> None:
        model = self._chat.model
        model.link = State.WAITING
        until = trio.current_time() + seconds
        while (left := until - trio.current_time()) > 0:
            model.retry_in = ceil(left)
            await self._flush()
            await trio.sleep(left - ceil(left) + 1)

    async def _flush(self) -> None:
        self._showing = True
        try:
            await self._show(self._chat.take_lines())
        finally:
            self._showing = False
