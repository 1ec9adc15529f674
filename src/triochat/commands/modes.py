"""MODE for rooms and users (https://modern.ircdocs.horse/#mode-message)."""

from triochat.commands.context import Client
from triochat.domain import modes
from triochat.domain.errors import Refused
from triochat.domain.masks import normalise
from triochat.domain.modes import Change
from triochat.domain.names import fold
from triochat.domain.room import ListedMask, Room
from triochat.proto import numerics as n
from triochat.proto.isupport import MODES_LIMIT
from triochat.proto.message import MAX_LINE, Message, byte_length

_MASK_LENGTH = 200  # bytes
_KEY_LENGTH = 32
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
    if fold(message.params[0]) != fold(user.nick):
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
        elif (letter in user.modes) != add:
            user.modes = user.modes + letter if add else user.modes.replace(letter, "")
            changed.append(Change(add, letter))
    if changed:
        client.send_lines([f":{user.nick} MODE {user.nick} {modes.format_changes(changed)[0]}"])
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
    room.check_rank(user, modes.HALF_OPERATOR)
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


def _show_list(client: Client, room: Room, letter: str) -> None:
    item, end = _LIST_NUMERICS[letter]
    if letter != "b":
        room.check_rank(client.user, modes.HALF_OPERATOR)
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
    if not given or " " in mask or mask[0] == ":" or byte_length(mask) > _MASK_LENGTH:
        raise Refused(n.ERR_INVALIDMODEPARAM, room.name, change.mode, "*", text="This is no mask: use nick!user@host")
    listed = room.lists.setdefault(change.mode, {})
    key = fold(mask)
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
    needed = modes.HALF_OPERATOR if change.mode == "v" else modes.OPERATOR
    target = client.server.world.find_user(change.parameter or "")
    if target not in room.members:
        raise Refused(n.ERR_USERNOTINCHANNEL, target.nick, room.name)
    if not (target is client.user and not change.add):  # anybody may give up what they have
        room.check_rank(client.user, needed)
    held = room.members[target]
    if (change.mode in held) == change.add:
        return None
    room.set_member_modes(target, held + change.mode if change.add else held.replace(change.mode, ""))
    return change._replace(parameter=target.nick)


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
