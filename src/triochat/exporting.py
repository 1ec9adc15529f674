"""The log of a room for `triochat export`, page by page, on a running server or on its files.

A request and its answer are plain values, fit for JSON.
"""

from collections.abc import Callable, Mapping
from typing import Any

from triochat.domain import multiline
from triochat.domain.entry import LINES, Entry
from triochat.domain.world import World
from triochat.fanout.render import timestamp
from triochat.ports import History, Span, StoreFault
from triochat.proto.message import parse_tags

_PAGE = 500


class ExportDesk:
    """Answers `{"do": "export", "room": …, "after": …, "until": …}`. *newest* is the seq of the newest entry that
    counts."""

    def __init__(self, world: World, history: History, newest: Callable[[], int]) -> None:
        self._world = world
        self._history = history
        self._newest = newest

    async def do(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The `entries` of a page; `after` and `until` ask for the next one, until `after` is null. Or an `error`,
        one sentence."""
        room, after, until = request.get("room"), request.get("after", 0), request.get("until")
        if not isinstance(room, str) or not isinstance(after, int) or not isinstance(until, int | None):
            return {"error": "This is no request."}
        try:
            log = await self.log_of(room)
            if log is None:
                return {"error": f"Nothing is kept of a room {room}."}
            until = self._newest() if until is None else until
            entries = await self._history.read([Span(log, after, until + 1)], _PAGE)
        except StoreFault as fault:
            return {"error": f"The log cannot be read: {fault}."}
        more = entries[-1].seq if len(entries) == _PAGE else None
        return {"entries": [row(entry) for entry in entries], "after": more, "until": until}

    async def log_of(self, name: str) -> str | None:
        """The log of the room that is called so, or was before it ended; None = nothing is. Raises StoreFault."""
        folded = self._world.fold(name if name[:1] == "#" else f"#{name}")
        room = self._world.rooms.get(folded)
        if room is not None:
            return room.log
        return folded if folded in await self._history.logs(folded) else None


def row(entry: Entry) -> dict[str, Any]:
    """*entry* as one line of an export."""
    params = list(entry.params)
    if entry.command in LINES:
        params[1] = multiline.combine(params[1])
    return {
        "seq": entry.seq,
        "time": timestamp(entry.time_ms),
        "msgid": entry.msgid,
        "nick": entry.nick,
        "source": entry.source,
        "account": entry.account,
        "command": entry.command,
        "params": params,
        "tags": parse_tags(entry.tags),
    }
