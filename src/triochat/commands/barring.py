"""Where the bans and mutes of the whole server (domain.bans) meet clients."""

from datetime import UTC, datetime

from triochat.commands.context import Client
from triochat.commands.newcomer import Registration
from triochat.commands.server import Server
from triochat.domain.bans import Ban, Person
from triochat.domain.errors import Refused
from triochat.domain.names import SERVICES, fold_ascii
from triochat.domain.user import Session, User
from triochat.proto import numerics as n
from triochat.proto.message import Message

_SAYS_SOMETHING = {"TOPIC": 2, "INVITE": 1}
"""With fewer parameters these only ask."""


def person_of(server: Server, user: User, session: Session | None = None) -> Person:
    """A user as bans see it, at one of its connections."""
    account = server.fold(user.account) if user.account is not None else None
    address, certificate = (session.address, session.certificate) if session is not None else ("", None)
    return Person(server.fold(user.nick), server.fold(user.source), account, address, certificate)


def sentence(ban: Ban, what: str = "You are banned from this server") -> str:
    """What is told to whom *ban* means, without a full stop: numerics have none."""
    until = f" until {datetime.fromtimestamp(ban.until, UTC):%Y-%m-%d %H:%M} UTC" if ban.until else ""
    return f"{what}{until}" + (f": {ban.reason}" if ban.reason else "")


def keeps_out(client: Client, registration: Registration) -> bool:
    """Whether a ban means who wants to come in; then it has been told, and the connection ends."""
    server, session = client.server, client.session
    mask = f"{registration.nick}!{registration.username}@{session.address}"
    account = server.fold(registration.account) if registration.account is not None else None
    nick = server.fold(registration.nick or "")
    person = Person(nick, server.fold(mask), account, session.address, session.certificate)
    ban = server.bans.of(person, server.now())
    if ban is None:
        return False
    client.reply(n.ERR_YOUREBANNEDCREEP, text=sentence(ban))
    client.close(sentence(ban))
    return True


def end_if_banned(client: Client) -> None:
    """Somebody is somebody else now, by another account: which may be one that is banned."""
    server, user = client.server, client.session.user
    if user is None:
        return
    ban = server.bans.of(person_of(server, user, client.session), server.now())
    if ban is not None:
        client.reply(n.ERR_YOUREBANNEDCREEP, text=sentence(ban))
        client.close(sentence(ban))


def check_name(server: Server, nick: str) -> None:
    """Raise Refused when the name is banned, whoever wants it."""
    ban = server.bans.of(Person(server.fold(nick), "", None, ""), server.now())
    if ban is not None:
        raise Refused(n.ERR_ERRONEUSNICKNAME, nick, text=sentence(ban, "This name is banned"))


def check_mute(client: Client, message: Message) -> None:
    """Raise Refused when this client may not say *message*. Services still listen: one logs in by them."""
    if len(message.params) < _SAYS_SOMETHING.get(message.command, 0):
        return
    server = client.server
    ban = server.bans.mute_of(person_of(server, client.user, client.session), server.now())
    target = message.params[0] if message.params else "*"
    if ban is None or fold_ascii(target) in SERVICES:
        return
    numeric = n.ERR_CANNOTSENDTOCHAN if target[:1] in ("#", "*", "+", "-") else n.ERR_CANNOTSENDTOUSER
    raise Refused(numeric, target, text=sentence(ban, "You are muted on this server"))
