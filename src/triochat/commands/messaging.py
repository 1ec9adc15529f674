"""PRIVMSG, NOTICE and TAGMSG (https://modern.ircdocs.horse/#sending-messages,
https://ircv3.net/specs/extensions/message-tags)."""

from collections.abc import Awaitable, Iterable
from functools import partial

from triochat.commands import resending
from triochat.commands.context import Client
from triochat.commands.services import ask
from triochat.domain import modes, multiline
from triochat.domain.entry import Entry, Sent, Submission
from triochat.domain.errors import Refused
from triochat.domain.mail import logs_between
from triochat.domain.names import SERVICES, fold_ascii
from triochat.domain.room import Room
from triochat.domain.user import User
from triochat.ports import StoreFault
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import MAX_LINE, Message, byte_length, format_tags

_SURELY_SHORT = 120
"""Characters of source, target and text together that fit a line whatever they are; more are counted in bytes."""


_ACTION = "\x01ACTION "
_PREFIXES = "".join(modes.PREFIX_RANKS)
_CLIENT_TAG = "+"
"""Begins the names of tags that are passed on; what else they hold is the clients' affair."""


def privmsg(client: Client, message: Message) -> Awaitable[None] | None:
    """PRIVMSG target,target :text."""
    params = message.params
    if len(params) > 1 and params[0][:1] != "#" and fold_ascii(params[0]) in SERVICES:
        return ask(client, params[0], params[1])
    return _say(client, message, "PRIVMSG")


def notice(client: Client, message: Message) -> Awaitable[None] | None:
    """NOTICE target,target :text. Never answered with an error, as programs send it to programs."""
    try:
        return _say(client, message, "NOTICE")
    except Refused:
        return None


def tagmsg(client: Client, message: Message) -> None:
    """TAGMSG target: tags without a text, such as +typing. Momentary: seen by who is here, kept nowhere."""
    if not client.has(Cap.MESSAGE_TAGS):
        raise Refused(n.ERR_UNKNOWNCOMMAND, "TAGMSG")
    tags = client_tags(client, message)
    for target in _targets(client, message):
        if fold_ascii(target) not in SERVICES:
            say(client, "TAGMSG", target, None, tags)


def _say(client: Client, message: Message, command: str) -> Awaitable[None] | None:
    if not message.params:
        raise Refused(n.ERR_NORECIPIENT, text=f"No recipient given ({command})")
    if len(message.params) < 2 or not message.params[1]:
        raise Refused(n.ERR_NOTEXTTOSEND)
    tags = ""
    if message.tags:
        tags = client_tags(client, message)
        if (id := resending.id_of(client, message)) is not None:
            return _say_once(client, message, command, tags, id)
    if "," not in message.params[0]:
        _send(client, command, message.params[0], message.params[1], tags)
        return None
    for target in _targets(client, message):
        say(client, command, target, message.params[1], tags)
    return None


def _say_once(client: Client, message: Message, command: str, tags: str, id: str) -> Awaitable[None] | None:
    """Send a line that the client calls *id*, unless that was done before."""
    if not resending.is_valid(id) or "," in message.params[0]:
        resending.refuse(client, command)
        return None
    known = resending.is_known(client, message, id)
    if known is not None:
        return _say_again(client, message, command, tags, id, known)
    _say_marked(client, message, command, tags, id)
    return None


async def _say_again(
    client: Client, message: Message, command: str, tags: str, id: str, known: Awaitable[Sent | None]
) -> None:
    try:
        sent = await known
    except StoreFault as fault:
        resending.refuse(client, command, fault)
        return
    if client.closing is not None:
        return
    if sent is not None:
        resending.answer(client, sent, command, message.params[0], message.params[1])
    else:
        _say_marked(client, message, command, tags, id)


def _say_marked(client: Client, message: Message, command: str, tags: str, id: str) -> None:
    client.marker = partial(resending.mark, client, id)
    try:
        say(client, command, message.params[0], message.params[1], tags)
    finally:
        client.marker = None


def say(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    """Send *text*, which may have several lines (see domain.multiline), to one target; None = tags only. The client
    is told what forbids it, unless it is a NOTICE."""
    try:
        _send(client, command, target, text, tags)
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


def client_tags(client: Client, message: Message) -> str:
    """The tags of *message* that travel with it, as they stand on the wire."""
    if not client.has(Cap.MESSAGE_TAGS):
        return ""
    tags = message.tags.items()
    return format_tags(
        {name: v for name, v in tags if name[:1] == _CLIENT_TAG != name and name not in resending.TAGS}
    )


def _send(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    if client.user.modes and modes.BOT in client.user.modes:
        tags = f"bot;{tags}" if tags else "bot"
    if target[:1] == "#":
        _to_room(client, command, target, text, tags)
    elif target[:1] in modes.PREFIX_RANKS and target.lstrip(_PREFIXES)[:1] == "#":
        _to_ranks(client, command, target, text, tags)
    else:
        _to_user(client, command, target, text, tags)


def _to_room(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    server, session = client.server, client.session
    user = client.user
    room = server.world.rooms.get(server.fold(target))
    if room is None:
        raise Refused(n.ERR_NOSUCHCHANNEL, target)
    if not room.is_visible_to(user):
        raise Refused(n.ERR_NOSUCHCHANNEL, target)
    room.check_speak(user)
    if text is not None:
        check_length(user.source, command, room.name, text)
        if modes.NO_CTCP in room.flags:
            check_no_ctcp(room, text)
    if modes.OPERATORS_HEAR in room.flags and not room.members.get(user):
        # What members without voice say in mode +U.
        hears = [member for member in room.members if room.rank(member) >= modes.HALF_OPERATOR or member is user]
        _to_members(client, command, room.name, hears, text, tags)
        return
    entry = server.journal.new_entry(
        user.source,
        command,
        (room.name,) if text is None else (room.name, text),
        room.logs if text is not None or _is_kept(client, tags) else (),
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


def _to_members(
    client: Client, command: str, target: str, members: Iterable[User], text: str | None, tags: str
) -> None:
    """To some of a room's *members*. In no log: the room's log is for all of them."""
    user, session = client.user, client.session
    sinks = [
        other.sink
        for member in members
        for other in member.sessions
        if text is not None or other.caps & Cap.MESSAGE_TAGS
    ]
    params = (target,) if text is None else (target, text)
    entry = client.server.journal.new_entry(user.source, command, params, (), user.account, tags)
    echo = bool(session.caps & Cap.ECHO_MESSAGE)
    client.submit(Submission(entry, recipients=sinks, origin=session.sink, echo=echo))


def _is_kept(client: Client, tags: str) -> bool:
    """True for a TAGMSG with one of the tags for which it is stored."""
    kept = client.server.history.store_tagmsg
    return bool(kept) and any(tag.partition("=")[0] in kept for tag in tags.split(";"))


def _to_ranks(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    """`@#room`: to those in the room with this prefix or a higher one (https://modern.ircdocs.horse/#statusmsg-parameter);
    of several prefixes the lowest counts."""
    server, user = client.server, client.user
    bare = target.lstrip(_PREFIXES)
    prefix = min(target.removesuffix(bare), key=modes.PREFIX_RANKS.__getitem__)
    room = server.world.find_visible_room(bare, user)
    room.check_member(user)
    room.check_speak(user)
    name = prefix + room.name
    if text is not None:
        check_length(user.source, command, name, text)
        if modes.NO_CTCP in room.flags:
            check_no_ctcp(room, text)
    rank = modes.PREFIX_RANKS[prefix]
    hears = [member for member in room.members if room.rank(member) >= rank]
    _to_members(client, command, name, hears, text, tags)


def _to_user(client: Client, command: str, target: str, text: str | None, tags: str) -> None:
    server, session = client.server, client.session
    user = client.user
    other = server.world.find_user(target)
    if text is not None:
        check_length(user.source, command, other.nick, text)
    if other.modes:
        _check_welcome(client, other, text)
    if modes.ONLY_REGISTERED in user.modes:
        user.accept(server.fold(other.nick))  # who is written to may answer
    # Between people without accounts in no log: nobody could ever prove a right to read it later.
    provable = server.history.direct_messages and (user.account is not None or other.account is not None)
    is_kept = provable and (text is not None or _is_kept(client, tags))
    logs = logs_between(server.world.names, user, other) if is_kept else ()
    entry = server.journal.new_entry(
        user.source, command, (other.nick,) if text is None else (other.nick, text), logs, user.account, tags
    )
    recipients = other.sinks if other is user else [*other.sinks, *user.sinks]
    if text is None:
        recipients = [sink for sink in recipients if sink.flavour & Cap.MESSAGE_TAGS]
    echo = bool(session.caps & Cap.ECHO_MESSAGE)
    refused = client.not_stored if logs and text is not None else b""
    sink = session.sink
    # To oneself the message arrives besides its echo.
    client.submit(Submission(entry, recipients=recipients, origin=sink, echo=echo or other is user, refused=refused))
    if other is user and echo:
        copy = Entry(
            entry.seq, entry.msgid, entry.time_ms, entry.source, command, entry.params, (), user.account, tags
        )
        client.submit(Submission(copy, recipients=(sink,)))
    if other.away is not None and command == "PRIVMSG":
        client.reply(n.RPL_AWAY, other.nick, text=other.away)


def _check_welcome(client: Client, other: User, text: str | None) -> None:
    """Raise Refused when *other* does not want to be written to by this client, or not this."""
    user = client.user
    stranger = user.account is None and client.server.fold(user.nick) not in (other.accepts or ())
    if modes.ONLY_REGISTERED in other.modes and stranger and other is not user:
        reason = f"{other.nick} takes private messages from people who are logged in only"
        raise Refused(n.ERR_NEEDREGGEDNICK, other.nick, text=reason)
    if modes.NO_PRIVATE_CTCP in other.modes and text is not None and _is_ctcp(text):
        raise Refused(n.ERR_CANNOTSENDTOUSER, other.nick, text=f"{other.nick} takes no CTCP messages")


def check_no_ctcp(room: Room, text: str) -> None:
    if _is_ctcp(text):
        raise Refused(n.ERR_CANNOTSENDTOCHAN, room.name, text="No CTCP messages in this room")


def _is_ctcp(text: str) -> bool:
    """True when a line of *text* is talk between programs. Some see each line by itself, also one that continues."""
    if "\x01" not in text:
        return False
    return any(line[:1] == "\x01" and not line.startswith(_ACTION) for line, _ in multiline.split(text))


def check_length(source: str, command: str, target: str, text: str) -> None:
    """Refuse what would not reach the others whole: nothing is ever cut silently."""
    if len(source) + len(target) + len(text) <= _SURELY_SHORT:
        return
    size = len(f":{source} {command} {target} :".encode()) + byte_length(text) + 2
    what = "Your message"
    if size > MAX_LINE and multiline.has_lines(text):
        size += max(byte_length(line) for line, _ in multiline.split(text)) - byte_length(text)
        what = "A line of your message"
    if size > MAX_LINE:
        raise Refused(n.ERR_INPUTTOOLONG, text=f"{what} is {size - MAX_LINE} bytes too long and was not sent")
