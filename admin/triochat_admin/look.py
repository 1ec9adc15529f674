"""The commands that only look: list, show, rooms, room. They are synchronous and their answers bounded."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from triochat.operations import SessionRow
from triochat_admin import render
from triochat_admin.grammar import Answer, Call, CommandFailed, UsageError, nearest
from triochat_admin.text import number, visible

SHOWN_ROWS = 200
"""Rows of a table as text when nobody says limit=."""
MOST_ROWS = 10_000
"""Rows of any answer."""
_MOST_SHOWN_AT_ONCE = 10

_SORTS: dict[str, Callable[[SessionRow], Any]] = {
    "id": attrgetter("id"),
    "name": lambda row: row.name.casefold(),
    "idle": attrgetter("idle_s"),
    "lag": lambda row: -(row.lag_ms or 0.0),
    "queue": lambda row: -row.outbox_bytes,
    "from": attrgetter("address"),
    "since": attrgetter("connected_s"),
    "account": lambda row: (row.account is None, (row.account or "").casefold()),
}
FILTER_KEYS = ("user", "room", "from", "client", "account", "door", "tls", "parked")
"""Keys that choose sessions, wherever some are meant."""
LIST_KEYS = (*FILTER_KEYS, "sort", "cols", "limit")
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def list_(call: Call) -> Answer:
    """Everybody who is connected, or those who match."""
    columns = _columns(call)
    matches = _matchers(call)
    everybody = call.operations.sessions()
    rows = [row for row in everybody if all(match(row) for match in matches)] if matches else list(everybody)
    if "sort" in call.keys:
        rows.sort(key=_SORTS[_choice("sort", call.keys["sort"], tuple(_SORTS))])
    total = number(len(rows), "session") if matches else number(len({row.name for row in rows}), "user")
    if len({row.name for row in rows}) != len(rows) and not matches:
        total += f", {number(len(rows), 'session')}"
    if matches:
        total += f" of {len(everybody):,}"
    return _table(call, rows, lambda shown: render.sessions(shown, columns), total)


def matching(call: Call) -> list[SessionRow]:
    """The sessions that the keys of *call* choose."""
    matches = _matchers(call)
    return [row for row in call.operations.sessions() if all(match(row) for match in matches)]


def _columns(call: Call) -> tuple[str, ...]:
    names = call.keys.get("cols", "").split(",") if "cols" in call.keys else render.USUAL_COLUMNS
    return tuple(_choice("cols", name.strip().lower(), tuple(render.COLUMNS)) for name in names)


def room(call: Call) -> Answer:
    """Everything about one room."""
    name = call.words[0]
    detail = call.operations.people.room(name if name[:1] == "#" else f"#{name}")
    return Answer(render.room(detail), detail)


def rooms(call: Call) -> Answer:
    """All rooms; of one that is named in full, who is in it."""
    rows = list(call.operations.rooms())
    if call.words:
        wanted = call.words[0].casefold()
        named = [row for row in rows if row.name.casefold() in (wanted, f"#{wanted}")]
        if len(named) == 1:
            room = named[0]
            members = " ".join(room.members[:SHOWN_ROWS])
            more = f" … and {len(room.members) - SHOWN_ROWS:,} more" if len(room.members) > SHOWN_ROWS else ""
            return Answer(f"{render.rooms(named)}\n  {visible(members)}{more}", named)
        rows = [row for row in rows if _like(row.name, call.words[0])]
    # The members of all rooms together may be very many: they are told for one room at a time.
    brief = [{"name": r.name, "users": r.users, "modes": r.modes, "topic": r.topic} for r in rows[:MOST_ROWS]]
    answer = _table(call, rows, render.rooms, number(len(rows), "room"))
    return Answer(answer.text, brief[: _limit(call, MOST_ROWS)])


def show(call: Call) -> Answer:
    """Everything about a user's sessions."""
    rows = call.operations.find(call.words[0])
    if not rows:
        raise nobody(call.words[0])
    details = [call.operations.show(row.id) for row in rows[:_MOST_SHOWN_AT_ONCE]]
    text = "\n".join(map(render.session, details))
    if len(rows) > len(details):
        text += f"\n… and {len(rows) - len(details):,} more sessions; show one by its id."
    return Answer(text, details)


def nobody(target: str) -> CommandFailed:
    """*target* means no session; the data is that of an action that hit nobody."""
    shown = visible(target[:60])
    if re.fullmatch(r"#?\d+", target):
        sentence = f"There is no session #{shown.removeprefix('#')}."
    elif target.startswith("#"):
        sentence = f"{shown} is nobody's name; room={shown} means who is in that room."
    elif re.fullmatch(r"[\d.]+\.[\d.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]+", target):
        sentence = f"Nobody is connected from {shown}."
    else:
        sentence = f"Nobody is called {shown}."
    return CommandFailed(sentence, {"count": 0, "hit": []}, 0)


def _table(call: Call, rows: Sequence[Any], draw: Callable[[Sequence[Any]], str], total: str) -> Answer:
    shown = rows[: _limit(call, SHOWN_ROWS)]
    more = f" … {len(rows) - len(shown):,} more, limit={MOST_ROWS} shows them." if len(shown) < len(rows) else ""
    text = f"{draw(shown)}\n{total}.{more}" if shown else f"{total}."
    return Answer(text, rows[: _limit(call, MOST_ROWS)])


def _limit(call: Call, default: int) -> int:
    text = call.keys.get("limit", str(default))
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not int(text):
        raise UsageError(f"limit= wants a number such as limit={SHOWN_ROWS}.")
    return min(int(text), MOST_ROWS)


def _matchers(call: Call) -> list[Callable[[SessionRow], bool]]:
    matchers = [_matcher(lambda row: (row.name, row.address, row.client, *row.rooms), word) for word in call.words]
    parts: dict[str, Callable[[SessionRow], Iterable[str]]] = {
        "user": lambda row: (row.name,),
        "room": attrgetter("rooms"),
        "from": lambda row: (row.address,),
        "client": lambda row: (row.client,),
        "account": lambda row: (row.account or "",),
        "door": lambda row: (row.door,),
    }
    matchers += [_matcher(part, call.keys[key]) for key, part in parts.items() if key in call.keys]
    for key in ("tls", "parked"):
        if key in call.keys:
            wanted = _YES_NO[_choice(key, call.keys[key], tuple(_YES_NO))]
            matchers.append(lambda row, key=key, wanted=wanted: getattr(row, key) is wanted)  # type: ignore[misc]
    return matchers


def _matcher(parts: Callable[[SessionRow], Iterable[str]], pattern: str) -> Callable[[SessionRow], bool]:
    return lambda row: any(_like(part, pattern) for part in parts(row))


def _like(text: str, pattern: str) -> bool:
    """Whether *text* has *pattern* in it; with `*` or `?` in the pattern, whether it is like it as a whole."""
    text, pattern = text.casefold(), pattern.casefold()
    if "*" in pattern or "?" in pattern:
        return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
    return pattern in text


def _choice(key: str, word: str, choices: Sequence[str]) -> str:
    if word not in choices:
        raise UsageError(f"{key}= wants one of: {', '.join(choices)}. {nearest(word, choices)}".rstrip())
    return word
