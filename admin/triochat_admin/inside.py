"""The commands that look inside: status, tasks, where, slow, doctor, stats. No IO."""

import time
from collections.abc import Sequence

from triochat.observations import Finding, SlowRow, Stack, TaskRow, Vitals
from triochat_admin import render
from triochat_admin.grammar import Answer, Call, Later
from triochat_admin.look import nobody
from triochat_admin.text import duration, number, size, took, visible


def status(call: Call) -> Answer:
    """The server at a glance."""
    now, pulse = call.operations.status(), call.operations.observations.vitals()
    measures = call.operations.whole.measures()
    text = "\n".join([render.status(now), vitals(pulse), *render.measures(measures)])
    return Answer(text, {**_fields(now), **_fields(pulse), **_fields(measures)})


def nodes(call: Call) -> Answer:
    """The servers that are one chat together."""
    rows = call.operations.observations.nodes()
    cells = (
        (row.name, row.host, row.version, duration(row.uptime_s), f"{row.users:,}", ", ".join(row.listening))
        for row in rows
    )
    shown = render.table(("NODE", "HOST", "VERSION", "UP", "USERS", "LISTENS"), cells)
    return Answer(f"{shown}\n{number(len(rows), 'node')}; this server is not linked to others.", rows)


def tasks(call: Call) -> Answer:
    """The tree of Trio tasks."""
    rows = call.operations.observations.tasks()
    return Answer(tree(rows), rows)


def where(call: Call) -> Answer:
    """Where a task, or the tasks of somebody, wait."""
    stacks = call.operations.observations.where(call.words[0])
    if not stacks:
        raise nobody(call.words[0])
    return Answer("\n".join(map(_stack, stacks)), stacks)


def slow(call: Call) -> Answer:
    """The last operations that took long."""
    rows = call.operations.observations.slow()
    if not rows:
        return Answer("Nothing was slow since the start.", rows)
    table = render.table(("ID", "WHEN", "TOOK", "KIND", "WHAT"), map(_slow_cells, rows))
    return Answer(f"{table}\n{number(len(rows), 'operation')}.", rows)


def doctor(call: Call) -> Later:
    """Findings in plain English."""

    async def finish() -> Answer:
        found = await call.operations.observations.findings()
        return Answer("\n".join(map(_finding, found)), found)

    return Later(finish)


def stats(call: Call) -> Answer:
    """All metrics."""
    text = call.operations.observations.metrics()
    return Answer(visible_page(text), {"metrics": text})


def vitals(pulse: Vitals) -> str:
    """The part of `status` that tells how the server fares."""
    worst, busy = took(pulse.loop_worst_ms), pulse.loop_busy * 100
    lines = [
        f"  traffic   {pulse.messages_per_s:,.1f} messages a second, "
        f"{number(round(pulse.deliveries_per_s), 'delivery', 'deliveries')} (last minute)",
        f"  commits   p50 {took(pulse.commit_p50_ms)}, p99 {took(pulse.commit_p99_ms)} (last thousand)",
        f"  loop      busy {busy:.0f} %, worst stall {worst} in the last hour",
        f"  open      {number(pulse.connections, 'connection')}, {number(pulse.consoles, 'console')}",
        "  nodes     1, this server",
    ]
    if pulse.disk_free_bytes is not None:
        lines.append(f"  disk      {size(pulse.disk_free_bytes)} free")
    if pulse.last_error:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(pulse.last_error_ms // 1000))
        errors = number(pulse.errors, "error")
        lines.append(f"  log       {errors}, the last one {when}: {pulse.last_error}")
    return "\n".join(map(visible, lines))


def tree(rows: Sequence[TaskRow]) -> str:
    """Tasks, each as deep as it stands."""
    lines = []
    for row in rows:
        about = f" ({row.about})" if row.about else ""
        lines.append(f"{'  ' * row.depth}t{row.id} {row.name}{about}  {row.waits}".rstrip())
        if row.more:
            lines.append(f"{'  ' * row.depth}… {row.more:,} more like it")
    return "\n".join(map(visible, lines))


def visible_page(text: str) -> str:
    """*text* of many lines, each safe to print."""
    return "\n".join(map(visible, text.rstrip("\n").split("\n")))


def _stack(stack: Stack) -> str:
    about = f" ({stack.task.about})" if stack.task.about else ""
    lines = [f"t{stack.task.id} {stack.task.name}{about}", *(f"  {frame}" for frame in stack.frames)]
    if not stack.frames:
        lines.append("  about to run")
    return "\n".join(map(visible, lines))


def _slow_cells(row: SlowRow) -> tuple[str, ...]:
    ago = duration(time.time() - row.time_ms / 1000)
    return str(row.id), f"{ago} ago", took(row.took_ms), row.kind, row.what


def _finding(finding: Finding) -> str:
    return visible(f"{finding.level:<4}  {finding.about}: {finding.text}")


def _fields(record: object) -> dict[str, object]:
    fields = render.plain(record)
    assert isinstance(fields, dict)
    return fields
