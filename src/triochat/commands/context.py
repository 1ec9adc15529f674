"""What a handler is given: the server around it and the client before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from triochat.commands.labels import Labelled, tagged_bytes
from triochat.domain.audience import change_flavour
from triochat.domain.entry import CONNECT, Entry, Submission
from triochat.domain.errors import Refused
from triochat.domain.limits import Limits
from triochat.domain.past import Past
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.domain.watches import Watches
from triochat.domain.world import World
from triochat.fanout.render import flavour_of
from triochat.ports import Journal
from triochat.proto import isupport
from triochat.proto import numerics as n
from triochat.proto.message import MAX_LINE, append_word, byte_length, cut, fit, format_line
from triochat.proto.numerics import Numeric

_LONGEST_WORD = 100
"""Bytes of a client's own word when it comes back in a reply; no name is longer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the server says that it is. *created* is a date for people."""

    name: str
    network: str
    description: str
    version: str
    created: str
    motd: tuple[str, ...] = ()


@dataclass(slots=True)
class Server:
    """What all clients share. Clocks are handed in: *wall_clock* in seconds since the epoch, *clock* monotonic."""

    identity: Identity
    world: World
    journal: Journal
    limits: Limits
    wall_clock: Callable[[], float]
    clock: Callable[[], float]
    password: str | None = None
    tokens: list[str] = field(default_factory=list)
    """ISUPPORT tokens."""
    past: Past = field(init=False)
    """Who was here (WHOWAS)."""
    watches: Watches = field(default_factory=Watches)
    """Whose coming and going is watched (MONITOR)."""
    unregistered: int = 0
    """Connections that have not given a name yet."""
    batches: int = 0
    """Batch references given out."""

    def __post_init__(self) -> None:
        self.past = Past(self.limits.whowas)
        self.tokens = isupport.tokens(self.identity.network, self.limits)

    def next_batch(self) -> int:
        """A number that no other batch has."""
        self.batches += 1
        return self.batches

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self.wall_clock())


class Link(Protocol):
    """The connection behind a client."""

    def close(self, reason: str) -> None:
        """End the connection; the peer is told why. Never waits."""

    def welcomed(self) -> None:
        """The registration is complete."""


class Registration:
    """What a connection has told of itself before it is a user."""

    __slots__ = ("negotiating", "nick", "password", "realname", "username")

    def __init__(self) -> None:
        self.nick: str | None = None
        self.username: str | None = None
        self.realname = ""
        self.password: str | None = None
        self.negotiating = False
        """True between CAP LS or REQ and CAP END."""


class Client:
    """One connection as handlers see it. Replies gather until `flush`, and never overtake what the client itself
    has submitted: who sends a message and then PING gets the PONG when the message is stored and on its way."""

    speaks_irc: ClassVar[bool] = True

    __slots__ = ("_labelled", "_link", "_out", "closing", "ping_sent", "registration", "server", "session")

    def __init__(self, server: Server, session: Session, link: Link) -> None:
        self.server = server
        self.session = session
        self.registration: Registration | None = Registration()
        self.closing: str | None = None
        """Why this client is leaving, once it is."""
        self.ping_sent: float | None = None
        """When the server's last PING went out that was not answered yet."""
        self._link = link
        self._out: list[str] = []
        self._labelled: Labelled | None = None

    @property
    def user(self) -> User:
        """The registered user; dispatch lets no handler that needs it run without."""
        user = self.session.user
        assert user is not None
        return user

    @property
    def nick(self) -> str:
        """The name by which replies address this client."""
        if self.session.user is not None:
            return self.session.user.nick
        return (self.registration.nick if self.registration is not None else None) or "*"

    def has(self, cap: int) -> bool:
        """True when the client negotiated *cap*."""
        return bool(self.session.caps & cap)

    # -- replies --

    def numeric(self, numeric: Numeric, *params: str, text: str | None = None) -> str:
        """A numeric reply as a line without its end."""
        closing = numeric.text if text is None else text
        server = self.server.identity.name
        if closing:
            return fit(" ".join((f":{server} {numeric.code} {self.nick}", *map(_middle, params), f":{closing}")))
        return fit(format_line(numeric.code, (self.nick, *params), server))

    def reply(self, numeric: Numeric, *params: str, text: str | None = None) -> None:
        """Send a numeric reply; *text* replaces the usual one."""
        self._out.append(self.numeric(numeric, *params, text=text))

    def portions(self, numeric: Numeric, *params: str, words: Iterable[str], separator: str = " ") -> list[str]:
        """All of *words* in texts that are short enough to close this numeric."""
        width = MAX_LINE - 2 - byte_length(self.numeric(numeric, *params, text=" ")) + 1
        texts: list[str] = []
        for word in words:
            append_word(texts, word, width, separator)
        return texts

    def send(self, command: str, *params: str, tags: str = "") -> None:
        """Send a line from the server. *tags* as they stand on the wire."""
        line = fit(format_line(command, params, self.server.identity.name))
        self._out.append(f"@{tags} {line}" if tags else line)

    def send_lines(self, lines: Iterable[str]) -> None:
        """Send ready-made lines."""
        self._out += lines

    def refuse(self, refused: Refused) -> None:
        """Tell what a rule forbids."""
        self.reply(refused.numeric, *refused.params, text=refused.text)

    def fail(self, command: str, code: str, *context: str, text: str) -> None:
        """Send a FAIL (https://ircv3.net/specs/extensions/standard-replies)."""
        words = (f":{self.server.identity.name} FAIL", command, code, *map(_middle, context))
        self._out.append(fit(f"{' '.join(words)} :{text}"))

    def farewell(self, reason: str) -> None:
        """The last line: an ERROR with the reason."""
        self._out.append(fit(f"ERROR :Closing link: {self.session.address} ({reason})"))

    def removed(self, reason: str) -> list[str]:
        """The lines that tell an operator's decision: KILL, so that clients do not come straight back, and ERROR."""
        return [
            fit(f":{self.server.identity.name} KILL {self.nick} :{reason.removeprefix('Kicked: ')}"),
            fit(f"ERROR :Closing link: {self.session.address} ({reason})"),
        ]

    def encode(self, lines: Sequence[str]) -> bytes:
        """Lines as bytes for this client."""
        return ("\r\n".join(lines) + "\r\n").encode() if lines else b""

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

    @property
    def gathered(self) -> int:
        """How many lines wait to be flushed."""
        return len(self._out)

    # -- submissions --

    def submit(self, submission: Submission) -> None:
        """Put something into the journal's order, behind the replies that came before it."""
        if self._labelled is not None:
            self._labelled.take(submission, self.session.sink, self._out)
            return
        if self._out:
            self.flush()
        self.server.journal.submit(submission)

    # -- labels --

    def begin_label(self, label: str) -> None:
        """What is said and submitted from here on is the answer to one labelled command."""
        self.flush()
        self._labelled = Labelled(label)

    def end_label(self) -> None:
        """The command is done: send its answer as https://ircv3.net/specs/extensions/labeled-response wants it."""
        labelled, self._labelled = self._labelled, None
        assert labelled is not None
        lines, self._out = self._out, []
        answer = labelled.answer(lines, self.server.identity.name, f"l{self.server.next_batch()}")
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

    def room_event(self, room: Room, command: str, *params: str) -> None:
        """Something that this client's user did in *room*, seen by all members and this client."""
        user = self.user
        entry = self.server.journal.new_entry(user.source, command, (room.name, *params), room.logs, user.account)
        self.submit(Submission(entry, room.audiences, origin=self.session.sink, echo=True))

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
        change_flavour(self.session.sink, flavour_of(caps))

    def welcome(self, user: User) -> None:
        """The registration is complete: *user* is here."""
        server = self.server
        server.world.add_user(user, self.session)
        self.registration = None
        server.unregistered -= 1
        self._link.welcomed()
        self.submit(Submission(server.journal.new_entry(user.source, CONNECT, ())))
        self.tell_watchers(user.nick, n.RPL_MONONLINE, user.source)

    def tell_watchers(self, name: str, numeric: Numeric, text: str) -> None:
        """Tell who watches *name* that it came or went."""
        server = self.server
        for session in server.watches.watchers(name):
            watcher = session.user.nick if session.user is not None else "*"
            line = f":{server.identity.name} {numeric.code} {watcher} :{text}\r\n".encode()
            server.journal.submit(Submission(None, origin=session.sink, after=line))

    def close(self, reason: str) -> None:
        """End this connection; the user leaves with *reason*."""
        self._link.close(reason)

    def leave(self, reason: str) -> None:
        """The user is gone from the world, its name free, the rooms told. Idempotent; once per connection."""
        if self.closing is not None:
            return
        self.closing = reason
        session, server = self.session, self.server
        server.watches.clear(session)
        user = session.user
        if user is None:
            server.unregistered -= 1
            return
        if len(user.sessions) > 1:
            user.sessions.remove(session)
            del server.world.sessions[session.id]
            audiences = tuple(session.sink.follows)
            self.submit(Submission(None, audiences, origin=session.sink, unfollow=(session.sink,)))
            return
        sinks = user.sinks
        source, account = user.source, user.account
        server.past.remember(user, server.now())
        rooms = server.world.remove_user(user)
        entry: Entry = server.journal.new_entry(source, "QUIT", (reason,), tuple(room.log for room in rooms), account)
        audiences = tuple(room.audience for room in rooms)
        self.submit(Submission(entry, audiences, origin=session.sink, unfollow=sinks))
        self.tell_watchers(user.nick, n.RPL_MONOFFLINE, user.nick)


def _middle(param: str) -> str:
    """*param* fit to stand before others: clients' own words come back in replies, and may be long or hold spaces."""
    if not param or " " in param or param[0] == ":":
        param = param.lstrip(": ").partition(" ")[0] or "*"
    return param if len(param) * 4 <= _LONGEST_WORD else cut(param, _LONGEST_WORD)
