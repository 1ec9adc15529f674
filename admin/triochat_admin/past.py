"""The commands that wait for the disk: search, history, redact, export, audit, backup."""

from triochat.managing import Said
from triochat.operations import Event
from triochat_admin import render
from triochat_admin.caution import carefully
from triochat_admin.grammar import CONTENT, Answer, Call, Later, Question, UsageError
from triochat_admin.text import number, size, visible

LAST = 20
"""Lines that are shown when nobody says last=."""
_MOST = 1000


def search(call: Call) -> Later:
    """Lines of rooms by their words."""
    last, room, words = _last(call), call.keys.get("room", ""), call.words
    if not room and len(words) > 1 and words[-1][:1] == "#":
        words, room = words[:-1], words[-1]
    content = "--content" in call.options
    if room and room[:1] != "#":
        room = f"#{room}"

    async def finish() -> Answer:
        found = await call.operations.search(" ".join(words), room, last, call.by)
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


def history(call: Call) -> Later:
    """The newest lines of a room."""
    last, room = _last(call), _room(call.words[0])
    content = CONTENT in call.options

    async def finish() -> Answer:
        said = await call.operations.past.history(room, last, call.by)
        lines = [render.kept(line, content) for line in said]
        hidden = f" Texts are hidden; {CONTENT} shows them." if said and not content else ""
        lines.append(f"{number(len(said), 'line')}.{hidden}")
        return Answer("\n".join(lines), [_data(line, content) for line in said])

    return Later(finish)


def redact(call: Call) -> Later:
    """Take back what somebody said."""
    msgid = call.words[0]

    async def finish() -> Answer:
        said = await call.operations.past.find(msgid)
        what = f"what {visible(said.name)} said in {visible(said.room)} ({number(len(said.text), 'char')})"
        data = _data(said, False)

        def go() -> Later:
            return Later(take_back)

        async def take_back() -> Answer:
            await call.operations.past.redact(msgid, call.text, call.by)
            return Answer(f"Took back {what}.", {"count": 1, **data}, 1)

        done = carefully(call, f"This would take back {what}.", go, line=data)
        if isinstance(done, Later):
            return await done.finish()
        assert not isinstance(done, Question)
        return done

    return Later(finish)


def export(call: Call) -> Later:
    """The log of a room, in a new file."""
    room, path = _room(call.words[0]), call.words[1]

    async def finish() -> Answer:
        count = await call.operations.past.export(room, path, call.by)
        text = f"Wrote {number(count, 'line')} of {visible(room)} to {visible(path)}."
        return Answer(text, {"file": path, "room": room, "lines": count})

    return Later(finish)


def _room(name: str) -> str:
    return name if name[:1] == "#" else f"#{name}"


def backup(call: Call) -> Later:
    """A copy of all that is kept, in a new file."""

    async def finish() -> Answer:
        count = await call.operations.backup(call.words[0], call.by)
        return Answer(f"Wrote {visible(call.words[0])}, {size(count)}.", {"file": call.words[0], "bytes": count})

    return Later(finish)


def _data(said: Event | Said, content: bool) -> dict[str, object]:
    """A line for programs; what was said only if asked for."""
    told: dict[str, object] = {"msgid": said.msgid} if isinstance(said, Said) else {}
    told |= {
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
