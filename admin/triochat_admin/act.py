"""The commands that do something to those who are here: kick, say, announce. Every answer counts what was hit."""

from triochat.operations import Kicked, SessionRow
from triochat_admin.caution import ASK_ABOVE, Done, called, carefully, listed
from triochat_admin.grammar import Answer, Call, CommandFailed, Later
from triochat_admin.look import matching, nobody
from triochat_admin.text import number, took, visible


def meant(call: Call) -> list[SessionRow]:
    """The sessions that the first word means, or the keys in its place; raises CommandFailed when there are none."""
    if call.words:
        rows = list(call.operations.find(call.words[0]))
        if not rows:
            raise nobody(call.words[0])
        return rows
    rows = matching(call)
    if not rows:
        raise CommandFailed("Nobody who is here fits that.", {"count": 0, "hit": []}, 0)
    return rows


def kick(call: Call) -> Done:
    """Disconnect whom the target means; many only after a `yes`."""
    if call.words and (name := call.operations.people.absent(call.words[0])) is not None:
        return _end(call, name)
    rows = meant(call)

    async def finish() -> Answer:
        done = await call.operations.kick([row.id for row in rows], call.text, call.by)
        if not done.count:
            return Answer("Kicked 0: they have left meanwhile.", done, 0)
        gone = set(done.hit)
        hit = [row for row in rows if f"{row.name} #{row.id}" in gone]
        names = listed(called(hit, addresses=True))
        text = f"Kicked {done.count:,}: {names}. {_ended(done, len({row.name for row in hit}))}"
        return Answer(text, done, done.count)

    def go() -> Later:
        return Later(finish)

    preview = f"This would kick {len(rows):,}: {listed(called(rows))}."
    if len(rows) == len(call.operations.sessions()) > 1:
        preview += " That is everybody."
    return carefully(call, preview, go, hit=called(rows), ask=len(rows) > ASK_ABOVE)


def _ended(done: Kicked, names: int) -> str:
    """How fast it went, and whose names are free."""
    one = done.count == 1
    closed = f"{'Connection' if one else 'Connections'} closed in {took(done.took_ms)}"
    if done.closing:
        closed = f"{number(done.closing, 'connection')} not closed yet after {took(done.took_ms)}"
    if not done.kept:
        return f"{closed}, {'name' if names == 1 else 'names'} free."
    are = "is" if len(done.kept) == 1 else "are"
    return f"{closed}; {listed(done.kept)} {are} still here by other connections."


def _end(call: Call, name: str) -> Done:
    """Take out who stays in the chat without a connection."""

    def go() -> Answer:
        outcome = call.operations.people.end(name, call.text, call.by)
        return Answer(
            f"Took {visible(name)}, who had no connection, out of the chat; the name is free.", outcome, outcome.count
        )

    return carefully(
        call, f"This would take {visible(name)}, who has no connection, out of the chat.", go, hit=(name,)
    )


def say(call: Call) -> Done:
    """A notice from the server to one room or user."""
    target, hit = call.words[0], []
    if target[:1] != "#" or target[1:].isdigit():
        rows = call.operations.find(target)
        names = sorted({row.name for row in rows})
        if not rows:
            raise nobody(target)
        if len(names) > 1:
            raise CommandFailed(
                f"That is {listed(names)}: name one of them, or announce.", {"count": 0, "hit": []}, 0
            )
        target, hit = names[0], called(rows)
    elif "--dry-run" in call.options:
        hit = list(call.operations.people.room(target).members)

    def go() -> Answer:
        outcome = call.operations.say(target, call.text, call.by)
        text = f"Said to {visible(target)}; {number(outcome.count, 'session')} reached."
        return Answer(text, outcome, outcome.count)

    preview = f"This would be said to {visible(target)}: {listed(hit) or 'nobody is there'}."
    return carefully(call, preview, go, hit=hit)


def announce(call: Call) -> Done:
    """A notice from the server to everybody."""

    def go() -> Answer:
        outcome = call.operations.announce(call.text, call.by)
        return Answer(f"Announced to {number(outcome.count, 'session')}.", outcome, outcome.count)

    rows = call.operations.sessions()
    return carefully(call, f"This would be announced to {number(len(rows), 'session')}.", go, hit=called(rows))
