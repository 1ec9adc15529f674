"""Answers as text for people and as JSON for programs. No IO; user text comes out safe to print."""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from triochat.managing import Measures, RoomDetail, Said
from triochat.operations import AuditRow, Event, RoomRow, SessionDetail, SessionRow, Status
from triochat_admin.text import clip, duration, milliseconds, number, pad, size, took, visible, visible_lines, width

_WIDEST = {
    "NAME": 24,
    "ROOMS": 32,
    "FROM": 45,
    "CLIENT": 24,
    "TOPIC": 60,
    "ROOM": 32,
    "TARGET": 50,
    "MEANING": 60,
    "BY": 32,
    "REASON": 60,
}
_RIGHT = frozenset({"ID", "USERS"})
NOT_SAID = frozenset({"account", "refused", "operator", "error"})
"""Kinds of events whose texts are the server's own."""
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their content needs, two spaces in front of each; no spaces at the ends of lines."""
    cells = [
        [clip(visible(text), _WIDEST.get(title, 80)) for title, text in zip(titles, row, strict=True)] for row in rows
    ]
    widths = [max(map(width, column)) for column in zip(titles, *cells, strict=True)]
    lines = []
    for row in (list(titles), *cells):
        padded = (
            " " * (columns - width(text)) + text if title in _RIGHT else pad(text, columns)
            for title, text, columns in zip(titles, row, widths, strict=True)
        )
        lines.append(("  " + "  ".join(padded)).rstrip())
    return "\n".join(lines)


def sessions(rows: Sequence[SessionRow], columns: Sequence[str] = ()) -> str:
    """The table that `list` shows; *columns* are some of COLUMNS."""
    chosen = columns or USUAL_COLUMNS
    return table([name.upper() for name in chosen], ([COLUMNS[name](row) for name in chosen] for row in rows))


def _client(row: SessionRow) -> str:
    return (f"{clip(visible(row.client), 20)} TLS" if row.tls else row.client) or "–"


def _queue(row: SessionRow) -> str:
    notes = ("  parked" if row.parked else "") + (f"  stuck {duration(row.stuck_s)}" if row.stuck_s else "")
    return size(row.outbox_bytes) + notes


COLUMNS: dict[str, Callable[[SessionRow], str]] = {
    "id": lambda row: str(row.id),
    "name": lambda row: row.name,
    "account": lambda row: row.account or "–",
    "rooms": lambda row: " ".join(row.rooms[:8]) or "–",
    "from": lambda row: row.address,
    "door": lambda row: row.door,
    "tls": lambda row: "yes" if row.tls else "no",
    "client": _client,
    "since": lambda row: duration(row.connected_s),
    "idle": lambda row: duration(row.idle_s),
    "lag": lambda row: milliseconds(row.lag_ms),
    "queue": _queue,
}
"""What `list` can show of a session."""
USUAL_COLUMNS = ("id", "name", "rooms", "from", "client", "idle", "lag", "queue")


def session(detail: SessionDetail) -> str:
    """All about one session, as `show` tells it."""
    row = detail.row
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(detail.connected_at))
    traffic = number(detail.lines_received, "line")
    if detail.received_bytes is not None and detail.sent_bytes is not None:
        traffic += f" in {size(detail.received_bytes)}; {size(detail.sent_bytes)} sent"
    lines = [
        f"{row.name} #{row.id}, {f'account {row.account}' if row.account else 'guest'}",
        f"  user      {detail.username} ({detail.realname}){f', modes +{detail.modes}' if detail.modes else ''}",
        f"  from      {row.address}, {detail.door}{', TLS' if row.tls else ''}",
        f"  client    {row.client or '–'}",
        f"  since     {since}, idle {duration(row.idle_s)}",
        f"  rooms     {' '.join(row.rooms[:50]) or '–'}",
        f"  received  {traffic}",
        f"  waiting   {_waiting(row)}",
    ]
    if detail.certificate:
        lines.append(f"  shows     certificate:{detail.certificate}")
    if detail.operator:
        lines.append(f"  operator  {detail.operator}")
    if detail.strikes:
        lines.append(f"  strikes   {', '.join(detail.strikes)}")
    if detail.away is not None:
        lines.append(f"  away      {detail.away}")
    if detail.capabilities:
        lines.append(f"  speaks    {' '.join(detail.capabilities)}")
    return "\n".join(visible(line) for line in lines)


def _waiting(row: SessionRow) -> str:
    told = f"{size(row.outbox_bytes)}; lag {milliseconds(row.lag_ms)}"
    if row.stuck_s is not None:
        told += f"; reads nothing for {duration(row.stuck_s)}"
    return told + ("; parked, will catch up from the log" if row.parked else "")


def room(detail: RoomDetail) -> str:
    """All about one room."""
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(detail.created))
    by = f", by {detail.topic_by}" if detail.topic_by else ""
    lines = [
        f"{detail.name}, {number(detail.users, 'user')}",
        f"  modes     {detail.modes}",
        f"  topic     {detail.topic or '–'}{by if detail.topic else ''}",
        f"  since     {since if detail.created else '–'}{', always there' if detail.permanent else ''}",
        f"  owned by  {', '.join(detail.founders[:20]) or 'nobody'}",
    ]
    if detail.lists:
        masks = ", ".join(f"+{mode} {number(count, 'mask')}" for mode, count in sorted(detail.lists.items()))
        lines.append(f"  lists     {masks}")
    more = f" … and {len(detail.members) - 200:,} more" if len(detail.members) > 200 else ""
    lines.append(f"  members   {' '.join(detail.members[:200]) or '–'}{more}")
    return "\n".join(visible(line) for line in lines)


def rooms(rows: Sequence[RoomRow]) -> str:
    """The table that `rooms` shows."""
    cells = ((row.name, str(row.users), row.modes or "–", row.topic or "–") for row in rows)
    return table(("ROOM", "USERS", "MODES", "TOPIC"), cells)


def status(now: Status) -> str:
    """The server at a glance."""
    parked = f", {now.parked} parked" if now.parked else ""
    lines = [
        greeting(now),
        f"  users     {now.users:,} ({number(now.sessions, 'session')}{parked})",
        f"  rooms     {now.rooms:,}",
        f"  messages  {now.messages:,}",
        f"  journal   {now.waiting_entries:,} waiting, last commit {now.commit_ms:.1f} ms, {now.durability}",
        f"  memory    {size(now.memory_bytes)}",
    ]
    if now.missed_log_lines:
        lines.append(f"  log       {number(now.missed_log_lines, 'line')} dropped")
    return "\n".join(visible(line) for line in lines)


def measures(now: Measures) -> list[str]:
    """What holds for the whole server at the moment, a line each."""
    lines = []
    if now.lockdown:
        lines.append(f"  lockdown  {now.lockdown}, ends by itself in {duration(round(now.lockdown_s))}")
    if now.paused_s:
        lines.append(f"  paused    nothing is read for {duration(now.paused_s)}")
    if now.draining:
        lines.append(f"  draining  {number(now.connections, 'connection')} left")
    if now.stopping_s is not None:
        why = f": {now.stopping_for}" if now.stopping_for else ""
        lines.append(f"  stopping  in {duration(round(now.stopping_s))}{why}; cancel stops that")
    return [visible(line) for line in lines]


def greeting(now: Status) -> str:
    """Where one is: `triochat 1.0 on mercury – 3 users in 2 rooms, up 2h14m.`"""
    users, rooms_ = number(now.users, "user"), number(now.rooms, "room")
    return visible(f"triochat {now.version} on {now.host} – {users} in {rooms_}, up {duration(now.uptime_s)}.")


def event(happened: Event, content: bool) -> str:
    """One line of `monitor`; what was said only if *content*."""
    seconds, thousandths = divmod(happened.time_ms, 1000)
    parts = [
        f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{thousandths:03}",
        pad(clip(visible(happened.name) or "–", 16), 16),
        pad(clip(visible(happened.kind), 12), 12),
        visible(happened.room),
    ]
    if happened.text:
        shown = content or happened.kind in NOT_SAID
        parts.append(f"«{visible(happened.text) if shown else number(len(happened.text), 'char')}»")
    if happened.readers:
        parts.append(f"-> {number(happened.readers, 'reader')}")
    if happened.stored_ms is not None:
        parts.append(f"stored {took(happened.stored_ms)}")
    if happened.handed_ms is not None:
        parts.append(f"last reader {'<1 ms' if happened.handed_ms < 1 else f'{happened.handed_ms:.0f} ms'}")
    return "  ".join(part for part in parts if part).rstrip()


def line(said: Event, content: bool) -> str:
    """One line that `search` found; what was said only if *content*."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(said.time_ms // 1000))
    text = visible_lines(said.text).replace("\n", " / ") if content else number(len(said.text), "char")
    return f"{when}  {pad(clip(visible(said.name), 16), 16)}  {visible(said.room)}  «{text}»"


def kept(said: Said, content: bool) -> str:
    """One line of `history`, with the msgid that `redact` takes."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(said.time_ms // 1000))
    text = visible_lines(said.text).replace("\n", " / ") if content else number(len(said.text), "char")
    return f"{when}  {visible(said.msgid)}  {pad(clip(visible(said.name), 16), 16)}  «{text}»"


def deed(row: AuditRow) -> str:
    """One line of `audit`."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.time_ms // 1000))
    hit = f"hit {row.count:,}" if row.count is not None else ""
    parts = (
        when,
        visible(row.by),
        visible(row.action),
        visible(row.target),
        hit,
        f"«{visible(row.text)}»" if row.text else "",
    )
    return "  ".join(part for part in parts if part)


def plain(value: object) -> object:
    """*value* (records, tuples, …) as JSON has it: objects, lists, strings, numbers."""
    return msgspec.to_builtins(value)


def to_json(value: object) -> str:
    """One line of JSON that is safe to print: what could steer a terminal or hide is written as an escape."""
    text = json.dumps(plain(value), ensure_ascii=False)
    return _NOT_ASCII.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if visible(character) == character:
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
