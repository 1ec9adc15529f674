"""Entering, leaving and tending rooms: JOIN, PART, TOPIC, NAMES, KICK, INVITE
(https://modern.ircdocs.horse/#channel-operations)."""

from collections.abc import Callable, Sequence

from triochat.commands.context import PLAIN_DOOR, Client
from triochat.commands.markers import marker_lines
from triochat.commands.values import joined_lines
from triochat.domain import keeping, modes
from triochat.domain.audience import Sink
from triochat.domain.entry import Entry, Replay, Submission
from triochat.domain.errors import Refused
from triochat.domain.room import Room, Topic
from triochat.domain.user import User
from triochat.fanout.render import encode_always
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.isupport import NAMES_TARGETS
from triochat.proto.message import MAX_LINE, Message, byte_length

_LONGEST_LIST = 300
"""Bytes of a list of rooms that comes back whole."""


def join(client: Client, message: Message) -> None:
    """JOIN #room,#room [key,key]; `JOIN 0` leaves all rooms."""
    if message.params[0] == "0":
        for room in list(client.user.rooms):
            leave_room(client, room, "")
        return
    keys = iter(message.params[1].split(",") if len(message.params) > 1 else ())
    replayed = lines_unasked(client)
    for name in message.params[0].split(","):
        key = next(keys, None)
        moved = client.server.world.led_on(name, client.user, client.server.clock())
        if moved is not None and not _follows(client, name, moved):
            continue
        name = moved.name if moved is not None else name
        try:
            enter_room(client, name, key, replayed=replayed)
        except Refused as refused:
            _refused_entry(client, name, key, refused)


def _follows(client: Client, name: str, moved: Room) -> bool:
    """Say that the room *name* is called otherwise now; True when the client is led there, False when it knows how to
    find the way by itself (https://ircv3.net/specs/extensions/channel-rename)."""
    text = f"The room is called {moved.name} now"
    if client.has(Cap.CHANNEL_RENAME):
        client.fail("JOIN", "CHANNEL_RENAMED", name, moved.name, text=text)
        return False
    client.reply(n.ERR_LINKCHANNEL, name, moved.name, text=text)
    return True


def _refused_entry(client: Client, name: str, key: str | None, refused: Refused) -> None:
    """Say why, or lead to the room that stands in for this one (mode +f)."""
    world = client.server.world
    room = world.rooms.get(world.fold(name))
    forward = world.rooms.get(world.fold(room.forward)) if room is not None and room.forward else None
    led = forward is not None and forward.is_visible_to(client.user) and refused.numeric is not n.ERR_TOOMANYCHANNELS
    if forward is None or not led:
        client.refuse(refused)
        return
    client.reply(n.ERR_LINKCHANNEL, name, forward.name)
    try:
        enter_room(client, forward.name)
    except Refused as again:
        client.refuse(again)


def enter_room(
    client: Client,
    name: str,
    key: str | None = None,
    *,
    introduce: Callable[[Client, Room], Sequence[str]] | None = None,
    replayed: int = 0,
) -> None:
    """Make the client's user a member. All its sessions follow from here on; each sees the JOIN first, then what
    *introduce* says of the room (topic and names), then the room's last *replayed* lines. Raises Refused."""
    server, user = client.server, client.user
    room = server.world.enter(user, name, key, now=server.now(), seq=server.journal.next_seq)
    if room is None:
        return
    opened = len(room.members) == 1 and not room.permanent
    params = (room.name, user.account or "*", user.realname)
    sink = client.session.sink
    after = client.encode((introduce or room_lines)(client, room))
    replay = Replay(replayed, room.name, room.history_after) if replayed else None
    if room.hides(user):
        _enter_unseen(client, room, params, after, replay)
        return
    entry = client.entry("JOIN", params, room.logs)
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=sink,
            echo=client.speaks_irc,
            after=after,
            follow=user.sinks,
            replay=replay,
            changes=(*((keeping.record(room),) if opened else ()), *server.presence(user)),
        )
    )
    if len(user.sessions) > 1:
        _tell_siblings(client, room)
    if user.away is not None:
        # https://ircv3.net/specs/extensions/away-notify: who was away before coming in is announced as such
        away = client.entry("AWAY", (user.away,))
        client.submit(Submission(away, room.audiences, origin=sink))


def _tell_siblings(client: Client, room: Room) -> None:
    """The user's other sessions have come in as well: each learns of the room what the first one does."""
    for session in client.user.sessions:
        if session is not client.session and session.door != PLAIN_DOOR:
            other = client.as_seen_by(session)
            after = other.encode(room_lines(other, room))
            client.submit(Submission(None, origin=session.sink, after=after))


def _enter_unseen(client: Client, room: Room, params: Sequence[str], after: bytes, replay: Replay | None) -> None:
    """Into an auditorium: only its operators learn of it, and no log."""
    user, sink = client.user, client.session.sink
    client.submit(Submission(None, room.audiences, follow=user.sinks, changes=client.server.presence(user)))
    entry = client.entry("JOIN", params)
    told = _told_of(user, room)
    client.submit(Submission(entry, recipients=told, origin=sink, echo=client.speaks_irc, after=after))
    _tell_siblings(client, room)
    if replay is not None:
        client.submit(Submission(None, room.audiences, origin=sink, replay=replay))


def _told_of(user: User, room: Room) -> list[Sink]:
    """Who learns what *user* does unseen in an auditorium: its operators, and the user's own sessions."""
    return [*(session.sink for session in room.witnesses(user)), *user.sinks]


def follow_room(client: Client, room: Room) -> None:
    """This session of a user who is in *room* already sees the room as if it came in."""
    user = client.user
    join = encode_always(
        Entry(0, "", 0, user.source, "JOIN", (room.name, user.account or "*", user.realname)),
        client.session.sink.flavour & Cap.EXTENDED_JOIN,
    )
    after = join + client.encode(room_lines(client, room))
    lines = lines_unasked(client)
    replay = Replay(lines, room.name, room.history_after) if lines else None
    sink = client.session.sink
    client.submit(Submission(None, room.audiences, follow=(sink,), origin=sink, after=after, replay=replay))


def lines_unasked(client: Client) -> int:
    """How many earlier lines a client is shown that has no way to ask for them, but can tell when they were said."""
    asks = client.has(Cap.CHATHISTORY) or not client.has(Cap.SERVER_TIME)
    return 0 if asks else client.server.history.on_join


def room_lines(client: Client, room: Room) -> Sequence[str]:
    """What an IRC client learns of a room it has entered: topic, names, and metadata."""
    names = [] if client.has(Cap.NO_IMPLICIT_NAMES) else names_lines(client, room)
    return topic_lines(client, room) + marker_lines(client, room.name) + names + joined_lines(client, room)


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
    sink = client.session.sink
    hidden = room.hides(user)
    client.server.world.leave(user, room)
    params = (room.name, reason) if reason else (room.name,)
    changes = (*keeping.ended([room]), *client.server.presence(user))
    if hidden:
        client.submit(Submission(None, room.audiences, unfollow=user.sinks, origin=sink, changes=changes))
        entry = client.entry("PART", params)
        told = _told_of(user, room)
        client.submit(Submission(entry, recipients=told, origin=sink, echo=True))
        return
    entry = client.entry("PART", params, room.logs)
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=sink,
            echo=True,
            unfollow=user.sinks,
            changes=changes,
        )
    )


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
    """NAMES [#room,#room]: 353 for each room, and one 366 for the list as it was asked for."""
    asked = message.params[0] if message.params else "*"
    words = list(dict.fromkeys(asked.split(",")))[:NAMES_TARGETS]
    for name in words if message.params else ():
        try:
            room = client.server.world.find_visible_room(name, client.user)
        except Refused:
            continue
        lines = names_lines(client, room)
        client.send_lines(lines if len(words) == 1 else lines[:-1])
        if len(words) == 1:
            return
    shown = ",".join(words)
    if len(words) == 1 or " " in shown or byte_length(shown) > _LONGEST_LIST:
        client.reply(n.RPL_ENDOFNAMES, words[0])
    else:
        client.send_lines([client.line(n.RPL_ENDOFNAMES.code, client.nick, shown, n.RPL_ENDOFNAMES.text)])


def names_lines(client: Client, room: Room) -> list[str]:
    """353 and 366."""
    kind = "@" if "s" in room.flags else "="
    head = f":{client.server.identity.name} {n.RPL_NAMREPLY.code} {client.nick} {kind} {room.name} :"
    longest = len(client.server.identity.name) + client.server.limits.nick_length + len(room.name.encode()) + 13
    roster = room.roster(
        MAX_LINE - 2 - longest,
        client.user,
        every_prefix=client.has(Cap.MULTI_PREFIX),
        userhost=client.has(Cap.USERHOST_IN_NAMES),
    )
    lines = [head + names for names in roster]
    lines.append(client.numeric(n.RPL_ENDOFNAMES, room.name))
    return lines


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
    entry = client.entry("KICK", params, room.logs)
    client.submit(
        Submission(
            entry,
            room.audiences,
            origin=client.session.sink,
            echo=True,
            unfollow=target.sinks,
            changes=(*keeping.ended([room]), *client.server.presence(target)),
        )
    )


def invite(client: Client, message: Message) -> None:
    """INVITE name #room; without parameters, the rooms to which one is invited."""
    server, user = client.server, client.user
    if not message.params:
        for room in user.invited:
            if not room.ended:
                client.reply(n.RPL_INVITED, room.name)
        client.reply(n.RPL_ENDOFINVITED)
        return
    if len(message.params) < 2:
        raise Refused(n.ERR_NEEDMOREPARAMS, "INVITE")
    name, room_name = message.params[0], message.params[1]
    target = server.world.find_user(name)
    room = server.world.find_visible_room(room_name, user)
    room.check_member(user)
    if "i" in room.flags:
        room.check_rank(user, modes.HALF_OPERATOR)
    if target in room.members:
        raise Refused(n.ERR_USERONCHANNEL, target.nick, room.name)
    if room.rank(user) >= modes.HALF_OPERATOR:  # others may only tell of the room: it keeps its bans and its key
        target.invited = frozenset(r for r in target.invited if not r.ended) | {room}
    client.reply(n.RPL_INVITING, target.nick, room.name)
    if target.away is not None:
        client.reply(n.RPL_AWAY, target.nick, text=target.away)
    params = (target.nick, room.name)
    client.submit(
        Submission(
            client.entry("INVITE", params),
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
        client.submit(Submission(client.entry("INVITE", params), recipients=watchers))
