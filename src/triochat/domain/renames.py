"""Rooms that were called otherwise: where people are led who look for them by a former name, and how that is shown
which was said before (https://ircv3.net/specs/extensions/channel-rename)."""

from triochat.domain import multiline
from triochat.domain.entry import LINES, Entry
from triochat.domain.room import Room
from triochat.proto.message import MAX_LINE, byte_length, cut

_LED_FOR = 24 * 3600
"""Seconds for which a former name leads to the room."""
_MOST = 1000
"""Former names that are known at most; the oldest make room."""
_NAMES_ITS_ROOM = LINES | {"JOIN", "KICK", "MODE", "PART", "REDACT", "TAGMSG", "TOPIC"}
"""Entries whose first parameter is the room that they are in."""


class Renames:
    """The rooms of former names, which are folded. Times are the server clock's, in seconds."""

    def __init__(self) -> None:
        self._rooms: dict[str, tuple[Room, float]] = {}

    def add(self, former: str, room: Room, now: float) -> None:
        """*room* was called *former* until now."""
        self._rooms.pop(former, None)
        self._rooms[former] = (room, now)
        if len(self._rooms) > _MOST:
            del self._rooms[next(iter(self._rooms))]

    def find(self, former: str, now: float) -> Room | None:
        """The room that was called *former* lately."""
        room, since = self._rooms.get(former, (None, 0.0))
        if room is not None and (room.ended or now - since > _LED_FOR):
            self.forget(former)
            return None
        return room

    def forget(self, former: str) -> None:
        """*former* is the name of another room now."""
        self._rooms.pop(former, None)


def under(entry: Entry, name: str) -> Entry:
    """*entry*, of the log of a room, as it is shown now that the room is called *name*."""
    if entry.command not in _NAMES_ITS_ROOM or entry.params[0] == name:
        return entry
    params = [name, *entry.params[1:]]
    if entry.command in LINES:
        params[1] = _fitted(params[1], MAX_LINE - byte_length(f":{entry.source} {entry.command} {name} :\r\n"))
    return Entry(
        entry.seq,
        entry.msgid,
        entry.time_ms,
        entry.source,
        entry.command,
        params,
        entry.logs,
        entry.account,
        entry.tags,
    )


def _fitted(text: str, width: int) -> str:
    """*text* in lines of at most *width* bytes: what was written under a shorter name is not cut for a longer one."""
    lines: list[tuple[str, bool]] = []
    for line, continued in multiline.split(text):
        while byte_length(line) > width:
            part = cut(line, width)
            lines.append((part, continued))
            line, continued = line[len(part) :], True
        lines.append((line, continued))
    return multiline.join(lines)
