"""The client on a terminal: asyncio for the prompt, Trio as its guest for everything else."""

import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from random import random

import trio
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from triochat.client.chat import Chat, Entered
from triochat.client.dial import Dial
from triochat.client.files import Keeper
from triochat.client.line import Line, status
from triochat.client.link import Link, utc_now
from triochat.client.opening import open_chat
from triochat.client.options import Options
from triochat.client.refusal import check
from triochat.terminal import guest
from triochat.terminal.keys import bindings
from triochat.terminal.view import Screen, SteadyInput

LEAVE_SECONDS = 5.0


def run(options: Options, name: str) -> int:
    """Chat on the terminal as *name*; returns the exit status or raises Failure."""
    chat, dial, keeper = open_chat(options, name)

    async def main() -> None:
        terminal = SteadyInput(sys.stdin) if sys.platform != "win32" else None
        await TerminalChat(chat, dial, str(options.address), input=terminal, keeper=keeper).run()
        await dial.finish()

    guest.run(main)
    return 0


class TerminalChat:
    """One person at a terminal."""

    def __init__(
        self,
        chat: Chat,
        dial: Dial,
        place: str,
        *,
        input: Input | None = None,
        output: Output | None = None,
        keeper: Keeper | None = None,
        now: Callable[[], datetime] = utc_now,
        today: Callable[[], date] = date.today,
        jitter: Callable[[], float] = random,
    ) -> None:
        self._chat = chat
        self._now = now
        self._link = Link(chat, dial, place, self._show, patient=True, keeper=keeper, now=now, jitter=jitter)
        self._gone = trio.Event()
        self._warned = False
        keys = bindings(self._enter, self._interrupt, self._leave, self._suspend)
        self._screen = Screen(chat.model, place, keys, input=input, output=output, today=today)
        self._screen.when_typed(self._typed)

    async def run(self) -> None:
        """Chat until the person leaves or the server will not have them, which raises Failure."""
        self._token = trio.lowlevel.current_trio_token()
        chat = self._chat
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._stay_connected)
            nursery.start_soon(self._leave_on_signal)
            await guest.call(self._screen.run)
            if chat.online:
                if not chat.leaving:
                    chat.leave()
                self._link.wake()
                with trio.move_on_after(LEAVE_SECONDS):
                    await self._gone.wait()
            nursery.cancel_scope.cancel()
        chat.report_lost_lines()
        if chat.leaving:
            chat.show(status("You left the chat."))
        self._screen.show(chat.take_lines())
        check(chat.refusal, self._link.failure)

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
        entered = self._chat.enter(text, self._now())
        self._screen.show(self._chat.take_lines())
        self._token.run_sync_soon(self._link.wake, idempotent=True)
        if self._chat.leaving:
            self._screen.close()
        return entered is not Entered.HELD

    def _interrupt(self) -> None:
        if self._warned or not self._chat.online:
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
