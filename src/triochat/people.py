"""Names and places as operators handle them: renaming, moving, closing rooms (see triochat.managing.People)."""

from collections.abc import Sequence

from triochat.commands.barring import check_name
from triochat.commands.context import PLAIN_DOOR, Client
from triochat.commands.naming import give_name
from triochat.commands.plain import LineClient
from triochat.commands.rooms import enter_room, leave_room
from triochat.commands.server import Server
from triochat.domain import keeping, modes
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.managing import RoomDetail
from triochat.operations import OperationError, Outcome
from triochat.proto.text import visible


class PeopleDesk:
    """Implements managing.People."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def room(self, name: str) -> RoomDetail:
        """See managing.People."""
        room = self._find(name)
        return RoomDetail(
            name=room.name,
            users=len(room.members),
            modes=room.modes_for(None)[0],
            topic=room.topic.text,
            topic_by=room.topic.set_by,
            created=room.created,
            permanent=room.permanent,
            founders=tuple(room.founders.values()),
            members=tuple(modes.prefix_of(held, every=False) + user.nick for user, held in room.members.items()),
            lists={mode: len(masks) for mode, masks in room.lists.items() if masks},
        )

    def absent(self, name: str) -> str | None:
        """See managing.People."""
        user = self._server.world.users.get(self._server.fold(name))
        return user.nick if user is not None and not user.sessions else None

    def end(self, name: str, reason: str, by: str) -> Outcome:
        """See managing.People."""
        user = self._server.world.users.get(self._server.fold(name))
        if user is None or user.sessions:
            raise OperationError(f"Nobody is here without a connection who is called {visible(name)}.")
        self._server.audit(by, "kick", user.nick, reason, 1)
        self._server.end_user(user, self._server.identity.name, reason or "Kicked")
        return Outcome(1, (user.nick,))

    def check_rename(self, session_id: int, new: str) -> None:
        """See managing.People."""
        self._check_name(self._session(session_id)[1], new)

    def rename(self, session_id: int, new: str, by: str) -> Outcome:
        """See managing.People."""
        session, user = self._session(session_id)
        self._check_name(user, new)
        former, count = user.nick, len(user.sessions)
        self._server.audit(by, "rename", former, new, count)
        if new != former:
            client = self._client(session)
            give_name(client, user, new)
            client.flush()
        return Outcome(count, (f"{new} #{session_id}",))

    def _check_name(self, user: User, new: str) -> None:
        try:
            check_name(self._server, new)
            self._server.world.check_nick(new, own=user, account=user.account)
        except Refused as refused:
            raise OperationError(f"{refused.text or refused.numeric.text}.") from None

    def check_move(self, to: str) -> None:
        """See managing.People."""
        try:
            self._server.world.check_room_name(to)
        except Refused as refused:
            raise OperationError(f"{visible(to)}: {refused.text or refused.numeric.text}.") from None

    def move(self, session_ids: Sequence[int], to: str, out_of: str, by: str) -> Outcome:
        """See managing.People."""
        self.check_move(to)
        world, sessions, hit = self._server.world, self._server.world.sessions, []
        left = self._find(out_of) if out_of else None
        users = dict.fromkeys(
            session.user
            for session in (sessions.get(session_id) for session_id in session_ids)
            if session is not None and session.user is not None
        )
        for user in users:
            session = next((one for one in user.sessions if one.door != PLAIN_DOOR), None)
            room = world.rooms.get(world.fold(to))
            if session is None or (room is not None and user in room.members):
                continue
            if self._put(session, user, to, room, left):
                hit.append(f"{user.nick} #{session.id}")
        self._server.audit(by, "move", ", ".join(hit)[:300], f"{out_of} to {to}".strip(), len(hit))
        return Outcome(len(hit), tuple(hit))

    def _put(self, session: Session, user: User, to: str, room: Room | None, left: Room | None) -> bool:
        """Into the room *to*, then out of *left*; who cannot be in one more room stays."""
        client = self._client(session)
        if room is not None:
            user.invited |= {room}  # whatever it is closed by
        try:
            enter_room(client, to)
        except Refused:
            return False
        finally:
            if room is not None:
                user.invited -= {room}
        if left is not None and user in left.members and not left.ended:
            leave_room(client, left, f"Moved to {to}")
        client.flush()
        return True

    def close(self, name: str, reason: str, by: str) -> Outcome:
        """See managing.People."""
        room, server = self._find(name), self._server
        reason = reason[: server.limits.kick_length]
        if room.permanent:
            raise OperationError(f"{room.name} is always there: it cannot be closed.")
        members = list(room.members)
        sinks = [sink for user in members for sink in user.sinks]
        hit = tuple(user.nick for user in members)
        server.audit(by, "close", room.name, reason, len(hit))
        said = f"This room is closed: {reason}" if reason else "This room is closed"
        told = server.journal.new_entry(server.identity.name, "NOTICE", (room.name, said), room.logs)
        server.journal.submit(Submission(told, room.audiences))
        for account in list(room.founders.values()):
            server.world.remove_founder(room, account)
        for user in members:
            server.world.leave(user, room)
        # Each sees but their own KICK: that all saw all of them would be members times members.
        changes = [keeping.record(room)]
        for user in members:
            changes += server.presence(user)
        server.journal.submit(
            Submission(None, room.audiences, unfollow=sinks, changes=tuple(changes)),
        )
        for user in members:
            kick = server.journal.new_entry(server.identity.name, "KICK", (room.name, user.nick, reason or "closed"))
            server.journal.submit(Submission(kick, recipients=user.sinks))
        return Outcome(len(hit), hit)

    def _find(self, name: str) -> Room:
        try:
            return self._server.world.find_room(name)
        except Refused:
            raise OperationError(f"There is no room {visible(name)}.") from None

    def _session(self, session_id: int) -> tuple[Session, User]:
        session = self._server.world.sessions.get(session_id)
        if session is None or session.user is None:
            raise OperationError(f"There is no session {session_id} any more.")
        return session, session.user

    def _client(self, session: Session) -> Client:
        """For doing what the user of *session* could have done."""
        kind = LineClient if session.door == PLAIN_DOOR else Client
        client = kind(self._server, session, _NoLink())
        client.registration = None
        return client


class _NoLink:
    """There is a connection; but what is done here is not done by it."""

    def close(self, reason: str) -> None:
        """See Link."""

    async def give_way(self) -> None:
        """See Link."""

    def welcomed(self) -> None:
        """See Link."""
