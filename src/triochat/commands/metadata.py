"""METADATA: what people and rooms say of themselves, such as a picture or a page, and who wants to know
(draft/metadata-3: https://github.com/ircv3/ircv3-specifications/pull/613)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple

from triochat.commands import values
from triochat.commands.context import Client
from triochat.commands.labels import tagged
from triochat.domain import keeping, modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.metadata import LONGEST_KEY, change, is_key
from triochat.domain.room import Room
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message, byte_length
from triochat.proto.numerics import Numeric

_MANY = 1_000_000
_KEYS_A_LINE = 12
"""Clients are not to expect more than fifteen parameters of a line."""
_PORTION = 100
"""Lines of a long answer after which the client gets time to read."""


class _Failed(Exception):
    """The command cannot be done; carries the FAIL's code, its context and its text."""

    def __init__(self, code: str, *context: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.context = context


class _Target(NamedTuple):
    """What has metadata: a user, a room, or (neither) a client that has not come in yet."""

    name: str
    values: Mapping[str, str]
    user: User | None = None
    room: Room | None = None


class _Subcommand(NamedTuple):
    """*least* and *most* are how many words it takes."""

    run: Callable[[Client, str, list[str]], Awaitable[None] | None]
    least: int = 0
    most: int = 0


def metadata(client: Client, message: Message) -> Awaitable[None] | None:
    """METADATA target GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC [words]."""
    if not client.has(Cap.METADATA):
        raise Refused(n.ERR_UNKNOWNCOMMAND, "METADATA")
    target, word, *words = [*message.params[:2], "*", "*"][:2] + message.params[2:]
    subcommand, word = _SUBCOMMANDS.get(word.upper()), word if word.isalnum() else "*"
    try:
        if subcommand is None or len(message.params) < 2:
            raise _Failed("INVALID_PARAMS", word, text=f"Use METADATA target {'|'.join(_SUBCOMMANDS)}")
        if not subcommand.least <= len(words) <= subcommand.most:
            few = len(words) < subcommand.least
            raise _Failed("INVALID_PARAMS", word, text=f"Too {'few' if few else 'many'} parameters")
        return subcommand.run(client, target, words)
    except _Failed as failed:
        client.fail("METADATA", failed.code, *failed.context, text=str(failed))
    return None


# -- looking --


def _find(client: Client, name: str) -> _Target:
    """What *name* means to this client. Raises _Failed."""
    world, registration = client.server.world, client.registration
    if registration is not None:
        if name == "*":
            return _Target("*", registration.metadata)
    elif name[:1] == "#":
        room = world.rooms.get(world.fold(name))
        if room is not None and _may_look(client.user, room):
            return _Target(room.name, room.metadata or {}, room=room)
    else:
        user = client.user if name == "*" else world.users.get(world.fold(name))
        if user is not None:
            return _Target(user.nick, world.metadata.of(user), user=user)
    raise _Failed("INVALID_TARGET", name, text="There is nobody and nothing of this name that you may see")


def _may_look(user: User, room: Room) -> bool:
    """Who is in the room may, and who could walk in."""
    if user in room.members:
        return True
    if not room.is_visible_to(user):
        return False
    try:
        room.check_join(user, None)
    except Refused:
        return False
    return True


def _get(client: Client, name: str, keys: list[str]) -> None:
    target = _find(client, name)
    lines = [
        _line(client, target, key, target.values.get(key)) if is_key(key) else _invalid(client, key) for key in keys
    ]
    _send_batch(client, lines, "metadata", target.name)


def _list(client: Client, name: str, words: list[str]) -> None:
    target = _find(client, name)
    lines = [_line(client, target, key, value) for key, value in target.values.items()]
    _send_batch(client, lines, "metadata", target.name)


def _line(client: Client, target: _Target, key: str, value: str | None) -> str:
    return values.value_line(client.server, client.nick, target.name, key, value)


def _invalid(client: Client, key: str) -> str:
    return client.standard_reply("WARN", "METADATA", "INVALID_KEY", key, text=_KEY_RULE)


def _send_batch(client: Client, lines: list[str], kind: str, *params: str) -> None:
    """As a batch, or bare to clients that know none."""
    client.send_lines(values.in_batch(client.server, lines, kind, *params) if client.has(Cap.BATCH) else lines)


# -- changing --


def _set(client: Client, name: str, words: list[str]) -> None:
    key, value = words[0], (words[1] if len(words) > 1 else "") or None
    target, server = _find(client, name), client.server
    if not is_key(key):
        raise _Failed("INVALID_KEY", key, text=_KEY_RULE)
    _check_may_change(client, target, name, key)
    if value is not None and byte_length(value) > server.longest_value:
        raise _Failed("INVALID_VALUE", key, text=f"A value has at most {server.longest_value} bytes")
    most = server.limits.metadata_keys
    if value is not None and key not in target.values and len(target.values) >= most:
        raise _Failed("LIMIT_REACHED", name, str(most), text=f"There may be {most} keys, and they are all taken")
    _check_pace(client, name, key)
    _change(client, target, {key: value}, [_line(client, target, key, value)])


def _clear(client: Client, name: str, words: list[str]) -> None:
    target = _find(client, name)
    _check_may_change(client, target, name, "*")
    _check_pace(client, name, "*")
    lines = [_line(client, target, key, None) for key in target.values]
    if client.has(Cap.BATCH):
        lines = values.in_batch(client.server, lines, "metadata", target.name)
    _change(client, target, dict.fromkeys(target.values), lines)


def _check_may_change(client: Client, target: _Target, name: str, key: str) -> None:
    """One's own, and that of rooms that one tends."""
    if target.room is not None:
        allowed = target.room.rank(client.user) >= modes.OPERATOR
    else:
        allowed = target.user is client.session.user
    if not allowed:
        raise _Failed("KEY_NO_PERMISSION", name, key, text="You may change your own metadata, and that of your rooms")


def _check_pace(client: Client, name: str, key: str) -> None:
    server = client.server
    if seconds := server.world.metadata.too_fast(client.session, server.clock()):
        text = f"Too many changes, try again in {seconds} seconds"
        raise _Failed("RATE_LIMITED", name, key, str(seconds), text=text)


def _change(client: Client, target: _Target, asked: Mapping[str, str | None], lines: list[str]) -> None:
    """Make those of the changes *asked* for that are any, and answer with *lines* when they are kept."""
    changes = {key: value for key, value in asked.items() if target.values.get(key) != value}
    server = client.server
    if client.registration is not None:
        for key, value in changes.items():
            change(client.registration.metadata, key, value, server.limits.metadata_keys)
        client.send_lines(lines)
    elif not changes:
        client.send_lines(lines)
    elif target.room is not None:
        _change_room(client, target.room, changes, client.encode(lines))
    else:
        values.change_user(client, client.user, changes, made_by=client.session, after=client.encode(lines))


def _change_room(client: Client, room: Room, changes: Mapping[str, str | None], after: bytes) -> None:
    kept = dict(room.metadata or {})
    for key, value in changes.items():
        change(kept, key, value, client.server.limits.metadata_keys)
    room.metadata = kept or None
    notices = values.Notices(client.server, client.session)
    notices.about_room(room, changes)
    sink = client.session.sink
    client.submit(Submission(None, origin=sink, told=notices.told(), after=after, changes=(keeping.record(room),)))


# -- subscribing --


def _sub(client: Client, name: str, keys: list[str]) -> None:
    _check_own(client, name)
    metadata_, session = client.server.world.metadata, client.session
    known = set(metadata_.subscriptions(session))
    done, problems = [], []
    for key in keys:
        if not is_key(key):
            problems.append(_invalid(client, key))
        elif metadata_.subscribe(session, key):
            done.append(key)
        else:
            most = str(client.server.limits.metadata_subs)
            text = f"You are subscribed to {most} keys already"
            problems.append(client.standard_reply("FAIL", "METADATA", "LIMIT_REACHED", key, most, text=text))
            break
    _send_keys(client, n.RPL_METADATASUBOK, done)
    client.send_lines(problems)
    new = [key for key in dict.fromkeys(done) if key not in known]
    if new and client.registration is None:
        client.send_lines(values.subscribed_lines(client, new))


def _unsub(client: Client, name: str, keys: list[str]) -> None:
    _check_own(client, name)
    for key in keys:
        client.server.world.metadata.unsubscribe(client.session, key)
    _send_keys(client, n.RPL_METADATAUNSUBOK, filter(is_key, keys))
    client.send_lines(_invalid(client, key) for key in keys if not is_key(key))


def _subs(client: Client, name: str, words: list[str]) -> None:
    _check_own(client, name)
    subscriptions = client.server.world.metadata.subscriptions(client.session)
    _send_batch(client, _key_lines(client, n.RPL_METADATASUBS, subscriptions), "metadata-subs")


def _check_own(client: Client, name: str) -> None:
    """Subscriptions are the client's own."""
    if name != "*" and _find(client, name).user is not client.session.user:
        raise _Failed("INVALID_TARGET", name, text="You can change your own subscriptions only: use *")


def _send_keys(client: Client, numeric: Numeric, keys: Iterable[str]) -> None:
    client.send_lines(_key_lines(client, numeric, dict.fromkeys(keys)))


def _key_lines(client: Client, numeric: Numeric, keys: Iterable[str]) -> list[str]:
    """All *keys*, in as many lines as it takes."""
    lines, rest = [], iter(keys)
    while some := list(islice(rest, _KEYS_A_LINE)):
        lines += [client.numeric(numeric, *words.split(" ")) for words in client.portions(numeric, words=some)]
    return lines


# -- how things stand --


def _sync(client: Client, name: str, words: list[str]) -> Awaitable[None] | None:
    target, lines = _subscribed(client, name)
    first = list(islice(lines, values.AT_ONCE + 1))
    if len(first) <= values.AT_ONCE:
        _send_batch(client, first, "metadata", target)
        return None
    if client.labelled:  # the answer to a labelled command must be held together, and this is too long for that
        client.send_lines([values.later_line(client.server, client.nick, target, ", and without a label")])
        return None
    return _send_long(client, target, chain(first, lines))


def _subscribed(client: Client, name: str) -> tuple[str, Iterator[str]]:
    """What the client is subscribed to, of what *name* means. Raises _Failed."""
    server, session = client.server, client.session
    if client.registration is not None:
        target = _find(client, name)
        keys = server.world.metadata.subscriptions(session)
        return target.name, (_line(client, target, key, target.values[key]) for key in keys if key in target.values)
    reading = values.Reading(server, session)
    if name.upper() == values.EVERYTHING:
        return values.EVERYTHING, reading.of_everything()
    target = _find(client, name)
    if target.user is not None:
        return target.name, reading.of_user(target.user)
    room = target.room
    if room is None or client.user not in room.members:
        raise _Failed("INVALID_TARGET", name, text="You are not in this room")
    return room.name, reading.of_room(room)


async def _send_long(client: Client, target: str, lines: Iterator[str]) -> None:
    """In portions, as the client reads them; what happens meanwhile comes in between."""
    server, tag = client.server, ""
    if client.has(Cap.BATCH):
        reference = f"d{server.next_batch()}"
        tag = f"batch={reference}"
        client.send("BATCH", f"+{reference}", "metadata", target)
    while some := list(islice(lines, _PORTION)):
        client.send_lines(tagged(line, tag) if tag else line for line in some)
        await client.give_way()
        if client.closing is not None:
            return
    if tag:
        client.send("BATCH", f"-{reference}")


_KEY_RULE = f"A key is of a-z, 0-9, and _ . / -, at most {LONGEST_KEY} characters"
_SUBCOMMANDS = {
    "GET": _Subcommand(_get, 1, _MANY),
    "LIST": _Subcommand(_list),
    "SET": _Subcommand(_set, 1, 2),
    "CLEAR": _Subcommand(_clear),
    "SUB": _Subcommand(_sub, 1, _MANY),
    "UNSUB": _Subcommand(_unsub, 1, _MANY),
    "SUBS": _Subcommand(_subs),
    "SYNC": _Subcommand(_sync),
}
