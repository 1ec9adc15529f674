"""A real window on a display in memory, and a server in memory: what tests press, and what they see.

Trio runs as a guest of Tk here as it does in use, so these tests are synchronous and their clock is real; they wait
for events only.
"""

import tkinter as tk
from collections.abc import Awaitable, Callable
from tkinter import ttk

import trio

from client.scripted_server import ScriptedServer, Wire
from triochat.client.opening import Opened, open_chat
from triochat.client.options import Options
from triochat.client.settings import Settings, WindowSettings
from triochat.window import guest
from triochat.window.page import Page
from triochat.window.wanting import Wanted
from triochat.window.window import Window

KEYS = {" ": "space", "/": "slash", "#": "numbersign", ":": "colon", ".": "period", "!": "exclam", "-": "minus"}
BOB = Wanted("server.example:5000", "Bob", "#lobby")


class Driver:
    """A window whose keys the test presses."""

    def __init__(self, root: tk.Tk, settings: Settings) -> None:
        self.root = root
        self.wire = Wire()
        self.opened: list[Options] = []
        self.window = Window(root, settings, open=self._open)
        self.window.changed = self._changed
        self.finished = trio.Event()
        self.server: ScriptedServer | None = None
        self._moved = trio.Event()

    def _open(self, options: Options, name: str) -> Opened:
        self.opened.append(options)
        opened = open_chat(options, name)
        self.dialler = opened.dial
        return opened._replace(dial=self.wire)  # type: ignore[arg-type]

    def _changed(self) -> None:
        self._token.run_sync_soon(self.note, idempotent=True)

    def note(self) -> None:
        """Something may have changed that a test waits for. In Trio's turn."""
        self._moved.set()
        self._moved = trio.Event()

    async def run(self, wanted: Wanted, at_once: bool) -> None:
        self._token = trio.lowlevel.current_trio_token()
        for kind in ("<FocusIn>", "<Map>", "<Configure>"):
            self.root.bind_all(kind, lambda _: self._changed(), add="+")
        await self.window.run(wanted, at_once=at_once)
        self.finished.set()
        self.note()

    # -- what is seen

    @property
    def page(self) -> Page:
        assert self.window.visit is not None
        assert self.window.visit.page is not None
        return self.window.visit.page

    @property
    def read(self) -> str:
        """All that stands among the messages."""
        if self.window.visit is None or self.window.visit.page is None:
            return ""
        return self.page.messages.text.get("1.0", "end")

    @property
    def said(self) -> str:
        """What the form says."""
        return str(self.window.form.said.cget("text"))

    def rows(self, tree: ttk.Treeview) -> list[tuple[str, str]]:
        """Names and counts."""
        keys = [key for group in tree.get_children() for key in tree.get_children(group)]
        return [(tree.item(key, "text"), str((*tree.item(key, "values"), "")[0])) for key in keys]

    @property
    def dialog(self) -> tk.Toplevel | None:
        found = [child for child in self.root.winfo_children() if isinstance(child, tk.Toplevel)]
        if self.window.visit is not None and self.window.visit.page is not None:
            found += [child for child in self.page.winfo_children() if isinstance(child, tk.Toplevel)]
        return found[-1] if found else None

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that keys or the server bring about."""
        while not condition():
            await self._moved.wait()

    async def reads(self, text: str) -> None:
        await self.until(lambda: text in self.read)

    # -- what is done

    def press(self, *keys: str) -> None:
        """Press keys, in Tk's words, where the focus is, and let drawing catch up."""
        for key in keys:
            widget = self.root.focus_get() or self.root
            widget.event_generate(f"<{key}>")
        self.root.update_idletasks()

    def type(self, text: str) -> None:
        for character in text:
            self.press(f"KeyPress-{KEYS.get(character, character)}")

    def drag(self, to: float) -> None:
        """Drag the scroll bar of the messages: 0 is the beginning, 1 the end."""
        self.root.tk.call(self.page.messages.bar.cget("command"), "moveto", str(to))

    async def enter_lobby(self, caps: str = "", people: str = "Alice") -> ScriptedServer:
        server = self.server = await self.wire.accept()
        await server.welcome(caps=caps)
        await server.send(":irc 005 Bob CHATHISTORY=100 :are supported")
        await server.admit(people=people)
        await self.reads("Alice")
        await self.gets_focus(self.page.writing.text)
        return server

    async def gets_focus(self, widget: tk.Misc) -> None:
        """Wait until keys come to the window, as a window manager would see to it."""
        await self.until(self.root.winfo_viewable)
        widget.focus_force()
        await self.focus_is(widget)

    async def focus_is(self, widget: tk.Misc) -> None:
        """Wait until keys come to *widget*."""
        await self.until(lambda: self.root.focus_displayof() is widget)


class Tasks(trio.abc.Instrument):
    """Those of Trio that run."""

    def __init__(self) -> None:
        self.running: set[trio.lowlevel.Task] = set()

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        self.running.add(task)

    def task_exited(self, task: trio.lowlevel.Task) -> None:
        self.running.discard(task)


Script = Callable[[Driver], Awaitable[None]]


def play(script: Script, wanted: Wanted = BOB, *, at_once: bool = True, settings: Settings | None = None) -> Driver:
    """Have the window and *script* beside it; a script that gets stuck fails, and so do an error in a callback and
    whatever goes on after the end."""
    root = tk.Tk(className="Triochat")
    errors: list[BaseException] = []
    tasks = Tasks()
    root.report_callback_exception = lambda kind, error, trace: errors.append(error)
    try:
        driver = Driver(root, settings or Settings(window=WindowSettings(theme="light")))

        async def main() -> None:
            trio.lowlevel.add_instrument(tasks)
            with trio.fail_after(20):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(driver.run, wanted, at_once)
                    await script(driver)
                    if not driver.finished.is_set():
                        driver.window.quit()
                        if driver.server is not None:
                            await driver.server.stream.aclose()  # nobody waits for a goodbye
                        await driver.finished.wait()

        guest.run(root, main)
        timers = root.tk.splitlist(root.tk.call("after", "info"))
        waiting = [root.tk.call("after", "info", timer) for timer in timers]
    finally:
        root.destroy()
    assert (errors, tasks.running, waiting) == ([], set(), [])
    return driver
