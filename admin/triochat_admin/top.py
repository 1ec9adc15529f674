"""What `top` shows: who sends and is sent how much, from two looks at all sessions' counters. No IO, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triochat.observations import Traffic
from triochat_admin import render
from triochat_admin.grammar import Call, Refreshing, UsageError, nearest
from triochat_admin.text import duration, milliseconds, number, size

EVERY = 2.0
"""Seconds between two pictures when nobody says every=."""
ROWS = 20
_MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Flow:
    """One session in the time between two looks; *bytes_…_per_s* None: not known."""

    id: int
    name: str
    address: str
    client: str
    messages_per_s: float
    bytes_in_per_s: float | None
    bytes_out_per_s: float | None
    outbox_bytes: int
    parked: bool
    idle_s: float
    lag_ms: float | None


SORTS: dict[str, Callable[[Flow], object]] = {
    "messages": lambda flow: (-flow.messages_per_s, -(flow.bytes_out_per_s or 0.0), flow.id),
    "bytes": lambda flow: (-(flow.bytes_in_per_s or 0.0) - (flow.bytes_out_per_s or 0.0), flow.id),
    "queue": lambda flow: (-flow.outbox_bytes, flow.id),
    "lag": lambda flow: (-(flow.lag_ms or 0.0), flow.id),
    "idle": lambda flow: (flow.idle_s, flow.id),
}


def top(call: Call) -> Refreshing:
    """Show the busiest sessions until stopped."""
    sort = call.keys.get("sort", "messages")
    if sort not in SORTS:
        raise UsageError(f"sort= wants one of: {', '.join(SORTS)}. {nearest(sort, tuple(SORTS))}".rstrip())
    every = _number("every", call.keys.get("every", f"{EVERY:g}"), 60)
    rows = int(_number("limit", call.keys.get("limit", str(ROWS)), _MOST_ROWS))
    picture = Picture(sort, rows, chosen="limit" in call.keys)
    return Refreshing(call.operations.observations.traffic, picture, every, once="--once" in call.options)


def _number(key: str, text: str, most: int) -> float:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) <= most:
        raise UsageError(f"{key}= wants a whole number from 1 to {most:,}.")
    return int(text)


class Picture:
    """Turns looks into tables."""

    def __init__(self, sort: str, rows: int, *, chosen: bool = True) -> None:
        """*chosen*: somebody wanted so many *rows*, whatever the height of the terminal."""
        self._sort = sort
        self._rows = rows
        self._chosen = chosen
        self._before: dict[int, Traffic] | None = None
        self._at = 0.0
        self._flows: list[Flow] = []

    def look(self, at: float, traffic: Sequence[Traffic]) -> list[Flow]:
        """What happened since the last look; nothing at the first. *at* is when *traffic* was looked at."""
        if at == self._at and self._before is not None:
            return self._flows
        before, elapsed = self._before, max(at - self._at, 0.001)
        self._before, self._at = {row.id: row for row in traffic}, at
        if before is not None:
            self._flows = [_flow(row, before.get(row.id), elapsed) for row in traffic]
            self._flows.sort(key=SORTS[self._sort])  # type: ignore[arg-type]  # each key is of one kind
        return self._flows

    def data(self, flows: Sequence[Flow]) -> Sequence[Flow]:
        """As many as were asked for."""
        return flows[: self._rows]

    def text(self, flows: Sequence[Flow], height: int = 0) -> str:
        """A table that fits into so many lines, 0 = not known."""
        rows = self._rows if self._chosen or not height else max(1, min(self._rows, height - 4))
        messages = sum(flow.messages_per_s for flow in flows)
        incoming = sum(flow.bytes_in_per_s or 0.0 for flow in flows)
        outgoing = sum(flow.bytes_out_per_s or 0.0 for flow in flows)
        head = (
            f"{number(len(flows), 'session')}, {messages:,.1f} lines/s from them, {size(int(incoming))}/s in, "
            f"{size(int(outgoing))}/s out; by {self._sort}"
        )
        return f"{head}\n{render.table(_TITLES, map(_cells, flows[:rows]))}"


_TITLES = ("ID", "NAME", "FROM", "LINES/S", "IN/S", "OUT/S", "QUEUE", "LAG", "IDLE")


def _flow(row: Traffic, before: Traffic | None, elapsed: float) -> Flow:
    return Flow(
        id=row.id,
        name=row.name,
        address=row.address,
        client=row.client,
        messages_per_s=(row.lines - (before.lines if before else 0)) / elapsed,
        bytes_in_per_s=_rate(row.bytes_in, before.bytes_in if before else 0, elapsed),
        bytes_out_per_s=_rate(row.bytes_out, before.bytes_out if before else 0, elapsed),
        outbox_bytes=row.outbox_bytes,
        parked=row.parked,
        idle_s=row.idle_s,
        lag_ms=row.lag_ms,
    )


def _rate(now: int | None, before: int | None, elapsed: float) -> float | None:
    return max(0, now - before) / elapsed if now is not None and before is not None else None


def _cells(flow: Flow) -> tuple[str, ...]:
    return (
        str(flow.id),
        flow.name,
        flow.address,
        f"{flow.messages_per_s:,.1f}",
        "–" if flow.bytes_in_per_s is None else size(int(flow.bytes_in_per_s)),
        "–" if flow.bytes_out_per_s is None else size(int(flow.bytes_out_per_s)),
        size(flow.outbox_bytes) + ("  parked" if flow.parked else ""),
        milliseconds(flow.lag_ms),
        duration(flow.idle_s),
    )
