"""What is said, read again, found and taken back: how the model takes it in. Pure.

A handler gets the model, the event and the time, changes the model, and returns the lines to show.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from triochat.client import events as ev
from triochat.client.conversation import Conversation, Past
from triochat.client.line import Kind, Line, error, status
from triochat.client.names import is_service
from triochat.client.presence import Handler, reconnected

if TYPE_CHECKING:
    from triochat.client.model import Model

_KINDS = {ev.Manner.MESSAGE: Kind.SAID, ev.Manner.ACTION: Kind.ACTION, ev.Manner.NOTICE: Kind.NOTICE}
_INTERNAL = (ev.EarlierRead, ev.PartnersListed, ev.Ponged, ev.PresenceListed, ev.Supported)
_QUOTED = 40
_HIDDEN = "••••"


def line_of(model: Model, event: ev.Said, *, past: bool) -> Line:
    """How *event* reads."""
    room = None if event.private else model.room(event.target)
    label = "" if event.private or (room is model.current and room is not None) else event.target
    # What one tells a network's services is often a password.
    text = _HIDDEN if event.mine and event.private and is_service(event.target) else event.text
    return Line(
        _KINDS[event.manner],
        text,
        event.time,
        event.name,
        event.target if event.private else "",
        label,
        event.mine,
        past,
        msgid=event.msgid,
        mention=not event.mine and model.mentions_me(event.text),
        replaces=event.replaces,
    )


def _said(model: Model, event: ev.Said, now: datetime) -> list[Line]:
    return take_in(model, event, past=event.past)


def take_in(model: Model, event: ev.Said, *, past: bool) -> list[Line]:
    """A message, now or from the history; known ones are nothing new."""
    if not event.mine and model.fold(event.name) in model.ignored:
        return []
    where = event.conversation
    conversation = model.with_person(where, event.time) if event.private else model.room(where)
    line = line_of(model, event, past=past)
    if conversation is not None and event.replaces:
        old = conversation.lines.find(event.replaces)
        if old is not None and model.fold(old.name) != model.fold(event.name):
            line = replace(line, replaces="")  # nobody edits what somebody else said
    if conversation is None:
        return [line]
    if event.sent and (settled := model.arrived(event.sent, line)) is not None:
        conversation.newest = max(conversation.newest, event.time)
        return [settled]
    if conversation.lines.knows(event.msgid):
        return []
    conversation.newest = max(conversation.newest, event.time)
    if not past:
        conversation.typists.gone(model.fold(event.name))
    if event.private and not event.mine:
        model.last_writer = event.name
    return [model.tell(conversation, line)]


def _history(model: Model, event: ev.HistoryRead, now: datetime) -> list[Line]:
    conversation = model.conversation(event.room)
    if conversation is None:
        return []
    if not conversation.rejoining:
        return _first_look(model, conversation, event)
    known = [index for index, said in enumerate(event.lines) if conversation.lines.knows(said.msgid)]
    if known:
        unread = event.lines[known[-1] + 1 :]
    else:
        # Nothing to tie it to; what is older than the first look at the room is none of our business.
        unread = tuple(said for said in event.lines if said.time > conversation.newest)
    unread = tuple({said.msgid or index: said for index, said in enumerate(unread)}.values())  # each once
    conversation.rejoining = False
    missed = sum(not said.mine for said in unread)
    sentence = reconnected(model, conversation)
    if unread or not event.gap:
        sentence += f", {missed or 'no'} missed line{'' if missed == 1 else 's'}"
    if event.sent:
        sentence += f", {event.sent} of yours sent"
    if known:
        pass  # nothing is missing between what was there and what came
    elif event.gap:
        sentence += f"; what was said {'before these' if unread else 'meanwhile'} is not known here"
    elif event.full:
        sentence += "; older ones are not shown"
    told = model.tell(conversation, status(f"{sentence}."))
    lines = [line for said in unread for line in take_in(model, said, past=True)]
    if not conversation.unread:  # the person looks, but was not there when these were said
        conversation.here = next((line.id for line in lines if not line.mine), conversation.here)
    return [told, *lines]


def _first_look(model: Model, conversation: Conversation, event: ev.HistoryRead) -> list[Line]:
    """What was said before we came stands before all that happened since."""
    fresh = [said for said in event.lines if not conversation.lines.knows(said.msgid)]
    older = _numbered(model, fresh)
    conversation.add_earlier(older)
    model.counted(conversation)
    for said in fresh:
        conversation.newest = max(conversation.newest, said.time)
    return [Line(Kind.RULE, "earlier"), *older, Line(Kind.RULE, "now")] if older else []


def _numbered(model: Model, said: list[ev.Said]) -> list[Line]:
    wanted = (one for one in said if one.mine or model.fold(one.name) not in model.ignored)
    return [model.numbered(line_of(model, one, past=True)) for one in wanted]


def _earlier(model: Model, event: ev.EarlierRead, now: datetime) -> list[Line]:
    conversation = model.conversation(event.conversation)
    if conversation is None:
        return []
    fresh = _numbered(model, [said for said in event.lines if not conversation.lines.knows(said.msgid)])
    taken = conversation.add_earlier(fresh)
    model.counted(conversation)
    conversation.past = Past.MORE
    if event.refused:
        conversation.past = Past.NOT_KEPT
    elif taken < len(fresh):
        conversation.past = Past.FULL
    elif event.beginning or not fresh:
        conversation.past = Past.BEGINNING
    return []


def _found(model: Model, event: ev.Found, now: datetime) -> list[Line]:
    model.found = event
    what = f"with {event.words}" if event.words else "by this person"
    if not event.lines:
        return [model.note(status(f"There are no lines {what}."))]
    count = f"{len(event.lines)} line{'' if len(event.lines) == 1 else 's'}"
    lines = [line_of(model, said, past=True) for said in event.lines]
    return [Line(Kind.RULE, f"{count} {what}"), *lines, Line(Kind.RULE, "now")]


def _not_sent(model: Model, event: ev.NotSent, now: datetime) -> list[Line]:
    model.failed(event.sent)
    return [model.note(error(f"Not sent: {event.text}"))]


def _redacted(model: Model, event: ev.Redacted, now: datetime) -> list[Line]:
    conversation = model.conversation(event.conversation)
    if conversation is None:
        return []
    before = conversation.lines.find(event.msgid)
    if before is None or before.redacted:
        return []
    conversation.lines.redact(event.msgid)
    conversation.recount(only_if_marked=True)
    model.counted(conversation)
    conversation.revision += 1
    if conversation.lines.is_replaced(event.msgid):
        return []  # it was edited, and its new text was shown
    whose = "a line" if event.by == before.name else f"a line of {before.name}"
    label = "" if conversation is model.current else conversation.name
    return [Line(Kind.EVENT, f"{event.by} took {whose} back", event.time, label=label)]


def _reacted(model: Model, event: ev.Reacted, now: datetime) -> list[Line]:
    conversation = model.conversation(event.conversation)
    line = conversation.lines.find(event.msgid) if conversation is not None else None
    if conversation is None or line is None or line.redacted or model.fold(event.name) in model.ignored:
        return []
    beginning = line.text.split("\n")[0]
    quoted = beginning if len(beginning) <= _QUOTED else f"{beginning[:_QUOTED]}…"
    label = "" if conversation is model.current else conversation.name
    text = f"{event.name} {event.sign} {line.name}: {quoted}"
    return [model.tell(conversation, Line(Kind.EVENT, text, event.time, label=label))]


def _typing(model: Model, event: ev.TypingTold, now: datetime) -> list[Line]:
    conversation = model.conversation(event.conversation)
    key = model.fold(event.name)
    if conversation is not None and key not in model.ignored and not model.is_me(event.name):
        conversation.typists.heard(key, event.name, event.state, now)
        conversation.revision += 1
    return []


def _read(model: Model, event: ev.ReadTo, now: datetime) -> list[Line]:
    conversation = model.conversation(event.conversation)
    if conversation is not None:
        conversation.read_elsewhere(event.time)
        model.counted(conversation)
    return []


def _partners(model: Model, event: ev.PartnersListed, now: datetime) -> list[Line]:
    for name, time in event.partners:
        if not model.is_room(name):
            model.with_person(name, time)
    return []


def for_programs(model: Model, event: ev.Event) -> list[ev.Event]:
    """What a program gets for *event*: of the history, what was said while we were away."""
    if isinstance(event, ev.HistoryRead):
        conversation = model.conversation(event.room)
        if conversation is None or not conversation.rejoining:
            return []
        knows, newest = conversation.lines.knows, conversation.newest
        tied = any(knows(said.msgid) for said in event.lines)
        fresh = [said for said in event.lines if not knows(said.msgid) and (tied or said.time > newest)]
        return [replace(said, past=True) for said in fresh]
    return [] if isinstance(event, _INTERNAL) else [event]


HANDLERS: dict[type, Handler] = {
    ev.Said: _said,
    ev.HistoryRead: _history,
    ev.EarlierRead: _earlier,
    ev.Found: _found,
    ev.NotSent: _not_sent,
    ev.Redacted: _redacted,
    ev.Reacted: _reacted,
    ev.TypingTold: _typing,
    ev.ReadTo: _read,
    ev.PartnersListed: _partners,
}
