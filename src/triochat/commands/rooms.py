"""Entering, leaving and tending rooms: JOIN, PART, TOPIC, NAMES, LIST, KICK, INVITE
(https://modern.ircdocs.horse/#channel-operations)."""

from collections.abc import Callable, Sequence

from triochat.commands.context import Client
from triochat.domain import modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.masks import match
from triochat.domain.room import Room, Topic
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.isupport import NAMES_TARGETS
from triochat.proto.message import MAX_LINE, Message


def join(client: Client, message: Message) -> None:
    """JOIN #room,#room [key,key]; `JOIN 0` leaves all rooms."""
    if message.params[0] == "0":
        for room in list(client.user.rooms):
            leave_room(client, room, "")
        return
    keys = iter(message.params[1].split(",") if len(message.params) > 1 else ())
    for name in message.params[0].split(","):
        try:
            enter_room(client, name, next(keys, None))
        except Refused as refused:
            client.refuse(refused)


def enter_room(
    client: Client,
    name: str,
    key: str | None = None,
    *,
    introduce: Callable[[Client, Room], Sequence[str]] | None = None,
    replay: int = 0,
) -> None:
    """Make the client's user a member. All its sessions follow from here on; each sees the JOIN first, then what
    *introduce* says of the room (topic and names), then the room's last *replay* lines."""
    server, user = client.server, client.user
    room = server.world.enter(user, name, key, now=server.now(), seq=server.journal.next_seq)
    if room is None:
        return
    entry = server.journal.new_entry(
        user.source, "JOIN", (room.name, user.account or "*", user.realname), room.logs, user.account
    )
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=client.session.sink,
            echo=client.speaks_irc,
            after=client.encode((introduce or room_lines)(client, room)),
            follow=user.sinks,
            replay=replay,
        )
    )
    if user.away is not None:
        # https://ircv3.net/specs/extensions/away-notify: who was away before coming in is announced as such
        away = server.journal.new_entry(user.source, "AWAY", (user.away,), account=user.account)
        client.submit(Submission(away, room.audiences, origin=client.session.sink))


def room_lines(client: Client, room: Room) -> Sequence[str]:
    """What an IRC client learns of a room it has entered: topic and names."""
    names = [] if client.has(Cap.NO_IMPLICIT_NAMES) else names_lines(client, room)
    return topic_lines(client, room) + names


def part(client: Client, message: Message) -> None:
    """PART #room,#room [:reason]."""
    reason = message.params[1][: client.server.limits.kick_length] if len(message.params) > 1 else ""
    for name in message.params[0].split(","):
        try:
            room = client.server.world.find_visible_room(name, client.user)
            room.check_member(client.user)
            leave_room(client, room, reason)
        except Refused as refused:
            client.refuse(refused)


def leave_room(client: Client, room: Room, reason: str) -> None:
    """The client's user leaves *room*; all its sessions see the PART last."""
    user = client.user
    client.server.world.leave(user, room)
    params = (room.name, reason) if reason else (room.name,)
    entry = client.server.journal.new_entry(user.source, "PART", params, room.logs, user.account)
    client.submit(Submission(entry, room.audiences, origin=client.session.sink, echo=True, unfollow=user.sinks))


def topic(client: Client, message: Message) -> None:
    """TOPIC #room [:text]."""
    server, user = client.server, client.user
    room = server.world.find_visible_room(message.params[0], user)
    if len(message.params) == 1:
        room.check_member(user)
        client.send_lines(topic_lines(client, room) or [client.numeric(n.RPL_NOTOPIC, room.name)])
        return
    room.check_member(user)
    if "t" in room.flags:
        room.check_rank(user, modes.HALF_OPERATOR)
    text = message.params[1][: server.limits.topic_length]
    room.topic = Topic(text, user.source, server.now())
    client.room_event(room, "TOPIC", text)


def topic_lines(client: Client, room: Room) -> list[str]:
    """332 and 333; nothing when there is no topic."""
    if not room.topic.text:
        return []
    return [
        client.numeric(n.RPL_TOPIC, room.name, text=room.topic.text),
        client.numeric(n.RPL_TOPICWHOTIME, room.name, room.topic.set_by, str(room.topic.set_at)),
    ]


def names(client: Client, message: Message) -> None:
    """NAMES [#room,#room]."""
    if not message.params:
        client.reply(n.RPL_ENDOFNAMES, "*")
        return
    for name in list(dict.fromkeys(message.params[0].split(",")))[:NAMES_TARGETS]:
        try:
            client.send_lines(names_lines(client, client.server.world.find_visible_room(name, client.user)))
        except Refused:
            client.reply(n.RPL_ENDOFNAMES, name)


def names_lines(client: Client, room: Room) -> list[str]:
    """353 and 366."""
    kind = "@" if "s" in room.flags else "="
    head = f":{client.server.identity.name} {n.RPL_NAMREPLY.code} {client.nick} {kind} {room.name} :"
    longest = len(client.server.identity.name) + client.server.limits.nick_length + len(room.name.encode()) + 13
    roster = room.roster(
        MAX_LINE - 2 - longest,
        every_prefix=client.has(Cap.MULTI_PREFIX),
        userhost=client.has(Cap.USERHOST_IN_NAMES),
        everybody=client.user in room.members,
    )
    lines = [head + names for names in roster]
    lines.append(client.numeric(n.RPL_ENDOFNAMES, room.name))
    return lines


def list_rooms(client: Client, message: Message) -> None:
    """LIST [#room,mask*,>10,<100]: visible rooms, filtered by name, mask or number of users."""
    everything = client.server.world.rooms.values()
    rooms = [room for room in everything if room.members and room.is_visible_to(client.user)]
    masks = []
    for word in message.params[0].split(",") if message.params else ():
        if word[:1] in ("<", ">") and word[1:].isascii() and word[1:].isdigit() and len(word) < 9:
            count, more = int(word[1:]), word[0] == ">"
            rooms = [room for room in rooms if (len(room.members) > count if more else len(room.members) < count)]
        elif word:
            masks.append(word)
    if masks:
        rooms = [room for room in rooms if any(match(mask, room.name) for mask in masks)]
    client.reply(n.RPL_LISTSTART, "Channel")
    for room in rooms:
        client.reply(n.RPL_LIST, room.name, str(len(room.members)), text=room.topic.text or " ")
    client.reply(n.RPL_LISTEND)


def kick(client: Client, message: Message) -> None:
    """KICK #room name,name [:reason], or #room,#room name,name in pairs."""
    rooms, names = message.params[0].split(","), message.params[1].split(",")
    if len(rooms) == 1:
        rooms *= len(names)
    elif len(rooms) != len(names):
        raise Refused(n.ERR_NEEDMOREPARAMS, "KICK", text="Name one room, or as many rooms as people")
    reason = message.params[2] if len(message.params) > 2 and message.params[2] else client.user.nick
    for room_name, name in zip(rooms, names, strict=True):
        try:
            _kick_one(client, room_name, name, reason[: client.server.limits.kick_length])
        except Refused as refused:
            client.refuse(refused)


def _kick_one(client: Client, room_name: str, name: str, reason: str) -> None:
    world, user = client.server.world, client.user
    room = world.find_visible_room(room_name, user)
    room.check_rank(user, modes.HALF_OPERATOR)
    target = world.find_user(name)
    if target not in room.members:
        raise Refused(n.ERR_USERNOTINCHANNEL, target.nick, room.name)
    world.may_moderate(user, room, target)
    world.leave(target, room)
    params = (room.name, target.nick, reason)
    entry = client.server.journal.new_entry(user.source, "KICK", params, room.logs, user.account)
    client.submit(Submission(entry, room.audiences, origin=client.session.sink, echo=True, unfollow=target.sinks))


def invite(client: Client, message: Message) -> None:
    """INVITE name #room; without parameters nothing is listed, as invitations are not kept."""
    server, user = client.server, client.user
    name, room_name = message.params[0], message.params[1]
    target = server.world.find_user(name)
    room = server.world.find_visible_room(room_name, user)
    room.check_member(user)
    if "i" in room.flags:
        room.check_rank(user, modes.HALF_OPERATOR)
    if target in room.members:
        raise Refused(n.ERR_USERONCHANNEL, target.nick, room.name)
    rooms = server.world.rooms
    target.invited = frozenset(r for r in target.invited if rooms.get(r.log) is r) | {room}
    client.reply(n.RPL_INVITING, target.nick, room.name)
    if target.away is not None:
        client.reply(n.RPL_AWAY, target.nick, text=target.away)
    journal = server.journal
    params = (target.nick, room.name)
    client.submit(
        Submission(
            journal.new_entry(user.source, "INVITE", params, account=user.account),
            recipients=target.sinks,
            origin=client.session.sink,
        )
    )
    # invite-notify (https://ircv3.net/specs/extensions/invite-notify): those who could have invited learn of it.
    watchers = [
        session.sink
        for member in room.members
        if room.rank(member) >= modes.HALF_OPERATOR
        for session in member.sessions
        if session.caps & Cap.INVITE_NOTIFY and session is not client.session
    ]
    if watchers:
        client.submit(
            Submission(journal.new_entry(user.source, "INVITE", params, account=user.account), recipients=watchers)
        )
