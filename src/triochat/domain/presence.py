"""Users who stay without a connection, as records: they are where they were after a restart, too."""

import msgspec

from triochat.domain.entry import Record
from triochat.domain.user import User
from triochat.domain.world import World

KIND = "presence"


class _Kept(msgspec.Struct, omit_defaults=True):
    nick: str
    username: str
    host: str
    realname: str
    signed_on: float
    account: str
    modes: str = ""
    rooms: dict[str, str] = {}
    absent_since: int = 0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Kept).decode


def records(world: World, user: User) -> tuple[Record, ...]:
    """What keeps *user*, who is logged in, as it is now."""
    assert user.account is not None
    key = world.fold(user.nick)
    former = removal(user) if user.kept_as != key else ()
    user.kept_as = key
    rooms = {room.name: room.members[user] for room in user.rooms}
    kept = _Kept(
        user.nick,
        user.username,
        user.host,
        user.realname,
        user.signed_on,
        user.account,
        user.modes,
        rooms,
        user.absent_since,
    )
    return (*former, Record(KIND, key, _encode(kept).decode()))


def removal(user: User) -> tuple[Record, ...]:
    """What forgets *user*, if it is kept."""
    if user.kept_as is None:
        return ()
    key, user.kept_as = user.kept_as, None
    return (Record(KIND, key, None),)


def account_of(text: str) -> str:
    """The account of the user of a record."""
    return _decode(text).account


def restore(world: World, text: str, away: str, seq: int) -> User | None:
    """Put the user of a record back into *world*, without a connection since the entry *seq* or longer; None when
    somebody else has the name, or the account is gone."""
    kept = _decode(text)
    account = world.accounts.find(kept.account)
    if account is None or account.suspended is not None or world.fold(kept.nick) in world.users:
        return None
    user = User(kept.nick, kept.username, kept.host, kept.realname, kept.signed_on)
    user.account, user.away, user.modes = account.name, away, kept.modes.replace("o", "").replace("s", "")
    user.kept_as = world.fold(user.nick)
    user.absent_since = kept.absent_since or seq
    world.add_user(user)
    for name, member_modes in kept.rooms.items():
        room = world.rooms.get(world.fold(name))
        if room is not None:
            room.add(user, member_modes)
            user.rooms[room] = None
    return user
