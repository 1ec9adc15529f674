"""The window as a whole: the form, one visit after the other, and the end."""

import signal
import sys
import tkinter as tk
from collections.abc import Callable
from dataclasses import replace

import trio

from triochat.client.dial import Dialler, FirstVisit
from triochat.client.events import Cause
from triochat.client.opening import Opened, open_chat
from triochat.client.options import Options
from triochat.client.settings import Settings
from triochat.window import dialogs
from triochat.window.focus import has_focus
from triochat.window.form import Form
from triochat.window.styling import Styling
from triochat.window.visit import Visit
from triochat.window.wanting import HERE, Field, Problem, Wanted, options

_SIZE = (1000, 680)
_AROUND = 120  # pixels of a screen that are for panels, a title and the menus
_LEAST = (520, 360)
_FIELDS: dict[Cause, Field] = {Cause.NAME: "name", Cause.PASSWORD: "password"}


class Window:
    """Its coroutine belongs to Trio, which is a guest of the main loop of *root*."""

    def __init__(
        self,
        root: tk.Tk,
        settings: Settings,
        *,
        open: Callable[[Options, str], Opened] = open_chat,
    ) -> None:
        """*open* makes a chat with its connection. Raises BadColour."""
        self.root = root
        self.settings = settings
        self.visit: Visit | None = None
        self.changed: Callable[[], object] = lambda: None
        """Called when something is drawn that a person would notice."""
        self.last_words: list[str] = []
        """What has to be said when the window is closed."""
        self._open = open
        self._closing = False
        self._answers, self._answered = trio.open_memory_channel[Wanted | None](1)
        self.styling = Styling(root, settings.window, settings.colours)
        root.title("triochat")
        px = self.styling.px
        width = min(px(_SIZE[0]), root.winfo_screenwidth() - px(_AROUND))
        height = min(px(_SIZE[1]), root.winfo_screenheight() - px(_AROUND))
        root.geometry(f"{width}x{height}")
        root.minsize(px(_LEAST[0]), px(_LEAST[1]))
        root.protocol("WM_DELETE_WINDOW", self.quit)
        if sys.platform == "darwin":
            root.createcommand("tk::mac::Quit", self.quit)
        servers = [*settings.servers, HERE]
        self.form = Form(root, self.styling, servers, connect=self._answer, stop=self._stop)
        root.bind("<FocusIn>", lambda _: root.after_idle(self._draw_focus), add="+")
        root.bind("<FocusOut>", lambda _: root.after_idle(self._draw_focus), add="+")
        if sys.platform not in ("darwin", "win32"):
            for kind in ("TEntry", "TCombobox"):  # as everywhere but in Emacs
                root.bind_class(kind, "<Control-a>", lambda event: event.widget.selection_range(0, "end"))
        for event in ("<KeyPress>", "<ButtonPress>"):
            root.bind_all(event, lambda _: self._active(), add="+")

    async def run(self, wanted: Wanted, *, at_once: bool) -> None:
        """Be there until the person closes the window. *wanted* is what the form says at first; *at_once*: do not
        wait for the person to press the button."""
        self._token = trio.lowlevel.current_trio_token()
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._quit_on_signal)
            await self._visits(wanted, at_once)
            nursery.cancel_scope.cancel()

    async def _visits(self, wanted: Wanted, at_once: bool) -> None:
        said: tuple[str, Field] = ("", "")
        while not self._closing:
            self.form.fill(wanted)
            self.form.pack(fill="both", expand=True)
            self.root.bind("<Command-q>" if sys.platform == "darwin" else "<Control-q>", lambda _: self.quit())
            if not at_once:
                self.root.title("triochat")
                self.form.ask(*said)
                self.changed()
                answer = await self._answered.receive()
                if answer is None or self._closing:
                    return
                wanted = answer
            try:
                chosen = options(wanted, self.settings)
            except Problem as problem:
                said, at_once = (str(problem), problem.field), False
                continue
            at_once = False
            said = await self._one_visit(chosen, wanted)
            wanted = replace(wanted, password="") if not said[0] else wanted

    async def _one_visit(self, chosen: Options, wanted: Wanted) -> tuple[str, Field]:
        """Returns what to say of its end, and about which field."""
        opened = self._open(chosen, wanted.name)
        place = str(chosen.address)
        visit = Visit(
            self.root, self.styling, self.form, opened, place, self.settings, quit=self.quit,
            met=lambda first: self.meet(first, opened.dial),
        )  # fmt: skip
        self.visit = visit
        visit.drawn = lambda: self.changed()
        visit.changed()
        try:
            await visit.run()
        finally:
            self.visit = None
        chat = visit.chat
        chat.take_lines()
        chat.report_lost_lines()
        lost = [line.text for line in chat.take_lines()]
        if self._closing or (chat.leaving and not visit.stays and chat.refusal is None):
            self._closing = True
            self.last_words = lost
            return "", ""
        if visit.link.untrusted is not None and visit.link.untrusted.shown:
            self._ask_about_certificate(visit, wanted)
            return f"The certificate of {place} is not the one of before.", "address"
        if chat.refusal is not None:
            if chat.refusal.cause is Cause.PASSWORD and not wanted.password:
                return "This server wants a password.", "password"
            return chat.refusal.text, _FIELDS.get(chat.refusal.cause, "")
        return visit.link.failure or " ".join(lost), ""

    def meet(self, first: FirstVisit, dial: Dialler) -> None:
        """Show the fingerprint of a server that was never seen before. It stays there while the person goes on, and
        whatever they do meanwhile, they can say that it is not the right one."""

        def leave() -> None:
            self._soon(lambda: self._nursery.start_soon(dial.forget, first.fingerprint))
            self._stop()

        dialogs.FirstVisit(self.root, self.styling, first.place, first.fingerprint, first.reason, leave)

    def _ask_about_certificate(self, visit: Visit, wanted: Wanted) -> None:
        untrusted = visit.link.untrusted
        assert untrusted is not None
        known = untrusted.known
        dialogs.ChangedCertificate(
            self.root, self.styling, visit.place,
            (known.fingerprint or "") if known is not None else "",
            f"{known.since:%Y-%m-%d}" if known is not None else "",
            untrusted.shown,
            lambda: self._answer(replace(wanted, trusted=untrusted.shown)),
        )  # fmt: skip

    async def _quit_on_signal(self) -> None:
        signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else [])]
        with trio.open_signal_receiver(*signals) as received:
            async for _ in received:
                self.quit()

    # -- called by Tk

    def quit(self) -> None:
        """Close the window, and leave."""
        self._closing = True
        self.root.withdraw()  # goodbyes may take a moment
        if self.visit is not None:
            self.visit.leave()
        self._answer(None)

    def _answer(self, wanted: Wanted | None) -> None:
        def give() -> None:
            try:
                self._answers.send_nowait(wanted)
            except trio.WouldBlock:
                pass  # pressed twice

        self._soon(give)

    def _soon(self, job: Callable[[], object]) -> None:
        try:
            self._token.run_sync_soon(job)
        except trio.RunFinishedError:
            pass  # the window is closed

    def _stop(self) -> None:
        if self.visit is not None:
            self.visit.leave(stay=True)

    def _active(self) -> None:
        if self.visit is not None:
            self.visit.active()

    def _draw_focus(self) -> None:
        if self.visit is not None:
            self.visit.focused(has_focus(self.root))
