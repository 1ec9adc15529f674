"""NickServ and ChanServ, for clients and habits that know no other way to an account: what is written to them becomes
the commands ACCOUNT, REGISTER and MODE."""

from collections.abc import Awaitable

from triochat.commands import accounts, modes
from triochat.commands.context import Client
from triochat.proto.message import Message

_HELP = {
    "NickServ": "IDENTIFY [name] password, REGISTER password [email], SET PASSWORD old new, LOGOUT, INFO",
    "ChanServ": "REGISTER #room, DROP #room (for its operators and owners)",
}
_BY_NAME = {name.lower(): name for name in _HELP}


def nickserv(client: Client, message: Message) -> Awaitable[None] | None:
    """NICKSERV words, the same as PRIVMSG NickServ :words."""
    return ask(client, "NickServ", " ".join(message.params))


def chanserv(client: Client, message: Message) -> Awaitable[None] | None:
    """CHANSERV words, the same as PRIVMSG ChanServ :words."""
    return ask(client, "ChanServ", " ".join(message.params))


def ask(client: Client, service: str, text: str) -> Awaitable[None] | None:
    """Do what was written to a service."""
    service = _BY_NAME[service.lower()]
    words = text.split() or ["HELP"]
    verb = words[0].upper()
    if service == "ChanServ":
        if verb in ("REGISTER", "DROP") and len(words) == 2:
            sign = "+" if verb == "REGISTER" else "-"
            modes.mode(client, Message("MODE", (words[1], f"{sign}q", client.nick)))
            return None
    elif verb in ("IDENTIFY", "LOGIN", "LOGOUT", "INFO"):
        return accounts.account(client, Message("ACCOUNT", ("SHOW" if verb == "INFO" else verb, *words[1:])))
    elif verb == "REGISTER" and len(words) in (2, 3):
        email = words[2] if len(words) == 3 else "*"
        return accounts.register(client, Message("NICKSERV", ("*", email, words[1])))
    elif verb == "SET" and len(words) == 4 and words[1].upper() in ("PASSWORD", "PASSWD"):
        return accounts.account(client, Message("ACCOUNT", ("PASSWORD", *words[2:])))
    if not client.speaks_irc:
        client.send("NOTICE", client.nick, _HELP[service])
        return None
    source = f"{service}!{service}@{client.server.identity.name}"
    client.send_lines([f":{source} NOTICE {client.nick} :{_HELP[service]}"])
    return None
