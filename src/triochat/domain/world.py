"""Everybody and every room: the invariants that span them.

A name belongs to one user; a user's rooms and a room's members mirror each other; a room without members is gone
unless it is permanent.
"""

from collections.abc import Iterable

from triochat.domain import modes
from triochat.domain.errors import Refused
from triochat.domain.limits import Limits
from triochat.domain.names import fold, nick_error, room_name_error
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.proto import numerics as n


class World:
    """The state of the server's rooms and users. Synchronous; holds no sockets and looks at no clock."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.users: dict[str, User] = {}
        self.rooms: dict[str, Room] = {}
        self.sessions: dict[int, Session] = {}
        """Registered sessions by id."""
        self.most_users = 0

    # -- users --

    def check_nick(self, nick: str, *, own: User | None = None) -> None:
        """Raise Refused when *nick* is no valid name or taken by somebody other than *own*."""
        if (reason := nick_error(nick, self.limits.nick_length)) is not None:
            raise Refused(n.ERR_ERRONEUSNICKNAME, nick, text=f"Erroneous nickname: {reason}")
        holder = self.users.get(fold(nick))
        if holder is not None and holder is not own:
            raise Refused(n.ERR_NICKNAMEINUSE, nick, text=f"{holder.nick} is here already: choose another name")

    def add_user(self, user: User, session: Session) -> None:
        """Register *user* with its first session; the name has been checked."""
        self.users[fold(user.nick)] = user
        self.most_users = max(self.most_users, len(self.users))
        self.attach(user, session)

    def attach(self, user: User, session: Session) -> None:
        """One more session for *user*."""
        session.user = user
        user.sessions.append(session)
        self.sessions[session.id] = session

    def rename(self, user: User, nick: str) -> None:
        """Give *user* the checked name *nick*."""
        del self.users[fold(user.nick)]
        user.rename(nick)
        self.users[fold(nick)] = user
        for room in user.rooms:
            room.roster_chunks.clear()

    def remove_user(self, user: User) -> list[Room]:
        """Take *user* out of everything; the name is free at once. Returns the rooms it was in."""
        rooms = list(user.rooms)
        for room in rooms:
            self.leave(user, room)
        if self.users.get(fold(user.nick)) is user:
            del self.users[fold(user.nick)]
        for session in user.sessions:
            self.sessions.pop(session.id, None)
        user.sessions.clear()
        return rooms

    def find_user(self, nick: str) -> User:
        """The user called *nick*; raises Refused (401)."""
        user = self.users.get(fold(nick))
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

    def add_room(self, name: str, created: int, *, history_from: int = 0, permanent: bool = False) -> Room:
        """A new, empty room."""
        room = Room(name, created, history_from=history_from, permanent=permanent)
        self.rooms[room.log] = room
        return room

    def find_room(self, name: str) -> Room:
        """The room called *name*; raises Refused (403)."""
        room = self.rooms.get(fold(name))
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
        if (reason := room_name_error(name, self.limits.channel_length)) is not None:
            raise Refused(n.ERR_NOSUCHCHANNEL, name, text=f"No such channel: {reason}")

    def enter(self, user: User, name: str, key: str | None, *, now: int, seq: int) -> Room | None:
        """Make *user* a member of the room *name*, which is created when it is not there; None when the user is in
        it already. *now* is seconds since the epoch, *seq* where a new room's log begins."""
        self.check_room_name(name)
        room = self.rooms.get(fold(name))
        if room is not None and user in room.members:
            return None
        if len(user.rooms) >= self.limits.rooms_per_user:
            raise Refused(n.ERR_TOOMANYCHANNELS, name)
        if room is None:
            room = self.add_room(name, now, history_from=seq)
            room.add(user, "o")
        else:
            room.check_join(user, key)
            room.add(user)
            user.invited -= {room}
        user.rooms[room] = None
        return room

    def leave(self, user: User, room: Room) -> None:
        """*user* is no member of *room* any more; an empty room ends unless it is permanent."""
        room.remove(user)
        del user.rooms[room]
        if not room.members and not room.permanent and self.rooms.get(room.log) is room:
            del self.rooms[room.log]

    def may_moderate(self, user: User, room: Room, target: User) -> None:
        """Raise Refused unless *user* may act on *target* in *room*: half-operators not on operators."""
        rank = room.rank(user)
        room.check_rank(user, modes.HALF_OPERATOR)
        if rank < modes.OPERATOR and room.rank(target) > modes.VOICE:
            raise Refused(n.ERR_CHANOPRIVSNEEDED, room.name, text="Only an operator may act on an operator")
