"""What the server's parts need of each other, in domain types. `app` alone decides who fulfils them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from triochat.domain.accounts import Credentials
from triochat.domain.audience import Sink
from triochat.domain.entry import Change, Entry, Sent, Submission


class StoreFault(Exception):
    """The store cannot keep or read entries now; *str(error)* says why, for the operator."""


class Span(NamedTuple):
    """A part of a log: entries whose seq is above *after* and below *before* (None = to the end)."""

    log: str
    after: int = 0
    before: int | None = None


class History(Protocol):
    """Reading the logs. Every method sees all entries whose submission has been fanned out."""

    async def read(
        self, spans: Sequence[Span], limit: int, *, newest: bool = False, lines_only: bool = False
    ) -> list[Entry]:
        """At most *limit* entries of these spans in order, the oldest or the *newest*; *lines_only* leaves out all
        but messages and notices. An entry kept in several of the logs comes once. Raises StoreFault."""

    async def logs(self, prefix: str) -> list[str]:
        """The names of all logs that begin with *prefix*. Raises StoreFault."""

    async def sent(self, id: str) -> Sent | None:
        """The entry that a client called *id*; None when there is none, or it was long ago. Raises StoreFault."""

    async def locate(self, log: str, msgid: str) -> int | None:
        """The seq of an entry by its msgid; None when *log* has no such entry. Raises StoreFault."""

    async def find(self, msgid: str, prefix: str) -> tuple[str, int] | None:
        """A log, of those whose names begin with *prefix*, that has the entry with this msgid, and the entry's seq;
        None when there is none. Raises StoreFault."""

    async def kept_from(self, log: str) -> int:
        """Entries of *log* below this seq may be kept no longer; 0 when all are."""

    async def position_at(self, log: str, time_ms: int) -> int:
        """A seq that divides *log* at a time: entries below it are earlier, the others are not. Raises StoreFault."""

    async def search(
        self,
        spans: Sequence[Span],
        text: str,
        *,
        sender: str = "",
        after_ms: int | None = None,
        before_ms: int | None = None,
        limit: int,
    ) -> list[Entry]:
        """At most *limit* lines of these spans, in order, that have every word of *text* in them, whatever case and
        accents; a word of three letters or more may also be the beginning of a longer one. *sender* is the nick that
        said it; both times are included. "" and None do not choose. The oldest from *after_ms* on when that is
        given, otherwise the newest. Raises StoreFault, also when it takes too long."""


class Store(History, Protocol):
    """Keeps entries. One implementation a technology; all pass the same contract suite."""

    async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
        """Keep *entries* and make *changes*, in this order, all or none; durable, as far as the store is, when this
        returns. Raises StoreFault, and may be called again later. Cancelled before it has begun or not at all."""

    async def tidy(self, now_ms: int) -> bool:
        """Drop a little of what is to be kept no longer, or prepare a little for searches, at most for some
        milliseconds; True = there is more. Raises StoreFault, and may be called again later."""

    def records(self, kind: str) -> dict[str, str]:
        """All records of *kind*, by key. Blocks: for the start of the server. Raises StoreFault."""

    def newest(self) -> tuple[int, int]:
        """The highest seq in the store and its time in ms; zeros when it is empty."""

    def close(self) -> None:
        """Release what the store holds. Nothing else is called afterwards."""


class Passwords(Protocol):
    """Makes and checks what is kept of passwords. May take long, and never delays others."""

    async def make(self, password: str) -> Credentials:
        """What is kept of *password*."""

    async def check(self, credentials: Credentials | None, password: str) -> bool:
        """True when *password* is the one. With None it is False, after as much work."""

    def seeming(self, name: str) -> Credentials:
        """For the first step of SCRAM: what *name*'s would be, if there were one; the same each time."""


class Journal(Protocol):
    """Orders everything that sessions see."""

    history: History

    def new_entry(
        self,
        source: str,
        command: str,
        params: Sequence[str],
        logs: tuple[str, ...] = (),
        account: str | None = None,
        tags: str = "",
    ) -> Entry:
        """An entry with the next seq, its msgid and its time. Submit it before making another."""

    def submit(self, submission: Submission) -> None:
        """Put *submission* in line. Never blocks; who submits looks at `full` and waits in `room_to_submit`."""

    async def keep(self, changes: Sequence[Change]) -> None:
        """Make *changes* in their place in the order; they are durable when this returns. Raises StoreFault: then
        they were not made. Cancelled before they are being made, or not at all."""

    async def barrier(self) -> None:
        """Wait until all that was submitted so far, by anybody, is on its way."""

    @property
    def full(self) -> bool:
        """True when readers should wait before they submit more."""

    async def room_to_submit(self) -> None:
        """Wait until the journal is no longer full."""

    async def settled(self, sink: Sink, most: int) -> None:
        """Wait until at most *most* submissions of *sink* are on their way."""

    @property
    def next_seq(self) -> int:
        """The seq that the next entry will get."""

    @property
    def handed_out(self) -> int:
        """The seq of the newest entry that was handed to the fan-out. The store may be ahead of it."""
