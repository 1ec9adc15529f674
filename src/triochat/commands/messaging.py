"""PRIVMSG, NOTICE and TAGMSG (https://modern.ircdocs.horse/#sending-messages,
https://ircv3.net/specs/extensions/message-tags)."""

import re

from triochat.commands.context import Client
from triochat.domain import modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.names import fold
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import MAX_LINE, Message, byte_length, format_tags

_SURELY_SHORT = 120
"""Characters of source, target and text together that fit a line whatever they are; more are counted in bytes."""


_CLIENT_TAG = re.compile(r"\+(?:[a-zA-Z0-9.-]+/)?[a-zA-Z0-9-]+")


def privmsg(client: Client, message: Message) -> None:
    """PRIVMSG target,target :text."""
    _say(client, message, "PRIVMSG")


def notice(client: Client, message: Message) -> None:
    """NOTICE target,target :text. Never answered with an error, as programs send it to programs."""
    try:
        _say(client, message, "NOTICE")
    except Refused:
        pass


def tagmsg(client: Client, message: Message) -> None:
    """TAGMSG target: tags without a text, such as +typing. Momentary: seen by who is here, kept nowhere."""
    if not client.has(Cap.MESSAGE_TAGS):
        raise Refused(n.ERR_UNKNOWNCOMMAND, "TAGMSG")
    tags = _client_tags(client, message)
    if not tags:
        return
    for target in _targets(client, message):
        _send(client, "TAGMSG", target, None, tags)


def _say(client: Client, message: Message, command: str) -> None:
    if not message.params:
        raise Refused(n.ERR_NORECIPIENT, text=f"No recipient given ({command})")
    if len(message.params) < 2 or not message.params[1]:
        raise Refused(n.ERR_NOTEXTTOSEND)
    tags = _client_tags(client, message) if message.tags else ""
    if "," not in message.params[0]:
        _send(client, command, message.params[0], message.params[1], tags)
        return
    for target in _targets(client, message):
        try:
            _send(client, command, target, message.params[1], tags)
        except Refused as refused:
            if command != "NOTICE":
                client.refuse(refused)


def _targets(client: Client, message: Message) -> list[str]:
    targets = list(dict.fromkeys(target for target in message.params[0].split(",") if target))
    if not targets:
        raise Refused(n.ERR_NORECIPIENT, text=f"No recipient given ({message.command})")
    if len(targets) > client.server.limits.targets:
        raise Refused(n.ERR_TOOMANYTARGETS, targets[0], text="Too many targets, nothing was sent")
    return targets


def _client_tags(client: Client, message: Message) -> str:
    if not client.has(Cap.MESSAGE_TAGS):
        return ""
    return format_tags({name: value for name, value in message.tags.items() if _CLIENT_TAG.fullmatch(name)})


def _send(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    if client.user.modes and modes.BOT in client.user.modes:
        tags = f"bot;{tags}" if tags else "bot"
    if target[:1] == "#":
        _to_room(client, command, target, text, tags)
    elif target[:1] in modes.PREFIX_RANKS and target[1:2] == "#":
        _to_ranks(client, command, target, text, tags)
    else:
        _to_user(client, command, target, text, tags)


def _to_room(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    server, session = client.server, client.session
    user = client.user
    room = server.world.rooms.get(fold(target))
    if room is None:
        raise Refused(n.ERR_NOSUCHCHANNEL, target)
    if not room.is_visible_to(user):
        raise Refused(n.ERR_NOSUCHCHANNEL, target)
    room.check_speak(user)
    if text is not None:
        _check_length(user.source, command, room.name, text)
    entry = server.journal.new_entry(
        user.source,
        command,
        (room.name,) if text is None else (room.name, text),
        room.logs if text is not None else (),
        user.account,
        tags,
    )
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=session.sink,
            echo=bool(session.caps & Cap.ECHO_MESSAGE),
            refused=client.not_stored if text is not None else b"",
        )
    )


def _to_ranks(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    """`@#room`: to those in the room with this prefix or a higher one (https://modern.ircdocs.horse/#statusmsg-parameter).
    In no log: the room's log is for all of its members."""
    server, session, user = client.server, client.session, client.user
    room = server.world.find_visible_room(target[1:], user)
    room.check_member(user)
    room.check_speak(user)
    name = target[0] + room.name
    if text is not None:
        _check_length(user.source, command, name, text)
    rank = modes.PREFIX_RANKS[target[0]]
    sinks = [
        session.sink
        for member in room.members
        if room.rank(member) >= rank
        for session in member.sessions
        if text is not None or session.caps & Cap.MESSAGE_TAGS
    ]
    entry = server.journal.new_entry(
        user.source, command, (name,) if text is None else (name, text), (), user.account, tags
    )
    echo = bool(session.caps & Cap.ECHO_MESSAGE)
    client.submit(Submission(entry, recipients=sinks, origin=session.sink, echo=echo))


def _to_user(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    server, session = client.server, client.session
    user = client.user
    other = server.world.find_user(target)
    if text is not None:
        _check_length(user.source, command, other.nick, text)
    # In no log: between people without accounts, nobody could ever prove a right to read it later.
    entry = server.journal.new_entry(
        user.source, command, (other.nick,) if text is None else (other.nick, text), (), user.account, tags
    )
    recipients = other.sinks if other is user else [*other.sinks, *user.sinks]
    if text is None:
        recipients = [sink for sink in recipients if sink.flavour & Cap.MESSAGE_TAGS]
    # To oneself the message arrives once, echo or not.
    echo = other is user or bool(session.caps & Cap.ECHO_MESSAGE)
    client.submit(Submission(entry, recipients=recipients, origin=session.sink, echo=echo))
    if other.away is not None and command == "PRIVMSG":
        client.reply(n.RPL_AWAY, other.nick, text=other.away)


def _check_length(source: str, command: str, target: str, text: str) -> None:
    """Refuse what would not reach the others whole: nothing is ever cut silently."""
    if len(source) + len(target) + len(text) <= _SURELY_SHORT:
        return
    size = len(f":{source} {command} {target} :".encode()) + byte_length(text) + 2
    if size > MAX_LINE:
        raise Refused(n.ERR_INPUTTOOLONG, text=f"Your message is {size - MAX_LINE} bytes too long and was not sent")
