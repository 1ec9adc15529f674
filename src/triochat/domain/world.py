"""Everybody and every room: the invariants that span them.

A name belongs to one user; a user's rooms and a room's members mirror each other; a room without members is gone
unless it is permanent or has founders.
"""

from collections import Counter
from collections.abc import Iterable

from triochat.domain import modes
from triochat.domain.accounts import Accounts
from triochat.domain.errors import Refused
from triochat.domain.invites import Invitations
from triochat.domain.limits import Limits
from triochat.domain.metadata import Metadata
from triochat.domain.names import Names
from triochat.domain.renames import Renames
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.proto import numerics as n


class World:
    """The state of the server's rooms and users. Synchronous; holds no sockets and looks at no clock."""

    def __init__(self, limits: Limits, names: Names | None = None) -> None:
        self.limits = limits
        self.names = names or Names()
        self.fold = self.names.fold
        self.users: dict[str, User] = {}
        self.rooms: dict[str, Room] = {}
        """By folded name."""
        self.renames = Renames()
        self._logs: set[str] = set()  # the logs of these rooms
        self.accounts = Accounts(self.names)
        self.metadata = Metadata(self.names, limits)
        self.invitations = Invitations()
        """Codes that let people in."""
        self.reserved = True
        """Whether the name of an account is for its owner only."""
        self._looks: dict[str, User] = {}  # users by what their names look like
        self.modes: Counter[str] = Counter()
        """How many users have each user mode."""
        self._founded: Counter[str] = Counter()  # rooms by account
        self.sessions: dict[int, Session] = {}
        """Registered sessions by id."""
        self.most_users = 0

    # -- users --

    def check_nick(self, nick: str, *, own: User | None = None, account: str | None = None) -> None:
        """Raise Refused when *nick* is no valid name, taken by (or easily mistaken for) somebody other than *own*, or
        reserved for another account than *account*."""
        if (reason := self.names.nick_error(nick, self.limits.nick_length)) is not None:
            raise Refused(n.ERR_ERRONEUSNICKNAME, nick, text=f"Erroneous nickname: {reason}")
        if self.names.is_service(nick):
            raise Refused(n.ERR_NICKNAMEINUSE, nick, text=f"{nick} is a part of this server: choose another name")
        holder = self.users.get(self.fold(nick))
        if holder is not None and holder is not own:
            raise Refused(n.ERR_NICKNAMEINUSE, nick, text=f"{holder.nick} is here already: choose another name")
        owner = self.accounts.owner_of(nick) if self.reserved else None
        if owner is not None and (account is None or not self.names.same(owner.name, account)):
            raise Refused(
                n.ERR_NICKNAMEINUSE,
                nick,
                text=f"The name {owner.name} belongs to an account: log in as {owner.name}, or choose another name",
            )
        for double in self.doubles(nick):
            if double is not own and (account is None or double.account != account):
                raise Refused(n.ERR_NICKNAMEINUSE, nick, text=f"This looks like {double.nick}, who is here")

    def doubles(self, nick: str) -> Iterable[User]:
        """Those who are here under a name that is easily taken for *nick*; where names are ASCII, nobody."""
        return (self._looks[look] for look in self.names.looks(nick) if look in self._looks) if self._looks else ()

    def add_user(self, user: User, session: Session | None = None) -> None:
        """Register *user* with its first session, if it has one; the name has been checked."""
        self._put(user)
        self.modes.update(user.modes)
        self.most_users = max(self.most_users, len(self.users))
        if session is not None:
            self.attach(user, session)

    def attach(self, user: User, session: Session) -> None:
        """One more session for *user*."""
        session.user = user
        user.sessions.append(session)
        self.sessions[session.id] = session

    def rename(self, user: User, nick: str) -> None:
        """Give *user* the checked name *nick*."""
        self._take(user)
        user.rename(nick)
        self._put(user)
        for room in user.rooms:
            room.roster_chunks.clear()

    def set_user_mode(self, user: User, mode: str, on: bool) -> bool:
        """Set or clear a user mode; False when it was so already."""
        if (mode in user.modes) == on:
            return False
        user.modes = user.modes + mode if on else user.modes.replace(mode, "")
        self.modes[mode] += 1 if on else -1
        return True

    def remove_user(self, user: User) -> list[Room]:
        """Take *user* out of everything; the name is free at once. Returns the rooms it was in."""
        rooms = list(user.rooms)
        for room in rooms:
            self.leave(user, room)
        if self.users.get(self.fold(user.nick)) is user:
            self.modes.subtract(user.modes)
        self._take(user)
        for session in user.sessions:
            self.sessions.pop(session.id, None)
        user.sessions.clear()
        self.metadata.forget(user)
        return rooms

    def move(self, user: User, username: str, host: str) -> None:
        """Show *user* as *username*@*host* from now on."""
        user.username, user.host = username, host
        user.rename(user.nick)
        for room in user.rooms:
            room.roster_chunks.clear()

    def _put(self, user: User) -> None:
        self.users[self.fold(user.nick)] = user
        if self.names.casemapping != "ascii":
            for look in self.names.looks(user.nick):
                self._looks[look] = user

    def _take(self, user: User) -> None:
        key = self.fold(user.nick)
        if self.users.get(key) is user:
            del self.users[key]
        if self._looks:
            for look in self.names.looks(user.nick):
                if self._looks.get(look) is user:
                    del self._looks[look]

    def find_user(self, nick: str) -> User:
        """The user called *nick*; raises Refused (401)."""
        user = self.users.get(self.fold(nick))
        if user is None:
            raise Refused(n.ERR_NOSUCHNICK, nick or "*")
        return user

    def peers(self, user: User) -> Iterable[User]:
        """Everybody who shares a room with *user*, once each, without *user*."""
        seen: dict[User, None] = {}
        for room in user.rooms:
            seen.update(dict.fromkeys(room.members))
        seen.pop(user, None)
        return seen

    # -- rooms --

    def add_room(
        self,
        name: str,
        created: int,
        *,
        history_from: int = 0,
        permanent: bool = False,
        log: str | None = None,
    ) -> Room:
        """A new, empty room. Its log is called *log*, if that is given; else as the room, unless the log of another
        one, which was renamed, is called so."""
        folded = self.fold(name)
        if log is None and folded in self._logs:
            log = f"{folded} {history_from}"  # no name of a room has a space
        room = Room(name, self.names, created, history_from=history_from, permanent=permanent, log=log)
        self.rooms[folded] = room
        self._logs.add(room.log)
        self.renames.forget(folded)
        return room

    def remove_room(self, room: Room) -> None:
        """There is no such room any more."""
        del self.rooms[room.folded]
        self._logs.discard(room.log)
        room.ended = True

    def rename_room(self, room: Room, name: str, now: float) -> None:
        """Call *room* by another name, which has been checked. Who looks for it by the former one is led to it for a
        while, until another room is opened there."""
        former = room.folded
        del self.rooms[former]
        room.rename(name, now)
        self.rooms[room.folded] = room
        self.renames.forget(room.folded)
        if former != room.folded:
            self.renames.add(former, room, now)

    def led_on(self, name: str, user: User, now: float) -> Room | None:
        """The room that *user* means by *name*, which was its name until lately. None for those inside, who know how
        it is called now and may open another one here, and for those who may not know that there is such a room."""
        folded = self.fold(name)
        room = self.renames.find(folded, now) if folded not in self.rooms else None
        if room is None or user in room.members:
            return None
        return room if room.is_visible_to(user) or room in user.invited else None

    def find_room(self, name: str) -> Room:
        """The room called *name*; raises Refused (403)."""
        room = self.rooms.get(self.fold(name))
        if room is None:
            raise Refused(n.ERR_NOSUCHCHANNEL, name or "*")
        return room

    def find_visible_room(self, name: str, user: User) -> Room:
        """The same, but a secret room does not exist for those outside it."""
        room = self.find_room(name)
        if not room.is_visible_to(user):
            raise Refused(n.ERR_NOSUCHCHANNEL, name)
        return room

    def check_room_name(self, name: str) -> None:
        """Raise Refused when *name* cannot name a room."""
        if (reason := self.names.room_name_error(name, self.limits.channel_length)) is not None:
            raise Refused(n.ERR_NOSUCHCHANNEL, name, text=f"No such channel: {reason}")

    def enter(self, user: User, name: str, key: str | None, *, now: int, seq: int) -> Room | None:
        """Make *user* a member of the room *name*, which is created when it is not there; None when the user is in
        it already. *now* is seconds since the epoch, *seq* where a new room's log begins."""
        self.check_room_name(name)
        room = self.rooms.get(self.fold(name))
        if room is not None and user in room.members:
            return None
        if len(user.rooms) >= self.limits.rooms_per_user:
            raise Refused(n.ERR_TOOMANYCHANNELS, name)
        if room is None:
            room = self.add_room(name, now, history_from=seq)
            room.add(user, "o")
        else:
            room.check_join(user, key)
            # Who comes first into a room of nobody's, after a restart, is its operator.
            first = not room.members and not room.permanent and not room.founders
            if first and "i" in room.flags and room not in user.invited and not room.listed("I", user):
                room.history_from = seq  # what was said behind the closed door stays there
            room.add(user, "q" if room.is_founder(user) else "o" if first else "")
            user.invited -= {room}
        user.rooms[room] = None
        return room

    # -- founders --

    def may_found(self, account: str) -> bool:
        """True when *account* may own one more room."""
        return self._founded[self.fold(account)] < self.limits.rooms_founded

    def add_founder(self, room: Room, account: str) -> None:
        """*account* owns *room* from now on."""
        key = self.fold(account)
        if key not in room.founders:
            room.founders[key] = account
            self._founded[key] += 1

    def remove_founder(self, room: Room, account: str) -> None:
        """*account* does not own *room* any more."""
        key = self.fold(account)
        if room.founders.pop(key, None) is not None:
            self._founded[key] -= 1
            self._end_if_empty(room)

    def disown(self, account: str) -> list[Room]:
        """*account* is no more. Returns the rooms that it owned."""
        rooms = [room for room in self.rooms.values() if self.fold(account) in room.founders]
        for room in rooms:
            self.remove_founder(room, account)
        return rooms

    def leave(self, user: User, room: Room) -> None:
        """*user* is no member of *room* any more; an empty room ends unless it is permanent or has founders."""
        room.remove(user)
        del user.rooms[room]
        self._end_if_empty(room)

    def _end_if_empty(self, room: Room) -> None:
        if not room.members and not room.permanent and not room.founders and not room.ended:
            self.remove_room(room)

    def may_moderate(self, user: User, room: Room, target: User) -> None:
        """Raise Refused unless *user* may act on *target* in *room*: half-operators not on operators."""
        rank = room.rank(user)
        room.check_rank(user, modes.HALF_OPERATOR)
        if rank < modes.OPERATOR and room.rank(target) > modes.VOICE:
            raise Refused(n.ERR_CHANOPRIVSNEEDED, room.name, text="Only an operator may act on an operator")
