"""MODE for rooms and users (https://modern.ircdocs.horse/#mode-message)."""

from collections.abc import Iterable

from triochat.commands.context import Client
from triochat.domain import modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.masks import ACCOUNT, MUTE, normalise
from triochat.domain.modes import Change
from triochat.domain.room import ListedMask, Room
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.isupport import MODES_LIMIT
from triochat.proto.message import MAX_LINE, Message, byte_length

_MASK_LENGTH = 200  # bytes
_KEY_LENGTH = 32
_NEEDED = {"v": modes.HALF_OPERATOR}
_LIST_NUMERICS = {
    "b": (n.RPL_BANLIST, n.RPL_ENDOFBANLIST),
    "e": (n.RPL_EXCEPTLIST, n.RPL_ENDOFEXCEPTLIST),
    "I": (n.RPL_INVITELIST, n.RPL_ENDOFINVITELIST),
}


def mode(client: Client, message: Message) -> None:
    """MODE #room [changes] or MODE name [changes]."""
    if message.params[0][:1] == "#":
        _room_mode(client, message)
    else:
        _user_mode(client, message)


def _user_mode(client: Client, message: Message) -> None:
    user = client.user
    if not client.server.world.names.same(message.params[0], user.nick):
        client.server.world.find_user(message.params[0])
        raise Refused(n.ERR_USERSDONTMATCH)
    if len(message.params) == 1:
        client.reply(n.RPL_UMODEIS, f"+{user.modes}")
        return
    add, changed, unknown = True, [], False
    for letter in message.params[1]:
        if letter in "+-":
            add = letter == "+"
        elif letter not in modes.USER_MODES:
            unknown = True
        elif letter == modes.SERVER_OPERATOR and add:
            continue  # only OPER gives that
        elif letter == modes.SERVER_NOTICES and add and modes.SERVER_OPERATOR not in user.modes:
            continue
        elif client.server.world.set_user_mode(user, letter, add):
            changed.append(Change(add, letter))
    operator = modes.SERVER_OPERATOR in user.modes
    if not operator and client.server.world.set_user_mode(user, modes.SERVER_NOTICES, False):
        changed.append(Change(False, modes.SERVER_NOTICES))
    if changed:
        client.to_own_sessions("MODE", user.nick, modes.format_changes(changed)[0])
        _keep_presence(client, [user])
    if unknown:
        client.reply(n.ERR_UMODEUNKNOWNFLAG)


def _room_mode(client: Client, message: Message) -> None:
    server, user = client.server, client.user
    room = server.world.find_visible_room(message.params[0], user)
    if len(message.params) == 1:
        client.reply(n.RPL_CHANNELMODEIS, room.name, *room.modes_for(user))
        client.reply(n.RPL_CREATIONTIME, room.name, str(room.created))
        return
    asked = modes.parse(message.params[1:])
    for letter in asked.unknown:
        client.reply(n.ERR_UNKNOWNMODE, letter)
    for letter in asked.queries:
        _show_list(client, room, letter)
    for change in asked.missing:
        what = "a name" if change.mode in modes.PREFIXES else "a value"
        client.reply(n.ERR_INVALIDMODEPARAM, room.name, change.mode, "*", text=f"Mode {change.mode} needs {what}")
    if not asked.changes:
        return
    _check_tends(room, user)
    applied = []
    for change in asked.changes[:MODES_LIMIT]:
        try:
            done = _apply(client, room, change)
        except Refused as refused:
            client.refuse(refused)
        else:
            if done is not None:
                applied.append(done)
    for params in modes.portions(applied, MAX_LINE - 2 - byte_length(f":{user.source} MODE {room.name} ")):
        client.room_event(room, "MODE", *params)
    ranked = [change.parameter or "" for change in applied if change.mode in modes.PREFIXES]
    _keep_presence(client, (client.server.world.find_user(name) for name in ranked))


def _check_tends(room: Room, user: User) -> None:
    """Raise Refused when *user* may not change modes of *room*; outsiders get the same answer as members."""
    if room.rank(user) < modes.HALF_OPERATOR:
        raise Refused(n.ERR_CHANOPRIVSNEEDED, room.name)


def _keep_presence(client: Client, users: Iterable[User]) -> None:
    """Those who stay without a connection have their modes after a restart, too."""
    if changes := tuple(record for user in users for record in client.server.presence(user)):
        client.submit(Submission(None, changes=changes))


def _show_list(client: Client, room: Room, letter: str) -> None:
    item, end = _LIST_NUMERICS[letter]
    if letter != "b":
        _check_tends(room, client.user)
    for listed in room.lists.get(letter, {}).values():
        client.reply(item, room.name, listed.mask, listed.set_by, str(listed.set_at))
    client.reply(end, room.name)


def _apply(client: Client, room: Room, change: Change) -> Change | None:
    """Make one change; returns it as it is told to the room, None when nothing changed."""
    letter = change.mode
    if letter in modes.LISTS:
        return _apply_list(client, room, change)
    if letter in modes.PREFIXES:
        return _apply_prefix(client, room, change)
    if letter == modes.KEY:
        return _apply_key(room, change)
    if letter == modes.LIMIT:
        return _apply_limit(room, change)
    if letter == modes.FORWARD:
        return _apply_forward(client, room, change)
    if (letter in room.flags) == change.add:
        return None
    if change.add:
        room.flags.add(letter)
    else:
        room.flags.discard(letter)
    return change


def _apply_list(client: Client, room: Room, change: Change) -> Change | None:
    server = client.server
    given = (change.parameter or "").strip()
    mask = normalise(given)
    # An empty mask would be completed to everybody.
    if given in ("", ACCOUNT, MUTE) or " " in mask or mask[0] == ":" or byte_length(mask) > _MASK_LENGTH:
        raise Refused(n.ERR_INVALIDMODEPARAM, room.name, change.mode, "*", text="This is no mask: use nick!user@host")
    listed = room.lists.setdefault(change.mode, {})
    key = server.fold(mask)
    if not change.add:
        removed = listed.pop(key, None)
        return change._replace(parameter=removed.mask) if removed else None
    if key in listed:
        return None
    if len(listed) >= server.limits.list_modes:
        raise Refused(n.ERR_BANLISTFULL, room.name, change.mode)
    listed[key] = ListedMask(mask, client.user.source, server.now())
    return change._replace(parameter=mask)


def _apply_prefix(client: Client, room: Room, change: Change) -> Change | None:
    needed = modes.FOUNDER if change.mode == "q" and room.founders else _NEEDED.get(change.mode, modes.OPERATOR)
    target = client.server.world.find_user(change.parameter or "")
    if target not in room.members:
        raise Refused(n.ERR_USERNOTINCHANNEL, target.nick, room.name)
    if not (target is client.user and not change.add):  # anybody may give up what they have
        room.check_rank(client.user, needed)
    held = room.members[target]
    if (change.mode in held) == change.add:
        return None
    if change.mode == "q":
        _change_founder(client, room, target, change.add)
    room.set_member_modes(target, held + change.mode if change.add else held.replace(change.mode, ""))
    return change._replace(parameter=target.nick)


def _change_founder(client: Client, room: Room, target: User, add: bool) -> None:
    """Founders own a room by their accounts, beyond this visit."""
    if target.account is None:
        if add:
            raise Refused(n.ERR_NEEDREGGEDNICK, room.name, text=f"{target.nick} is not logged in and can own no room")
        return
    world = client.server.world
    if not add:
        world.remove_founder(room, target.account)
    elif world.may_found(target.account):
        world.add_founder(room, target.account)
    else:
        raise Refused(n.ERR_NEEDREGGEDNICK, room.name, text=f"{target.nick} owns too many rooms already")


def _apply_forward(client: Client, room: Room, change: Change) -> Change | None:
    """Into a room that exists, and whose operators agree."""
    if not change.add:
        if room.forward is None:
            return None
        room.forward = None
        return change
    server, name = client.server, change.parameter or ""
    other = server.world.rooms.get(server.fold(name))
    if other is None or other is room or not other.is_visible_to(client.user):
        raise Refused(n.ERR_INVALIDMODEPARAM, room.name, "f", name, text="There is no such room to lead people to")
    if other.rank(client.user) < modes.OPERATOR:
        raise Refused(n.ERR_CHANOPRIVSNEEDED, other.name)
    if room.forward == other.name:
        return None
    room.forward = other.name
    return change._replace(parameter=other.name)


def _apply_key(room: Room, change: Change) -> Change | None:
    if not change.add:
        if room.key is None:
            return None
        key, room.key = room.key, None
        return change._replace(parameter=key)
    key = change.parameter or ""
    if not key or len(key) > _KEY_LENGTH or not key.isprintable() or not set(" ,").isdisjoint(key) or key[0] == ":":
        raise Refused(n.ERR_INVALIDKEY, room.name)
    room.key = key
    return change


def _apply_limit(room: Room, change: Change) -> Change | None:
    if not change.add:
        if room.limit is None:
            return None
        room.limit = None
        return change
    text = change.parameter or ""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 8 and int(text) > 0):
        raise Refused(n.ERR_INVALIDMODEPARAM, room.name, "l", text, text="A limit is a whole number above 0")
    if room.limit == int(text):
        return None
    room.limit = int(text)
    return change._replace(parameter=str(room.limit))
