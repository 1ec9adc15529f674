"""The server's numbers as Prometheus wants them. Everything is read when it is asked for; nothing is kept here.

To add a metric: yield it in `Metrics.collect`. docs/generate.py writes the table of the reference from what is
yielded, and a test compares the dashboard and the alert rules in admin/ with it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from triochat.domain.tally import COMMIT_BOUNDS, TURN_BOUNDS
from triochat.observing.numbers import Counts, Numbers


class Metrics(Collector):
    """A registry of its own, so that nothing is shared with others in the process."""

    def __init__(self, numbers: Callable[[], Numbers]) -> None:
        self._numbers = numbers
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """Everything in the text format."""
        return generate_latest(self.registry)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked of the server before somebody wants to read."""
        return []

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        """The families, for prometheus_client."""
        now = self._numbers()
        yield _gauge("build_info", "Always 1; the label is the version.", 1, {"version": now.version})
        yield _gauge("uptime_seconds", "Time since the start.", now.uptime)
        yield _gauge("connections", "Open connections, also those without a name yet.", now.connections)
        yield _counter("connections_accepted", "Connections that were let in.", now.connections_let_in)
        yield _counter("connections_refused", "Connections that were turned away.", now.connections_refused)
        yield _sessions(now.sessions)
        yield _gauge("users", "People with a name.", now.users)
        yield _gauge("rooms", "Rooms.", now.rooms)
        yield _gauge("consoles", "Open admin consoles.", now.consoles)
        yield _counter("lines_received", "Lines that clients sent.", now.lines)
        yield _counter("lines_delayed", "Lines that were read late, their sender being too fast.", now.lines_delayed)
        yield _counter("messages", "Entries handed out: messages, joins, parts and the like.", now.messages)
        yield _counter("deliveries", "Entries times the sessions that they were for.", now.deliveries)
        yield _histogram("commit_seconds", "How long commits took.", COMMIT_BOUNDS, now.commits)
        yield _gauge("journal_waiting", "Entries and replies that wait for the next commit.", now.journal_waiting)
        yield _gauge("store_accepts", "1 while the store accepts entries, 0 when it does not.", now.store_accepts)
        yield _gauge("outbox_bytes", "Bytes that wait for clients, all together.", now.outbox_total)
        yield _gauge("outbox_largest_bytes", "Bytes that wait for the client with the most.", now.outbox_largest)
        yield _gauge("outboxes_waiting", "Sessions for which bytes wait.", now.outboxes)
        yield _gauge("sessions_parked", "Sessions that do not keep up; they catch up from the log.", now.parked)
        yield _counter("parkings", "How often a session was parked.", now.parkings)
        yield _histogram("loop_turn_seconds", "How long turns of the event loop took.", TURN_BOUNDS, now.turns)
        yield _gauge("loop_worst_turn_seconds", "The longest turn of the last hour.", now.worst_turn)
        yield _counter("slow_operations", "Operations that took long; the console's slow shows them.", now.slow)
        bans = GaugeMetricFamily("triochat_bans", "Bans and mutes of the whole server.", labels=["kind"])
        bans.add_metric(["ban"], now.bans)
        bans.add_metric(["mute"], now.mutes)
        yield bans
        yield _logins(now)
        records = CounterMetricFamily("triochat_log_records", "Warnings and errors in the log.", labels=["level"])
        for level, count in sorted(now.log_records.items()):
            records.add_metric([level], count)
        yield records
        yield _counter("log_lines_missed", "Event lines that nobody took.", now.missed_log_lines)
        if now.disk_free is not None:
            yield _gauge("disk_free_bytes", "Free space where the database lies.", now.disk_free)
        if now.certificate_until is not None:
            about = "When the TLS certificate expires, in seconds since the epoch."
            yield _gauge("certificate_expiry_timestamp_seconds", about, now.certificate_until)


def _gauge(name: str, about: str, value: float, labels: dict[str, str] | None = None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"triochat_{name}", about, labels=list(labels or ()))
    family.add_metric(list((labels or {}).values()), value)
    return family


def _counter(name: str, about: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"triochat_{name}", about, value=value)


def _histogram(name: str, about: str, bounds: Sequence[float], counted: Counts) -> HistogramMetricFamily:
    buckets, total = [], 0
    for bound, count in zip((*map(str, bounds), "+Inf"), counted.counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return HistogramMetricFamily(f"triochat_{name}", about, buckets=buckets, sum_value=counted.seconds)


def _sessions(by_door: Counter[tuple[str, bool]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("triochat_sessions", "Connections with a name, by door.", labels=["door", "tls"])
    for door in ("irc", "line", "websocket"):
        for tls in (False, True):
            family.add_metric([door, "yes" if tls else "no"], by_door[door, tls])
    return family


def _logins(now: Numbers) -> CounterMetricFamily:
    family = CounterMetricFamily("triochat_logins", "Passwords and the like given.", labels=["door", "result"])
    family.add_metric(["chat", "ok"], now.logins)
    family.add_metric(["chat", "failed"], now.failed_logins)
    family.add_metric(["console", "ok"], now.console_logins)
    family.add_metric(["console", "failed"], now.failed_console_logins)
    return family
