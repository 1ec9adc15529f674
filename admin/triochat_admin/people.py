"""The commands about who is where under which name: rename, move, close. No IO."""

from triochat.operations import SessionRow
from triochat_admin.act import meant
from triochat_admin.caution import ASK_ABOVE, Done, called, carefully, listed
from triochat_admin.grammar import Answer, Call, CommandFailed
from triochat_admin.text import number, visible


def rename(call: Call) -> Done:
    """Give somebody another name."""
    rows = call.operations.find(call.words[0])
    names = {row.name for row in rows}
    if not rows:
        raise CommandFailed(f"Nobody is called {visible(call.words[0][:60])}.", {"count": 0, "hit": []}, 0)
    if len(names) > 1:
        raise CommandFailed(f"That is {listed(sorted(names))}: name one of them.", {"count": 0, "hit": []}, 0)
    row, new = rows[0], call.words[1]
    call.operations.people.check_rename(row.id, new)

    def go() -> Answer:
        outcome = call.operations.people.rename(row.id, new, call.by)
        return Answer(f"{visible(row.name)} is {visible(new)} now.", outcome, outcome.count)

    return carefully(call, f"This would call {visible(row.name)} {visible(new)}.", go, hit=called(rows))


def move(call: Call) -> Done:
    """Put somebody, or everybody who is in a room, into another room."""
    what, to = call.words
    out_of = call.keys.get("from", "")
    to, out_of = (_room(name) if name else "" for name in (to, out_of))
    if what[:1] == "#" and not what[1:].isdigit():
        out_of = out_of or call.operations.people.room(what).name
        rows = [row for row in call.operations.sessions() if _is_in(row, what)]
        if not rows:
            raise CommandFailed(f"Nobody is in {visible(what[:60])}.", {"count": 0, "hit": []}, 0)
    else:
        rows = meant(call)
    call.operations.people.check_move(to)

    def go() -> Answer:
        outcome = call.operations.people.move([row.id for row in rows], to, out_of, call.by)
        left = f", out of {visible(out_of)}" if out_of else ""
        told = f": {listed(outcome.hit)}" if outcome.hit else "; who is there already, or here by plain lines, stays"
        return Answer(f"Moved {outcome.count:,} to {visible(to)}{left}{told}.", outcome, outcome.count)

    left = f" out of {visible(out_of)}" if out_of else ""
    preview = f"This would move {len(rows):,}{left} to {visible(to)}: {listed(called(rows))}."
    return carefully(call, preview, go, hit=called(rows), ask=len(rows) > ASK_ABOVE)


def close(call: Call) -> Done:
    """Put everybody out of a room, and end it."""
    detail = call.operations.people.room(_room(call.words[0]))

    def go() -> Answer:
        outcome = call.operations.people.close(detail.name, call.text, call.by)
        told = f": {listed(outcome.hit)}" if outcome.hit else ""
        return Answer(f"Closed {visible(detail.name)}; put out {outcome.count:,}{told}.", outcome, outcome.count)

    owned = f" It belongs to {listed(detail.founders)}, who would lose it." if detail.founders else ""
    inside = f" {number(detail.users, 'user')} would be put out." if detail.users else " Nobody is in it."
    preview = f"This would close {visible(detail.name)}.{inside}{owned}"
    ask = detail.users > ASK_ABOVE or bool(detail.founders)
    return carefully(call, preview, go, hit=detail.members, ask=ask)


def _room(name: str) -> str:
    return name if name[:1] == "#" else f"#{name}"


def _is_in(row: SessionRow, room: str) -> bool:
    return any(name.casefold() == room.casefold() for name in row.rooms)
