"""The client on a terminal: asyncio for what one sees, Trio as its guest for everything else."""

import signal
import sys
from collections.abc import Callable
from datetime import datetime
from random import random
from typing import TypeVar

import trio

from triochat.client.chat import Chat, Entered
from triochat.client.collecting import leave_histories_alone
from triochat.client.dial import Dial
from triochat.client.files import Keeper
from triochat.client.line import Line, error, status
from triochat.client.link import Link, utc_now
from triochat.client.opening import open_chat
from triochat.client.options import Options
from triochat.client.refusal import check
from triochat.client.slash import is_secret
from triochat.errors import Failure
from triochat.proto.text import visible
from triochat.terminal import guest
from triochat.terminal.fullscreen import FullScreen
from triochat.terminal.hands import Hands, View
from triochat.terminal.keytable import BadKey
from triochat.terminal.view import InlineView, SteadyInput

LEAVE_SECONDS = 5.0
T = TypeVar("T")
MakeView = Callable[[Hands], View]


def run_on_screen(options: Options, name: str) -> int:
    """Chat as *name* on the whole terminal; returns the exit status or raises Failure."""
    return _run(options, name, lambda hands: _on_screen(hands, options))


def _on_screen(hands: Hands, options: Options) -> View:
    try:
        return FullScreen(hands, str(options.address), options.settings)
    except BadKey as error:
        raise Failure(f"The client's settings, [keys]: {error}") from None
    except ValueError as error:
        raise Failure(
            f"The client's settings, [colours]: {error}. 'ansired', '#88aaff' and 'bold' are such."
        ) from None


def run_inline(options: Options, name: str) -> int:
    """The same with a prompt below the lines, so that the terminal keeps them."""
    terminal = SteadyInput(sys.stdin) if sys.platform != "win32" else None
    return _run(options, name, lambda hands: InlineView(hands, str(options.address), input=terminal))


def _run(options: Options, name: str, view: MakeView) -> int:
    leave_histories_alone()
    chat, dial, keeper = open_chat(options, name)

    async def main() -> None:
        await TerminalChat(chat, dial, str(options.address), view, keeper=keeper).run()
        await dial.finish()

    guest.run(main)
    return 0


class TerminalChat:
    """One person at a terminal, whatever its view."""

    def __init__(
        self,
        chat: Chat,
        dial: Dial,
        place: str,
        view: MakeView,
        *,
        keeper: Keeper | None = None,
        now: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random,
    ) -> None:
        """*place* names the server to people."""
        self.chat = chat
        self._now = now
        self._link = Link(chat, dial, place, self._show, patient=True, keeper=keeper, now=now, jitter=jitter)
        self._gone = trio.Event()
        self._warned = False
        self.view = view(self)

    async def run(self) -> None:
        """Chat until the person leaves or the server will not have them, which raises Failure."""
        self._token = trio.lowlevel.current_trio_token()
        chat = self.chat
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._stay_connected)
            nursery.start_soon(self._leave_on_signal)
            await guest.call(self.view.run)
            if chat.online:
                if not chat.leaving:
                    chat.leave()
                self._link.wake()
                with trio.move_on_after(LEAVE_SECONDS):
                    await self._gone.wait()
            nursery.cancel_scope.cancel()
        chat.report_lost_lines()
        unsent = self.view.unsent
        if unsent.strip() and not is_secret(unsent, chat.model.writing_to):
            chat.show(*(error(f"Not sent: {visible(line)}") for line in unsent.strip().split("\n")))
        if chat.leaving:
            chat.show(status("You left the chat."))
        self.view.show(chat.take_lines())
        check(chat.refusal, self._link.failure)

    async def _stay_connected(self) -> None:
        await self._link.run()
        self._gone.set()
        self.view.close()

    async def _leave_on_signal(self) -> None:
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGHUP) as signals:
            async for _ in signals:
                self.leave()

    async def _show(self, lines: list[Line]) -> None:
        self.view.show(lines)
        if self.view.is_behind:
            await guest.call(self.view.caught_up)

    # -- called by keys, thus from asyncio

    def enter(self, text: str) -> bool:
        """See Hands."""
        return self.do(lambda chat, now: chat.enter(text, now)) is not Entered.HELD

    def do(self, what: Callable[[Chat, datetime], T]) -> T:
        result = what(self.chat, self._now())
        self.view.show(self.chat.take_lines())
        self._token.run_sync_soon(self._link.wake, idempotent=True)
        if self.chat.leaving:
            self.view.close()
        return result

    def interrupt(self) -> None:
        if self._warned or not self.chat.online:
            self.leave()
        else:
            self._warned = True
            self.view.warn("Press Ctrl-C again to leave.")

    def calm(self) -> None:
        self._warned = False

    def leave(self) -> None:
        self.view.close()
