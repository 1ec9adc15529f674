"""What each key of the full-screen view does. Knows nothing of prompt_toolkit but the writing line's buffer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from triochat.client import intents
from triochat.client.chat import Entered
from triochat.client.conversation import Conversation
from triochat.client.events import Found, Said
from triochat.client.line import Kind, Line
from triochat.client.slash import COMMANDS, parse
from triochat.terminal.hands import Hands
from triochat.terminal.keytable import Action, bound, help_rows
from triochat.terminal.messages import Messages
from triochat.terminal.picking import Choice, Picker
from triochat.terminal.popups import Asking, Popup, Table
from triochat.terminal.writing import MOST_LINES_UNASKED, WritingLine

WHEEL_ROWS = 3
_HELP = ("/help", "/h", "/?")


class Surface(Protocol):
    """What keys do to the screen itself."""

    def attend(self) -> None:
        """What is typed goes where `Deeds.popup` wants it."""

    def then(self, what: Callable[[], object]) -> None:
        """Do *what* when the screen has been drawn once more."""

    def complete(self, step: int) -> None: ...
    def redraw(self) -> None: ...
    def suspend(self) -> None: ...
    def bare(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Question:
    """*text* asks whether to do *then*; Enter means yes."""

    text: str
    then: Callable[[], None]


class Deeds:
    """The state of the view that keys change, and the keys' actions."""

    def __init__(
        self,
        hands: Hands,
        writing: WritingLine,
        query: WritingLine,
        surface: Surface,
        keys: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.keys = bound(keys)
        self.messages = Messages()
        self.popup: Popup | None = None
        self.question: Question | None = None
        self.notice = ""
        self.with_people = False
        self.editing: Line | None = None
        """Our line that what is being written will replace."""
        self._hands = hands
        self._chat = hands.chat
        self._model = hands.chat.model
        self._writing = writing
        self._query = query
        self._surface = surface
        self._popup_height = 10
        writing.buffer.on_text_changed += lambda _: self._typed()
        query.buffer.on_text_changed += lambda _: self._query_typed()
        self.actions: dict[Action, Callable[[], None]] = {
            Action.SEND: self._send,
            Action.NEW_LINE: lambda: writing.buffer.insert_text("\n"),
            Action.COMPLETE: lambda: self._surface.complete(1),
            Action.COMPLETE_BACK: lambda: self._surface.complete(-1),
            Action.OLDER_TYPED: partial(self._vertical, -1),
            Action.NEWER_TYPED: partial(self._vertical, 1),
            Action.FIND_TYPED: self._find_typed,
            Action.SEARCH: self._search,
            Action.JUMP: self._jump,
            Action.NEXT_ACTIVE: self._next_active,
            Action.PREVIOUS_ROOM: partial(self._beside, -1),
            Action.NEXT_ROOM: partial(self._beside, 1),
            Action.PAGE_UP: partial(self._page, 1),
            Action.PAGE_DOWN: partial(self._page, -1),
            Action.NEWEST: self._escape,
            Action.END: self._end,
            Action.FIRST_UNREAD: self._first_unread,
            Action.PREVIOUS_MENTION: partial(self._mention, -1),
            Action.NEXT_MENTION: partial(self._mention, 1),
            Action.HELP: self.help,
            Action.PEOPLE: self._toggle_people,
            Action.BARE: lambda: self._surface.bare(),
            Action.REDRAW: lambda: self._surface.redraw(),
            Action.TYPING: self._toggle_typing,
            Action.CLEAR: self._clear,
            Action.LEAVE: self._leave,
            Action.SUSPEND: lambda: self._surface.suspend(),
        }

    # -- what the screen tells

    def popup_has(self, rows: int) -> None:
        """The popup has so many rows."""
        self._popup_height = max(1, rows)

    def wheel(self, rows: int) -> None:
        """Up by *rows*, or down."""
        if isinstance(self.popup, Table):
            self.popup.scroll(-rows, self._popup_height)
        elif isinstance(self.popup, Picker):
            self.popup.move(rows)
        else:
            self.messages.scroll(rows)

    def go_to_room(self, index: int) -> None:
        """To the room with this place in the list."""
        if index < len(self._model.conversations):
            self.switch(self._model.conversations[index])

    def switch(self, conversation: Conversation) -> None:
        """Go to *conversation*; an unsent text waits where it was typed, a line being changed is left as it was."""
        self.question = None
        if self.editing is not None:
            self._give_up_editing()
        self._hands.do(lambda chat, now: chat.switch(conversation, now))
        self.take_up_draft()

    def take_up_draft(self) -> None:
        """If another conversation is the current one, let its half-typed text be written on."""
        text = self._writing.text
        if self.editing is None and (other := self._chat.drafting.moved(text)) is not None and other != text:
            self.question = None
            self._write(other)

    # -- popups

    def close_popup(self) -> None:
        self.popup = None
        self._query.buffer.reset()
        self._surface.attend()

    def _open(self, popup: Popup) -> None:
        self.popup = popup
        self._query.buffer.reset()
        self._surface.attend()

    def help(self) -> None:
        """The page of keys, or away with it."""
        if isinstance(self.popup, Table):
            self.close_popup()
        else:
            self._open(Table("Keys. Esc closes, /help lists commands.", help_rows(self.keys)))

    def _help_on_commands(self) -> None:
        entries = [(f"/{command.usage}", command.summary) for command in COMMANDS]
        self._open(Table("Commands. Esc closes, F1 lists keys.", [*entries, ("//text", "Say /text")]))

    def _find_typed(self) -> None:
        choices = [Choice(text, partial(self._write, text)) for text in self._writing.typed_before()]
        self._open(Picker("Find what you typed: ", choices, "You typed nothing like that."))

    def _write(self, text: str) -> None:
        self._writing.text = text

    def _jump(self) -> None:
        model = self._model
        others = sorted(model.conversations, key=lambda other: other is model.current)
        known = {model.fold(other.name) for other in others}
        choices = [Choice(other.name, partial(self.switch, other), _about(other)) for other in others]
        people = (name for name in model.people() if model.fold(name) not in known)
        choices += [Choice(name, partial(self._talk_to, name), "person") for name in people]
        self._open(Picker("Jump to: ", choices, "No room or person here is called like that."))

    def _talk_to(self, name: str) -> None:
        self._hands.do(lambda chat, now: chat.perform(intents.Whisper(name, ""), now))
        self.take_up_draft()

    def _search(self) -> None:
        self._open(Asking("Search messages: ", self._search_for))

    def _search_for(self, words: str) -> None:
        intent = parse(f"/search {words}")
        self._hands.do(lambda chat, now: chat.perform(intent, now))

    def show_found(self, found: Found) -> None:
        """The answer to a search: lines to choose from, the newest first."""
        choices = [
            Choice(
                f"{said.time.astimezone():%d %b %H:%M} {said.name}: {said.text}",
                partial(self._go_to_said, said),
                said.conversation,
            )
            for said in reversed(found.lines)
        ]
        words = found.words or "this person"
        self._open(Picker(f"Found {len(choices)}: ", choices, f"There are no lines with {words}."))

    def _go_to_said(self, said: Said) -> None:
        """To where it was said, if that is still here."""
        conversation = self._model.conversation(said.conversation)
        line = conversation.lines.find(said.msgid) if conversation is not None and said.msgid else None
        if conversation is None or line is None:
            self.notice = "That line is too old to be among those here."
            return
        if conversation is not self._model.current:
            self.switch(conversation)
        self._surface.then(lambda: self.messages.go_to(line.id))

    def _query_typed(self) -> None:
        if isinstance(self.popup, Picker):
            self.popup.type(self._query.text)

    # -- writing

    def _typed(self) -> None:
        self._hands.calm()
        self.question = None
        self.notice = ""
        text = self._writing.text
        self._chat.drafting.typed("" if self.editing is not None else text)
        self._hands.do(lambda chat, now: chat.typed(text, now))
        if isinstance(self.popup, Table):
            self.close_popup()

    def _send(self) -> None:
        popup, question = self.popup, self.question
        if isinstance(popup, Table):
            self.close_popup()
        elif isinstance(popup, Picker):
            if popup.accept() and self.popup is popup:
                self.close_popup()
        elif isinstance(popup, Asking):
            words = self._query.text
            self.close_popup()
            if words.strip():
                popup.then(words)
        elif question is not None:
            self.question = None
            question.then()
        elif not self._writing.continue_on_a_new_line():
            self._ask_or_send()

    def _ask_or_send(self) -> None:
        lines = self._writing.text.strip("\n").count("\n") + 1
        if lines > MOST_LINES_UNASKED:
            session = self._chat.session
            together = session is not None and session.caps.fits_one_message(self._writing.text.split("\n"))
            how = "as one message" if together else f"as {lines} messages"
            self.question = Question(f"Send {lines} lines {how}? Enter sends, Esc does not.", self._really_send)
        else:
            self._really_send()

    def _really_send(self) -> None:
        text, editing, to = self._writing.text, self.editing, self._model.writing_to
        if text.strip().lower() in _HELP:
            self._writing.take()
            self._help_on_commands()
            return
        if editing is not None and text == editing.text:
            self._give_up_editing()
            return
        if editing is not None and text.strip():
            edit = intents.Edit(text, editing.msgid)
            sent = self._hands.do(lambda chat, now: chat.perform(edit, now)) is not Entered.HELD
        else:
            sent = self._hands.enter(text)
        if sent:
            self.editing = None
            self._writing.take(to)
            self.messages.to_newest()
            if isinstance(intent := parse(text), intents.Whisper) and intent.text and self.popup is None:
                self.notice = f"Said to {intent.to} only; Ctrl+K goes there."
            self.take_up_draft()

    def _vertical(self, step: int) -> None:
        """Up or down: in a popup, in the text, or through what was typed before."""
        if isinstance(self.popup, Table):
            self.popup.scroll(step, self._popup_height)
            return
        if isinstance(self.popup, Picker):
            self.popup.move(-step)
            return
        if isinstance(self.popup, Asking):
            return
        if step < 0 and not self._writing.text and self._edit_last():
            return
        buffer = self._writing.buffer
        before = buffer.working_index
        if step < 0:
            buffer.auto_up()
        else:
            buffer.auto_down()
        if buffer.working_index != before:
            self.editing = None  # something typed before has taken its place

    def _edit_last(self) -> bool:
        conversation = self._model.current
        session = self._chat.session
        if conversation is None or session is None or not session.caps.redacts:
            return False
        line = self._model.my_last(conversation)
        if line is None or line.kind is not Kind.SAID:
            return False
        self.editing = line  # first: what is changed is no draft
        self._writing.text = line.text
        return True

    def _give_up_editing(self) -> None:
        self.editing = None
        self._writing.clear()

    def _clear(self) -> None:
        if self.popup is not None:
            self.close_popup()
        elif self._writing.text or self.editing is not None:
            self.editing = None
            self._writing.clear()
        else:
            self._hands.interrupt()

    def _leave(self) -> None:
        if self.popup is not None:
            self.close_popup()
        elif self._writing.text:
            self._writing.buffer.delete()
        else:
            self._hands.leave()

    def _toggle_typing(self) -> None:
        told = not self._chat.tells_typing
        self._hands.do(lambda chat, now: chat.tell_typing(told))
        self.notice = "Others see when you type." if told else "Others do not see when you type."

    # -- moving about

    def _next_active(self) -> None:
        conversation = self._model.next_active()
        if conversation is None:
            self.notice = "Nothing is unread."
        else:
            self.switch(conversation)

    def _beside(self, step: int) -> None:
        conversations = self._model.conversations
        at = next((i for i, other in enumerate(conversations) if other is self._model.current), None)
        if at is not None:
            self.switch(conversations[(at + step) % len(conversations)])

    def _page(self, pages: int) -> None:
        if isinstance(self.popup, Table):
            self.popup.scroll(-pages * self._popup_height, self._popup_height)
        elif isinstance(self.popup, Picker):
            self.popup.move(pages * self._popup_height)
        else:
            self.messages.page(pages)

    def _escape(self) -> None:
        if self.popup is not None:
            self.close_popup()
        elif self.question is not None:
            self.question = None
        elif self.editing is not None:
            self._give_up_editing()
        else:
            self.messages.to_newest()
            if (conversation := self._model.current) is not None and conversation.here:
                self._hands.do(lambda chat, now: chat.leave_rule(conversation))

    def _end(self) -> None:
        buffer = self._writing.buffer
        buffer.cursor_position += buffer.document.get_end_of_line_position()
        if self.popup is None:
            self.messages.to_newest()

    def _first_unread(self) -> None:
        conversation = self._model.current
        id = (conversation.first_unread or conversation.here) if conversation is not None else 0
        if not id or not self.messages.go_to(id):
            self.notice = "Nothing is unread here."

    def _mention(self, step: int) -> None:
        id = self.messages.mention(step)
        if not id or not self.messages.go_to(id):
            self.notice = "No mention of you before this." if step < 0 else "No mention of you after this."

    def _toggle_people(self) -> None:
        self.with_people = not self.with_people


def _about(conversation: Conversation) -> str:
    unread = f"{conversation.unread} unread" if conversation.unread else ""
    return " · ".join(filter(None, (unread, conversation.topic)))
