"""CHATHISTORY: reading the logs of rooms and of one's own private messages
(https://ircv3.net/specs/extensions/chathistory)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from triochat.commands.context import Client
from triochat.commands.times import BadTime, milliseconds
from triochat.domain import mail
from triochat.domain.entry import Entry
from triochat.domain.errors import Refused
from triochat.domain.renames import under
from triochat.fanout.render import encode, timestamp
from triochat.ports import Span, StoreFault
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message

_REFERENCES = "A reference is timestamp=YYYY-MM-DDThh:mm:ss.sssZ or, within a room, msgid=…"
_PARAMETERS = {"LATEST": 4, "BEFORE": 4, "AFTER": 4, "AROUND": 4, "BETWEEN": 5, "TARGETS": 4}


class _BadRequest(Exception):
    """The request cannot be met; carries the FAIL's code, its context behind the subcommand, and its text."""

    def __init__(self, code: str, *context: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.context = context


class _Place(NamedTuple):
    """A place in the log: entries below *start* come before it, entries at *end* or above after it."""

    start: int
    end: int


class Log(NamedTuple):
    """A log as one client may read it: under which *name* its messages are shown, and nothing up to *after*."""

    name: str
    log: str
    after: int = 0


def find_log(client: Client, target: str) -> Log | None:
    """What *target* means to this client: a room that it is in, or its own conversation with somebody; None when
    there is nothing that it may read."""
    server, user = client.server, client.user
    if target[:1] == "#":
        room = server.world.rooms.get(server.fold(target))
        if room is None or user not in room.members:
            return None
        return Log(room.name, room.log, room.history_after)
    names = server.world.names
    if user.account is None or names.nick_error(target, server.limits.nick_length) is not None:
        return None
    other = server.world.users.get(server.fold(target))
    partner = mail.key_of(names, other) if other is not None else server.fold(target)
    return Log(target, mail.log_of(server.fold(user.account), partner))


async def chathistory(client: Client, message: Message) -> None:
    """CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN target reference [reference] limit, or TARGETS from to limit."""
    subcommand = message.params[0].upper()
    try:
        if not client.has(Cap.CHATHISTORY):
            raise Refused(n.ERR_UNKNOWNCOMMAND, "CHATHISTORY")
        await client.server.journal.barrier()  # what the client said just before belongs to the answer
        if subcommand not in _PARAMETERS:
            raise _BadRequest("INVALID_PARAMS", text="Unknown subcommand")
        if len(message.params) != _PARAMETERS[subcommand]:
            few = len(message.params) < _PARAMETERS[subcommand]
            raise _BadRequest("INVALID_PARAMS", text=f"Too {'few' if few else 'many'} parameters")
        last = _PARAMETERS[subcommand] - 1
        limit = _limit(client, message.params[last])
        if subcommand == "TARGETS":
            await _send_targets(client, message.params[1:last], limit)
            return
        log = find_log(client, message.params[1])
        if log is None:
            target = message.params[1]
            raise _BadRequest("INVALID_TARGET", target, text="There is no history of this that you may read")
        entries = await _read(client, log, subcommand, message.params[2:last], limit)
    except _BadRequest as error:
        client.fail("CHATHISTORY", error.code, message.params[0], *error.context, text=str(error))
    except StoreFault:
        text = "History cannot be read now, try again later"
        client.fail("CHATHISTORY", "MESSAGE_ERROR", *message.params[:2], text=text)
    else:
        _send_batch(client, log, entries)


async def _send_targets(client: Client, references: list[str], limit: int) -> None:
    """The rooms of this user, and those with whom it has private messages, in which the last was said between two
    times, the longest silent first. The limit counts from the first of the two times."""
    first, second = map(_time, references)
    low, high = sorted((first, second))
    journal, user = client.server.journal, client.user
    end = journal.handed_out + 1
    found: list[tuple[int, str]] = []
    for room in list(user.rooms):
        span = Span(room.log, room.history_after, end)
        newest = await journal.history.read([span], 1, newest=True, lines_only=True)
        if newest and low < newest[0].time_ms < high:
            found.append((newest[0].time_ms, room.name))
    if user.account is not None:
        own = client.server.fold(user.account)
        partners: list[tuple[str, Entry]] = []
        for log in await journal.history.logs(mail.logs_of(own)):
            newest = await journal.history.read([Span(log, 0, end)], 1, newest=True, lines_only=True)
            if newest and low < newest[0].time_ms < high:
                partners.append((log.removeprefix(mail.logs_of(own)), newest[0]))
        found += [(entry.time_ms, name) for name, entry in _named(client, partners, own)]
    found.sort()
    found = found[:limit] if first <= second else found[max(0, len(found) - limit) :]
    with _batch(client, "draft/chathistory-targets") as reference:
        tags = f"batch={reference}" if reference else ""
        for time_ms, name in found:
            client.send("CHATHISTORY", "TARGETS", name, timestamp(time_ms), tags=tags)


def _named(client: Client, partners: list[tuple[str, Entry]], own: str) -> Iterator[tuple[str, Entry]]:
    """With whom each conversation is, by a name under which `find_log` finds it: the one that they have now, or had
    when they said this last, or the account's. *partners* are as the logs call them, each with the last entry."""
    world = client.server.world
    nicks = {user.account: user.nick for user in world.users.values() if user.account is not None}
    for key, entry in partners:
        account = world.accounts.find(key)
        mine = entry.account is not None and world.fold(entry.account) == own
        then = entry.params[0] if mine else entry.nick
        if account is None or world.fold(then) == key:
            yield then, entry
        else:
            yield nicks.get(account.name, account.name), entry


def _limit(client: Client, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _BadRequest("INVALID_PARAMS", text, text="The limit is no number")
    return min(int(text), client.server.history.max_batch)


async def _read(client: Client, log: Log, subcommand: str, references: list[str], limit: int) -> list[Entry]:
    history = client.server.journal.history
    # Not beyond what was handed out: what the store has already, but nobody has seen, comes live in a moment.
    end = client.server.journal.handed_out + 1
    if "*" in references and subcommand != "LATEST":
        raise _BadRequest("INVALID_PARAMS", "*", text="This needs a msgid= or timestamp= reference")
    places = [await _place(client, log, reference) for reference in references if reference != "*"]
    lines_only = not client.has(Cap.EVENT_PLAYBACK)

    async def read(after: int, before: int | None, count: int, *, newest: bool) -> list[Entry]:
        before = end if before is None else min(before, end)
        if count <= 0 or before <= after + 1:
            return []
        span = Span(log.log, max(after, log.after), before)
        return await history.read([span], count, newest=newest, lines_only=lines_only)

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


async def _place(client: Client, log: Log, reference: str) -> _Place:
    kind, _, value = reference.partition("=")
    history = client.server.journal.history
    if kind == "msgid" and value:
        seq = await history.locate(log.log, value)
        if seq is None:
            text = "No message that is kept has this msgid"
            raise _BadRequest("MESSAGE_ERROR", log.name, reference, text=text)
        return _Place(seq, seq + 1)
    if kind == "timestamp":
        ms = _time(reference)
        return _Place(await history.position_at(log.log, ms), await history.position_at(log.log, ms + 1))
    raise _BadRequest("INVALID_PARAMS", reference, text=_REFERENCES)


def _time(reference: str) -> int:
    try:
        return milliseconds(reference)
    except BadTime as error:
        raise _BadRequest("INVALID_PARAMS", reference, text=str(error)) from None


def _send_batch(client: Client, log: Log, entries: list[Entry]) -> None:
    shown = [under(entry, log.name) for entry in entries] if log.name[:1] == "#" else entries
    send_entries(client, shown, "chathistory", log.name)


def send_entries(client: Client, entries: list[Entry], kind: str, *params: str) -> None:
    """The entries as a batch of a *kind*, or bare for clients without batches."""
    with _batch(client, kind, *params) as reference:
        _send_each(client, entries, reference)


def _send_each(client: Client, entries: list[Entry], reference: str = "") -> None:
    flavour = client.session.sink.flavour
    for entry in entries:
        client.send_lines(encode(entry, flavour, batch=reference).decode().split("\r\n")[:-1])


@contextmanager
def _batch(client: Client, kind: str, *params: str) -> Iterator[str]:
    """A batch of a *kind* around what is sent within (https://ircv3.net/specs/extensions/batch). Gives its reference,
    or "" for clients that know no batches: for them there is none."""
    if not client.has(Cap.BATCH):
        yield ""
        return
    reference = f"h{client.server.next_batch()}"
    client.send("BATCH", f"+{reference}", kind, *params)
    yield reference
    client.send("BATCH", f"-{reference}")


async def show_missed_mail(client: Client, since: int) -> None:
    """The private messages that came from the entry *since* on, for a client that cannot ask for them."""
    server, user = client.server, client.user
    if user.account is None:
        return
    history = server.journal.history
    try:
        logs = await history.logs(mail.logs_of(server.fold(user.account)))
        spans = [Span(log, since - 1) for log in logs]
        missed = await history.read(spans, server.history.max_batch, newest=True, lines_only=True) if spans else []
    except StoreFault:
        client.send("NOTICE", client.nick, "Private messages that you missed cannot be read now.")
        return
    _send_each(client, missed)
