"""A chat server without sockets: lines in, lines out.

World, commands, fan-out and memory store are the real ones. In place of the journal's task stands a queue that is
delivered after each typed line, or, with `held=True`, when a test says so; in place of connections stand sinks that
keep their bytes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeVar

from cheap import registrar
from triochat.commands.context import Client
from triochat.commands.dispatch import handle_line
from triochat.commands.plain import LineClient, handle_plain_line, start
from triochat.commands.server import Identity, Operator, Server
from triochat.domain.audience import Audience, Sink
from triochat.domain.entry import Change, Entry, Replay, Submission
from triochat.domain.limits import Limits
from triochat.domain.names import DEFAULT_ROOM, Names
from triochat.domain.policy import AccountPolicy, HistoryPolicy
from triochat.domain.renames import under
from triochat.domain.user import Session, User
from triochat.domain.world import World
from triochat.fanout.fanout import FanOut
from triochat.fanout.render import encode_always
from triochat.journal.memory import MemoryStore
from triochat.ports import Span, StoreFault
from triochat.proto.framing import LineBuffer

SERVER = "irc.test"
HOST = "192.0.2.1"
NOON = 1_700_000_000
"""When everything happens, in seconds since the epoch."""

T = TypeVar("T")


def at_once(waiting: Awaitable[T]) -> T:
    """The result of something that never really waits."""
    steps = waiting.__await__()
    try:
        next(steps)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    raise AssertionError("this waits")


class QueueJournal:
    """The Journal of ports: a queue in memory."""

    def __init__(self, fan_out: FanOut) -> None:
        self.store = MemoryStore()
        self.history = self.store
        self.broken = False
        """True = the store takes nothing."""
        self._fan_out = fan_out
        self._seq = 0
        self._waiting: list[Submission] = []

    @property
    def next_seq(self) -> int:
        return self._seq + 1

    def skip_to(self, seq: int) -> None:
        """The next entry has this number."""
        assert seq > self._seq
        self._seq = seq - 1

    @property
    def handed_out(self) -> int:
        return self._fan_out.position

    @property
    def full(self) -> bool:
        return False

    async def barrier(self) -> None:
        pass

    async def room_to_submit(self) -> None:
        pass

    async def settled(self, sink: Sink, most: int) -> None:
        pass

    def new_entry(
        self,
        source: str,
        command: str,
        params: Sequence[str],
        logs: tuple[str, ...] = (),
        account: str | None = None,
        tags: str = "",
    ) -> Entry:
        self._seq += 1
        return Entry(
            self._seq, f"m{self._seq}", NOON * 1000 + self._seq, source, command, params, logs, account, tags
        )

    def submit(self, submission: Submission) -> None:
        if submission.origin is not None:
            submission.origin.pending += 1
        self._waiting.append(submission)

    async def keep(self, changes: Sequence[Change]) -> None:
        if self.broken:
            raise StoreFault("disk is gone")
        await self.store.append((), changes)

    def deliver(self) -> None:
        """Commit what waits as one batch and hand it on."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        if self.broken:
            out = [Submission(None, origin=s.origin, after=s.refused) if s.refused else s for s in batch]
            for submission in batch:
                if submission.failed is not None:
                    submission.failed(StoreFault("disk is gone"))
        else:
            out = batch
            entries = [s.entry for s in batch if s.entry is not None and s.entry.logs]
            changes = [change for s in batch for change in s.changes]
            if entries or changes:
                at_once(self.store.append(entries, changes))
        self._fan_out(out)
        for submission in batch:
            if submission.origin is not None:
                submission.origin.pending -= 1


class Unreadable(MemoryStore):
    """A store whose disk is gone."""

    async def read(
        self, spans: Sequence[Span], limit: int, *, newest: bool = False, lines_only: bool = False
    ) -> list[Entry]:
        raise StoreFault("disk is gone")


class KeptBytes:
    """A Sink that takes everything and keeps it."""

    def __init__(self, store: MemoryStore) -> None:
        self.flavour = 0
        self.pending = 0
        self.follows: dict[Audience, int] = {}
        self.received = bytearray()
        self.send: Callable[[bytes], int] = self._take
        self._store = store

    parked = False
    live = True

    def _take(self, data: bytes) -> int:
        self.received += data
        return len(data)

    def put(self, data: bytes) -> None:
        self.received += data

    def queue(self, data: bytes) -> None:
        raise AssertionError("everything was taken")

    def replay(self, audience: Audience, before: int, replay: Replay) -> None:
        spans = [Span(audience.log, replay.after, before)]
        for entry in at_once(self._store.read(spans, replay.lines, newest=True, lines_only=True)):
            self.received += encode_always(under(entry, replay.name), self.flavour)

    def left(self, log: str, after: int, until: int) -> None:
        pass

    def fail(self) -> None:
        raise AssertionError("nobody has gone")


class Chat:
    """The server. The room #lobby is there as it always is."""

    def __init__(
        self,
        *,
        password: str | None = None,
        limits: Limits | None = None,
        held: bool = False,
        identity: Identity | None = None,
        policy: AccountPolicy | None = None,
        history: HistoryPolicy | None = None,
        casemapping: Literal["ascii", "precis"] = "ascii",
        operators: Mapping[str, Operator] | None = None,
    ) -> None:
        self.held = held
        self.clock = 1000.0
        self.fan_out = FanOut()
        self.journal = QueueJournal(self.fan_out)
        limits = limits or Limits()
        policy = policy or AccountPolicy(password_min_length=1)
        self.world = World(limits, Names(casemapping))
        self.world.add_room(DEFAULT_ROOM, NOON, permanent=True).flags = {"n"}
        self.server = Server(
            identity=identity or Identity(SERVER, "TestNet", "A test server", "triochat-1", "today"),
            world=self.world,
            journal=self.journal,
            limits=limits,
            wall_clock=lambda: NOON,
            clock=lambda: self.clock,
            password=password,
            policy=policy,
            history=history or HistoryPolicy(),
            operators=operators or {},
            registrar=registrar(self.world, self.journal.keep, policy, NOON),
        )
        self.server.end = self._end
        self._people: dict[int, Person] = {}
        self._ids = 0

    def _end(self, session_id: int, by: str, reason: str) -> None:
        """See commands.server.Ended."""
        person = self._people[session_id]
        person.gone = f"Killed by {by}: {reason}"
        person.sink.put(person.client.encode(person.client.removed(person.gone, by)))
        person.client.leave(person.gone)

    def account(self, name: str, password: str = "sesame") -> None:
        """Somebody has registered this name."""
        at_once(self.server.registrar.add(name, password))

    @property
    def people(self) -> list["Person"]:
        """Everybody who ever connected."""
        return list(self._people.values())

    def deliver(self) -> None:
        """Let the journal's turn come."""
        self.journal.deliver()

    def connect(self, address: str = HOST) -> "Person":
        """An IRC client that has said nothing yet."""
        return Person(self, self._session(address))

    def user(
        self,
        nick: str,
        caps: str = "",
        *,
        address: str = HOST,
        username: str = "u",
        realname: str = "Real Name",
        account: str = "",
    ) -> "Person":
        """A registered IRC user with these capabilities, whose greeting has been read; logged in to *account*, which
        is made if there is none."""
        person = self.connect(address)
        if account:
            if self.world.accounts.find(account) is None:
                self.account(account)
            person.types(f"PASS {account}:sesame")
        if caps:
            person.types(f"CAP REQ :{caps}", "CAP END")
        person.types(f"NICK {nick}", f"USER {username} 0 * :{realname}")
        assert person.client.registration is None
        return person

    def line_user(self, nick: str) -> "Person":
        """Somebody with nc, in the lobby, whose greeting has been read."""
        person = self.line_connect()
        person.types(nick)
        return person

    def line_connect(self) -> "Person":
        """Somebody with nc who has given no name yet."""
        return Person(self, self._session(HOST, "line"), plain=True)

    def _session(self, address: str, door: str = "irc") -> Session:
        self._ids += 1
        self.server.unregistered += 1
        sink = KeptBytes(self.journal.store)
        return Session(self._ids, sink, address=address, door=door, tls=False, now=self.clock)


class Person:
    """Somebody at a client: types lines and sees lines."""

    def __init__(self, chat: Chat, session: Session, *, plain: bool = False) -> None:
        self.chat = chat
        self.session = session
        chat._people[session.id] = self
        assert isinstance(session.sink, KeptBytes)
        self.sink = session.sink
        self.gone: str | None = None
        """Why the server closed the connection."""
        self.client = LineClient(chat.server, session, self) if plain else Client(chat.server, session, self)
        self._handle = handle_plain_line if plain else handle_line
        if plain:
            start(self.client)

    @property
    def user(self) -> User:
        return self.client.user

    def close(self, reason: str) -> None:
        """See commands.context.Link."""
        self.gone = self.gone or reason

    async def give_way(self) -> None:
        """See commands.context.Link."""

    def welcomed(self) -> None:
        """See commands.context.Link."""

    def types(self, *lines: str | bytes) -> list[str]:
        """Send these lines; what this person then sees."""
        self.sends(*lines)
        return self.sees()

    def sends(self, *lines: str | bytes) -> None:
        """The same without a look at what comes back."""
        for line in lines:
            if self.gone is not None:
                break
            waiting = self._handle(self.client, line if isinstance(line, bytes) else line.encode())
            if waiting is not None:
                at_once(waiting)
            if self.gone is not None:
                self.client.leave(self.gone)
                self.client.farewell(self.gone)
            self.client.flush()
            if not self.chat.held:
                self.chat.deliver()

    def sends_bytes(self, data: bytes) -> None:
        """Send bytes as they are; the server finds the lines in them."""
        self.sends(*LineBuffer(10_000).feed(data))

    def vanishes(self) -> None:
        """The connection breaks."""
        self.gone = "Connection lost"
        self.client.leave(self.gone)
        self.client.flush()
        self.chat.deliver()

    def sees_bytes(self) -> bytes:
        """What came since the last look."""
        received = bytes(self.sink.received)
        self.sink.received.clear()
        return received

    def sees(self) -> list[str]:
        """The lines that came since the last look."""
        received = self.sees_bytes()
        assert not received or received.endswith(b"\r\n")
        return received.decode().split("\r\n")[:-1]


def numerics(lines: Sequence[str]) -> list[str]:
    """The commands of *lines*."""
    return [line.split(" ")[2 if line.startswith("@") else 1] for line in lines]
