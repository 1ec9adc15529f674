"""The client before a handler: how what it does reaches the others, and in which order with what it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from triochat.commands.labels import Labelled, tagged_bytes
from triochat.commands.replies import Replies
from triochat.commands.server import NOT_CONNECTED, Server
from triochat.domain import keeping, modes
from triochat.domain.audience import Sink, change_flavour
from triochat.domain.entry import CONNECT, NOTHING_TOLD, Change, Entry, Submission, Told
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.fanout.render import flavour_of
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import fit, format_line
from triochat.proto.numerics import Numeric

if TYPE_CHECKING:
    from triochat.commands.batches import Batch
    from triochat.commands.sasl import Exchange

PLAIN_DOOR = "line"
"""The door of sessions that speak no IRC (see domain.user.Session)."""


ABSENT = "*"
"""The away message of who is not at any client, for no reason that is told."""


class Link(Protocol):
    """The connection behind a client."""

    def close(self, reason: str) -> None:
        """End the connection; the peer is told why. Never waits."""

    async def give_way(self) -> None:
        """Let the peer read, the journal commit and the others have their turn before more is done for this peer."""

    def welcomed(self) -> None:
        """The registration is complete."""


class Client(Replies):
    """One connection as handlers see it. Replies gather until `flush`, and never overtake what the client itself
    has submitted: who sends a message and then PING gets the PONG when the message is stored and on its way."""

    speaks_irc: ClassVar[bool] = True

    __slots__ = (
        "_labelled",
        "_link",
        "batch",
        "closing",
        "cost",
        "failed_logins",
        "marker",
        "ping_sent",
        "sasl",
        "version_302",
    )

    def __init__(self, server: Server, session: Session, link: Link) -> None:
        super().__init__(server, session)
        self.closing: str | None = None
        """Why this client is leaving, once it is."""
        self.ping_sent: float | None = None
        """When the server's last PING went out that was not answered yet."""
        self.cost = 0
        """What the present line costs beyond that of any, and was not charged yet."""
        self.failed_logins = 0
        self.marker: Callable[[Submission], None] | None = None
        """Adds what only the next entry carries."""
        self.version_302 = False
        """True once the client has shown (CAP LS 302) that it understands this version of the negotiation."""
        self.sasl: Exchange | None = None
        """The authentication that is under way."""
        self.batch: Batch | None = None
        """The message of several lines that is being received."""
        self._link = link
        self._labelled: Labelled | None = None

    @property
    def user(self) -> User:
        """The registered user; dispatch lets no handler that needs it run without."""
        user = self.session.user
        assert user is not None
        return user

    def has(self, cap: int) -> bool:
        """True when the client negotiated *cap*."""
        return bool(self.session.caps & cap)

    def to_own_sessions(self, command: str, *params: str) -> None:
        """A line from the user itself, to all its sessions: here as a reply, elsewhere in the journal's order."""
        line = fit(format_line(command, params, self.nick))
        self._out.append(line)
        for session in self.user.sessions:
            if session is not self.session and session.door != PLAIN_DOOR:
                self.server.journal.submit(Submission(None, origin=session.sink, after=f"{line}\r\n".encode()))

    def flush(self, done: Callable[[], None] | None = None) -> None:
        """Hand the gathered replies on: at once, or behind what this client has in the journal. *done* is called
        when they are on their way."""
        lines, self._out = self._out, []
        sink = self.session.sink
        if sink.pending:
            if lines or done is not None:
                self.server.journal.submit(Submission(None, origin=sink, after=self.encode(lines), done=done))
            return
        if lines:
            sink.put(self.encode(lines))
        if done is not None:
            done()

    def as_seen_by(self, session: Session) -> Client:
        """For writing what this client causes for the *session* of another user."""
        other = Client(self.server, session, self._link)
        other.registration = None
        return other

    async def give_way(self) -> None:
        """In the middle of a long answer: hand on what was gathered, and wait until more may be said."""
        self.flush()
        await self._link.give_way()

    # -- submissions --

    def submit(self, submission: Submission) -> None:
        """Put something into the journal's order, behind the replies that came before it."""
        if self.marker is not None and submission.entry is not None:
            marker, self.marker = self.marker, None
            marker(submission)
        if self._labelled is not None:
            self._labelled.take(submission, self.session.sink, self._out)
            return
        if self._out:
            self.flush()
        self.server.journal.submit(submission)

    # -- labels --

    @property
    def labelled(self) -> bool:
        """True while a labelled command is being answered: the answer goes out in one piece."""
        return self._labelled is not None

    def begin_label(self, label: str) -> None:
        """What is said and submitted from here on is the answer to one labelled command."""
        self.resume_label(Labelled(label))

    def hold_label(self) -> Labelled | None:
        """The labelled command, if this is one, is not done when its handler is: answer it later, between
        `resume_label` and `end_label`."""
        labelled, self._labelled = self._labelled, None
        return labelled

    def resume_label(self, labelled: Labelled | None) -> None:
        """What is said and submitted from here on is the answer to the command that was held; None = to none."""
        self.flush()
        self._labelled = labelled

    def end_label(self) -> None:
        """The command is done: send its answer as https://ircv3.net/specs/extensions/labeled-response wants it."""
        labelled, self._labelled = self._labelled, None
        if labelled is None:
            return  # it is held
        lines, self._out = self._out, []
        reference = f"l{self.server.next_batch()}" if self.has(Cap.BATCH) else ""
        answer = labelled.answer(lines, self.server.identity.name, reference)
        if not labelled.submissions:
            self._out = answer
            return
        for submission in labelled.submissions:
            submission.refused = tagged_bytes(submission.refused, labelled.tag)
        sink = self.session.sink
        last = labelled.submissions[-1]
        if last.origin is sink:
            # Part of the submission: if that cannot be stored, nothing may say that it was.
            last.after = self.encode(answer)
        else:
            labelled.submissions.append(Submission(None, origin=sink, after=self.encode(answer)))
        for submission in labelled.submissions:
            self.server.journal.submit(submission)

    def entry(self, command: str, params: Sequence[str], logs: tuple[str, ...] = ()) -> Entry:
        """Something that this client's user does."""
        user = self.user
        return self.server.journal.new_entry(user.source, command, params, logs, user.account, user.tags)

    def room_event(self, room: Room, command: str, *params: str) -> None:
        """Something that this client's user did in *room*, seen by all members and this client."""
        entry = self.entry(command, (room.name, *params), room.logs)
        self.submit(
            Submission(entry, room.audiences, origin=self.session.sink, echo=True, changes=(keeping.record(room),))
        )

    def submit_about(
        self,
        user: User,
        entry: Entry,
        cap: int = 0,
        *,
        echo: bool = False,
        told: Mapping[Sink, Told] = NOTHING_TOLD,
        changes: tuple[Change, ...] = (),
    ) -> None:
        """Something about *user* that is no matter of one room: seen by the user's own sessions, by those in the same
        rooms who may see the user there, and by those who watch the user (extended-monitor); with *cap* only by those
        who negotiated it, and with what is *told* to others. *echo*: this session of the user sees it, too."""
        seen_by: dict[Sink, None] = dict.fromkeys(s.sink for s in user.sessions if not cap or s.caps & cap)
        shown = []
        for room in user.rooms:
            if not room.hides(user):
                shown.append(room.audience)
                continue
            seen_by.update((s.sink, None) for s in room.witnesses(user) if not cap or s.caps & cap)
        if cap:
            for session in self.server.watches.watchers(user.nick):
                if session.caps & Cap.EXTENDED_MONITOR and session.caps & cap:
                    seen_by[session.sink] = None
        origin = self.session.sink if user is self.session.user else None  # somebody else sees it like the others
        self.submit(
            Submission(entry, tuple(shown), list(seen_by), origin=origin, echo=echo, told=told, changes=changes)
        )

    @property
    def not_stored(self) -> bytes:
        """What the sender of a line is told that could not be stored."""
        return (
            f":{self.server.identity.name} FAIL PRIVMSG MESSAGE_NOT_STORED "
            ":Your message could not be stored and was not sent. Try again in a moment.\r\n"
        ).encode()

    # -- coming and going --

    def set_caps(self, caps: int) -> None:
        """Change the negotiated capabilities."""
        self.session.caps = caps
        if not caps & Cap.METADATA:
            self.server.world.metadata.unsubscribe_all(self.session)
        change_flavour(self.session.sink, flavour_of(caps))

    def welcome(self, user: User) -> None:
        """The registration is complete: *user* is here."""
        server = self.server
        server.world.add_user(user, self.session)
        self._registered()
        self.submit(Submission(server.journal.new_entry(user.source, CONNECT, ())))
        self.tell_watchers(user.nick, n.RPL_MONONLINE, user.source)

    def attach(self, user: User) -> None:
        """The registration is complete: this is one more session of *user*, who is here."""
        self.server.world.attach(user, self.session)
        self._registered()

    def _registered(self) -> None:
        self.registration = None
        self.sasl = None
        self.server.unregistered -= 1
        self._link.welcomed()

    def tell_watchers(self, name: str, numeric: Numeric, text: str) -> None:
        """Tell who watches *name* that it came or went."""
        self.server.tell_watchers(name, numeric, text)

    def close(self, reason: str) -> None:
        """End this connection; the user leaves with *reason*."""
        self._link.close(reason)

    def leave(self, reason: str) -> None:
        """The user is gone from the world, its name free, the rooms told. Idempotent; once per connection."""
        if self.closing is not None:
            return
        self.closing = reason
        session, server = self.session, self.server
        if (labelled := self.hold_label()) is not None:
            # Its handler may wait for long; nobody may have the name, and come in, before this one is seen to leave.
            for submission in labelled.submissions:
                server.journal.submit(submission)
        server.watches.clear(session)
        server.world.metadata.leave(session)
        user = session.user
        if user is None:
            server.unregistered -= 1
            return
        if len(user.sessions) > 1 or (server.stays(user) and server.may_be_absent(user)):
            user.sessions.remove(session)
            if not user.sessions:
                user.absent_since = server.journal.next_seq
                for mode in (modes.SERVER_OPERATOR, modes.SERVER_NOTICES):  # for as long as somebody is there
                    server.world.set_user_mode(user, mode, False)
            del server.world.sessions[session.id]
            # Also the rooms whose JOIN is still under way.
            audiences = tuple(dict.fromkeys((*session.sink.follows, *(room.audience for room in user.rooms))))
            unfollow = (session.sink,) if audiences else ()
            changes = server.presence(user)
            self.submit(Submission(None, audiences, origin=session.sink, unfollow=unfollow, changes=changes))
            if not user.sessions and user.away in (None, ABSENT):
                self.set_away(user, NOT_CONNECTED)
            self.note_absence(user)
            return
        self._quit(user, reason)

    def _quit(self, user: User, reason: str) -> None:
        for submission in self.server.departure(user, reason, self.session.sink):
            self.submit(submission)
        self.tell_watchers(user.nick, n.RPL_MONOFFLINE, user.nick)

    def note_absence(self, user: User) -> None:
        """Nobody may be at any client of *user* now (https://ircv3.net/specs/extensions/pre-away): then the user is
        away, unless away with a text already."""
        if user.away is None and user.sessions and all(session.absent for session in user.sessions):
            self.set_away(user, ABSENT)

    def set_away(self, user: User, text: str | None) -> None:
        """*user* is away with *text*, or back (None); who wants to know is told
        (https://ircv3.net/specs/extensions/away-notify)."""
        user.away = text
        entry = self.entry("AWAY", (text,) if text else ())
        self.submit_about(user, entry, Cap.AWAY_NOTIFY)
