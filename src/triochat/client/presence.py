"""What happened to us and to people: how the model takes it in. Pure.

A handler gets the model, the event and the time, changes the model, and returns the lines to show.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from triochat.client import events as ev
from triochat.client.conversation import MOST_MEMBERS, Conversation, Member
from triochat.client.line import Kind, Line, error, status
from triochat.client.names import folding

if TYPE_CHECKING:
    from triochat.client.model import Model

Handler = Callable[["Model", Any, datetime], list[Line]]

_ROOMS_SHOWN = 30


def happened(model: Model, name: str, text: str, time: datetime) -> list[Line]:
    """*text* tells what happened in the room *name*."""
    room = model.room(name)
    if room is None:
        return []
    return [model.tell(room, Line(Kind.EVENT, text, time, label="" if room is model.current else room.name))]


def _note(model: Model, *texts: str) -> list[Line]:
    return [model.note(status(text)) for text in texts]


# -- us


def _registered(model: Model, event: ev.Registered, now: datetime) -> list[Line]:
    model.admitted(event.name)
    again = model.lost_at is not None
    if model.lost_at is not None:
        model.away_seconds = round((now - model.lost_at).total_seconds())
        model.lost_at = None
    lines = []
    if event.name != event.wanted and again:
        lines.append(f"Your old connection still holds {event.wanted}; you are {event.name} until it is gone.")
    elif event.reserved:
        lines.append(f"{event.wanted} belongs to an account; you are {event.name}. If it is yours: /login PASSWORD")
    elif event.name != event.wanted:
        lines.append(f"{event.wanted} is here already; you are {event.name}. /name NEW changes it.")
    if again and not model.rooms:
        lines.append(f"Reconnected after {model.away_seconds} s.")
        model.away_seconds = None
    return _note(model, *lines)


def _supported(model: Model, event: ev.Supported, now: datetime) -> list[Line]:
    model.refold(folding(event.casemapping))
    return []


def _ponged(model: Model, event: ev.Ponged, now: datetime) -> list[Line]:
    model.lag = event.lag
    return []


def _server_said(model: Model, event: ev.ServerSaid, now: datetime) -> list[Line]:
    return [model.note(error(event.text) if event.error else status(event.text))] if event.text else []


def _login_failed(model: Model, event: ev.LoginFailed, now: datetime) -> list[Line]:
    return [model.note(error(event.text))]


def _account(model: Model, event: ev.AccountChanged, now: datetime) -> list[Line]:
    model.account = event.account
    return []


def _away(model: Model, event: ev.AwayChanged, now: datetime) -> list[Line]:
    if event.mine:
        model.away = event.text if event.away else None
    key = model.fold(event.name)
    for room in model.rooms.values():
        member = room.members.get(key)
        if member is not None and member.away != event.away:
            member.away = event.away
            room.revision += 1
    return []


def _presence(model: Model, event: ev.PresenceListed, now: datetime) -> list[Line]:
    room = model.room(event.room)
    away = {model.fold(name) for name in event.away}
    for key, member in room.members.items() if room is not None else ():
        member.away = key in away
    return []


# -- rooms


def _joined(model: Model, event: ev.Joined, now: datetime) -> list[Line]:
    room = model.room(event.room)
    if not event.mine:
        if room is None:
            return []
        if len(room.members) < MOST_MEMBERS:
            room.members[model.fold(event.name)] = Member(event.name)
        return happened(model, event.room, f"{event.name} joined", event.time)
    if room is not None:
        room.joined = True
        room.members = {model.fold(event.name): Member(event.name)}
        if room.rejoining and not event.history:
            room.rejoining = False
            sentence = f"{reconnected(model, room)}; what was said meanwhile is not known here."
            return [model.tell(room, status(sentence))]
        return []
    room = model.enter(event.room, event.time)
    if room is None:
        return []
    room.members[model.fold(event.name)] = Member(event.name)
    if not model.welcomed:
        model.welcomed = True
        return [model.tell(room, Line(Kind.WELCOME, "You joined the chat.", event.time))]
    return [model.tell(room, status(f"You are in {room.name} now."))]


def reconnected(model: Model, conversation: Conversation) -> str:
    """Opens the sentence about the first conversation that goes on, then about the others."""
    seconds, model.away_seconds = model.away_seconds, None
    if seconds is not None:
        return f"Reconnected after {seconds} s"
    return f"Back in {conversation.name}" if conversation.is_room else f"With {conversation.name}"


def _gone(model: Model, event: ev.Parted | ev.Kicked, now: datetime) -> list[Line]:
    room = model.room(event.room)
    if room is None:
        return []
    reason = f" ({event.reason})" if event.reason else ""
    if not event.mine:
        room.members.pop(model.fold(event.name), None)
        room.typists.gone(model.fold(event.name))
        text = f"{event.name} left" if isinstance(event, ev.Parted) else f"{event.by} removed {event.name}"
        return happened(model, event.room, text + reason, event.time)
    model.close(room)
    text = f"You left {room.name}" if isinstance(event, ev.Parted) else f"{event.by} removed you from {room.name}"
    now_in = model.current
    after = f" You are {_place(now_in)} now." if now_in is not None else " /join ROOM enters another."
    return _note(model, f"{text}{reason}.{after}")


def _place(conversation: Conversation) -> str:
    return f"{'in' if conversation.is_room else 'with'} {conversation.name}"


def _left(model: Model, event: ev.Left, now: datetime) -> list[Line]:
    reason = f" ({event.reason})" if event.reason else ""
    return _in_all_rooms(model, event.name, None, f"{event.name} left{reason}", event.time)


def _renamed(model: Model, event: ev.Renamed, now: datetime) -> list[Line]:
    if event.mine:
        model.named(event.new)
    text = f"You are {event.new} now" if event.mine else f"{event.old} is now {event.new}"
    lines = _in_all_rooms(model, event.old, event.new, text, event.time)
    model.rename_person(event.old, event.new)
    return lines or (_note(model, f"{text}.") if event.mine else [])


def _in_all_rooms(model: Model, name: str, new: str | None, text: str, time: datetime) -> list[Line]:
    """Somebody left, or is called *new*: told in every room that it concerns, but shown once."""
    key = model.fold(name)
    rooms = [room for room in model.rooms.values() if key in room.members]
    for room in rooms:
        member = room.members.pop(key)
        room.typists.gone(key)
        if new is not None:
            member.name = new
            room.members[model.fold(new)] = member
    shown = min(rooms, key=lambda room: room is not model.current, default=None)
    lines = []
    for room in rooms:
        told = happened(model, room.name, text, time)
        lines += told if room is shown else []
    if key in model.private:
        model.private[key].typists.gone(key)
        model.tell(model.private[key], Line(Kind.EVENT, text, time))
    return lines


def _named(model: Model, event: ev.NamesListed, now: datetime) -> list[Line]:
    room = model.room(event.room)
    if room is None:
        return []
    away = {key for key, member in room.members.items() if member.away}
    marks = event.marks or ("",) * len(event.names)
    room.members = {
        (key := model.fold(name)): Member(name, mark, key in away)
        for name, mark in zip(event.names, marks, strict=True)
    }
    room.revision += 1
    if room.introduced:
        return []
    room.introduced = True
    return [model.tell(room, status(f"{model.members_sentence(room)}."))]


def _topic(model: Model, event: ev.TopicTold | ev.TopicChanged, now: datetime) -> list[Line]:
    room = model.room(event.room)
    if room is None:
        return []
    known, room.topic = room.topic, event.topic
    room.revision += 1
    if isinstance(event, ev.TopicTold):
        told = event.topic != known
        return [model.tell(room, status(f"Topic of {room.name}: {event.topic}"))] if told else []
    text = f"{event.by} set the topic: {event.topic}" if event.topic else f"{event.by} removed the topic"
    return happened(model, event.room, text, event.time)


def _mode(model: Model, event: ev.ModeChanged, now: datetime) -> list[Line]:
    room = model.room(event.room)
    for given, mark, name in event.ranks if room is not None else ():
        member = room.members.get(model.fold(name)) if room is not None else None
        if member is not None:
            others = member.marks.replace(mark, "")
            member.marks = "".join(sorted(mark + others, key=event.order.find)) if given else others
    by = f" by {event.by}" if event.by else ""
    return happened(model, event.room, f"mode {event.change}{by}", event.time)


def _invited(model: Model, event: ev.Invited, now: datetime) -> list[Line]:
    return _note(model, f"{event.by} invites you to {event.room}: /join {event.room}")


def _listed(model: Model, event: ev.RoomsListed, now: datetime) -> list[Line]:
    if not event.rooms:
        return _note(model, "There are no rooms. /join ROOM opens one.")
    lines = []
    for name, people, topic in event.rooms[:_ROOMS_SHOWN]:
        here = "*" if model.room(name) else " "
        lines.append(f"{here} {name:<16} {people:>5}  {topic}".rstrip())
    left_out = max(0, len(event.rooms) - _ROOMS_SHOWN) + event.more
    return _note(model, *lines, *([f"… and {left_out} rooms more."] if left_out else []))


def _join_failed(model: Model, event: ev.JoinFailed, now: datetime) -> list[Line]:
    model.keys.pop(model.fold(event.room), None)
    return [model.note(error(event.text))]


HANDLERS: dict[type, Handler] = {
    ev.Registered: _registered,
    ev.Supported: _supported,
    ev.Ponged: _ponged,
    ev.ServerSaid: _server_said,
    ev.AccountChanged: _account,
    ev.LoginFailed: _login_failed,
    ev.AwayChanged: _away,
    ev.PresenceListed: _presence,
    ev.Joined: _joined,
    ev.Parted: _gone,
    ev.Kicked: _gone,
    ev.Left: _left,
    ev.Renamed: _renamed,
    ev.NamesListed: _named,
    ev.TopicTold: _topic,
    ev.TopicChanged: _topic,
    ev.ModeChanged: _mode,
    ev.Invited: _invited,
    ev.RoomsListed: _listed,
    ev.JoinFailed: _join_failed,
}
