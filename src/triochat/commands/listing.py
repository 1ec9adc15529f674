"""LIST: which rooms there are (https://modern.ircdocs.horse/#list-message), with the filters that the token
ELIST=CMNTU promises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from triochat.commands.context import Client
from triochat.domain.masks import match
from triochat.domain.room import Room
from triochat.proto import numerics as n
from triochat.proto.message import Message

_Filter = Callable[[Room], bool]
_DIGITS = 9
_PORTION = 200
"""Rooms of a long list after which the client gets time to read, and the others their turn."""


def list_rooms(client: Client, message: Message) -> Awaitable[None] | None:
    """LIST [#room,*mask*,!*mask*,>10,<100,C<60,C>60,T<60,T>60]: visible rooms that have people. Counts are of users,
    times are minutes since the room began (C) or since the topic was set (T); a list of masks means any of them.
    Masks and conditions may also be two parameters."""
    server = client.server
    filters: list[_Filter] = []
    masks: list[str] = []
    for word in ",".join(message.params[:2]).split(","):
        made = _filter(word, server.now())
        if made is not None:
            filters.append(made)
        elif word[:1] == "!" and len(word) > 1:
            filters.append(_unlike(server.fold(word[1:])))
        elif word:
            masks.append(server.fold(word))
    if masks:
        filters.append(lambda room: any(match(mask, room.folded) for mask in masks))
    client.reply(n.RPL_LISTSTART, "Channel")
    rooms = list(server.world.rooms.values())
    if len(rooms) > _PORTION and not client.labelled:  # the answer to a labelled command is in one piece
        return _list_long(client, rooms, filters)
    _list(client, rooms, filters)
    client.reply(n.RPL_LISTEND)
    return None


async def _list_long(client: Client, rooms: Sequence[Room], filters: Sequence[_Filter]) -> None:
    for i in range(0, len(rooms), _PORTION):
        _list(client, rooms[i : i + _PORTION], filters)
        await client.give_way()
        if client.closing is not None:
            return
    client.reply(n.RPL_LISTEND)


def _list(client: Client, rooms: Sequence[Room], filters: Sequence[_Filter]) -> None:
    for room in rooms:
        if room.members and room.is_visible_to(client.user) and all(passes(room) for passes in filters):
            client.reply(n.RPL_LIST, room.name, str(len(room.members)), text=room.topic.text or " ")


def _filter(word: str, now: int) -> _Filter | None:
    """What a word with < or > asks for; None when it is no such word."""
    kind = word[:1].upper() if word[:1].upper() in ("C", "T") else ""
    sign, digits = word[len(kind) : len(kind) + 1], word[len(kind) + 1 :]
    if sign not in ("<", ">") or not (digits.isascii() and digits.isdigit() and len(digits) < _DIGITS):
        return None
    more, value = sign == ">", int(digits)
    if not kind:
        return lambda room: len(room.members) > value if more else len(room.members) < value
    if kind == "C":
        return lambda room: _is_older(room.created, now, value, more)
    return lambda room: bool(room.topic.text) and _is_older(room.topic.set_at, now, value, more)


def _is_older(then: int, now: int, minutes: int, more: bool) -> bool:
    age = now - then
    return age > minutes * 60 if more else age < minutes * 60


def _unlike(mask: str) -> _Filter:
    return lambda room: not match(mask, room.folded)
