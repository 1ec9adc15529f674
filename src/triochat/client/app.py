"""The client on a terminal: asyncio for the prompt, Trio as its guest for everything else."""

import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from random import random

import trio
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from triochat.client import guest
from triochat.client.conversation import Conversation, Entered
from triochat.client.dial import Dial, Dialler
from triochat.client.keys import bindings
from triochat.client.line import Line, status
from triochat.client.link import Link, utc_now
from triochat.client.options import Options
from triochat.client.refusal import check
from triochat.client.view import Screen, SteadyInput
from triochat.trust import KnownServers

LEAVE_SECONDS = 5.0


def run(options: Options, name: str) -> int:
    """Chat on the terminal as *name*; returns the exit status or raises Failure."""
    conversation = Conversation(name, options.room, options.password)
    dial = Dialler(
        options.address, KnownServers(), lambda text: conversation.show(status(text)), trusted=options.trusted
    )

    async def main() -> None:
        terminal = SteadyInput(sys.stdin) if sys.platform != "win32" else None
        await TerminalChat(conversation, dial, str(options.address), input=terminal).run()
        await dial.finish()

    guest.run(main)
    return 0


class TerminalChat:
    """One person at a terminal."""

    def __init__(
        self,
        conversation: Conversation,
        dial: Dial,
        place: str,
        *,
        input: Input | None = None,
        output: Output | None = None,
        now: Callable[[], datetime] = utc_now,
        today: Callable[[], date] = date.today,
        jitter: Callable[[], float] = random,
    ) -> None:
        self._conversation = conversation
        self._now = now
        self._link = Link(conversation, dial, place, self._show, patient=True, now=now, jitter=jitter)
        self._gone = trio.Event()
        self._warned = False
        keys = bindings(self._enter, self._interrupt, self._leave, self._suspend)
        self._screen = Screen(conversation.model, place, keys, input=input, output=output, today=today)
        self._screen.when_typed(self._typed)

    async def run(self) -> None:
        """Chat until the person leaves or the server will not have them, which raises Failure."""
        self._token = trio.lowlevel.current_trio_token()
        conversation = self._conversation
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._stay_connected)
            nursery.start_soon(self._leave_on_signal)
            await guest.call(self._screen.run)
            if conversation.online:
                if not conversation.leaving:
                    conversation.leave()
                self._link.wake()
                with trio.move_on_after(LEAVE_SECONDS):
                    await self._gone.wait()
            nursery.cancel_scope.cancel()
        conversation.report_lost_lines()
        if conversation.leaving:
            conversation.show(status("You left the chat."))
        self._screen.show(conversation.take_lines())
        check(conversation.refusal, self._link.failure)

    async def _stay_connected(self) -> None:
        await self._link.run()
        self._gone.set()
        self._screen.close()

    async def _leave_on_signal(self) -> None:
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGHUP) as signals:
            async for _ in signals:
                self._leave()

    async def _show(self, lines: list[Line]) -> None:
        self._screen.show(lines)
        if self._screen.is_behind:
            await guest.call(self._screen.caught_up)

    # -- called by keys, thus from asyncio

    def _enter(self, text: str) -> bool:
        entered = self._conversation.enter(text, self._now())
        self._screen.show(self._conversation.take_lines())
        self._token.run_sync_soon(self._link.wake, idempotent=True)
        if self._conversation.leaving:
            self._screen.close()
        return entered is not Entered.HELD

    def _interrupt(self) -> None:
        if self._warned or not self._conversation.online:
            self._leave()
        else:
            self._warned = True
            self._screen.show([status("Press Ctrl-C again to leave.")])

    def _suspend(self) -> None:
        self._screen.suspend()

    def _typed(self) -> None:
        self._warned = False

    def _leave(self) -> None:
        self._screen.close()
