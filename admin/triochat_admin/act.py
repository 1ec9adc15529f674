"""The commands that change something: kick, say, announce, shutdown. Every answer counts what was hit."""

from collections.abc import Sequence

from triochat.operations import Outcome, SessionRow
from triochat_admin.grammar import Answer, Call, Question
from triochat_admin.look import nobody
from triochat_admin.text import number, visible

ASK_ABOVE = 3
"""A kick that hits more sessions than this wants a `yes`."""
_NAMED = 20


def kick(call: Call) -> Answer | Question:
    """Disconnect whom the target means; many only after a `yes`."""
    rows = call.operations.find(call.words[0])
    if not rows:
        raise nobody(call.words[0])

    def go() -> Answer:
        outcome = call.operations.kick([row.id for row in rows], call.text, call.by)
        return Answer(f"Kicked {_who(outcome)}", outcome, outcome.count)

    if len(rows) <= ASK_ABOVE or "--yes" in call.options:
        return go()
    return Question(f"This would kick {len(rows):,}: {_names(rows)}.", go)


def say(call: Call) -> Answer:
    """A notice from the server to one room or user."""
    outcome = call.operations.say(call.words[0], call.text, call.by)
    text = f"Said to {visible(call.words[0])}; {number(outcome.count, 'session')} reached."
    return Answer(text, outcome, outcome.count)


def announce(call: Call) -> Answer:
    """A notice from the server to everybody."""
    outcome = call.operations.announce(call.text, call.by)
    return Answer(f"Announced to {number(outcome.count, 'session')}.", outcome, outcome.count)


def shutdown(call: Call) -> Answer:
    """Stop the server kindly, once this answer is on its way."""
    count = call.operations.status().sessions
    told = f"{number(count, 'session')} will be told" if count else "nobody is connected"
    return Answer(
        f"Shutting down; {told}.",
        {"count": count},
        count,
        afterwards=lambda: call.operations.shutdown(call.text, call.by),
    )


def _who(outcome: Outcome) -> str:
    """`1: Bob #9.`, or `0.`"""
    if not outcome.hit:
        return f"{outcome.count:,}."
    more = f" and {outcome.count - _NAMED:,} more" if outcome.count > _NAMED else ""
    return f"{outcome.count:,}: {visible(', '.join(outcome.hit[:_NAMED]))}{more}."


def _names(rows: Sequence[SessionRow]) -> str:
    more = f" and {len(rows) - _NAMED:,} more" if len(rows) > _NAMED else ""
    return visible(", ".join(f"{row.name} #{row.id}" for row in rows[:_NAMED])) + more
