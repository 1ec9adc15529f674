"""Coming in and going out: CAP, PASS, NICK, USER, PING, PONG, QUIT
(https://modern.ircdocs.horse/#connection-registration)."""

import hmac

from triochat.commands.context import Client, Registration
from triochat.commands.info import lusers_lines, motd_lines
from triochat.domain import modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.names import clean_username, fold
from triochat.domain.user import User
from triochat.proto import caps, isupport
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message

_USER_MODES = "".join(sorted(modes.USER_MODES))
_WITH_PARAMETER = "".join(sorted([*modes.LISTS, *modes.PREFIXES, modes.KEY, modes.LIMIT]))
_ROOM_MODES = "".join(sorted([*modes.FLAGS, *_WITH_PARAMETER]))


def cap(client: Client, message: Message) -> None:
    """CAP LS [302] | LIST | REQ :names | END (https://ircv3.net/specs/extensions/capability-negotiation)."""
    subcommand = message.params[0].upper()
    registration = client.registration
    if subcommand == "LS":
        if registration is not None:
            registration.negotiating = True
        version = message.params[1] if len(message.params) > 1 else ""
        if version.isascii() and version.isdigit() and int(version[:6]) >= 302:
            client.set_caps(client.session.caps | caps.Cap.CAP_NOTIFY)
        client.send("CAP", client.nick, "LS", " ".join(caps.NAMES))
    elif subcommand == "LIST":
        client.send("CAP", client.nick, "LIST", " ".join(caps.names_of(client.session.caps)))
    elif subcommand == "REQ":
        if registration is not None:
            registration.negotiating = True
        words = message.params[1] if len(message.params) > 1 else ""
        wanted = caps.request(client.session.caps, words)
        if wanted is None:
            client.send("CAP", client.nick, "NAK", words)
        else:
            client.set_caps(wanted)
            client.send("CAP", client.nick, "ACK", " ".join(dict.fromkeys(words.split())))
    elif subcommand == "END":
        if registration is not None:
            registration.negotiating = False
            complete(client, registration)
    else:
        client.reply(n.ERR_INVALIDCAPCMD, message.params[0][:32], text="Invalid CAP subcommand")


def password(client: Client, message: Message) -> None:
    """PASS password."""
    if client.registration is None:
        client.reply(n.ERR_ALREADYREGISTERED)
    else:
        client.registration.password = message.params[0]


def nick(client: Client, message: Message) -> None:
    """NICK name: take or change a name."""
    if not message.params or not message.params[0]:
        client.reply(n.ERR_NONICKNAMEGIVEN)
        return
    new = message.params[0]
    registration = client.registration
    world = client.server.world
    if registration is not None:
        world.check_nick(new)
        registration.nick = new
        complete(client, registration)
        return
    user = client.user
    world.check_nick(new, own=user)
    if new == user.nick:
        return
    source, old = user.source, user.nick
    client.server.past.remember(user, client.server.now())
    world.rename(user, new)
    rooms = list(user.rooms)
    entry = client.server.journal.new_entry(source, "NICK", (new,), tuple(room.log for room in rooms), user.account)
    audiences = tuple(room.audience for room in rooms)
    recipients = () if rooms else user.sinks  # in rooms, all sessions of the user follow
    client.submit(Submission(entry, audiences, recipients, origin=client.session.sink, echo=True))
    if fold(old) != fold(new):
        client.tell_watchers(old, n.RPL_MONOFFLINE, old)
        client.tell_watchers(new, n.RPL_MONONLINE, user.source)


def setname(client: Client, message: Message) -> None:
    """SETNAME :real name (https://ircv3.net/specs/extensions/setname)."""
    user, server = client.user, client.server
    realname = message.params[-1]
    if not realname or len(realname) > server.limits.realname_length:
        rule = f"A real name has 1 to {server.limits.realname_length} characters"
        client.fail("SETNAME", "INVALID_REALNAME", text=rule)
        return
    user.realname = realname
    rooms = list(user.rooms)
    entry = server.journal.new_entry(user.source, "SETNAME", (realname,), account=user.account)
    audiences = tuple(room.audience for room in rooms)
    told = {session.sink: None for session in user.sessions if session.caps & Cap.SETNAME}
    for session in server.watches.watchers(user.nick):
        if session.caps & Cap.EXTENDED_MONITOR and session.caps & Cap.SETNAME:
            told[session.sink] = None
    sink = client.session.sink
    client.submit(Submission(entry, audiences, list(told), origin=sink, echo=client.has(Cap.SETNAME)))


def user(client: Client, message: Message) -> None:
    """USER name 0 * :real name."""
    registration = client.registration
    if registration is None:
        client.reply(n.ERR_ALREADYREGISTERED)
        return
    if not message.params[0] or not message.params[3]:
        client.reply(n.ERR_NEEDMOREPARAMS, "USER")
        return
    limits = client.server.limits
    registration.username = clean_username(message.params[0], limits.user_length)
    registration.realname = message.params[3][: limits.realname_length]
    complete(client, registration)


def complete(client: Client, registration: Registration) -> None:
    """Welcome the client once it has said all that is needed."""
    if registration.nick is None or registration.username is None or registration.negotiating:
        return
    server, session = client.server, client.session
    if server.password is not None and not hmac.compare_digest(
        (registration.password or "").encode(), server.password.encode()
    ):
        client.reply(n.ERR_PASSWDMISMATCH, text="Password incorrect: this server wants a password (PASS)")
        client.close("Bad password")
        return
    try:
        server.world.check_nick(registration.nick)
    except Refused:
        registration.nick = None  # taken since: the client must choose again
        raise
    host = f"0{session.address}" if session.address.startswith(":") else session.address
    new = User(registration.nick, registration.username, host, registration.realname, server.wall_clock())
    client.welcome(new)
    if client.speaks_irc:
        client.send_lines(welcome_lines(client))


def welcome_lines(client: Client) -> list[str]:
    """001 to 005, LUSERS and MOTD."""
    identity, user = client.server.identity, client.user
    lines = [
        client.numeric(n.RPL_WELCOME, text=f"Welcome to the {identity.network} IRC Network {user.source}"),
        client.numeric(n.RPL_YOURHOST, text=f"Your host is {identity.name}, running version {identity.version}"),
        client.numeric(n.RPL_CREATED, text=f"This server was created {identity.created}"),
        client.numeric(n.RPL_MYINFO, identity.name, identity.version, _USER_MODES, _ROOM_MODES, _WITH_PARAMETER),
    ]
    lines += [client.numeric(n.RPL_ISUPPORT, *tokens) for tokens in isupport.lines(client.server.tokens)]
    return lines + lusers_lines(client) + motd_lines(client)


def ping(client: Client, message: Message) -> None:
    """PING token: answered with the same token, and only when all that was sent before is on its way."""
    if not message.params or not message.params[0]:
        client.reply(n.ERR_NOORIGIN)
        return
    client.send("PONG", client.server.identity.name, message.params[0])


def pong(client: Client, message: Message) -> None:
    """PONG: the answer to the server's PING tells how far away the client is."""
    if client.ping_sent is not None:
        client.session.lag_ms = (client.server.clock() - client.ping_sent) * 1000
        client.ping_sent = None


def quit(client: Client, message: Message) -> None:
    """QUIT [:reason]."""
    reason = message.params[0][: client.server.limits.kick_length] if message.params else ""
    client.close(f"Quit: {reason}" if reason else "Quit")
