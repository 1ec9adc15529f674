"""The commands about the whole server: limits, set, lockdown, pause, drain, reload, shutdown, cancel. No IO."""

from triochat.managing import LimitRow, Measures
from triochat_admin import durations, render
from triochat_admin.caution import Done, carefully
from triochat_admin.durations import spoken
from triochat_admin.grammar import Answer, Call, CommandFailed, Later, UsageError
from triochat_admin.text import duration, number, visible

LEVELS = (
    "everybody may come in",
    "no new accounts",
    "no new accounts, and no newcomers without an account",
    "no newcomers at all",
)
"""What each level of a lockdown means."""
_FEW = 5
"""So many limits at most are told in whole sentences."""
_USUAL_LOCKDOWN = 30 * 60
_LONGEST_LOCKDOWN = 30 * 24 * 3600
_USUAL_PAUSE = 5
_LONGEST_PAUSE = 60
_LONGEST_NOTICE = 24 * 3600


def limits(call: Call) -> Answer:
    """All limits, or those with these letters in their names."""
    wanted = call.words[0].lower() if call.words else ""
    rows = [row for row in call.operations.whole.limits() if wanted in row.name]
    cells = (
        (row.name, _value(row.value), _usual(row), "yes" if row.live else "needs a restart", row.meaning)
        for row in rows
    )
    shown = f"{render.table(('LIMIT', 'NOW', 'USUALLY', 'SET', 'MEANING'), cells)}\n" if rows else ""
    # A table has no room for whole sentences; who asks for a few limits wants to read them.
    meanings = "".join(f"{row.name}: {row.meaning}\n" for row in rows) if len(rows) <= _FEW else ""
    return Answer(f"{shown}{meanings}{number(len(rows), 'limit')}.", rows)


def _usual(row: LimitRow) -> str:
    if row.value == row.usual:
        return "the same"
    again = f", again in {duration(round(row.left_s))}" if row.left_s is not None else ""
    return f"{_value(row.usual)}{again}"


def _value(value: float) -> str:
    return f"{value:,g}" if value < 1e6 else f"{value:,.0f}"


def set_(call: Call) -> Done:
    """Another value for a limit, for a time."""
    name, value = call.words[0].removeprefix("limits."), call.words[1]
    lasting = durations.seconds(call, example="10m")
    row = call.operations.whole.check_limit(name, value)
    before = next(known for known in call.operations.whole.limits() if known.name == row.name)
    told = f"{row.name} {_value(before.value)} → {_value(row.value)}"
    until = f" for {spoken(lasting)}" if lasting else " until the server stops or reads its settings again"

    def go() -> Answer:
        done = call.operations.whole.set_limit(row.name, value, lasting, call.by)
        return Answer(f"{told}{until}.", {"count": 1, "limit": done}, 1)

    return carefully(call, f"This would set {told}{until}.", go, limit=row)


def lockdown(call: Call) -> Done:
    """Keep newcomers out for a while."""
    whole = call.operations.whole
    if not call.words:
        now = whole.measures()
        return Answer(_locked(now), now)
    word = call.words[0].lower()
    if word not in ("off", "0", "1", "2", "3"):
        raise UsageError("lockdown wants a level: 1, 2, 3 or off.")
    level = 0 if word == "off" else int(word)
    lasting = durations.seconds(call, default=_USUAL_LOCKDOWN, most=_LONGEST_LOCKDOWN, example="30m")

    def go() -> Answer:
        now = whole.lockdown(level, lasting, call.by)
        return Answer(_locked(now), {"count": 1, "measures": now}, 1)

    ends = f" for {spoken(lasting)}" if level else ""
    return carefully(call, f"This would mean: {LEVELS[level]}{ends}.", go)


def _locked(now: Measures) -> str:
    if not now.lockdown:
        return "No lockdown: everybody may come in."
    left = duration(round(now.lockdown_s))
    return f"Lockdown {now.lockdown}: {LEVELS[now.lockdown]}. It ends by itself in {left}; lockdown off ends it now."


def pause(call: Call) -> Done:
    """Read nothing from clients for some seconds."""
    off = bool(call.words) and call.words[0].lower() == "off"
    if call.words and not off:
        raise UsageError("pause takes for=5s, or off.")
    lasting = 0 if off else durations.seconds(call, default=_USUAL_PAUSE, most=_LONGEST_PAUSE, example="10s")

    def go() -> Answer:
        now = call.operations.whole.pause(lasting, call.by)
        count = call.operations.status().sessions
        if off:
            return Answer("Reading again.", {"count": count, "measures": now}, count)
        text = (
            f"Nothing is read from {number(count, 'session')} for {spoken(lasting)}; then it is. pause off ends it."
        )
        return Answer(text, {"count": count, "measures": now}, count)

    preview = "This would end the pause." if off else f"This would read nothing from anybody for {spoken(lasting)}."
    return carefully(call, preview, go)


def drain(call: Call) -> Done:
    """Take no new connections."""
    word = call.words[0].lower() if call.words else "on"
    if word not in ("on", "off"):
        raise UsageError("drain is on or off.")
    on = word == "on"

    def go() -> Answer:
        now = call.operations.whole.drain(on, call.by)
        left = number(now.connections, "connection")
        text = f"No new connections are taken; {left} left." if on else f"Connections are taken again; {left} now."
        return Answer(text, {"count": now.connections, "measures": now}, now.connections)

    left = number(call.operations.whole.measures().connections, "connection")
    what = f"take no new connections; {left} would be left" if on else "take new connections again"
    return carefully(call, f"This would {what}.", go)


def reload(call: Call) -> Later:
    """Settings, certificate and message of the day anew."""
    check = "--check" in call.options or "--dry-run" in call.options

    async def finish() -> Answer:
        whole = call.operations.whole
        done = await whole.check_settings() if check else await whole.reload(call.by)
        text = "\n".join(visible(sentence) for sentence in done)
        return Answer(text, {"count": 0 if check else 1, "done": done}, 0 if check else 1)

    return Later(finish)


def shutdown(call: Call) -> Done:
    """Stop the server kindly: at once, behind this answer, or after a time that everybody is told."""
    reason = call.keys.get("reason") or call.text
    within = durations.seconds(call, "in", most=_LONGEST_NOTICE, example="60s")
    count = call.operations.status().sessions
    told = number(count, "session")

    def go() -> Answer:
        if within:
            reached = call.operations.whole.stop_in(within, reason, call.by)
            text = f"Announced to {number(reached, 'session')}. Stopping in {spoken(within)} … cancel stops that."
            return Answer(text, {"count": reached}, reached)
        return Answer(
            f"Shutting down; {f'{told} will be told' if count else 'nobody is connected'}.",
            {"count": count},
            count,
            afterwards=lambda: call.operations.shutdown(reason, call.by),
        )

    when = f"in {spoken(within)}" if within else "at once"
    return carefully(call, f"This would stop the server {when}, and disconnect {told}.", go)


def cancel(call: Call) -> Done:
    """No shutdown after all."""
    now = call.operations.whole.measures()
    if now.stopping_s is None:
        raise CommandFailed("No shutdown is under way.", {"count": 0}, 0)

    def go() -> Answer:
        count = call.operations.whole.cancel(call.by)
        return Answer(f"Cancelled; {number(count, 'session')} told.", {"count": count}, count)

    return carefully(call, f"This would cancel the shutdown that is due in {duration(now.stopping_s)}.", go)
