"""The page of a running chat: lists, messages, the input and the status bar. Tk."""

import tkinter as tk
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from tkinter import ttk
from typing import Protocol, TypeVar

from triochat.client.chat import Chat
from triochat.client.completing import completions
from triochat.client.conversation import Conversation, Past
from triochat.client.events import Found
from triochat.client.line import Line
from triochat.client.model import Link
from triochat.window.finding import Finder
from triochat.window.messages import Messages
from triochat.window.sidelists import conversations, people, title, typing_sentence
from triochat.window.sides import SideList
from triochat.window.status import StatusBar
from triochat.window.styling import Styling, fitting
from triochat.window.writing import Writing

PEOPLE_SECONDS = 0.25
"""The list of people is drawn this often at most: that of a crowd is work."""
LOOK_SECONDS = 120.0
"""Somebody who does nothing for so long is not taken to be looking."""

T = TypeVar("T")


class Hands(Protocol):
    """What the page hands on of what the person does."""

    @property
    def chat(self) -> Chat: ...

    @property
    def place(self) -> str:
        """What people call the server."""

    def enter(self, text: str) -> bool:
        """Do what the typed *text* says; False: leave it where it is."""

    def do(self, what: Callable[[Chat, datetime], T]) -> T:
        """Have *what* done, and bring its effects to the server and onto the screen."""

    def now(self) -> datetime: ...

    def open_link(self, address: str) -> None:
        """Show it in the person's browser."""


class Page(ttk.Frame):
    """Everything below the menus."""

    def __init__(self, parent: tk.Misc, styling: Styling, hands: Hands) -> None:
        super().__init__(parent)
        self.hands = hands
        self.styling = styling
        self.model = hands.chat.model
        self.when_found: Callable[[Found], object] = lambda _: None
        self.popup_line: Callable[[tk.Event[tk.Misc], Line | None, str], object] = lambda *_: None
        self.popup_person: Callable[[tk.Event[tk.Misc], str], object] = lambda *_: None
        self.popup_conversation: Callable[[tk.Event[tk.Misc], str], object] = lambda *_: None
        self.write_to: Callable[[str], object] = lambda _: None
        self.shows_typing = True
        self.title_mark = ""
        self.has_focus = True
        self._active = monotonic()
        self._people_drawn: tuple[Conversation | None, int] = (None, -1)
        self._people_at = 0.0
        self._people_due = ""
        self._watched: tuple[Conversation | None] | None = None
        self._found = self.model.found
        self._topic = ""
        self._build()
        styling.when_changed(self._draw_style)

    def destroy(self) -> None:
        self.styling.forget(self._draw_style)
        if self._people_due:
            self.after_cancel(self._people_due)
        super().destroy()

    def _build(self) -> None:
        styling, px = self.styling, self.styling.px
        self.panes = tk.PanedWindow(self, orient="horizontal", borderwidth=0, sashrelief="flat", opaqueresize=True)
        self.rooms = SideList(
            self.panes, styling, ("Rooms", "Private"), chosen=self._chose_conversation, at_once=True,
            popup=lambda event, key: self.popup_conversation(event, key),
        )  # fmt: skip
        middle = ttk.Frame(self.panes, style="Paper.TFrame")
        self.people = SideList(
            self.panes, styling, ("People",), chosen=lambda key: self.write_to(key), at_once=False,
            popup=lambda event, key: self.popup_person(event, key),
        )  # fmt: skip
        self.finder = Finder(middle, styling, closed=lambda: self.writing.focus())
        head = ttk.Frame(middle, padding=(px(12), px(8)))
        self.name = ttk.Label(head, style="Strong.TLabel")
        self.topic = ttk.Label(head, style="Dim.TLabel")
        self.name.pack(side="left")
        self.topic.pack(side="left", fill="x", expand=True, padx=(px(10), 0))
        self.topic.bind("<Configure>", lambda _: self._fit_topic())
        self.messages = Messages(
            middle, styling, open_link=self.hands.open_link, scrolled=self._scrolled,
            popup=lambda event, line, link: self.popup_line(event, line, link),
        )  # fmt: skip
        self.typing = ttk.Label(middle, style="Typing.TLabel", padding=(px(12), 0))
        self.writing = Writing(
            middle, styling, send=self._send, typed=self._typed, complete=self._complete,
            to=lambda: self.model.writing_to,
        )  # fmt: skip
        head.grid(row=1, column=0, sticky="we")
        self.messages.grid(row=2, column=0, sticky="nswe")
        self.typing.grid(row=3, column=0, sticky="we")
        self.writing.grid(row=4, column=0, sticky="we", padx=px(8), pady=(px(2), px(8)))
        middle.rowconfigure(2, weight=1)
        middle.columnconfigure(0, weight=1)
        self.status = StatusBar(self, styling)
        self.status.pack(side="bottom", fill="x")
        self.panes.pack(side="top", fill="both", expand=True)
        self.panes.add(self.rooms, minsize=px(110), width=px(180), stretch="never")
        self.panes.add(middle, minsize=px(240), stretch="always")
        self.panes.add(self.people, minsize=px(90), width=px(150), stretch="never")
        self.writing.focus()

    # -- drawing

    def refresh(self) -> None:
        """Show the model as it is now."""
        model = self.model
        current = model.current or model.server
        self.take_up_draft()
        self.messages.update_from(current)
        rooms, private = conversations(model)
        self.rooms.show(rooms, private)
        self.rooms.select(model.fold(current.name), 0 if current.is_room else 1)
        self._draw_head(current)
        self._draw_people()
        names = current.typists.names(self.hands.now()) if self.shows_typing else []
        sentence = typing_sentence(names)
        if str(self.typing.cget("text")) != sentence:
            self.typing.configure(text=sentence)
        self.status.show(model, self.hands.place)
        self.draw_title()
        if model.found is not self._found and model.found is not None:
            self._found = model.found
            self.when_found(model.found)
        self.look()

    def draw_title(self) -> None:
        top = self.winfo_toplevel()
        wanted = self.title_mark + title(self.model, self.hands.place)
        if isinstance(top, tk.Tk) and top.title() != wanted:
            top.title(wanted)

    def _draw_head(self, current: Conversation) -> None:
        name = current.name if current is not self.model.server else self.hands.place
        if str(self.name.cget("text")) != name:
            self.name.configure(text=name)
        if self._topic != current.topic:
            self._topic = current.topic
            self._fit_topic()

    def _fit_topic(self) -> None:
        topic = self._topic.replace("\n", " ")
        self.topic.configure(text=fitting(topic, self.topic.winfo_width() - self.styling.px(6), self.styling.normal))

    def _draw_people(self) -> None:
        room = self.model.current
        drawn = (room, room.revision if room is not None else 0)
        if self._people_due and room is not self._people_drawn[0]:
            self.after_cancel(self._people_due)
            self._people_due = ""
        if drawn == self._people_drawn or self._people_due:
            return
        wait = self._people_at + PEOPLE_SECONDS - monotonic()
        if wait > 0 and room is self._people_drawn[0]:
            self._people_due = self.after(int(wait * 1000) + 1, self._people_now)
            return
        self._people_drawn = drawn
        self._people_at = monotonic()
        self.people.show(people(room))
        count = len(room.members) if room is not None and room.is_room else 0
        self.people.rename(0, f"People – {count:,}" if count else "People")

    def _people_now(self) -> None:
        self._people_due = ""
        self._draw_people()

    def _draw_style(self) -> None:
        self.panes.configure(background=self.styling.palette.line, sashwidth=self.styling.px(2))

    def show_people(self, show: bool) -> None:
        """Have the list of people, or not."""
        self.panes.tk.call(self.panes, "paneconfigure", self.people, "-hide", not show)

    # -- what is seen

    def look(self) -> None:
        """Tell what the person sees, if that changed."""
        conversation = self.model.current
        idle = monotonic() - self._active > LOOK_SECONDS
        watched = conversation if self.messages.at_newest and self.has_focus and not idle else None
        if self._watched is None or watched is not self._watched[0]:
            self._watched = (watched,)
            self.hands.do(lambda chat, now: chat.look_at(watched, now))
        if conversation is not None and conversation.past is Past.MORE and self.messages.wants_earlier:
            self.hands.do(lambda chat, now: chat.earlier(conversation, now))

    def active(self) -> None:
        """A key was pressed, or the mouse."""
        self._active = monotonic()
        self.hands.do(lambda chat, now: chat.active(now))
        self.look()

    def focused(self, focused: bool) -> None:
        """The window has the person's attention, or not."""
        if focused != self.has_focus:
            self.has_focus = focused
            self._active = monotonic() if focused else self._active
            self.look()

    def switch(self, conversation: Conversation) -> None:
        """Go there."""
        self.hands.do(lambda chat, now: chat.switch(conversation, now))
        self.refresh()

    def go_to(self, conversation: Conversation, line: int) -> bool:
        """Go to a line; False when it is not there any more."""
        if conversation is not self.model.current:
            self.switch(conversation)
        self.refresh()
        return self.messages.go_to(line)

    def _chose_conversation(self, key: str) -> None:
        conversation = self.model.rooms.get(key) or self.model.private.get(key)
        if conversation is not None:
            self.switch(conversation)
            self.writing.focus()

    def _scrolled(self) -> None:
        self.look()

    # -- writing

    def take_up_draft(self) -> None:
        """If another conversation is the current one, let its half-typed text be written on."""
        text = self.writing.get()
        if (other := self.hands.chat.drafting.moved(text)) is not None and other != text:
            self.writing.take_up(other)

    def keep_draft(self) -> None:
        """Have what is typed kept for where it was typed."""
        self.hands.chat.drafting.typed(self.writing.get())

    def _send(self, text: str) -> bool:
        taken = self.hands.enter(text)
        if taken:
            self.messages.to_newest()
        return taken

    def _typed(self, text: str) -> None:
        self._active = monotonic()
        self.keep_draft()
        self.hands.do(lambda chat, now: chat.typed(text, now))

    def _complete(self, before: str) -> tuple[str, list[str]]:
        return completions(self.model, before)

    @property
    def connected(self) -> bool:
        return self.model.link is Link.ONLINE
