"""The commands about who is kept out or silent: ban, mute, unban, unmute, bans. No IO."""

import re
import time

from triochat.operations import BanHits, BanRow
from triochat_admin import render
from triochat_admin.grammar import Answer, Call, CommandFailed, Question, UsageError
from triochat_admin.text import duration, number, visible

ASK_ABOVE = 3
"""A ban that hits more sessions than this wants a `yes`."""
_NAMED = 20
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_LONGEST = 100 * 365 * 24 * 3600
_DURATION = re.compile(r"(\d{1,9})([smhdw])")


def ban(call: Call) -> Answer | Question:
    """Keep somebody out of the server."""
    return _bar(call, mute=False)


def mute(call: Call) -> Answer | Question:
    """Keep somebody silent, everywhere on the server."""
    return _bar(call, mute=True)


def _bar(call: Call, *, mute: bool) -> Answer | Question:
    verb = "mute" if mute else "ban"
    seconds = _seconds(call.keys["for"]) if "for" in call.keys else 0
    hits = call.operations.ban_hits(call.words[0])
    everybody = 1 < hits.sessions == len(hits.hit)
    preview = f"This would {verb} {visible(hits.target)}: {_whom(hits)}."
    preview += " That is everybody." if everybody else ""
    preview += " It may mean very many others." if hits.wide else ""
    if "--dry-run" in call.options:
        return Answer(f"{preview} Nothing done.", {"count": 0, "hit": hits.hit, "target": hits.target}, 0)

    def go() -> Answer:
        row, outcome = call.operations.ban(hits.target, mute=mute, seconds=seconds, reason=call.text, by=call.by)
        until = f" until {_when(row.until)}" if row.until else ""
        hit = f"; hit {number(outcome.count, 'session')}" + (
            f": {', '.join(outcome.hit[:_NAMED])}" if outcome.hit else ""
        )
        done = f"{'Muted' if mute else 'Banned'} {row.target}{until} ({row.kind} {row.id}){hit}."
        text = visible(f"{done} un{verb} {row.id} lifts it.")
        return Answer(text, {"count": outcome.count, "hit": outcome.hit, "ban": row}, outcome.count)

    if "--yes" in call.options or not (everybody or hits.wide or len(hits.hit) > ASK_ABOVE):
        return go()
    return Question(preview, go)


def unban(call: Call) -> Answer:
    """Let somebody in again."""
    return _lift(call, mute=False)


def unmute(call: Call) -> Answer:
    """Let somebody speak again."""
    return _lift(call, mute=True)


def _lift(call: Call, *, mute: bool) -> Answer:
    kind = "mute" if mute else "ban"
    lifted = call.operations.unban(call.words[0], mute=mute, by=call.by)
    if not lifted:
        raise CommandFailed(
            f"There is no {kind} {visible(call.words[0][:60])}; bans shows all.", {"count": 0, "lifted": []}, 0
        )
    told = ", ".join(f"{row.kind} {row.id} of {row.target}" for row in lifted)
    return Answer(visible(f"Lifted {told}."), {"count": len(lifted), "lifted": lifted}, len(lifted))


def bans(call: Call) -> Answer:
    """All bans and mutes that hold."""
    rows = list(call.operations.bans())
    if not rows:
        return Answer("Nobody is banned or muted.", rows)
    return Answer(f"{render.table(_TITLES, map(_cells, rows))}\n{number(len(rows), 'entry', 'entries')}.", rows)


_TITLES = ("ID", "KIND", "TARGET", "LEFT", "BY", "REASON")


def _cells(row: BanRow) -> tuple[str, ...]:
    left = duration(row.until - time.time()) if row.until else "for ever"
    return str(row.id), row.kind, row.target, left, row.by, row.reason or "–"


def _whom(hits: BanHits) -> str:
    if not hits.hit:
        return "nobody who is here"
    more = f" and {len(hits.hit) - _NAMED:,} more" if len(hits.hit) > _NAMED else ""
    return visible(f"{len(hits.hit):,} of {number(hits.sessions, 'session')}, {', '.join(hits.hit[:_NAMED])}{more}")


def _when(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _seconds(text: str) -> int:
    parts = _DURATION.findall(text)
    if not parts or "".join(f"{count}{unit}" for count, unit in parts) != text:
        raise UsageError("for= wants a time such as for=30m, for=2h, for=7d or for=1h30m.")
    seconds = sum(int(count) * _UNITS[unit] for count, unit in parts)
    if not 0 < seconds <= _LONGEST:
        raise UsageError("for= wants a time between a second and a hundred years; leave it out for ever.")
    return seconds
