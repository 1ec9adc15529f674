"""Who is here: AWAY, WHO, WHOIS, USERHOST, ISON (https://modern.ircdocs.horse/#user-based-queries)."""

import time
from collections.abc import Iterable

from triochat.commands.context import ABSENT, Client
from triochat.commands.values import whois_lines
from triochat.domain import modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.masks import match
from triochat.domain.room import Room
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message
from triochat.proto.numerics import Numeric

_WHOX_ORDER = "tcuihsnfdlaor"
_MOST_WHO = 500
"""Users that a WHO by mask lists at most."""


def away(client: Client, message: Message) -> None:
    """AWAY [:text]: be away, or back."""
    text = message.params[0][: client.server.limits.away_length] if message.params else ""
    if client.registration is not None:
        if not client.has(Cap.PRE_AWAY):
            raise Refused(n.ERR_NOTREGISTERED)
        client.registration.away = text or None
        client.reply(n.RPL_NOWAWAY if text else n.RPL_UNAWAY)
        return
    user = client.user
    client.reply(n.RPL_NOWAWAY if text else n.RPL_UNAWAY)
    client.session.absent = text == ABSENT and client.has(Cap.PRE_AWAY)
    if client.session.absent:
        client.note_absence(user)
        return
    for session in user.sessions:
        if session is not client.session and (text or None) != user.away:
            line = client.encode([client.numeric(n.RPL_NOWAWAY if text else n.RPL_UNAWAY)])
            client.server.journal.submit(Submission(None, origin=session.sink, after=line))
    if (text or None) != user.away:
        client.set_away(user, text or None)


def who(client: Client, message: Message) -> None:
    """WHO #room, name or mask [%fields[,token]] (https://ircv3.net/specs/extensions/whox)."""
    mask = message.params[0] if message.params and message.params[0] else "*"
    wanted = message.params[1] if len(message.params) > 1 else ""
    fields, _, token = wanted.partition("%")[2].partition(",")
    for room, user in _who_matches(client, mask):
        if "%" in wanted:
            values = _who_fields(client, room, user, token)
            chosen = [values[field] for field in _WHOX_ORDER if field in fields]
            client.send_lines([client.numeric(n.RPL_WHOSPCRPL, *chosen)])
            continue
        client.reply(
            n.RPL_WHOREPLY,
            room.name if room is not None else "*",
            user.username,
            user.host,
            client.server.identity.name,
            user.nick,
            _who_flags(client, room, user),
            text=f"0 {user.realname}",
        )
    client.reply(n.RPL_ENDOFWHO, mask)


def _who_fields(client: Client, room: Room | None, user: User, token: str) -> dict[str, str]:
    """What WHOX can tell of *user*, by the letters that ask for it."""
    return {
        "t": token if token.isdigit() and token.isascii() and len(token) <= 3 else "0",
        "c": room.name if room is not None else "*",
        "u": user.username,
        "i": user.host,
        "h": user.host,
        "s": client.server.identity.name,
        "n": user.nick,
        "f": _who_flags(client, room, user),
        "d": "0",
        "l": str(_idle(client, user)),
        "a": user.account or "0",
        "o": "n/a",
        "r": user.realname,
    }


def _idle(client: Client, user: User) -> int:
    """Seconds since the last sign of life; since the beginning for one who has no connection."""
    if not user.sessions:
        return max(0, int(client.server.wall_clock() - user.signed_on))
    return max(0, int(client.server.clock() - max(session.last_active for session in user.sessions)))


def _who_matches(client: Client, mask: str) -> Iterable[tuple[Room | None, User]]:
    world, asking = client.server.world, client.user
    if mask[:1] == "#":
        room = world.rooms.get(world.fold(mask))
        if room is None or not room.is_visible_to(asking):
            return []
        return [(room, user) for user in room.members if room.shows(user, asking)]
    exact = world.users.get(world.fold(mask))
    if exact is not None:
        return [(_common_room(asking, exact), exact)]
    pattern = "*" if mask == "0" else world.fold(mask)
    found: list[tuple[Room | None, User]] = []
    for user in world.users.values():
        common = _common_room(asking, user)
        if modes.INVISIBLE in user.modes and common is None and user is not asking:
            continue
        if any(match(pattern, world.fold(text)) for text in (user.nick, user.username, user.host, user.realname)):
            found.append((common, user))
            if len(found) == _MOST_WHO:
                break
    return found


def _common_room(asking: User, user: User) -> Room | None:
    """A room in which *asking* may see *user*."""
    return next((room for room in user.rooms if room.shows(user, asking)), None)


def _who_flags(client: Client, room: Room | None, user: User) -> str:
    here = "H" if user.away is None else "G"
    if modes.SERVER_OPERATOR in user.modes:
        here += "*"
    if room is not None:
        here += modes.prefix_of(room.members.get(user, ""), every=client.has(Cap.MULTI_PREFIX))
    return here + modes.BOT if modes.BOT in user.modes else here


def whois(client: Client, message: Message) -> None:
    """WHOIS [server] name."""
    server = client.server
    if not message.params or not message.params[-1]:
        raise Refused(n.ERR_NONICKNAMEGIVEN)
    name = message.params[-1].split(",")[0]
    try:
        user = server.world.find_user(name)
    except Refused as refused:
        client.refuse(refused)
        client.reply(n.RPL_ENDOFWHOIS, name)
        return
    client.reply(n.RPL_WHOISUSER, user.nick, user.username, user.host, "*", text=user.realname or " ")
    asking = client.user
    shown = [
        modes.prefix_of(room.members[user], every=client.has(Cap.MULTI_PREFIX)) + room.name
        for room in user.rooms
        if room.shows(user, asking)
    ]
    for text in client.portions(n.RPL_WHOISCHANNELS, user.nick, words=shown):
        client.reply(n.RPL_WHOISCHANNELS, user.nick, text=text)
    client.reply(n.RPL_WHOISSERVER, user.nick, server.identity.name, text=server.identity.description)
    if modes.SERVER_OPERATOR in user.modes:
        client.reply(n.RPL_WHOISOPERATOR, user.nick)
    if user.account is not None:
        client.reply(n.RPL_WHOISACCOUNT, user.nick, user.account)
    if modes.BOT in user.modes:
        client.reply(n.RPL_WHOISBOT, user.nick)
    if user.sessions and all(session.tls for session in user.sessions):
        client.reply(n.RPL_WHOISSECURE, user.nick)
    if user is asking or modes.SERVER_OPERATOR in asking.modes:
        for session in user.sessions:
            client.reply(n.RPL_WHOISACTUALLY, user.nick, f"{user.username}@{user.host}", session.address)
    if user.away is not None:
        client.reply(n.RPL_AWAY, user.nick, text=user.away)
    client.reply(
        n.RPL_WHOISIDLE,
        user.nick,
        str(_idle(client, user)),
        str(int(user.signed_on)),
        text="seconds idle, signon time",
    )
    client.send_lines(whois_lines(client, user))
    client.reply(n.RPL_ENDOFWHOIS, user.nick)


def whowas(client: Client, message: Message) -> None:
    """WHOWAS name [count]."""
    if not message.params or not message.params[0]:
        raise Refused(n.ERR_NONICKNAMEGIVEN)
    name = message.params[0]
    found = client.server.past.find(name)
    count = message.params[1] if len(message.params) > 1 else ""
    if count.isascii() and count.isdigit() and 0 < len(count) < 6 and int(count):
        found = found[: int(count)]
    for former in found:
        client.reply(n.RPL_WHOWASUSER, former.nick, former.username, former.host, "*", text=former.realname or " ")
        left = time.strftime("%a %b %d %H:%M:%S %Y", time.gmtime(former.left_at))
        client.reply(n.RPL_WHOISSERVER, former.nick, client.server.identity.name, text=left)
    if not found:
        client.reply(n.ERR_WASNOSUCHNICK, name)
    client.reply(n.RPL_ENDOFWHOWAS, name)


def accept(client: Client, message: Message) -> None:
    """ACCEPT name,-name: who may write privately although the mode +R is set; `ACCEPT *` lists them."""
    user, server = client.user, client.server
    if message.params[0] == "*":
        for text in client.portions(n.RPL_ACCEPTLIST, words=sorted(user.accepts or ())):
            client.send_lines([client.numeric(n.RPL_ACCEPTLIST, *text.split(" "))])
        client.reply(n.RPL_ENDOFACCEPT)
        return
    for word in message.params[0].split(","):
        if word[:1] == "-":
            (user.accepts or set()).discard(server.fold(word[1:]))
        else:
            user.accept(server.fold(server.world.find_user(word).nick))


def userhost(client: Client, message: Message) -> None:
    """USERHOST name name …, five at most."""
    words = []
    for name in message.params[:5]:
        user = client.server.world.users.get(client.server.fold(name))
        if user is not None:
            operator = "*" if modes.SERVER_OPERATOR in user.modes else ""
            words.append(f"{user.nick}{operator}={'-' if user.away is not None else '+'}{user.username}@{user.host}")
    client.reply(n.RPL_USERHOST, text=_in_one_line(client, n.RPL_USERHOST, words))


def ison(client: Client, message: Message) -> None:
    """ISON name name …: those of them that are here."""
    users, fold = client.server.world.users, client.server.fold
    asked = [name for param in message.params for name in param.split()]
    here = {user.nick: None for name in asked if (user := users.get(fold(name))) is not None}
    client.reply(n.RPL_ISON, text=_in_one_line(client, n.RPL_ISON, here))


def _in_one_line(client: Client, numeric: Numeric, words: Iterable[str]) -> str:
    """As many of *words* as fit: clients expect one line in answer to these questions."""
    return next(iter(client.portions(numeric, words=words)), " ")
