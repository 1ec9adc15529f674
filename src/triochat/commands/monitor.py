"""MONITOR: be told when people come and go (https://ircv3.net/specs/extensions/monitor)."""

from triochat.commands.context import Client
from triochat.commands.values import watched_lines
from triochat.proto import numerics as n
from triochat.proto.message import Message


def monitor(client: Client, message: Message) -> None:
    """MONITOR + names | - names | C | L | S."""
    action = message.params[0].upper()
    names = message.params[1].split(",") if len(message.params) > 1 else []
    watches, session = client.server.watches, client.session
    if action == "+":
        _add(client, names)
    elif action == "-":
        for name in names:
            watches.remove(session, name)
    elif action == "C":
        watches.clear(session)
    elif action == "L":
        for line in client.portions(n.RPL_MONLIST, words=watches.names(session), separator=","):
            client.reply(n.RPL_MONLIST, text=line)
        client.reply(n.RPL_ENDOFMONLIST)
    elif action == "S":
        _tell(client, watches.names(session))
    else:
        client.reply(n.ERR_UNKNOWNERROR, "MONITOR", text="Use MONITOR + names, - names, C, L or S")


def _add(client: Client, names: list[str]) -> None:
    limit = client.server.limits.monitor
    watches, session = client.server.watches, client.session
    added = []
    for i, name in enumerate(names):
        if client.server.world.names.nick_error(name, client.server.limits.nick_length) is not None:
            continue  # masks, and what nobody can ever be called
        if not watches.watches(session, name) and len(watches.names(session)) >= limit:
            rest = client.portions(n.ERR_MONLISTFULL, str(limit), words=names[i:], separator=",")
            client.reply(n.ERR_MONLISTFULL, str(limit), rest[0] if rest else "*")
            break
        watches.add(session, name)
        added.append(name)
    _tell(client, added)


def _tell(client: Client, names: list[str]) -> None:
    """Which of *names* are here and which are not."""
    users, fold = client.server.world.users, client.server.fold
    here = [user for name in names if (user := users.get(fold(name))) is not None]
    gone = [name for name in names if fold(name) not in users]
    for numeric, words in ((n.RPL_MONONLINE, [user.source for user in here]), (n.RPL_MONOFFLINE, gone)):
        for line in client.portions(numeric, words=words, separator=","):
            client.reply(numeric, text=line)
    client.send_lines(watched_lines(client.server, client.session, here))
