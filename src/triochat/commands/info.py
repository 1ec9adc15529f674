"""About the server: MOTD, LUSERS, VERSION, TIME, INFO (https://modern.ircdocs.horse/#server-queries-and-commands)."""

import time

from triochat.commands.context import Client
from triochat.domain import modes
from triochat.domain.errors import Refused
from triochat.domain.masks import match
from triochat.proto import isupport
from triochat.proto import numerics as n
from triochat.proto.message import Message


def _check_server(client: Client, message: Message) -> None:
    """Queries may name a server, or somebody who is on it; there is only this one."""
    server, asked = client.server, message.params[0] if message.params else ""
    is_this = not asked or match(server.fold(asked), server.fold(server.identity.name))
    if not is_this and server.fold(asked) not in server.world.users:
        raise Refused(n.ERR_NOSUCHSERVER, asked)


def motd(client: Client, message: Message) -> None:
    """MOTD [server]."""
    _check_server(client, message)
    client.send_lines(motd_lines(client))


def motd_lines(client: Client) -> list[str]:
    """375, 372, 376, or 422 when there is no message of the day."""
    identity = client.server.identity
    if not identity.motd:
        return [client.numeric(n.ERR_NOMOTD, text="No message of the day")]
    return [
        client.numeric(n.RPL_MOTDSTART, text=f"- {identity.name} Message of the day -"),
        *(client.numeric(n.RPL_MOTD, text=f"- {line}") for line in identity.motd),
        client.numeric(n.RPL_ENDOFMOTD),
    ]


def lusers(client: Client, message: Message) -> None:
    """LUSERS."""
    client.send_lines(lusers_lines(client))


def lusers_lines(client: Client) -> list[str]:
    """251 to 266."""
    world = client.server.world
    users, most = len(world.users), world.most_users
    invisible = world.modes[modes.INVISIBLE]
    rooms = sum(1 for room in world.rooms.values() if room.members and room.is_visible_to(client.user))
    return [
        client.numeric(
            n.RPL_LUSERCLIENT, text=f"There are {users - invisible} users and {invisible} invisible on 1 servers"
        ),
        client.numeric(n.RPL_LUSEROP, str(world.modes[modes.SERVER_OPERATOR])),
        client.numeric(n.RPL_LUSERUNKNOWN, str(max(0, client.server.unregistered))),
        client.numeric(n.RPL_LUSERCHANNELS, str(rooms)),
        client.numeric(n.RPL_LUSERME, text=f"I have {users} clients and 1 servers"),
        client.numeric(n.RPL_LOCALUSERS, str(users), str(most), text=f"Current local users {users}, max {most}"),
        client.numeric(n.RPL_GLOBALUSERS, str(users), str(most), text=f"Current global users {users}, max {most}"),
    ]


def links(client: Client, message: Message) -> None:
    """LINKS: this server is the only one."""
    identity = client.server.identity
    client.reply(n.RPL_LINKS, identity.name, identity.name, text=f"0 {identity.description}")
    client.reply(n.RPL_ENDOFLINKS, "*")


def version(client: Client, message: Message) -> None:
    """VERSION [server]."""
    _check_server(client, message)
    identity = client.server.identity
    client.reply(n.RPL_VERSION, identity.version, identity.name, text=identity.description)
    for tokens in isupport.lines(client.server.tokens):
        client.reply(n.RPL_ISUPPORT, *tokens)


def time_(client: Client, message: Message) -> None:
    """TIME [server]."""
    _check_server(client, message)
    now = time.gmtime(client.server.wall_clock())
    client.reply(n.RPL_TIME, client.server.identity.name, text=time.strftime("%A %B %d %Y -- %H:%M:%S +00:00", now))


def info(client: Client, message: Message) -> None:
    """INFO [server]."""
    _check_server(client, message)
    identity = client.server.identity
    for line in (f"{identity.version}, a chat server on Trio", f"This server was created {identity.created}"):
        client.reply(n.RPL_INFO, text=line)
    client.reply(n.RPL_ENDOFINFO)
