"""RELAYMSG: what people said elsewhere, brought into a room by a bridge
(draft/relaymsg: https://github.com/ircv3/ircv3-specifications/pull/417).

Who is relayed has a name that nobody here can have, as it tells the bridge behind a `/`. The rest of the mask tells
who relayed it; clients that negotiated it see that in a tag, too, and so know their own messages.
"""

from triochat.commands.context import Client
from triochat.commands.messaging import check_length, check_no_ctcp, client_tags
from triochat.domain import modes
from triochat.domain.entry import RELAY_SEPARATOR, RELAYED, Submission
from triochat.domain.errors import Refused
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message, byte_length, format_tags
from triochat.proto.text import is_visible

_FORBIDDEN = frozenset("!+%@&#$~:'\"?*,. ")


def relaymsg(client: Client, message: Message) -> None:
    """RELAYMSG #room name/bridge :text."""
    server, user, session = client.server, client.user, client.session
    target, nick, text = message.params[:3]
    room = server.world.find_visible_room(target, user)
    if room.rank(user) < modes.OPERATOR:
        client.fail("RELAYMSG", "PRIVS_NEEDED", text="Only operators of the room may relay messages to it")
        return
    if not _is_relayed_nick(nick, 2 * server.limits.nick_length):
        text = f"Such a name is name{RELAY_SEPARATOR}bridge, without spaces and !+%@&#$~:'\"?*,."
        client.fail("RELAYMSG", "INVALID_NICK", text=text)
        return
    if not text:
        raise Refused(n.ERR_NOTEXTTOSEND)
    relayed = User(nick, user.nick, server.identity.name, "", 0)
    check_length(relayed.source, "PRIVMSG", room.name, text)
    if modes.NO_CTCP in room.flags:
        check_no_ctcp(room, text)
    if room.lists and room.is_muted(relayed):
        raise Refused(n.ERR_CANNOTSENDTOCHAN, room.name, text=f"{nick} is banned from speaking in this room")
    tags = ";".join(filter(None, (format_tags({RELAYED: user.nick}), client_tags(client, message))))
    entry = server.journal.new_entry(relayed.source, "PRIVMSG", (room.name, text), room.logs, None, tags)
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=session.sink,
            echo=bool(session.caps & Cap.ECHO_MESSAGE),
            refused=client.not_stored,
        )
    )


def _is_relayed_nick(nick: str, longest: int) -> bool:
    """True for `name/bridge`; *longest* is in bytes."""
    name, _, bridge = nick.rpartition(RELAY_SEPARATOR)
    if not name or not bridge or byte_length(nick) > longest:
        return False
    return _FORBIDDEN.isdisjoint(nick) and all(map(is_visible, nick))
