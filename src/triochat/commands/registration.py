"""Coming in and going out: CAP, PASS, NICK, USER, PING, PONG, QUIT
(https://modern.ircdocs.horse/#connection-registration)."""

from collections.abc import Awaitable, Sequence

from triochat.commands.barring import keeps_out
from triochat.commands.context import ABSENT, Client
from triochat.commands.history import show_missed_mail
from triochat.commands.info import lusers_lines, motd_lines
from triochat.commands.login import log_in
from triochat.commands.naming import change_nick, claim
from triochat.commands.newcomer import Registration
from triochat.commands.offering import values_for
from triochat.commands.rooms import follow_room, lines_unasked
from triochat.commands.server import NOT_CONNECTED, Server
from triochat.commands.values import change_user, own_lines, tell_watchers
from triochat.domain import invites, modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.invites import Invitation
from triochat.domain.names import clean_username
from triochat.domain.user import User
from triochat.proto import caps, isupport
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import MAX_LINE, Message, append_word, byte_length, fit

_GUESTS_OUT = 2
"""The level of a lockdown at which one needs an account; above it newcomers are kept out altogether."""
_USER_MODES = "".join(sorted(modes.USER_MODES))
_WITH_PARAMETER = "".join(sorted([*modes.LISTS, *modes.PREFIXES, modes.KEY, *modes.SETTINGS]))
_ROOM_MODES = "".join(sorted([*modes.FLAGS, *_WITH_PARAMETER]))


def cap(client: Client, message: Message) -> Awaitable[None] | None:
    """CAP LS [302] | LIST | REQ :names | END (https://ircv3.net/specs/extensions/capability-negotiation)."""
    subcommand = message.params[0].upper()
    registration = client.registration
    if subcommand == "LS":
        if registration is not None:
            registration.negotiating = True
        version = message.params[1] if len(message.params) > 1 else ""
        if version.isascii() and version.isdigit() and int(version[:6]) >= 302:
            client.version_302 = True
            client.set_caps(client.session.caps | caps.Cap.CAP_NOTIFY)
            _send_names(client, "LS", caps.listing(client.server.offered, values_for(client)), one_line=False)
        else:
            _send_names(client, "LS", caps.listing(client.server.offered, {}), one_line=True)
    elif subcommand == "LIST":
        _send_names(client, "LIST", caps.names_of(client.session.caps), one_line=not client.version_302)
    elif subcommand == "REQ":
        if registration is not None:
            registration.negotiating = True
        words = message.params[1] if len(message.params) > 1 else ""
        wanted = caps.request(client.session.caps, words, client.server.offered)
        if wanted is None or (client.version_302 and not wanted & Cap.CAP_NOTIFY):
            client.send("CAP", client.nick, "NAK", words)
        else:
            client.set_caps(wanted)
            client.send("CAP", client.nick, "ACK", " ".join(dict.fromkeys(words.split())))
    elif subcommand == "END":
        if registration is not None:
            registration.negotiating = False
            return complete(client, registration)
    else:
        client.reply(n.ERR_INVALIDCAPCMD, message.params[0][:32], text="Invalid CAP subcommand")
    return None


def _send_names(client: Client, subcommand: str, words: Sequence[str], *, one_line: bool) -> None:
    """In several lines, as version 302 has it, if they do not fit; in *one_line* only those that do."""
    width = MAX_LINE - 2 - byte_length(f":{client.server.identity.name} CAP {client.nick} {subcommand} * :")
    lines: list[str] = []
    for word in words:
        append_word(lines, word, width)
    if one_line:
        del lines[1:]
    for line in lines[:-1]:
        client.send("CAP", client.nick, subcommand, "*", line)
    client.send("CAP", client.nick, subcommand, lines[-1] if lines else "")


def password(client: Client, message: Message) -> None:
    """PASS password."""
    if client.registration is None:
        client.reply(n.ERR_ALREADYREGISTERED)
    else:
        client.registration.password = message.params[0]


def nick(client: Client, message: Message) -> Awaitable[None] | None:
    """NICK name: take or change a name."""
    if not message.params or not message.params[0]:
        client.reply(n.ERR_NONICKNAMEGIVEN)
        return None
    new = message.params[0]
    registration = client.registration
    world = client.server.world
    if registration is not None:
        registration.wanted = new
        # Who is still to log in may be the one to whom the name belongs: `complete` checks again.
        if not (registration.negotiating or registration.account or _login_of(client, registration, new)):
            world.check_nick(new)
        elif (reason := world.names.nick_error(new, world.limits.nick_length)) is not None:
            raise Refused(n.ERR_ERRONEUSNICKNAME, new, text=f"Erroneous nickname: {reason}")
        registration.nick = new
        return complete(client, registration)
    change_nick(client, new)
    return None


def setname(client: Client, message: Message) -> None:
    """SETNAME :real name (https://ircv3.net/specs/extensions/setname)."""
    user, server = client.user, client.server
    realname = message.params[-1]
    if not realname or len(realname) > server.limits.realname_length:
        rule = f"A real name has 1 to {server.limits.realname_length} characters"
        client.fail("SETNAME", "INVALID_REALNAME", text=rule)
        return
    user.realname = realname
    entry = client.entry("SETNAME", (realname,))
    client.submit_about(user, entry, Cap.SETNAME, echo=client.has(Cap.SETNAME))


def user(client: Client, message: Message) -> Awaitable[None] | None:
    """USER name 0 * :real name."""
    registration = client.registration
    if registration is None:
        client.reply(n.ERR_ALREADYREGISTERED)
        return None
    if not message.params[0] or not message.params[3]:
        client.reply(n.ERR_NEEDMOREPARAMS, "USER")
        return None
    limits = client.server.limits
    registration.username = clean_username(message.params[0], limits.user_length)
    registration.realname = message.params[3][: limits.realname_length]
    return complete(client, registration)


def complete(client: Client, registration: Registration) -> Awaitable[None] | None:
    """Welcome the client once it has said all that is needed."""
    if registration.nick is None or registration.username is None or registration.negotiating:
        return None
    if client.sasl is not None:
        client.sasl = None
        client.reply(n.ERR_SASLABORTED)
    login = _login_of(client, registration, registration.nick)
    if login is not None and registration.account is None:
        return _log_in_and_enter(client, registration, *login)
    return _enter(client, registration)


def _login_of(client: Client, registration: Registration, nick: str) -> tuple[str, str] | None:
    """What PASS says of an account, where the server itself wants no password: `name:password`, or the password of
    the account *nick*."""
    server = client.server
    given = registration.password
    if server.password is not None or not server.policy.enabled or not given:
        return None
    if server.world.invitations.get(given) is not None:
        return None
    name, colon, rest = given.partition(":")
    if colon and rest and server.world.accounts.find(name) is not None:
        return name, rest
    return (nick, given) if server.world.accounts.find(nick) is not None else None


async def _log_in_and_enter(client: Client, registration: Registration, name: str, given: str) -> None:
    account = await client.server.registrar.check(name, given)
    if client.closing is not None or client.registration is not registration:
        return  # gone, or in already, while the password was checked
    if account is None or account.suspended is not None:
        client.reply(n.ERR_PASSWDMISMATCH, text=f"Wrong password for the account {name}, or it is suspended")
        client.close("Bad password")
        return
    log_in(client, account)
    if (waiting := _enter(client, registration)) is not None:
        await waiting


def _enter(client: Client, registration: Registration) -> Awaitable[None] | None:
    server, session = client.server, client.session
    assert registration.nick is not None and registration.username is not None
    name, invitations = server.fold(registration.nick), server.world.invitations
    invited = invitations.find(registration.password, name, server.now())
    if invited is None and not server.admits(registration.password):
        client.reply(n.ERR_PASSWDMISMATCH, text="Password incorrect: this server wants a password (PASS)")
        client.close("Bad password")
        return None
    _check_account(server, registration)
    if keeps_out(client, registration):
        return None
    if server.lockdown == _GUESTS_OUT and registration.account is None and invited is None:
        client.close("Only people with an account may come in at the moment, try again later")
        return None
    claim(client, registration.nick, registration.account)
    held = server.world.users.get(server.fold(registration.nick))
    if held is not None and server.policy.multi_session and held.account and held.account == registration.account:
        return _attach(client, held, registration)
    if server.lockdown > _GUESTS_OUT and invited is None:
        client.close("Nobody new may come in at the moment, try again later")
        return None
    try:
        server.world.check_nick(registration.nick, account=registration.account)
    except Refused:
        registration.nick = None  # the client must choose again
        raise
    host = f"0{session.address}" if session.address.startswith(":") else session.address
    new = User(registration.nick, registration.username, host, registration.realname, server.wall_clock())
    new.account, new.away, new.modes = registration.account, registration.away, server.first_modes
    session.absent = new.away == ABSENT
    change_user(client, new, registration.metadata)
    client.welcome(new)
    tell_watchers(client, new)
    if client.speaks_irc:
        client.send_lines(welcome_lines(client))
    if invited is not None:
        _count_in(client, invited)
    return None


def _count_in(client: Client, invited: Invitation) -> None:
    """The client has come in by an invitation: it counts once more, and opens its room."""
    server, user = client.server, client.user
    used = server.world.invitations.use(invited, server.fold(user.nick))
    client.submit(Submission(None, changes=(invites.record(used),)))
    room = server.world.rooms.get(server.fold(invited.room))
    if room is not None:
        user.invited |= {room}
    if invited.room:
        client.send_lines([f":{server.identity.name} INVITE {user.nick} {invited.room}"])


def _check_account(server: Server, registration: Registration) -> None:
    """The account that was proved may have been removed or suspended before the client came in."""
    account = server.world.accounts.find(registration.account) if registration.account is not None else None
    if account is None or account.suspended is not None:
        registration.account = None


def _attach(client: Client, user: User, registration: Registration) -> Awaitable[None] | None:
    """One more session of somebody who is here: it is welcomed under that name, and is in the same rooms."""
    client.attach(user)
    change_user(client, user, registration.metadata, made_by=client.session)
    client.send_lines(welcome_lines(client))
    client.session.absent = registration.away == ABSENT
    if user.away in (NOT_CONNECTED, ABSENT) and registration.away is None:
        client.set_away(user, None)
    elif registration.away not in (None, ABSENT, user.away):
        client.set_away(user, registration.away)
    elif user.away is not None:
        client.reply(n.RPL_NOWAWAY)
    for room in list(user.rooms):
        follow_room(client, room)
    since, user.absent_since = user.absent_since, 0
    return show_missed_mail(client, since) if since and lines_unasked(client) else None


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
    lines += lusers_lines(client) + own_lines(client) + motd_lines(client)
    if user.modes:
        lines.append(f":{user.nick} MODE {user.nick} +{user.modes}")
    return lines


def ping(client: Client, message: Message) -> Awaitable[None] | None:
    """PING token: answered with the same token, and only when all that was sent before, by anybody, is on its way."""
    if not message.params or not message.params[0]:
        client.reply(n.ERR_NOORIGIN)
        return None
    if client.registration is None:
        return _pong_in_turn(client, message.params[0])
    client.send("PONG", client.server.identity.name, message.params[0])
    return None


async def _pong_in_turn(client: Client, token: str) -> None:
    client.flush()  # what was said before does not wait
    await client.server.journal.barrier()
    client.send("PONG", client.server.identity.name, token)


def pong(client: Client, message: Message) -> None:
    """PONG: the answer to the server's PING tells how far away the client is."""
    if client.ping_sent is not None:
        client.session.lag_ms = (client.server.clock() - client.ping_sent) * 1000
        client.ping_sent = None


def quit(client: Client, message: Message) -> None:
    """QUIT [:reason]."""
    reason = message.params[0][: client.server.limits.kick_length] if message.params else ""
    said = f"Quit: {reason}" if reason else "Quit"
    if client.registration is None and client.speaks_irc:
        client.send_lines([fit(f":{client.user.source} QUIT :{said}")])
    client.close(said)
