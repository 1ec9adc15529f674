"""The operations surface (see triochat.operations) over the running server."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import trio

from triochat import __version__
from triochat.barring import BanDesk
from triochat.commands.operators import role_of
from triochat.commands.server import AUDIT_LOG, Server
from triochat.domain.entry import Entry, Submission
from triochat.domain.errors import Refused
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.domain.words import has_words
from triochat.fanout.fanout import FanOut
from triochat.fanout.feed import Feed, Subscription, Wanted
from triochat.fanout.outbox import Outbox
from triochat.journal.journal import Journal
from triochat.logfeed import LogFeed
from triochat.logs import EventLog
from triochat.managing import Accounts, Invites, Past, People, Whole
from triochat.net.server import ChatServer
from triochat.observations import Observations
from triochat.operations import (
    AuditRow,
    BanHits,
    BanRow,
    Event,
    Kicked,
    OperationError,
    Outcome,
    RoomRow,
    SessionDetail,
    SessionRow,
    Status,
)
from triochat.ports import Span, StoreFault
from triochat.proto.caps import names_of
from triochat.proto.message import MAX_LINE
from triochat.proto.text import visible

_log = logging.getLogger("triochat.admin")

_KICK_LASTS = 0.9
"""Seconds that a kick waits at most until the connections are closed."""
_DOORS = {"irc": "IRC client", "line": "plain lines", "websocket": "web client"}


class Control:
    """Implements operations.Operations."""

    def __init__(
        self,
        server: Server,
        chat: ChatServer,
        journal: Journal,
        fan_out: FanOut,
        events: EventLog,
        *,
        people: People,
        accounts: Accounts,
        invites: Invites,
        past: Past,
        whole: Whole,
        observations: Observations,
        durability: str,
        stop: Callable[[str], None],
        copy: Callable[[Path], Awaitable[int]] | None = None,
    ) -> None:
        """*copy* writes a copy of the database; None = there is none."""
        self.people, self.accounts, self.invites, self.past, self.whole = people, accounts, invites, past, whole
        self._logs = LogFeed()
        self._server = server
        self._chat = chat
        self._journal = journal
        self._fan_out = fan_out
        self._feed = Feed(fan_out, wall_clock=server.wall_clock, commit_seconds=lambda: journal.commit_seconds)
        self._events = events
        self.observations = observations
        self._durability = durability
        self._stop = stop
        self._copy = copy
        self._bans = BanDesk(server, self._cut)
        self._started = server.clock()

    # -- look --

    def status(self) -> Status:
        """See Operations."""
        world, identity = self._server.world, self._server.identity
        return Status(
            version=__version__,
            server=identity.network,
            host=identity.name,
            uptime_s=self._server.clock() - self._started,
            users=len(world.users),
            sessions=len(world.sessions),
            rooms=len(world.rooms),
            messages=self._fan_out.messages,
            parked=sum(1 for session in world.sessions.values() if session.sink.parked),
            waiting_entries=self._journal.waiting,
            commit_ms=self._journal.commit_seconds * 1000,
            durability=self._durability,
            memory_bytes=_resident_bytes(),
            missed_log_lines=self._events.missed,
        )

    def sessions(self) -> Sequence[SessionRow]:
        """See Operations."""
        return [self._row(session) for session in self._server.world.sessions.values()]

    def find(self, target: str) -> Sequence[SessionRow]:
        """See Operations."""
        world = self._server.world
        number = target.removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) < 19:
            found = world.sessions.get(int(number))
            return [self._row(found)] if found is not None else []
        try:
            return [self._row(session) for session in world.find_user(target).sessions]
        except Refused:
            pass
        if found_by_address := [s for s in world.sessions.values() if s.address == target]:
            return [self._row(session) for session in found_by_address]
        if set("!@*?/:.") & set(target):
            return [self._row(session) for session in self._bans.hits(target)[1]]
        return []

    def show(self, session_id: int) -> SessionDetail:
        """See Operations."""
        session = self._server.world.sessions.get(session_id)
        if session is None or session.user is None:
            raise OperationError(f"There is no session {session_id} any more.")
        user, connection = session.user, self._chat.connections.get(session_id)
        received, sent = connection.traffic or (None, None) if connection is not None else (None, None)
        role = role_of(self._server, user)
        return SessionDetail(
            row=self._row(session),
            username=user.username,
            realname=user.realname,
            door=session.door,
            away=user.away,
            capabilities=tuple(names_of(session.caps)),
            connected_at=self._server.wall_clock() - (self._server.clock() - session.connected_at),
            lines_received=session.lines_received,
            sent_bytes=sent,
            received_bytes=received,
            strikes=connection.strikes if connection is not None else (),
            modes=user.modes,
            operator=f"{user.oper}, {role}" if role else "",
            certificate=session.certificate,
        )

    def rooms(self) -> Sequence[RoomRow]:
        """See Operations."""
        rooms = sorted(self._server.world.rooms.values(), key=lambda room: len(room.members), reverse=True)
        return [_room_row(room) for room in rooms]

    async def search(self, text: str, room: str, last: int, by: str) -> Sequence[Event]:
        """See Operations."""
        history, world = self._journal.history, self._server.world
        if not has_words(text):
            raise OperationError(f"There is no word in {visible(text)}.")
        self._act(by, "search", room, text)
        names = {kept.log: kept.name for kept in world.rooms.values()}
        try:
            if room:
                folded = world.fold(room)
                logs = [log for log in [getattr(world.rooms.get(folded), "log", folded)] if log[:1] == "#"]
            else:
                logs = await history.logs("#")
            end = self._journal.handed_out + 1
            found = await history.search([Span(log, 0, end) for log in logs], text, limit=last)
        except StoreFault as fault:
            raise OperationError(f"The search could not be run: {fault}.") from None
        return [
            Event(
                entry.time_ms,
                "message" if entry.command == "PRIVMSG" else "notice",
                entry.nick,
                names.get(entry.logs[0], entry.params[0]),
                entry.params[1],
                0,
            )
            for entry in found
        ]

    async def backup(self, path: str, by: str) -> int:
        """See Operations."""
        if self._copy is None:
            raise OperationError("This server keeps everything in memory: there is nothing to back up.")
        if not Path(path).is_absolute():
            raise OperationError("Name the file in full, such as /var/backups/chat.db.")
        self._act(by, "backup", path)
        try:
            return await self._copy(Path(path))
        except StoreFault as fault:
            raise OperationError(f"There is no backup: {fault}.") from None

    def monitor(
        self, *, kinds: frozenset[str] = frozenset(), user: str = "", room: str = "", rate: int = 0
    ) -> Subscription:
        """See Operations."""
        subscription = self._feed.subscribe(Wanted(kinds, user, room), rate)

        def offer(event: Event) -> None:
            if subscription.wants(event):
                subscription.offer(event)

        def observe(kind: str, name: str, text: str) -> None:
            offer(Event(self._server.now() * 1000, kind, name, "", text, 0))

        observers = self._server.observers
        observers.append(observe)
        stop = self._logs.watch("error", offer, kind="error")
        subscription.also_close(stop, lambda: observers.remove(observe))
        return subscription

    def log(self, level: str) -> Subscription:
        """See Operations."""
        subscription = Subscription()
        subscription.also_close(self._logs.watch(level, subscription.offer))
        return subscription

    # -- act --

    async def kick(self, session_ids: Sequence[int], reason: str, by: str) -> Kicked:
        """See Operations."""
        began = self._server.clock()
        sessions = self._server.world.sessions
        meant = [session for number in session_ids if (session := sessions.get(number)) is not None]
        users = {session.user: session.user.nick for session in meant if session.user is not None}
        hit = tuple(f"{session.user.nick} #{session.id}" for session in meant if session.user is not None)
        ending = set(meant)
        for user in users:
            if ending.issuperset(user.sessions):
                user.account = None  # who is nobody in particular does not stay without a connection
        closing = [self._chat.closing(session.id) for session in meant]
        for session in meant:
            self._cut(session, f"Kicked: {reason}" if reason else "Kicked")
        kept = tuple(nick for user, nick in users.items() if user.sessions)
        self._act(by, "kick", ", ".join(hit), reason, len(hit))
        with trio.move_on_after(_KICK_LASTS):
            for closed in closing:
                await closed.wait()
        took_ms = (self._server.clock() - began) * 1000
        return Kicked(len(hit), hit, took_ms, sum(not closed.is_set() for closed in closing), kept)

    def say(self, target: str, text: str, by: str) -> Outcome:
        """See Operations."""
        server = self._server
        try:
            place = server.world.find_room(target) if target[:1] == "#" else server.world.find_user(target)
        except Refused:
            kind = "room" if target[:1] == "#" else "user"
            raise OperationError(f"There is no {kind} {visible(target)}.") from None
        name = server.identity.name
        _check_length(name, place.nick if isinstance(place, User) else place.name, text)
        if isinstance(place, User):
            self._act(by, "say", place.nick, count=len(place.sessions))  # what it says is for one person only
            entry = server.journal.new_entry(name, "NOTICE", (place.nick, text))
            server.journal.submit(Submission(entry, recipients=place.sinks))
            return Outcome(len(place.sessions), (place.nick,))
        reached = sum(len(member.sessions) for member in place.members)
        self._act(by, "say", place.name, text, reached)
        entry = server.journal.new_entry(name, "NOTICE", (place.name, text), place.logs)
        server.journal.submit(Submission(entry, place.audiences))
        return Outcome(reached, (place.name,))

    def announce(self, text: str, by: str) -> Outcome:
        """See Operations."""
        server = self._server
        _check_length(server.identity.name, "*", text)
        self._act(by, "announce", "", text, len(server.world.sessions))
        return Outcome(server.announce(text))

    def shutdown(self, reason: str, by: str) -> None:
        """See Operations."""
        self._act(by, "shutdown", "", reason, len(self._server.world.sessions))
        self._stop(f"Server is shutting down: {reason}" if reason else "Server is shutting down")

    def bans(self) -> Sequence[BanRow]:
        """See Operations."""
        return self._bans.rows()

    def ban_hits(self, target: str) -> BanHits:
        """See Operations."""
        return self._bans.preview(target)

    def ban(self, target: str, *, mute: bool, seconds: int, reason: str, by: str) -> tuple[BanRow, Outcome]:
        """See Operations."""
        row, outcome = self._bans.add(target, mute=mute, seconds=seconds, reason=reason, by=by)
        _log.warning("%s set %s %d of %s", by, row.kind, row.id, visible(row.target))
        return row, outcome

    def unban(self, target: str, *, mute: bool, by: str) -> Sequence[BanRow]:
        """See Operations."""
        lifted = self._bans.lift(target, mute=mute, by=by)
        for row in lifted:
            _log.warning("%s lifted %s %d of %s", by, row.kind, row.id, visible(row.target))
        return lifted

    # -- what was done --

    async def audit(self, last: int) -> Sequence[AuditRow]:
        """See Operations."""
        await self._journal.barrier()  # what was done just now belongs to it
        try:
            entries = await self._journal.history.read([Span(AUDIT_LOG)], last, newest=True)
        except StoreFault as fault:
            raise OperationError(f"What was done cannot be read now: {fault}.") from None
        return [_audit_row(entry) for entry in entries]

    def note(self, by: str, action: str, text: str) -> None:
        """See Operations."""
        self._act(by, action, "", text)

    def _act(self, by: str, action: str, target: str = "", text: str = "", count: int | None = None) -> None:
        """Somebody does something: it is kept, and logged."""
        self._server.audit(by, action, target, text, count)
        hit = f", {count} hit" if count is not None else ""
        _log.warning("%s: %s %s: %s%s", by, action, visible(target) or "-", visible(text) or "-", hit)

    def _cut(self, session: Session, reason: str) -> None:
        connection = self._chat.connections.get(session.id)
        if connection is not None:
            connection.cut(reason)

    # -- records --

    def _row(self, session: Session) -> SessionRow:
        user = session.user
        assert user is not None
        sink = session.sink
        stuck = sink.stuck_s if isinstance(sink, Outbox) else None
        return SessionRow(
            id=session.id,
            name=user.nick,
            rooms=tuple(room.name for room in user.rooms),
            address=session.address,
            client=session.client or _DOORS.get(session.door, session.door),
            tls=session.tls,
            idle_s=max(0.0, self._server.clock() - session.last_active),
            lag_ms=session.lag_ms,
            outbox_bytes=sink.waiting if isinstance(sink, Outbox) else 0,
            parked=sink.parked,
            account=user.account,
            door=session.door,
            connected_s=self._server.clock() - session.connected_at,
            stuck_s=stuck if stuck is not None and stuck >= 1 else None,
        )


def _audit_row(entry: Entry) -> AuditRow:
    action, target, count, text = entry.params
    return AuditRow(entry.time_ms, entry.source, action, target, int(count) if count else None, text)


def _check_length(source: str, target: str, text: str) -> None:
    """Refuse what no IRC client could be sent whole."""
    excess = len(f":{source} NOTICE {target} :{text}\r\n".encode()) - MAX_LINE
    if excess > 0:
        raise OperationError(f"The text is {excess} bytes too long for one message.")


def _room_row(room: Room) -> RoomRow:
    return RoomRow(
        name=room.name,
        users=len(room.members),
        modes=room.modes_for(None)[0],
        topic=room.topic.text,
        members=tuple(user.nick for user in room.members),
    )


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0  # no procfs: unknown
    return pages * 4096
