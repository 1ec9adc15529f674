"""One visit to a server, from connecting to leaving: the chat, its connection, and the page that shows it."""

import tkinter as tk
import webbrowser
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import TypeVar

import trio

from triochat.client import slash
from triochat.client.chat import Chat, Entered
from triochat.client.dial import Dialler, FirstVisit
from triochat.client.intents import ShowHelp
from triochat.client.line import Line
from triochat.client.link import Link, utc_now
from triochat.client.model import Link as State
from triochat.client.opening import Opened
from triochat.client.settings import Settings
from triochat.window import menus
from triochat.window.deeds import Deeds
from triochat.window.form import Form
from triochat.window.notifying import Notifier
from triochat.window.page import Page
from triochat.window.styling import Styling

LEAVE_SECONDS = 5.0
FRAME_SECONDS = 1 / 30
"""The page is drawn this often at most."""
_LEISURE = 2  # after a frame that took long, so many times as long for everything else
_LOOK_AGAIN_MILLISECONDS = 10_000

T = TypeVar("T")


class Visit:
    """Its coroutine belongs to Trio; everything else is called by Tk. Both run in one thread."""

    def __init__(
        self,
        root: tk.Tk,
        styling: Styling,
        form: Form,
        opened: Opened,
        place: str,
        settings: Settings,
        *,
        quit: Callable[[], object],
        met: Callable[[FirstVisit], None],
    ) -> None:
        """*quit* closes the window, *met* is told of a server that was never seen before."""
        self.chat = opened.chat
        self.place = place
        self.link = Link(
            opened.chat, opened.dial, place, self._show, patient=True, keeper=opened.keeper, stop_hint=""
        )
        self.page: Page | None = None
        self.stays = False
        """The person wants to go elsewhere, not to close the window."""
        self.drawn: Callable[[], object] = lambda: None
        """Called after each frame."""
        self._dial = opened.dial
        self._root = root
        self._styling = styling
        self._form = form
        self._settings = settings
        self._quit = quit
        self._left = trio.Event()
        self._gone = trio.Event()
        self._token = trio.lowlevel.current_trio_token()
        self._frame_timer = ""
        self._frame_over = 0.0
        self._took = 0.0
        self._look_timer = ""
        self._browsing: list[str] = []
        self._browse = trio.Event()
        self._deeds: Deeds | None = None
        self._menu: tk.Menu | None = None
        self._notifier = Notifier(root, self.chat.model, settings, self._mark_title)
        if isinstance(opened.dial, Dialler):
            opened.dial.first_visit = met

    async def run(self) -> None:
        """Be there until the person leaves, or the server will not have them."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._stay_connected)
                nursery.start_soon(self._open_links)
                await self._left.wait()
                if self.chat.online:
                    if not self.chat.leaving:
                        self.chat.leave()
                    self.link.wake()
                    with trio.move_on_after(LEAVE_SECONDS):
                        await self._gone.wait()
                nursery.cancel_scope.cancel()
        finally:
            self._take_down()
        if isinstance(self._dial, Dialler):
            await self._dial.finish()

    async def _stay_connected(self) -> None:
        await self.link.run()
        self._gone.set()
        self._left.set()

    async def _open_links(self) -> None:
        """In a thread: a browser may take its time."""
        while True:
            await self._browse.wait()
            self._browse = trio.Event()
            while self._browsing:
                address = self._browsing.pop(0)
                await trio.to_thread.run_sync(webbrowser.open, address, abandon_on_cancel=True)

    async def _show(self, lines: list[Line]) -> None:
        if lines and self.page is not None:
            self._notifier.notify(lines, looks=self.page.has_focus)
        self.changed()

    # -- the hands of the page

    def now(self) -> datetime:
        return utc_now()

    def enter(self, text: str) -> bool:
        if self._deeds is not None and slash.parse(text.strip()) == ShowHelp():
            self._deeds.help()  # the page of the terminal is made for 80 columns
            return True
        entered = self.do(lambda chat, now: chat.enter(text, now))
        if self.chat.leaving:
            self._quit()
        return entered is not Entered.HELD

    def do(self, what: Callable[[Chat, datetime], T]) -> T:
        result = what(self.chat, self.now())
        self.chat.take_lines()  # they stand in the model, too
        self._soon(self.link.wake)
        self.changed()
        return result

    def open_link(self, address: str) -> None:
        self._browsing.append(address)
        self._soon(lambda: self._browse.set())

    # -- called by the window

    def leave(self, *, stay: bool = False) -> None:
        """Go; *stay*: the window remains, for another server."""
        self.stays = self.stays or stay
        if self.page is not None:
            self.page.keep_draft()
        self._soon(self._left.set)

    def focused(self, focused: bool) -> None:
        if focused:
            self._notifier.calm()
        if self.page is not None:
            self.page.focused(focused)

    def active(self) -> None:
        """A key was pressed, or the mouse."""
        if self.page is not None and self.page.has_focus:
            self.page.active()

    # -- frames

    def changed(self) -> None:
        """Draw soon."""
        if not self._frame_timer:
            wait = self._frame_over + max(FRAME_SECONDS, self._took * _LEISURE) - monotonic()
            self._frame_timer = self._root.after(max(1, int(wait * 1000)), self._frame)

    def _frame(self) -> None:
        self._frame_timer = ""
        began = monotonic()
        model = self.chat.model
        if self.page is None and (model.welcomed or (self.chat.online and self.chat.first_room_failed)):
            self._open_page()
        if self.page is not None:
            self.page.refresh()
        elif not self._left.is_set():
            trouble = self.link.trouble if model.link is State.WAITING else ""
            again = f"{trouble} Trying again in {model.retry_in} s." if trouble else ""
            self._form.connecting(again or f"Connecting to {self.place} …", trouble=bool(trouble))
        self._frame_over = monotonic()
        self._took = self._frame_over - began
        self.drawn()

    def _open_page(self) -> None:
        self._form.pack_forget()
        page = self.page = Page(self._root, self._styling, self)
        page.shows_typing = self._settings.typing.show
        page.pack(fill="both", expand=True)
        self._deeds = Deeds(
            page, self._styling, quit=self._quit, elsewhere=lambda: self.leave(stay=True)
        )  # fmt: skip
        self._menu = menus.build(self._root, self._deeds)
        self._root.configure(menu=self._menu)
        self._styling.when_changed(self._paint_menu)
        menus.bind(self._root, self._deeds)
        self._look_again()

    def _paint_menu(self) -> None:
        if self._menu is not None:
            menus.paint(self._menu, self._styling)

    def _look_again(self) -> None:
        """Whoever does nothing for long is not looking any more."""
        if self.page is not None:
            self.page.look()
            self._look_timer = self._root.after(_LOOK_AGAIN_MILLISECONDS, self._look_again)

    def _take_down(self) -> None:
        self._notifier.calm()
        for timer in (self._frame_timer, self._look_timer):
            if timer:
                self._root.after_cancel(timer)
        self._frame_timer = "stopped"
        if self.page is not None:
            menus.unbind(self._root)
            self._styling.forget(self._paint_menu)
            self._root.tk.call(self._root, "configure", "-menu", "")
            if self._menu is not None:
                self._menu.destroy()
                self._menu = None
            self.page.destroy()
            self.page = None

    def _mark_title(self, mark: str) -> None:
        if self.page is not None:
            self.page.title_mark = mark
            self.page.draw_title()

    def _soon(self, job: Callable[[], object]) -> None:
        """Trio's own things are touched in its turn only."""
        try:
            self._token.run_sync_soon(job)
        except trio.RunFinishedError:
            pass  # the window is closing
