"""The commands that wait for the disk: search, audit, backup, reload."""

from triochat.operations import Event
from triochat_admin import render
from triochat_admin.grammar import Answer, Call, Later, UsageError
from triochat_admin.text import number, size, visible

LAST = 20
"""Lines that are shown when nobody says last=."""
_MOST = 1000


def search(call: Call) -> Later:
    """Lines of rooms by their words."""
    last, room = _last(call), call.keys.get("room", "")
    content = "--content" in call.options
    if room and room[:1] != "#":
        room = f"#{room}"

    async def finish() -> Answer:
        found = await call.operations.search(" ".join(call.words), room, last, call.by)
        lines = [render.line(said, content) for said in found]
        hidden = " Texts are hidden; --content shows them." if found and not content else ""
        lines.append(f"{number(len(found), 'line')}.{hidden}")
        return Answer("\n".join(lines), [_data(said, content) for said in found])

    return Later(finish)


def audit(call: Call) -> Later:
    """What operators did."""
    last = _last(call)

    async def finish() -> Answer:
        rows = await call.operations.audit(last)
        lines = [render.deed(row) for row in rows]
        return Answer("\n".join([*lines, f"{number(len(rows), 'deed')}."]), rows)

    return Later(finish)


def reload(call: Call) -> Later:
    """The certificate anew."""

    async def finish() -> Answer:
        text = visible(await call.operations.reload(call.by))
        return Answer(text, {"text": text})

    return Later(finish)


def backup(call: Call) -> Later:
    """A copy of all that is kept, in a new file."""

    async def finish() -> Answer:
        count = await call.operations.backup(call.words[0], call.by)
        return Answer(f"Wrote {visible(call.words[0])}, {size(count)}.", {"file": call.words[0], "bytes": count})

    return Later(finish)


def _data(said: Event, content: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "time_ms": said.time_ms,
        "kind": said.kind,
        "name": said.name,
        "room": said.room,
        "chars": len(said.text),
    }
    if content:
        told["text"] = said.text
    return told


def _last(call: Call) -> int:
    text = call.keys.get("last", str(LAST))
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not int(text):
        raise UsageError(f"last= wants a number such as last={LAST}.")
    return min(int(text), _MOST)
