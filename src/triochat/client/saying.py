"""Saying something, and finding what was said, for the intents. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from triochat.client import names
from triochat.client.conversation import Conversation
from triochat.client.delivery import MOST, Sent
from triochat.client.entered import Entered
from triochat.client.events import Manner, Said
from triochat.client.line import Line, State
from triochat.client.session import clean
from triochat.client.speech import line_of

if TYPE_CHECKING:
    from triochat.client.chat import Chat


def own_line(chat: Chat, msgid: str) -> tuple[Conversation, Line] | Entered:
    """The own line *msgid*, or the last one of the current conversation, that may be taken back."""
    conversation = chat.model.current
    if chat.session is None or not chat.session.caps.redacts:
        return chat.refuse("This server takes no line back.")
    if conversation is None:
        return chat.refuse("You are in no room. /join ROOM enters one.")
    line = conversation.lines.find(msgid) if msgid else chat.model.my_last(conversation)
    if line is None or not line.mine or line.redacted or line.state is not State.STORED:
        return chat.refuse("There is no line of yours here that can be changed.")
    return conversation, line


def say(
    chat: Chat,
    target: str | None,
    texts: list[str],
    now: datetime,
    manner: Manner = Manner.MESSAGE,
    *,
    together: bool = True,
    replaces: str = "",
) -> Entered:
    """Say *texts* to *target*, None = to the current conversation: *together* as one message, where that is
    possible. *replaces*: the msgid of a line that this is the edited form of."""
    session = chat.session
    if session is None or not session.online:
        return chat.refuse("Not connected; your line was not sent.", Entered.HELD)
    room = chat.model.current
    if target is None and room is None:
        return chat.refuse("You are in no room. /join ROOM enters one.", Entered.HELD)
    if target is None and session.moving and room is not None and room.joined:
        return chat.refuse("Still between two rooms; your line was not sent.", Entered.HELD)
    if target is None and room is not None and not room.joined:
        return chat.refuse(f"Not back in {room.name} yet; your line was not sent.", Entered.HELD)
    to = target or (room.name if room else "")
    chat.attention.said()
    if together and len(texts) > 1 and manner is Manner.MESSAGE and not names.is_service(to):
        saying = session.say_together(to, texts, replaces)
        if saying is not None:
            for sent in saying.pending:
                _expect(chat, sent, manner, now, replaces)
            chat.note_pending()
            return Entered.DONE
    if len(texts) > MOST:
        return chat.refuse(f"That is {len(texts)} lines; {MOST} can be sent at once.", Entered.HELD)
    if chat.unconfirmed + len(texts) > MOST:
        return chat.refuse("The server is behind; your line was not sent yet.", Entered.HELD)
    for text in texts:
        saying = session.say(to, text, now, manner, replaces)
        replaces = ""  # of several, the first takes the place
        for event in saying.events:
            chat.apply(event, now)
        for sent in saying.pending:
            _expect(chat, sent, manner, now, sent.replaces)
    chat.note_pending()
    return Entered.DONE


def _expect(chat: Chat, sent: Sent, manner: Manner, now: datetime, replaces: str) -> None:
    """Our line stands in its conversation from now on."""
    model = chat.model
    private = not model.is_room(sent.target)
    said = Said(clean(sent.target), model.me, sent.text, manner, True, private, now, replaces=replaces)
    conversation = model.with_person(said.target, now) if private else model.room(sent.target)
    if conversation is not None:
        model.expect(sent, conversation, line_of(model, said, past=False))
