"""What operators of the server may do on the wire: OPER, KILL, WALLOPS, CHGHOST
(https://modern.ircdocs.horse/#operator-messages)."""

import hmac
import re

from triochat.commands.context import Client
from triochat.commands.login import refused_login
from triochat.commands.server import Operator, Server
from triochat.domain import modes
from triochat.domain.accounts import Credentials
from triochat.domain.audience import Sink
from triochat.domain.entry import Entry, Submission, Told
from triochat.domain.errors import Refused
from triochat.domain.names import clean_username
from triochat.domain.user import Session, User
from triochat.fanout.render import LINE, encode_always
from triochat.managing import includes
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]*")
_LONGEST_HOST = 64
_NOBODY = Operator("")


async def proven(server: Server, name: str, password: str) -> Operator | None:
    """The operator of the settings with this name and password."""
    operator = server.operators.get(name) or _NOBODY
    kept = operator.password_hash
    # A hash is checked in any case: how long the answer takes tells nobody which names there are.
    digest = Credentials(kept, "", 0, "", "") if kept is not None else None
    right = await server.registrar.passwords.check(digest, password)
    if operator.password and kept is None:
        right = hmac.compare_digest(operator.password.encode(), password.encode("utf-8", "replace"))
    return operator if right else None


async def oper(client: Client, message: Message) -> None:
    """OPER name password."""
    operator = await proven(client.server, *message.params[:2])
    if client.closing is None:
        _answer(client, operator)


def _answer(client: Client, operator: Operator | None) -> None:
    server = client.server
    if operator is None:
        server.notice_operators(f"{client.user.source} failed to become an operator")
        client.reply(n.ERR_PASSWDMISMATCH)
        refused_login(client)
        return
    if server.world.set_user_mode(client.user, modes.SERVER_OPERATOR, True):
        client.to_own_sessions("MODE", client.nick, f"+{modes.SERVER_OPERATOR}")
    client.user.oper = operator.name
    server.notice_operators(f"{client.user.source} is now an operator, as {operator.name}")
    server.audit(client.user.source, "oper", operator.name)
    client.reply(n.RPL_YOUREOPER)


def role_of(server: Server, user: User) -> str:
    """The role of *user* as an operator of the server; "" = none."""
    operator = server.operators.get(user.oper) if modes.SERVER_OPERATOR in user.modes else None
    return operator.role if operator is not None else ""


def check_operator(client: Client, role: str = "moderator") -> None:
    """Raise Refused when the user is no operator of the server with at least this *role*."""
    held = role_of(client.server, client.user)
    if not held:
        raise Refused(n.ERR_NOPRIVILEGES)
    if not includes(held, role):
        raise Refused(n.ERR_NOPRIVILEGES, text=f"Permission denied: this needs the role {role}, yours is {held}")


def actor(client: Client) -> str:
    """Who acts, for the log and the audit."""
    return f"{client.user.oper}, irc {client.user.source}"


def kill(client: Client, message: Message) -> None:
    """KILL name [:reason]: end all connections of a user."""
    check_operator(client)
    target = client.server.world.find_user(message.params[0])
    reason = message.params[1][: client.server.limits.kick_length] if len(message.params) > 1 else "No reason given"
    client.server.notice_operators(f"{client.user.source} killed {target.source}: {reason}")
    client.server.audit(actor(client), "kill", target.source, reason, len(target.sessions))
    client.server.end_user(target, client.nick, reason)


def wallops(client: Client, message: Message) -> None:
    """WALLOPS :text, to all who want to see such (+w)."""
    check_operator(client)
    server = client.server
    if not message.params[0]:
        raise Refused(n.ERR_NEEDMOREPARAMS, "WALLOPS")
    server.audit(actor(client), "wallops", text=message.params[0])
    entry = client.entry("WALLOPS", (message.params[0],))
    told = [
        session.sink
        for user in server.world.users.values()
        if modes.WALLOPS in user.modes
        for session in user.sessions
    ]
    echo = modes.WALLOPS in client.user.modes
    client.submit(Submission(entry, recipients=told, origin=client.session.sink, echo=echo))


def chghost(client: Client, message: Message) -> None:
    """CHGHOST name username host: show somebody under another address
    (https://ircv3.net/specs/extensions/chghost)."""
    check_operator(client)
    server = client.server
    target = server.world.find_user(message.params[0])
    username = clean_username(message.params[1], server.limits.user_length)
    host = message.params[2]
    if not 0 < len(host) < _LONGEST_HOST or not _HOST.fullmatch(host):
        raise Refused(n.ERR_UNKNOWNERROR, "CHGHOST", text="A host has letters, digits and . : _ -")
    if (username, host) == (target.username, target.host):
        return
    server.notice_operators(f"{client.user.source} shows {target.source} as {username}@{host}")
    server.audit(actor(client), "chghost", target.source, f"{username}@{host}", 1)
    former = target.source
    entry = server.journal.new_entry(former, "CHGHOST", (username, host), account=target.account, tags=target.tags)
    server.world.move(target, username, host)
    client.submit_about(
        target,
        entry,
        Cap.CHGHOST,
        echo=client.has(Cap.CHGHOST),
        told=_seen_returning(client, target, former, entry.time_ms),
        changes=server.presence(target),
    )


def _seen_returning(client: Client, target: User, former: str, time_ms: int) -> dict[Sink, Told]:
    """What those see in the same rooms who know no CHGHOST: *target* leaves as *former*, and comes back."""
    server = client.server
    lines: dict[Session, bytes] = {}
    for room in target.rooms:
        for member in room.members:
            for session in member.sessions:
                flavour = session.sink.flavour
                if flavour & (LINE | Cap.CHGHOST) or member is target or not room.shows(target, member):
                    continue
                steps = [] if session in lines else [Entry(0, "", time_ms, former, "QUIT", ("Changing host",))]
                join = (room.name, target.account or "*", target.realname)
                steps.append(Entry(0, "", time_ms, target.source, "JOIN", join))
                if held := room.members[target]:
                    ranks = (room.name, f"+{held}", *[target.nick] * len(held))
                    steps.append(Entry(0, "", time_ms, server.identity.name, "MODE", ranks))
                # These lines are no entries, and so have no msgid.
                shown = flavour & (Cap.EXTENDED_JOIN | Cap.SERVER_TIME)
                lines[session] = lines.get(session, b"") + b"".join(encode_always(step, shown) for step in steps)
    return {session.sink: Told(besides=told) for session, told in lines.items()}
