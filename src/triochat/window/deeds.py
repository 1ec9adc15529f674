"""What keys, menus and the buttons of the mouse do to a running chat. Tk."""

import sys
import tkinter as tk
from collections.abc import Callable
from functools import partial

from triochat.client import intents, names, slash
from triochat.client.conversation import Conversation
from triochat.client.events import Found
from triochat.client.line import Line
from triochat.client.settings import Theme
from triochat.window.blocks import url
from triochat.window.dialogs import Dialog, Question, Table
from triochat.window.finding import Choice
from triochat.window.focus import focused
from triochat.window.keytable import help_rows
from triochat.window.page import Page
from triochat.window.styling import Styling

MAC = sys.platform == "darwin"
_MOST_FOUND = 500


class Deeds:
    """One method for each action of `keytable`, and some more for the menus."""

    def __init__(
        self, page: Page, styling: Styling, *, quit: Callable[[], object], elsewhere: Callable[[], object]
    ) -> None:
        self.page = page
        self.styling = styling
        self.quit = quit
        self.elsewhere = elsewhere
        self.model = page.model
        self.dialog: Dialog | None = None
        self.chosen_theme = tk.StringVar(page, styling.theme)
        self._shows_people = True
        page.when_found = self.show_found
        page.popup_line = self._popup_line
        page.popup_person = self._popup_person
        page.popup_conversation = self._popup_conversation
        page.write_to = self._write_to_key

    # -- going about

    def next_active(self) -> None:
        if (conversation := self.model.next_active() or self.model.previous()) is not None:
            self.page.switch(conversation)

    def conversation_before(self) -> None:
        self._step(-1)

    def conversation_after(self) -> None:
        self._step(1)

    def number(self, number: int) -> None:
        """To conversation *number*, counted from 1."""
        every = self.model.conversations
        if number <= len(every):
            self.page.switch(every[number - 1])

    def _step(self, by: int) -> None:
        every = self.model.conversations
        current = self.model.current
        if every:
            place = next((number for number, other in enumerate(every) if other is current), 0)
            self.page.switch(every[(place + by) % len(every)])

    def jump(self) -> None:
        self.page.finder.open("Go to", typed=self._offer_places)

    def _offer_places(self, letters: str) -> None:
        wanted = letters.casefold().strip()
        choices = [
            Choice(other.name, partial(self.page.switch, other))
            for other in self.model.conversations
            if wanted in other.name.casefold()
        ]
        known = {self.model.fold(other.name) for other in self.model.private.values()}
        choices += [
            Choice(f"{name}  (write to)", partial(self._open_private, name))
            for name in (self.model.people() if wanted else [])
            if wanted in name.casefold() and self.model.fold(name) not in known
        ]
        self.page.finder.offer(choices, "There is nobody and nothing like that.")

    def page_up(self) -> None:
        self.page.messages.page(-1)

    def page_down(self) -> None:
        self.page.messages.page(1)

    def newest(self) -> None:
        if self.page.finder.is_open:
            self.page.finder.close()
            return
        if (current := self.model.current) is not None and self.page.messages.at_newest:
            self.page.hands.do(lambda chat, now: chat.leave_rule(current))
        self.page.messages.to_newest()
        self.page.writing.focus()

    def first_unread(self) -> None:
        current = self.model.current
        if current is not None and (current.first_unread or current.here):
            self.page.messages.go_to(current.first_unread or current.here)

    def focus_next(self) -> None:
        stops: list[tk.Misc] = [self.page.writing.text, self.page.messages.text, self.page.rooms.tree]
        if self._shows_people:
            stops.insert(2, self.page.people.tree)
        here = focused(self.page)
        place = stops.index(here) if here in stops else -1
        stops[(place + 1) % len(stops)].focus_set()

    # -- how it looks

    def people(self) -> None:
        self._shows_people = not self._shows_people
        self.page.show_people(self._shows_people)

    def larger(self) -> None:
        self.styling.step(1)

    def smaller(self) -> None:
        self.styling.step(-1)

    def normal_size(self) -> None:
        self.styling.step(0)

    def theme(self, theme: Theme) -> None:
        self.styling.choose(theme)

    # -- searching

    def search(self) -> None:
        self.page.finder.open("Search", entered=self._search)

    def _search(self, text: str) -> None:
        session = self.page.hands.chat.session
        if session is not None and session.caps.searches:
            intent = slash.parse(f"/search {text}")
            self.page.hands.do(lambda chat, now: chat.perform(intent, now))
        else:
            self._search_here(text)

    def _search_here(self, text: str) -> None:
        """The server cannot: look through what is here."""
        current = self.model.current or self.model.server
        words = text.casefold().split()
        lines = [
            line for line in current.lines if all(word in f"{line.name} {line.text}".casefold() for word in words)
        ]
        self.page.finder.offer(
            [
                Choice(f"{_clock(line)}{line.name}: {line.text}", partial(self._go_to, current, line.id))
                for line in lines[: -_MOST_FOUND - 1 : -1]
                if line.is_speech
            ],
            f"No line of {current.name} here has that.",
        )

    def show_found(self, found: Found) -> None:
        """The answer to a search, the newest line first."""
        if not self.page.finder.is_open:
            self.search()  # it was a typed command
        choices = [
            Choice(
                f"{said.time.astimezone():%d %b %H:%M}  {said.conversation}  {said.name}: {said.text}",
                partial(self._go_to_said, said.conversation, said.msgid, said.text),
            )
            for said in reversed(found.lines)
        ]
        self.page.finder.offer(choices, f"There are no lines with {found.words or 'that'}.")

    def _go_to_said(self, name: str, msgid: str, text: str) -> None:
        conversation = self.model.conversation(name)
        line = conversation.lines.find(msgid) if conversation is not None and msgid else None
        if conversation is None or line is None or not self._go_to(conversation, line.id):
            self.say("That line is too old to be among those here:", text)

    def _go_to(self, conversation: Conversation, id: int) -> bool:
        return self.page.go_to(conversation, id)

    # -- rooms and people

    def join(self) -> None:
        def answer(room: str) -> str | None:
            if (problem := names.room_problem(room)) is not None:
                return problem
            self.perform(intents.Join(names.as_room(room), ""))
            return None

        self._ask("Join a room", "Which room?", answer, "#", "Join")

    def write_to(self) -> None:
        def answer(name: str) -> str | None:
            if (problem := names.problem(name)) is None:
                self._open_private(name)
            return problem

        self._ask("Write to one person", "Whom?", answer, "", "Write")

    def rename(self) -> None:
        def answer(name: str) -> str | None:
            if (problem := names.problem(name)) is None:
                self.perform(intents.Rename(name))
            return problem

        self._ask("Change your name", "What do you want to be called?", answer, self.model.me, "Change")

    def export(self) -> None:
        def answer(path: str) -> str | None:
            self.perform(intents.Export(path))
            return None

        current = self.model.current
        name = current.name.strip("#&+!") if current is not None else "chat"
        self._ask(
            "Save what is here", "To which file? With .jsonl at its end as JSON lines.", answer, f"{name}.txt", "Save"
        )

    def close_conversation(self) -> None:
        if self.model.current is not None:
            self.perform(intents.Leave(None, ""))

    def rooms(self) -> None:
        self.perform(intents.ShowRooms())

    def mute(self) -> None:
        self.perform(intents.Mute())

    def away(self) -> None:
        back = self.model.away is not None
        self.perform(intents.Away("" if back else self.page.hands.chat.settings.away.text))

    def perform(self, intent: intents.Intent) -> None:
        self.page.hands.do(lambda chat, now: chat.perform(intent, now))
        self.page.take_up_draft()  # before the next key

    def _write_to_key(self, key: str) -> None:
        current = self.model.current
        member = current.members.get(key) if current is not None else None
        if member is not None and not self.model.is_me(member.name):
            self._open_private(member.name)

    def _open_private(self, name: str) -> None:
        self.perform(intents.Whisper(name, ""))
        self.page.writing.focus()

    # -- help

    def help(self) -> None:
        commands = [(f"/{command.usage}", f"{command.summary}. {command.more}".strip()) for command in slash.COMMANDS]
        self._show(
            Table(
                self.page, self.styling, "Keys and commands", [("Keys", help_rows(mac=MAC)), ("Commands", commands)]
            )
        )

    def say(self, *texts: str) -> None:
        """Tell something in a window of its own."""
        dialog = Dialog(self.page, self.styling, "triochat")
        for number, text in enumerate(texts):
            dialog.say(text, "TLabel" if not number else "Dim.TLabel", above=8 if number else 0)
        (ok,) = dialog.buttons(("OK", dialog.close, "Main.TButton"))
        dialog.present(ok)
        self._show(dialog)

    def _ask(self, title: str, label: str, answer: Callable[[str], str | None], text: str, button: str) -> None:
        self._show(Question(self.page, self.styling, title, label, answer=answer, text=text, button=button))

    def _show(self, dialog: Dialog) -> None:
        if self.dialog is not None and self.dialog.winfo_exists():
            self.dialog.close()
        self.dialog = dialog

    # -- the other button of the mouse

    def _menu(self, event: "tk.Event[tk.Misc]", *entries: tuple[str, Callable[[], object]]) -> None:
        if not entries:
            return
        menu = tk.Menu(self.page, tearoff=False, background=self.styling.palette.side)
        for label, do in entries:
            menu.add_command(label=label, command=do)
        menu.bind("<Unmap>", lambda _: menu.after_idle(menu.destroy))
        menu.tk_popup(event.x_root, event.y_root)

    def _popup_line(self, event: "tk.Event[tk.Misc]", line: Line | None, link: str) -> None:
        entries: list[tuple[str, Callable[[], object]]] = []
        text = self.page.messages.text
        if text.tag_ranges("sel"):
            entries.append(("Copy", lambda: text.event_generate("<<Copy>>")))
        if link:
            entries.append(("Open link", lambda: self.page.hands.open_link(url(link))))
            entries.append(("Copy link", lambda: self.copy(link)))
        if line is not None and line.text:
            entries.append(("Copy message", lambda: self.copy(line.text)))
        if line is not None and line.is_speech and line.mine and line.msgid and not line.redacted:
            entries.append(("Edit …", partial(self._edit, line)))
            entries.append(("Take back", lambda: self.perform(intents.Delete(line.msgid))))
        elif line is not None and line.is_speech and not self.model.is_me(line.name):
            entries.append((f"Write to {line.name}", partial(self._open_private, line.name)))
        self._menu(event, *entries)

    def _edit(self, line: Line) -> None:
        def answer(text: str) -> str | None:
            self.perform(intents.Edit(text, line.msgid))
            return None

        self._ask("Edit a message", "It is to read:", answer, line.text, "Change")

    def _popup_person(self, event: "tk.Event[tk.Misc]", key: str) -> None:
        current = self.model.current
        member = current.members.get(key) if current is not None else None
        if member is None:
            return
        name = member.name
        entries: list[tuple[str, Callable[[], object]]] = [("About", lambda: self.perform(intents.Whois(name)))]
        if not self.model.is_me(name):
            entries.insert(0, ("Write to", partial(self._open_private, name)))
            ignored = key in self.model.ignored
            entries.append(("Show again" if ignored else "Ignore", lambda: self.perform(intents.Ignore(name))))
        self._menu(event, *entries)

    def _popup_conversation(self, event: "tk.Event[tk.Misc]", key: str) -> None:
        conversation = self.model.rooms.get(key) or self.model.private.get(key)
        if conversation is None:
            return
        name = conversation.name

        def mute() -> None:
            self.page.switch(conversation)
            self.mute()

        self._menu(
            event,
            ("Call me again" if conversation.muted else "Mute", mute),
            ("Leave" if conversation.is_room else "Close", lambda: self.perform(intents.Leave(name, ""))),
        )

    def copy(self, text: str) -> None:
        """Put *text* where pasting finds it."""
        self.page.clipboard_clear()
        self.page.clipboard_append(text)


def _clock(line: Line) -> str:
    return f"{line.time.astimezone():%d %b %H:%M}  " if line.time is not None else ""
