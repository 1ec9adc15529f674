"""CHATHISTORY: reading a room's log (https://ircv3.net/specs/extensions/chathistory)."""

from __future__ import annotations

import calendar
import re
import time
from typing import NamedTuple

from triochat.commands.context import Client
from triochat.domain.entry import Entry
from triochat.domain.errors import Refused
from triochat.domain.room import Room
from triochat.fanout.render import encode_always, timestamp
from triochat.ports import Span, StoreFault
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.isupport import CHATHISTORY_LIMIT
from triochat.proto.message import Message

_TIMESTAMP = re.compile(r"timestamp=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?Z", re.ASCII)
_REFERENCES = "A reference is timestamp=YYYY-MM-DDThh:mm:ss.sssZ or, within a room, msgid=…"
_PARAMETERS = {"LATEST": 4, "BEFORE": 4, "AFTER": 4, "AROUND": 4, "BETWEEN": 5, "TARGETS": 4}


class _BadRequest(Exception):
    """The request cannot be understood; carries the FAIL's code and text."""


class _Place(NamedTuple):
    """A place in the log: entries below *start* come before it, entries at *end* or above after it."""

    start: int
    end: int


async def chathistory(client: Client, message: Message) -> None:
    """CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN #room reference [reference] limit, or TARGETS from to limit."""
    subcommand = message.params[0].upper()
    try:
        if not client.has(Cap.CHATHISTORY):
            raise Refused(n.ERR_UNKNOWNCOMMAND, "CHATHISTORY")
        if subcommand not in _PARAMETERS:
            raise _BadRequest("INVALID_PARAMS", "Unknown subcommand")
        if len(message.params) < _PARAMETERS[subcommand]:
            raise _BadRequest("NEED_MORE_PARAMS", "Missing parameters")
        last = _PARAMETERS[subcommand] - 1
        limit = _limit(message.params[last])
        if subcommand == "TARGETS":
            await _send_targets(client, message.params[1:last], limit)
            return
        room = _room(client, message.params[1])
        entries = await _read(client, room, subcommand, message.params[2:last], limit)
    except _BadRequest as error:
        code, text = error.args
        client.fail("CHATHISTORY", code, *message.params[:2], text=text)
    except StoreFault:
        client.fail("CHATHISTORY", "MESSAGE_ERROR", subcommand, text="History cannot be read now, try again later")
    else:
        _send_batch(client, room, entries)


async def _send_targets(client: Client, references: list[str], limit: int) -> None:
    """The rooms of this user in which something was said between two times, the longest silent first."""
    low, high = sorted(_milliseconds(reference) for reference in references)
    journal = client.server.journal
    found: list[tuple[int, str]] = []
    for room in list(client.user.rooms):
        span = Span(room.log, _floor(room), journal.handed_out + 1)
        newest = await journal.history.read([span], 1, newest=True, lines_only=True)
        if newest and low < newest[0].time_ms < high:
            found.append((newest[0].time_ms, room.name))
    found.sort()
    lines = [("CHATHISTORY", "TARGETS", name, timestamp(time_ms)) for time_ms, name in found[:limit]]
    if not client.has(Cap.BATCH):
        for line in lines:
            client.send(*line)
        return
    reference = f"h{client.server.next_batch()}"
    client.send("BATCH", f"+{reference}", "draft/chathistory-targets")
    for line in lines:
        client.send(*line, tags=f"batch={reference}")
    client.send("BATCH", f"-{reference}")


def _room(client: Client, name: str) -> Room:
    try:
        room = client.server.world.find_visible_room(name, client.user)
        room.check_member(client.user)
    except Refused:
        raise _BadRequest("INVALID_TARGET", "You are in no room of this name") from None
    return room


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _BadRequest("INVALID_PARAMS", "The limit is no number")
    return min(int(text), CHATHISTORY_LIMIT)


async def _read(client: Client, room: Room, subcommand: str, references: list[str], limit: int) -> list[Entry]:
    history = client.server.journal.history
    # Not beyond what was handed out: what the store has already, but nobody has seen, comes live in a moment.
    end = client.server.journal.handed_out + 1
    places = [await _place(client, room, reference) for reference in references if reference != "*"]
    if len(places) < len(references) and subcommand != "LATEST":
        raise _BadRequest("INVALID_PARAMS", "This needs a msgid= or timestamp= reference")

    async def read(after: int, before: int | None, count: int, *, newest: bool) -> list[Entry]:
        before = end if before is None else min(before, end)
        if count <= 0 or before <= after + 1:
            return []
        span = Span(room.log, max(after, _floor(room)), before)
        return await history.read([span], count, newest=newest, lines_only=True)

    if subcommand == "LATEST":
        return await read(places[0].end - 1 if places else 0, None, limit, newest=True)
    if subcommand == "BEFORE":
        return await read(0, places[0].start, limit, newest=True)
    if subcommand == "AFTER":
        return await read(places[0].end - 1, None, limit, newest=False)
    if subcommand == "AROUND":
        earlier = await read(0, places[0].start, limit // 2, newest=True)
        return earlier + await read(places[0].start - 1, None, limit - len(earlier), newest=False)
    first, second = places
    if first.start <= second.start:
        return await read(first.end - 1, second.start, limit, newest=False)
    return await read(second.end - 1, first.start, limit, newest=True)


async def _place(client: Client, room: Room, reference: str) -> _Place:
    kind, _, value = reference.partition("=")
    history = client.server.journal.history
    if kind == "msgid" and value:
        seq = await history.locate(room.log, value)
        if seq is None:
            raise _BadRequest("INVALID_MSGREFTYPE", "No message of this room has this msgid")
        return _Place(seq, seq + 1)
    if kind == "timestamp":
        ms = _milliseconds(reference)
        return _Place(await history.position_at(room.log, ms), await history.position_at(room.log, ms + 1))
    raise _BadRequest("INVALID_PARAMS", _REFERENCES)


def _milliseconds(reference: str) -> int:
    """A timestamp= reference in milliseconds since the epoch."""
    found = _TIMESTAMP.fullmatch(reference)
    if found is None:
        raise _BadRequest("INVALID_PARAMS", _REFERENCES)
    try:
        seconds = calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        raise _BadRequest("INVALID_PARAMS", "There is no such time") from None
    return seconds * 1000 + int((found[2] or "0").ljust(3, "0"))


def _floor(room: Room) -> int:
    """The seq after which the log belongs to this room, and not to an earlier one of the same name."""
    return room.history_from - 1 if room.history_from else 0


def _send_batch(client: Client, room: Room, entries: list[Entry]) -> None:
    """The entries as a batch, or bare for clients without batches (https://ircv3.net/specs/extensions/batch)."""
    flavour = client.session.sink.flavour
    if not client.has(Cap.BATCH):
        client.send_lines(encode_always(entry, flavour).decode().removesuffix("\r\n") for entry in entries)
        return
    reference = f"h{client.server.next_batch()}"
    client.send("BATCH", f"+{reference}", "chathistory", room.name)
    client.send_lines(
        encode_always(entry, flavour, batch=reference).decode().removesuffix("\r\n") for entry in entries
    )
    client.send("BATCH", f"-{reference}")
