"""The parts of the small server in memory that keep the promises of triochat.managing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from triochat.managing import AccountRow, InviteRow, LimitRow, Measures, RoomDetail, Said
from triochat.operations import OperationError, Outcome

if TYPE_CHECKING:
    from admin.small_server import SmallServer

Done = list[tuple[object, ...]]


class SmallPeople:
    """Names and rooms of the list of users."""

    def __init__(self, server: SmallServer) -> None:
        self._server = server

    def room(self, name: str) -> RoomDetail:
        for row in self._server.rooms():
            if row.name == name:
                owned = ("Alice",) if name == "#dev" else ()
                members = tuple(f"@{member}" for member in row.members)
                return RoomDetail(name, row.users, row.modes, row.topic, "Bob", 0, False, owned, members, {"b": 2})
        raise OperationError(f"There is no room {name}.")

    def absent(self, name: str) -> str | None:
        return "Ghost" if name.lower() == "ghost" else None

    def end(self, name: str, reason: str, by: str) -> Outcome:
        self._server.done.append(("end", name, reason, by))
        return Outcome(1, (name,))

    def check_rename(self, session_id: int, new: str) -> None:
        if any(row.name.casefold() == new.casefold() for row in self._server.users):
            raise OperationError(f"{new} is here already: choose another name.")

    def rename(self, session_id: int, new: str, by: str) -> Outcome:
        self._server.done.append(("rename", session_id, new, by))
        return Outcome(1, (f"{new} #{session_id}",))

    def check_move(self, to: str) -> None:
        if " " in to:
            raise OperationError(f"{to}: No such channel.")

    def move(self, session_ids: Sequence[int], to: str, out_of: str, by: str) -> Outcome:
        self._server.done.append(("move", list(session_ids), to, out_of, by))
        names = tuple(f"{row.name} #{row.id}" for row in self._server.users if row.id in session_ids)
        return Outcome(len(names), names)

    def close(self, name: str, reason: str, by: str) -> Outcome:
        self._server.done.append(("close", name, reason, by))
        members = tuple(row.name for row in self._server.users if name in row.rooms)
        return Outcome(len(members), members)


class SmallAccounts:
    """Two accounts."""

    def __init__(self, done: Done) -> None:
        self._done = done
        self.rows = [
            AccountRow("Alice", "2026-11-22", None, True, 0, 1),
            AccountRow("Mallory", "2026-11-22", "selling \x1b[2J", False, 0, 0),
        ]

    def all(self) -> Sequence[AccountRow]:
        return self.rows

    async def create(self, name: str, password: str, by: str) -> None:
        self._done.append(("create", name, by))

    async def reset(self, name: str, password: str, by: str) -> None:
        self._done.append(("reset", name, by))

    async def suspend(self, name: str, reason: str, by: str) -> int:
        self._done.append(("suspend", name, reason, by))
        return 1

    async def resume(self, name: str, by: str) -> None:
        self._done.append(("resume", name, by))

    async def delete(self, name: str, by: str) -> int:
        self._done.append(("delete", name, by))
        return 0


class SmallInvites:
    """One invitation."""

    def __init__(self, done: Done) -> None:
        self._done = done
        link = "ircs://:abcd-efgh-jkmn-pqrs@mercury:5000/dev"
        self.row = InviteRow("abcd-efgh-jkmn-pqrs", "#dev", 5, 1, "2026-11-23 18:40", "test", "mercury:5000", link)

    def all(self) -> Sequence[InviteRow]:
        return [self.row]

    def create(self, room: str, uses: int, seconds: int, by: str) -> InviteRow:
        self._done.append(("invite", room, uses, seconds, by))
        return self.row

    def revoke(self, code: str, by: str) -> InviteRow:
        self._done.append(("uninvite", code, by))
        return self.row


class SmallPast:
    """One line."""

    def __init__(self, done: Done) -> None:
        self._done = done
        self.line = Said("m-1", 1_700_000_000_000, "message", "Bob", "#lobby", "hello \x1b[2J")

    async def history(self, room: str, last: int, by: str) -> Sequence[Said]:
        return [self.line]

    async def find(self, msgid: str) -> Said:
        if msgid != self.line.msgid:
            raise OperationError(f"There is no line {msgid} in any room.")
        return self.line

    async def redact(self, msgid: str, reason: str, by: str) -> Said:
        self._done.append(("redact", msgid, reason, by))
        return self.line

    async def export(self, room: str, path: str, by: str) -> int:
        return 3


class SmallWhole:
    """Measures that only say what they are."""

    def __init__(self, done: Done) -> None:
        self._done = done
        self.now = Measures(0, 0.0, 0.0, False, 3, None, "")

    def measures(self) -> Measures:
        return self.now

    def lockdown(self, level: int, seconds: float, by: str) -> Measures:
        self._done.append(("lockdown", level, seconds, by))
        return Measures(level, seconds, 0.0, False, 3, None, "")

    def pause(self, seconds: float, by: str) -> Measures:
        self._done.append(("pause", seconds, by))
        return self.now

    def drain(self, on: bool, by: str) -> Measures:
        self._done.append(("drain", on, by))
        return self.now

    def stop_in(self, seconds: float, reason: str, by: str) -> int:
        self._done.append(("stop in", seconds, reason, by))
        self.now = Measures(0, 0.0, 0.0, False, 3, seconds, reason)
        return 3

    def cancel(self, by: str) -> int:
        self._done.append(("cancel", by))
        return 3

    def limits(self) -> Sequence[LimitRow]:
        return [
            LimitRow("command_rate", 20.0, 20.0, "Lines per second.", True, None),
            LimitRow("nick_length", 32, 32, "Characters of a name.", False, None),
        ]

    def check_limit(self, name: str, value: str) -> LimitRow:
        if name != "command_rate" or not value.isascii() or not value.isdigit() or len(value) > 9:
            raise OperationError("That cannot be set.")
        return LimitRow(name, float(value), 20.0, "Lines per second.", True, None)

    def set_limit(self, name: str, value: str, seconds: float, by: str) -> LimitRow:
        self._done.append(("set", name, value, seconds, by))
        return self.check_limit(name, value)

    async def check_settings(self) -> Sequence[str]:
        return ["server.motd would count at once."]

    async def reload(self, by: str) -> Sequence[str]:
        self._done.append(("reload", by))
        return ["server.motd counts now."]
