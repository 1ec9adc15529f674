"""All numbers of one moment, as plain values. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """How many times what took how long."""

    counts: Sequence[int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that is told, at one moment. Names say what each is; times in seconds, sizes in bytes."""

    version: str
    uptime: float
    connections: int
    connections_let_in: int
    connections_refused: int
    sessions: Counter[tuple[str, bool]]
    """By door, and by whether TLS is spoken."""
    users: int
    rooms: int
    consoles: int
    lines: int
    lines_delayed: int
    messages: int
    deliveries: int
    commits: Counts
    turns: Counts
    worst_turn: float
    journal_waiting: int
    store_accepts: bool
    outbox_total: int
    outbox_largest: int
    outboxes: int
    """Sessions for which something waits."""
    parked: int
    parkings: int
    bans: int
    mutes: int
    logins: int
    failed_logins: int
    console_logins: int
    failed_console_logins: int
    slow: int
    log_records: Counter[str]
    missed_log_lines: int
    disk_free: int | None
    certificate_until: float | None
