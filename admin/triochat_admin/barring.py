"""The commands about who is kept out or silent: ban, mute, unban, unmute, bans. No IO."""

import time

from triochat.operations import BanHits, BanRow
from triochat_admin import durations, render
from triochat_admin.caution import ASK_ABOVE, Done, carefully, listed
from triochat_admin.grammar import Answer, Call, CommandFailed
from triochat_admin.text import duration, number, visible


def ban(call: Call) -> Done:
    """Keep somebody out of the server."""
    return _bar(call, mute=False)


def mute(call: Call) -> Done:
    """Keep somebody silent, everywhere on the server."""
    return _bar(call, mute=True)


def _bar(call: Call, *, mute: bool) -> Done:
    verb = "mute" if mute else "ban"
    seconds = durations.seconds(call)
    hits = call.operations.ban_hits(call.words[0])
    everybody = 1 < hits.sessions == len(hits.hit)
    preview = f"This would {verb} {visible(hits.target)}: {_whom(hits)}."
    preview += " That is everybody." if everybody else ""
    preview += " It may mean very many others." if hits.wide else ""

    def go() -> Answer:
        row, outcome = call.operations.ban(hits.target, mute=mute, seconds=seconds, reason=call.text, by=call.by)
        until = f" until {_when(row.until)}" if row.until else ""
        hit = f"; hit {number(outcome.count, 'session')}" + (f": {listed(outcome.hit)}" if outcome.hit else "")
        done = f"{'Muted' if mute else 'Banned'} {row.target}{until} ({row.kind} {row.id}){hit}."
        text = visible(f"{done} un{verb} {row.id} lifts it.")
        return Answer(text, {"count": outcome.count, "hit": outcome.hit, "ban": row}, outcome.count)

    ask = everybody or hits.wide or len(hits.hit) > ASK_ABOVE
    return carefully(call, preview, go, hit=hits.hit, ask=ask, target=hits.target)


def unban(call: Call) -> Done:
    """Let somebody in again."""
    return _lift(call, mute=False)


def unmute(call: Call) -> Done:
    """Let somebody speak again."""
    return _lift(call, mute=True)


def _lift(call: Call, *, mute: bool) -> Done:
    kind = "mute" if mute else "ban"
    meant = [row for row in call.operations.bans() if row.kind == kind and _is(row, call.words[0])]

    def go() -> Answer:
        lifted = call.operations.unban(call.words[0], mute=mute, by=call.by)
        if not lifted:
            raise CommandFailed(
                f"There is no {kind} {visible(call.words[0][:60])}; bans shows all.", {"count": 0, "lifted": []}, 0
            )
        told = ", ".join(f"{row.kind} {row.id} of {row.target}" for row in lifted)
        return Answer(visible(f"Lifted {told}."), {"count": len(lifted), "lifted": lifted}, len(lifted))

    told = ", ".join(f"{kind} {row.id} of {row.target}" for row in meant)
    return carefully(call, visible(f"This would lift {told or 'nothing'}."), go, lifted=meant)


def _is(row: BanRow, target: str) -> bool:
    return target.removeprefix("#") == str(row.id) or target.casefold() == row.target.casefold()


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
    return f"{len(hits.hit):,} of {number(hits.sessions, 'session')}, {listed(hits.hit)}"


def _when(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
