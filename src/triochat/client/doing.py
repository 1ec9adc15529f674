"""Doing what a person wants: one function for each intent. Pure.

Each gets the chat, the intent and the time, and says what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from triochat.client import intents, slash
from triochat.client.conversation import Past, Sort
from triochat.client.entered import Entered
from triochat.client.events import Manner, Reacted
from triochat.client.line import status
from triochat.client.model import Link
from triochat.client.saying import own_line, say
from triochat.client.session import clean
from triochat.client.splitting import lines_of

if TYPE_CHECKING:
    from triochat.client.chat import Chat


Doing = Callable[["Chat", Any, datetime], Entered]

_NOWHERE = "You are in no room. /join ROOM enters one."
_OFFLINE = "Not connected; try again when the connection is back."


def perform(chat: Chat, intent: intents.Intent, now: datetime) -> Entered:
    """Do *intent*."""
    if (doing := _ANYTIME.get(type(intent))) is not None:
        return doing(chat, intent, now)
    if not chat.online:
        return chat.refuse(_OFFLINE, Entered.HELD)
    return _ONLINE[type(intent)](chat, intent, now)


def _tell(chat: Chat, *texts: str) -> Entered:
    chat.show(*(status(clean(text)) for text in texts))
    return Entered.DONE


# -- saying


def _say(chat: Chat, intent: intents.Say, now: datetime) -> Entered:
    lines = lines_of(intent.text)
    return say(chat, intent.to, lines, now, together=intent.together) if lines else Entered.DONE


def _act(chat: Chat, intent: intents.Act, now: datetime) -> Entered:
    return say(chat, None, lines_of(intent.text), now, Manner.ACTION)


def _whisper(chat: Chat, intent: intents.Whisper, now: datetime) -> Entered:
    if intent.text:
        return say(chat, intent.to, lines_of(intent.text), now)
    conversation = chat.model.with_person(intent.to, now)
    if conversation is None:
        return chat.refuse("There are too many conversations already. /leave closes one.")
    chat.switch(conversation, now)
    return Entered.DONE


def _reply(chat: Chat, intent: intents.Reply, now: datetime) -> Entered:
    to = chat.model.last_writer
    return (
        say(chat, to, lines_of(intent.text), now) if to else chat.refuse("Nobody has written to you privately yet.")
    )


def _edit(chat: Chat, intent: intents.Edit, now: datetime) -> Entered:
    line = own_line(chat, intent.msgid)
    if isinstance(line, Entered):
        return line
    conversation, old = line
    lines = lines_of(intent.text)
    if not lines:
        return chat.refuse("There is nothing left of it; /delete takes a line back.")
    done = say(chat, conversation.name, lines, now, replaces=old.msgid)
    if done is Entered.DONE and chat.session is not None:
        chat.session.redact(conversation.name, old.msgid)
    return done


def _delete(chat: Chat, intent: intents.Delete, now: datetime) -> Entered:
    line = own_line(chat, intent.msgid)
    if isinstance(line, Entered):
        return line
    conversation, old = line
    if chat.session is not None:
        chat.session.redact(conversation.name, old.msgid)
    return Entered.DONE


def _react(chat: Chat, intent: intents.React, now: datetime) -> Entered:
    conversation = chat.model.current
    if conversation is None:
        return chat.refuse(_NOWHERE)
    theirs = (line for line in reversed(conversation.lines) if line.is_speech and not line.mine and line.msgid)
    line = conversation.lines.find(intent.msgid) if intent.msgid else next(theirs, None)
    if line is None or line.redacted:
        return chat.refuse("There is no line of somebody else here.")
    if chat.session is None or not chat.session.react(conversation.name, line.msgid, intent.sign):
        return chat.refuse("This server passes no reactions on.")
    if not chat.session.caps.echoes:
        chat.apply(Reacted(conversation.name, line.msgid, chat.model.me, clean(intent.sign), now), now)
    return Entered.DONE


# -- asking the model


def _help(chat: Chat, intent: intents.ShowHelp, now: datetime) -> Entered:
    return _tell(chat, *([slash.help_about(intent.about)] if intent.about else slash.help_lines()))


def _people(chat: Chat, intent: intents.ShowPeople, now: datetime) -> Entered:
    name = intent.room
    room = chat.model.current if name is None else chat.model.room(name)
    if room is not None and room.sort is Sort.PRIVATE:
        return _tell(chat, f"You and {room.name}.")
    if room is None:
        return chat.refuse(f"You are not in {name}." if name else "You are in no room.")
    return _tell(chat, f"{chat.model.members_sentence(room)}.")


def _status(chat: Chat, intent: intents.ShowStatus, now: datetime) -> Entered:
    model = chat.model
    match model.link:
        case Link.ONLINE:
            lag = f", lag {model.lag * 1000:.0f} ms" if model.lag is not None else ""
            where = f"Connected{f' to {chat.place}' if chat.place else ''}{lag}."
        case Link.WAITING:
            where = f"Not connected, retrying in {model.retry_in} s."
        case _:
            where = "Connecting."
    account = f", logged in as {model.account}" if model.account else ", without an account (/register PASSWORD)"
    away = f" You are away: {model.away}." if model.away is not None else ""
    counts = {other.name: f" ({other.unread} unread)" if other.unread else "" for other in model.rooms.values()}
    rooms = ", ".join(f"{name}{count}" for name, count in counts.items()) or "none"
    waiting = f" {chat.unconfirmed} of your lines are on their way." if chat.unconfirmed else ""
    typing = "Others see when you type." if chat.tells_typing else "Others do not see when you type."
    return _tell(chat, f"{where}{waiting}", f"You are {model.me}{account}.{away}", f"Rooms: {rooms}. {typing}")


def _quit(chat: Chat, intent: intents.Quit, now: datetime) -> Entered:
    chat.leave(intent.reason)
    return Entered.DONE


def _wrong(chat: Chat, intent: intents.Wrong, now: datetime) -> Entered:
    return chat.refuse(intent.text)


def _ignore(chat: Chat, intent: intents.Ignore, now: datetime) -> Entered:
    ignored = chat.model.ignored
    key = chat.model.fold(intent.name)
    if not intent.name:
        return _tell(chat, f"Ignored: {', '.join(sorted(ignored))}." if ignored else "You ignore nobody.")
    if key in ignored:
        ignored.remove(key)
        return _tell(chat, f"What {intent.name} says is shown again.")
    if len(ignored) < 1000:
        ignored.add(key)
    return _tell(chat, f"What {intent.name} says is not shown from now on; /ignore {intent.name} undoes that.")


def _mute(chat: Chat, intent: intents.Mute, now: datetime) -> Entered:
    conversation = chat.model.current
    if conversation is None:
        return chat.refuse(_NOWHERE)
    conversation.muted = not conversation.muted
    key = chat.model.fold(conversation.name)
    if conversation.muted:
        chat.model.muted.add(key)
    else:
        chat.model.muted.discard(key)
    chat.model.touch()
    return _tell(chat, f"{conversation.name} {'calls nobody now' if conversation.muted else 'calls you again'}.")


def _typing(chat: Chat, intent: intents.TellTyping, now: datetime) -> Entered:
    on = not chat.tells_typing if intent.on is None else intent.on
    chat.tell_typing(on)
    return _tell(chat, "Others see when you type." if on else "Others do not see when you type any more.")


def _export(chat: Chat, intent: intents.Export, now: datetime) -> Entered:
    if chat.model.current is None:
        return chat.refuse(_NOWHERE)
    chat.exports.append((intent.path, chat.model.current))
    return Entered.DONE


# -- asking the server


def _topic(chat: Chat, intent: intents.Topic, now: datetime) -> Entered:
    room = chat.model.current
    if room is None or not room.is_room:
        return chat.refuse("You are in no room." if intent.text is None else _NOWHERE)
    if intent.text is None:
        return _tell(chat, f"Topic of {room.name}: {room.topic or 'none'}")
    if chat.session is None or not chat.online:
        return chat.refuse(_OFFLINE, Entered.HELD)
    chat.session.set_topic(room.name, intent.text)
    return Entered.DONE


def _join(chat: Chat, intent: intents.Join, now: datetime) -> Entered:
    room = chat.model.room(intent.room)
    if room is not None:
        chat.switch(room, now)
        return _tell(chat, f"{chat.model.members_sentence(room)}.")
    if not chat.online or chat.session is None:
        return chat.refuse(_OFFLINE, Entered.HELD)
    if intent.key:
        chat.model.keys[chat.model.fold(intent.room)] = intent.key
    chat.session.join(intent.room, intent.key)
    return Entered.DONE


def _leave(chat: Chat, intent: intents.Leave, now: datetime) -> Entered:
    name = intent.room
    conversation = chat.model.current if name is None else chat.model.conversation(name)
    if conversation is None:
        return chat.refuse(f"You are not in {name}." if name else "You are in no room. /quit leaves.")
    if conversation.is_room:
        if not chat.online or chat.session is None:
            return chat.refuse(_OFFLINE, Entered.HELD)
        chat.session.part(conversation.name, intent.reason)
    else:
        chat.model.close(conversation)
    return Entered.DONE


def _simply(ask: Callable[[Any, Any], None]) -> Doing:
    """What is only handed on to the server."""

    def doing(chat: Chat, intent: Any, now: datetime) -> Entered:
        ask(chat.session, intent)
        return Entered.DONE

    return doing


def _away(chat: Chat, intent: intents.Away, now: datetime) -> Entered:
    chat.set_away(intent.text)
    return Entered.DONE


def _invite(chat: Chat, intent: intents.Invite, now: datetime) -> Entered:
    current = chat.model.current
    room = intent.room or (current.name if current is not None and current.is_room else None)
    if room is None or chat.session is None:
        return chat.refuse(_NOWHERE)
    chat.session.invite(intent.name, room)
    return Entered.DONE


def _search(chat: Chat, intent: intents.Search, now: datetime) -> Entered:
    if chat.session is None or not chat.session.search(intent.words, room=intent.room, sender=intent.sender):
        return chat.refuse("This server cannot search.")
    return Entered.DONE


def _history(chat: Chat, intent: intents.History, now: datetime) -> Entered:
    conversation = chat.model.current
    if conversation is None:
        return chat.refuse(_NOWHERE)
    if chat.earlier(conversation, now) or conversation.past is Past.ASKED:
        return Entered.DONE
    if conversation.past is Past.MORE:
        return chat.refuse("Other lines are being read just now; try again in a moment.", Entered.HELD)
    sentences = {
        Past.BEGINNING: "There is nothing earlier.",
        Past.FULL: "No more lines fit here; /search finds earlier ones.",
    }
    return chat.refuse(sentences.get(conversation.past, "This server gives no earlier lines."))


def _register(chat: Chat, intent: intents.Register, now: datetime) -> Entered:
    if chat.model.account:
        return chat.refuse(f"You are logged in as {chat.model.account} already.")
    if chat.session is None or not chat.session.register(intent.password):
        return chat.refuse("This server makes no accounts by itself; ask its operators for one.")
    chat.credentials = chat.model.me, intent.password
    return Entered.DONE


def _login(chat: Chat, intent: intents.Login, now: datetime) -> Entered:
    account = intent.account or chat.wanted_name
    if chat.model.account:
        return chat.refuse(f"You are logged in as {chat.model.account} already.")
    if chat.session is not None and chat.session.login is not None:
        return chat.refuse("The server is still busy with the last attempt.", Entered.HELD)
    if chat.session is None or not chat.session.log_in(account, intent.password):
        return chat.refuse("This server knows no accounts.")
    chat.credentials = account, intent.password
    return Entered.DONE


_ANYTIME: dict[type, Doing] = {
    intents.Say: _say,
    intents.Act: _act,
    intents.Whisper: _whisper,
    intents.Reply: _reply,
    intents.ShowHelp: _help,
    intents.ShowPeople: _people,
    intents.ShowStatus: _status,
    intents.Quit: _quit,
    intents.Wrong: _wrong,
    intents.Ignore: _ignore,
    intents.Mute: _mute,
    intents.TellTyping: _typing,
    intents.Export: _export,
    intents.Topic: _topic,
    intents.Join: _join,
    intents.Leave: _leave,
}
_ONLINE: dict[type, Doing] = {
    intents.Edit: _edit,
    intents.Delete: _delete,
    intents.React: _react,
    intents.ShowRooms: _simply(lambda session, intent: session.list_rooms()),
    intents.Whois: _simply(lambda session, intent: session.whois(intent.name)),
    intents.Rename: _simply(lambda session, intent: session.rename(intent.name)),
    intents.Away: _away,
    intents.Invite: _invite,
    intents.Search: _search,
    intents.History: _history,
    intents.Register: _register,
    intents.Login: _login,
}
