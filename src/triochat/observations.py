"""How the server fares, as operators see it: numbers, tasks, findings. Beside triochat.operations, with the same
rules: frozen records with plain values, and methods that never wait for a peer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Level = Literal["OK", "WARN", "BAD"]


@dataclass(frozen=True, slots=True)
class Vitals:
    """The server's pulse. Rates are of the last minute, quantiles of the last thousand commits, stalls of the last
    hour. *loop_busy* is the share of the last minute in which the event loop worked. *disk_free_bytes* None: nothing
    is kept on a disk. *last_error* "" = none since the start."""

    connections: int
    consoles: int
    messages_per_s: float
    deliveries_per_s: float
    commit_p50_ms: float
    commit_p99_ms: float
    loop_worst_ms: float
    loop_busy: float
    disk_free_bytes: int | None
    errors: int
    last_error: str
    last_error_ms: int


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One server process. *name* is that on the wire, *host* of the machine; *listening* says where for what, such as
    `irc 127.0.0.1:5000`."""

    name: str
    host: str
    version: str
    uptime_s: float
    users: int
    sessions: int
    listening: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlowRow:
    """An operation that took long. *kind* is `commit`, `turn`, `command`, `wait` or `fan-out`."""

    id: int
    time_ms: int
    kind: str
    what: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One Trio task. *depth* is how deep it stands in the tree, *waits* where it waits. *more* counts the siblings
    of the same kind that are not told of one by one."""

    id: int
    depth: int
    name: str
    about: str
    waits: str
    more: int


@dataclass(frozen=True, slots=True)
class Stack:
    """Where a task is, the innermost place last."""

    task: TaskRow
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one session has sent and been sent so far; bytes None: the system does not tell. *lag_ms* is that of the
    last PING, otherwise the round trip that the system has measured."""

    id: int
    name: str
    address: str
    client: str
    lines: int
    bytes_in: int | None
    bytes_out: int | None
    outbox_bytes: int
    parked: bool
    idle_s: float
    lag_ms: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What `doctor` has to say about one thing: *text* is plain English, with what to do when it is not OK."""

    level: Level
    about: str
    text: str


class Observations(Protocol):
    """The server as a patient."""

    def vitals(self) -> Vitals:
        """The pulse."""

    def nodes(self) -> Sequence[NodeRow]:
        """The servers that are one chat together: this one, as none is linked to others."""

    def slow(self) -> Sequence[SlowRow]:
        """The last hundred operations that took long, oldest first."""

    def tasks(self) -> Sequence[TaskRow]:
        """The tree of Trio tasks, parents before children."""

    def where(self, target: str) -> Sequence[Stack]:
        """The stacks of what *target* means: a task (`t12`), or as in Operations.find. May be empty."""

    def metrics(self) -> str:
        """All metrics in Prometheus's text format."""

    async def traffic(self) -> tuple[float, Sequence[Traffic]]:
        """What every registered session has sent and been sent, and when that was looked at, on a clock that only
        goes on, in seconds. Who asks again within a second gets the same."""

    async def findings(self) -> Sequence[Finding]:
        """What an experienced operator would notice, the worst first."""
