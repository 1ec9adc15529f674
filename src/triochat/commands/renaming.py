"""RENAME: another name for a room (https://ircv3.net/specs/extensions/channel-rename).

The room stays what it is: its people, its modes, its log. Clients that negotiated it see the RENAME. To others it
looks as if they left the room and entered another: PART, JOIN, topic and names, written for each of them. Both go
out with the one entry in the log, and so in everybody's order. A session that does not keep up reads the entry from
the log, and gets PART and JOIN in its place there (fanout.render.encode_moved); topic and names, which are in no log,
wait for it as replies do.
"""

from __future__ import annotations

from triochat.commands.context import Client
from triochat.commands.rooms import room_lines
from triochat.domain import keeping, modes
from triochat.domain.entry import Change, Entry, Submission, Told
from triochat.domain.room import Room
from triochat.domain.user import Session
from triochat.fanout.render import encode_moved
from triochat.proto.caps import Cap
from triochat.proto.message import Message

_EVERY = 60
"""Seconds between two names of one room."""
_MOST_NAMES = 500_000
"""Names that are listed at most, in all, for those who must be told by PART and JOIN."""


def rename(client: Client, message: Message) -> None:
    """RENAME #room #new [:reason]."""
    server, user = client.server, client.user
    world = server.world
    room = world.find_visible_room(message.params[0], user)
    new = message.params[1]
    reason = message.params[2][: server.limits.kick_length] if len(message.params) > 2 else ""
    room.check_rank(user, modes.FOUNDER if room.founders else modes.OPERATOR)
    former, same = room.name, world.names.same(room.name, new)
    strangers = [] if same else _strangers(room)
    if (problem := _problem(client, room, new, len(strangers))) is not None:
        client.fail("RENAME", "CANNOT_RENAME", former, new, text=problem)
        return
    if not same and (world.fold(new) in world.rooms or world.led_on(new, user, server.clock()) is not None):
        client.fail("RENAME", "CHANNEL_NAME_IN_USE", former, new, text="There is a room of this name already")
        return
    changes = _rename(client, room, new)
    # With its own name in another case the room is still found, so nobody needs to read of it later.
    logs = () if same else room.logs
    entry = client.entry("RENAME", (former, new, reason), logs)
    told = {session.sink: _told(client.as_seen_by(session), room, entry) for session in strangers}
    sink = client.session.sink
    own = told.pop(sink, Told())
    after = own.instead + own.besides
    if same and not _knows(client.session):  # such a client sees nothing of it, but its user wants to know
        done = client.standard_reply("NOTE", "RENAME", "DONE", room.name, text=f"The room is called {room.name} now")
        after = client.encode([done])
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=sink,
            echo=_knows(client.session),
            after=after,
            told=told,
            changes=tuple(changes),
        )
    )


def _problem(client: Client, room: Room, new: str, strangers: int) -> str | None:
    """Why *room* cannot be called *new*, however free the name is."""
    server = client.server
    if (reason := server.world.names.room_name_error(new, server.limits.channel_length)) is not None:
        return f"This is no name for a room: {reason}"
    if room.permanent:
        return "This room keeps its name"
    if new == room.name:
        return "This is its name already"
    if room.renamed_at is not None and server.clock() - room.renamed_at < _EVERY:
        return f"This room got its name only now, try again in {_EVERY} seconds"
    if strangers * len(room.members) > _MOST_NAMES:
        return "Too many people are here whose clients know nothing of new names"
    return None


def _rename(client: Client, room: Room, new: str) -> list[Change]:
    """Call it so, here and wherever its name is written down. Returns what is to be kept."""
    server = client.server
    world, former = server.world, room.folded
    world.rename_room(room, new, server.clock())
    changes: list[Change] = [keeping.record(room)]
    if former != room.folded:
        changes.insert(0, keeping.removal(former))
        changes += server.markers.rename(former, room.folded)
    for other in world.rooms.values():
        if other.forward is not None and world.fold(other.forward) == former:
            other.forward = room.name
            changes.append(keeping.record(other))
    for member in room.members:
        if member.kept_as is not None:
            changes += server.presence(member)
    return changes


def _knows(session: Session) -> bool:
    return bool(session.sink.flavour & Cap.CHANNEL_RENAME)


def _strangers(room: Room) -> list[Session]:
    """Those here who do not know RENAME."""
    return [session for member in room.members for session in member.sessions if not _knows(session)]


def _told(client: Client, room: Room, entry: Entry) -> Told:
    """What *client* sees in place of the RENAME, and what it would be told of the room if it came in."""
    return Told(
        encode_moved(entry, client.session.sink.flavour, client.user), client.encode(room_lines(client, room))
    )
