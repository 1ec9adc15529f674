"""Implements observations.Observations over the running server, and gathers what metrics and findings are made of."""

import os
import platform
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import trio

from triochat import __version__
from triochat.commands.server import AUDIT_LOG, Server
from triochat.domain.user import Session, User
from triochat.fanout.fanout import FanOut
from triochat.fanout.outbox import Outbox
from triochat.journal.journal import Journal
from triochat.net.connection import Connection
from triochat.net.server import ChatServer
from triochat.observations import Finding, NodeRow, SlowRow, Stack, TaskRow, Traffic, Vitals
from triochat.observing.answer import Answer
from triochat.observing.certificate import expiry
from triochat.observing.doctor import Door, Facts, findings
from triochat.observing.errors import LogWatch
from triochat.observing.numbers import Counts, Numbers
from triochat.observing.rates import Rates
from triochat.observing.tasks import Tasks
from triochat.observing.turns import Turns
from triochat.ports import Span, StoreFault

if TYPE_CHECKING:
    from triochat.observing.metrics import Metrics

_A_PORTION = 500
"""Sessions that are looked at before others have their turn."""
_LOOK_LASTS = 0.9
"""Seconds for which all who watch the traffic share one look at it."""
_DEEDS = 1000
"""How far back a backup is looked for in the audit."""


@dataclass(slots=True)
class Surroundings:
    """What the observer is told of the parts of the server that it does not see."""

    doors: Sequence[Door] = ()
    certificate: Path | None = None
    """The file that is in use; None = no door speaks TLS."""
    durability: str = "memory"
    database: Path | None = None
    console_password: bool = True
    consoles: Callable[[], int] = lambda: 0
    console_logins: Callable[[], tuple[int, int]] = lambda: (0, 0)
    """Right and wrong passwords given."""
    missed_log_lines: Callable[[], int] = lambda: 0


class _Look(NamedTuple):
    at: float
    rows: Sequence[Traffic]


class Observer:
    """See observations.Observations. Must be made in the Trio run that it observes."""

    def __init__(
        self,
        server: Server,
        chat: ChatServer,
        journal: Journal,
        fan_out: FanOut,
        turns: Turns,
        log: LogWatch,
        around: Surroundings,
    ) -> None:
        root = trio.lowlevel.current_root_task()
        assert root is not None
        self.around = around
        self.task_tree = Tasks(root)
        self._server = server
        self._chat = chat
        self._journal = journal
        self._fan_out = fan_out
        self._turns = turns
        self._log = log
        self._started = server.clock()
        self._rates = Rates()
        self._certificate_until: float | None = None
        self._look: _Look | None = None

    # -- kept up to date by Observatory.run --

    def sample(self) -> None:
        """Remember how the counters stand. Once a second."""
        self._rates.sample(self._server.clock(), self._counters())

    async def read_certificate(self) -> None:
        """Remember until when the certificate holds."""
        path = self.around.certificate
        if path is not None:
            self._certificate_until = await trio.to_thread.run_sync(expiry, path)

    def _counters(self) -> tuple[float, ...]:
        refused = self._journal.tally.refused
        return self._fan_out.messages, self._fan_out.deliveries, self._turns.busy, refused

    # -- Observations --

    def vitals(self) -> Vitals:
        """See Observations."""
        messages, deliveries, busy, _ = self._rates.per_second(self._server.clock(), self._counters())
        commits = self._journal.tally.commits
        return Vitals(
            connections=len(self._chat.connections),
            consoles=self.around.consoles(),
            messages_per_s=messages,
            deliveries_per_s=deliveries,
            commit_p50_ms=commits.quantile(0.5) * 1000,
            commit_p99_ms=commits.quantile(0.99) * 1000,
            loop_worst_ms=self._turns.worst * 1000,
            loop_busy=min(busy, 1.0),
            disk_free_bytes=self._disk_free(),
            errors=self._log.counts["error"],
            last_error=self._log.last_error,
            last_error_ms=self._log.last_error_ms,
        )

    def nodes(self) -> Sequence[NodeRow]:
        """See Observations."""
        server = self._server
        return [
            NodeRow(
                name=server.identity.name,
                host=platform.node(),
                version=__version__,
                uptime_s=server.clock() - self._started,
                users=len(server.world.users),
                sessions=len(server.world.sessions),
                listening=tuple(f"{door.kind} {door.where}" for door in self.around.doors),
            )
        ]

    def slow(self) -> Sequence[SlowRow]:
        """See Observations."""
        noted = self._journal.tally.slow
        return [SlowRow(each.id, each.time_ms, each.kind, each.what, each.seconds * 1000) for each in noted]

    def tasks(self) -> Sequence[TaskRow]:
        """See Observations."""
        return self.task_tree.tree()

    def where(self, target: str) -> Sequence[Stack]:
        """See Observations."""
        if target[:1] == "t" and target[1:].isascii() and target[1:].isdigit() and len(target) < 19:
            found = self.task_tree.stack(int(target[1:]))
            if found is not None:
                return [found]
        number = target.removeprefix("#")
        folded = self._server.world.fold(target)
        meant = [
            connection
            for connection in self._chat.connections.values()
            if _is_meant(connection.session, number, target, folded, self._server.world.fold)
        ]
        return self.task_tree.stacks_of(meant[:_A_PORTION])

    def metrics(self) -> str:
        """See Observations."""
        return self._metrics.text().decode()

    async def traffic(self) -> tuple[float, Sequence[Traffic]]:
        """See Observations."""
        if self._look is None or self._server.clock() - self._look.at >= _LOOK_LASTS:
            self._look = _Look(self._server.clock(), await self._traffic_now())
        return self._look

    async def _traffic_now(self) -> Sequence[Traffic]:
        rows: list[Traffic] = []
        for i, connection in enumerate(list(self._chat.connections.values())):
            if (user := connection.session.user) is not None:
                rows.append(self._traffic(connection, user))
            if i % _A_PORTION == _A_PORTION - 1:
                await trio.lowlevel.checkpoint()
        return rows

    def _traffic(self, connection: Connection, user: User) -> Traffic:
        session, counted = connection.session, connection.traffic
        sink = session.sink
        return Traffic(
            id=session.id,
            name=user.nick,
            address=session.address,
            client=session.client or session.door,
            lines=session.lines_received,
            bytes_in=counted[0] if counted is not None else None,
            bytes_out=counted[1] if counted is not None else None,
            outbox_bytes=sink.waiting if isinstance(sink, Outbox) else 0,
            parked=sink.parked,
            idle_s=max(0.0, self._server.clock() - session.last_active),
            lag_ms=connection.lag_ms,
        )

    async def findings(self) -> Sequence[Finding]:
        """See Observations."""
        await self.read_certificate()
        return findings(self._facts(await self._last_backup()))

    async def _last_backup(self) -> float | None:
        try:
            deeds = await self._journal.history.read([Span(AUDIT_LOG)], _DEEDS, newest=True)
        except StoreFault:
            return None
        times = [entry.time_ms / 1000 for entry in deeds if entry.params[0] == "backup"]
        return max(times, default=None)

    # -- metrics and health --

    def health(self) -> Answer:
        """Whether the chat works, for monitoring systems: 200 or 503."""
        if self._journal.faulty:
            return Answer(503, b"The store accepts no entries.\n")
        return Answer(200, b"ok\n")

    def metrics_page(self) -> Answer:
        """What is answered at /metrics."""
        return Answer(200, self._metrics.text(), "text/plain; version=0.0.4; charset=utf-8")

    @cached_property
    def _metrics(self) -> "Metrics":
        from triochat.observing.metrics import Metrics  # it takes some time and megabytes, and few want metrics

        return Metrics(self.numbers)

    def numbers(self) -> Numbers:
        """Everything that metrics tell, now."""
        server, tally, turns, world = self._server, self._journal.tally, self._turns, self._server.world
        sessions: Counter[tuple[str, bool]] = Counter()
        waiting = total = largest = parked = 0
        now = server.now()
        for session in world.sessions.values():
            sessions[session.door, session.tls] += 1
            sink = session.sink
            if not sink.live:
                parked += sink.parked
                size = sink.waiting if isinstance(sink, Outbox) else 0
                waiting += 1
                total += size
                largest = max(largest, size)
        kinds = Counter(ban.mute for ban in server.bans.all() if not ban.over(now))
        right, wrong = self.around.console_logins()
        return Numbers(
            version=__version__,
            uptime=server.clock() - self._started,
            connections=len(self._chat.connections),
            connections_let_in=tally.connections,
            connections_refused=tally.refused,
            sessions=sessions,
            users=len(world.users),
            rooms=len(world.rooms),
            consoles=self.around.consoles(),
            lines=tally.lines,
            lines_delayed=tally.delayed,
            messages=self._fan_out.messages,
            deliveries=self._fan_out.deliveries,
            commits=Counts(tally.commits.counts, tally.commits.sum),
            turns=Counts(turns.counts, turns.busy),
            worst_turn=turns.worst,
            journal_waiting=self._journal.waiting,
            store_accepts=not self._journal.faulty,
            outbox_total=total,
            outbox_largest=largest,
            outboxes=waiting,
            parked=parked,
            parkings=self._chat.delivery.parkings,
            bans=kinds[False],
            mutes=kinds[True],
            logins=tally.logins,
            failed_logins=tally.failed_logins,
            console_logins=right,
            failed_console_logins=wrong,
            slow=tally.slow.count,
            log_records=self._log.counts,
            missed_log_lines=self.around.missed_log_lines(),
            disk_free=self._disk_free(),
            certificate_until=self._certificate_until,
        )

    def _disk_free(self) -> int | None:
        database = self.around.database
        if database is None:
            return None
        try:
            return shutil.disk_usage(database.parent).free
        except OSError:
            return None

    def _facts(self, last_backup: float | None) -> Facts:
        server, around, journal = self._server, self.around, self._journal
        accounts = list(server.world.accounts)
        parked = [session for session in server.world.sessions.values() if session.sink.parked]
        used, most = _descriptors()
        return Facts(
            now=server.wall_clock(),
            uptime=server.clock() - self._started,
            worst_turn=self._turns.worst,
            commit_p99=journal.tally.commits.quantile(0.99),
            commits=sum(journal.tally.commits.counts),
            store_faulty=journal.faulty,
            durability=around.durability,
            disk_free=self._disk_free(),
            parked=[f"{session.user.nick} #{session.id}" for session in parked if session.user is not None],
            connections=len(self._chat.connections),
            most_connections=server.limits.connections,
            descriptors=used,
            most_descriptors=most,
            refused=journal.tally.refused,
            refused_lately=self._rates.per_second(server.clock(), self._counters())[3] > 0,
            delayed=journal.tally.delayed,
            waiting=journal.waiting,
            most_waiting=server.limits.journal_entries,
            missed_log_lines=around.missed_log_lines(),
            certificate_until=self._certificate_until,
            no_password=[a.name for a in accounts if a.credentials is None and not a.certificates],
            accounts=len(accounts),
            doors=around.doors,
            console_password=around.console_password,
            last_backup=last_backup,
            errors=self._log.counts["error"],
            last_error=self._log.last_error,
            last_error_at=self._log.last_error_ms / 1000,
        )


def _is_meant(session: Session, number: str, target: str, folded: str, fold: Callable[[str], str]) -> bool:
    if str(session.id) == number or session.address == target:
        return True
    return session.user is not None and fold(session.user.nick) == folded


def _descriptors() -> tuple[int | None, int]:
    """How many files are open, None where that is not told, and how many may be."""
    try:
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return len(os.listdir("/proc/self/fd")), most  # noqa: PTH208  # ten thousand Paths are not needed
    except (ImportError, OSError):
        return None, 0
