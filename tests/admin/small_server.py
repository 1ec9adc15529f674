"""A small server in memory that keeps the promises of triochat.operations, for the console's tests."""

from collections.abc import Sequence
from dataclasses import replace

import trio

from admin.small_desks import SmallAccounts, SmallInvites, SmallPast, SmallPeople, SmallWhole
from triochat.observations import Finding, NodeRow, SlowRow, Stack, TaskRow, Traffic, Vitals
from triochat.operations import (
    AuditRow,
    BanHits,
    BanRow,
    Event,
    Kicked,
    OperationError,
    Outcome,
    RoomRow,
    SessionDetail,
    SessionRow,
    Status,
)


def user(id_: int, name: str, *rooms: str, address: str = "127.0.0.1", **more: object) -> SessionRow:
    row = SessionRow(id_, name, rooms or ("#lobby",), address, "triochat 0.1", False, 4.0, 2.0, 0, False)
    return replace(row, **more)  # type: ignore[arg-type]


def message(name: str, text: str, room: str = "#lobby", readers: int = 2, time_ms: int = 1_700_000_000_114) -> Event:
    return Event(time_ms, "message", name, room, text, readers)


class SmallMonitor:
    """A bounded subscription: what does not fit is dropped and counted."""

    def __init__(self, server: "SmallServer") -> None:
        self.missed = 0
        self.ended = trio.Event()
        self._server = server
        self._send, self._receive = trio.open_memory_channel[Event](10)

    def publish(self, event: Event) -> None:
        try:
            self._send.send_nowait(event)
        except trio.WouldBlock:
            self.missed += 1

    async def next(self) -> Event:
        if self._server.broken:
            raise RuntimeError("a planted bug")
        return await self._receive.receive()

    def at_hand(self, most: int) -> Sequence[Event]:
        return [
            self._receive.receive_nowait() for _ in range(min(most, self._receive.statistics().current_buffer_used))
        ]

    def close(self) -> None:
        self.ended.set()
        if self in self._server.monitors:
            self._server.monitors.remove(self)


class SmallObservations:
    """What a small server tells of itself; sessions say one line and are sent a thousand bytes a look."""

    def __init__(self, server: "SmallServer") -> None:
        self._server = server
        self.looks = 0
        self.operations: list[SlowRow] = []
        self.found = [Finding("WARN", "accounts", "one has no password."), Finding("OK", "disk", "41 GB free.")]
        self.tree = [
            TaskRow(1, 0, "<init>", "", "trio/run.py:1 in init", 0),
            TaskRow(12, 1, "net.connection.Connection.run", "Bob #9", "triochat/net/wire.py:65 in readable", 7),
        ]
        self.last_error = ""

    def vitals(self) -> Vitals:
        return Vitals(
            connections=len(self._server.users),
            consoles=1,
            messages_per_s=2.5,
            deliveries_per_s=1204.0,
            commit_p50_ms=0.4,
            commit_p99_ms=31.0,
            loop_worst_ms=4.0,
            loop_busy=0.12,
            disk_free_bytes=44_023_414_784,
            errors=int(bool(self.last_error)),
            last_error=self.last_error,
            last_error_ms=1_700_000_000_000,
        )

    def nodes(self) -> Sequence[NodeRow]:
        listening = ("irc 127.0.0.1:5000", "admin 127.0.0.1:5001")
        return [NodeRow("mercury.example.org", "mercury", "1.0", 8040.0, 3, 3, listening)]

    def slow(self) -> Sequence[SlowRow]:
        return self.operations

    def tasks(self) -> Sequence[TaskRow]:
        return self.tree

    def where(self, target: str) -> Sequence[Stack]:
        return [Stack(row, ("a.py:1 in f", "b.py:2 in g")) for row in self.tree if target in (f"t{row.id}", "Bob")]

    def metrics(self) -> str:
        return "# HELP triochat_users People with a name.\ntriochat_users 3.0\n"

    async def traffic(self) -> tuple[float, Sequence[Traffic]]:
        if self._server.broken:
            raise RuntimeError("a planted bug")
        self.looks += 1
        return 2.0 * self.looks, [
            Traffic(
                row.id,
                row.name,
                row.address,
                row.client,
                lines=self.looks * row.id,
                bytes_in=self.looks * 10,
                bytes_out=self.looks * 1000,
                outbox_bytes=row.outbox_bytes,
                parked=row.parked,
                idle_s=row.idle_s,
                lag_ms=row.lag_ms,
            )
            for row in self._server.users
        ]

    async def findings(self) -> Sequence[Finding]:
        return self.found


class SmallServer:
    """Users that are a list, and notes of what was done to them."""

    def __init__(self, *users: SessionRow) -> None:
        self.users = list(users) or [user(7, "Alice", "#lobby", "#dev"), user(9, "Bob"), user(12, "Zoë")]
        self.done: list[tuple[object, ...]] = []
        self.monitors: list[SmallMonitor] = []
        self.watchers: list[SmallMonitor] = []
        self.watched = trio.Event()
        self.files: list[str] = []
        self.barred: list[BanRow] = []
        self.broken = False
        self.kicked: Kicked | None = None
        """What a kick is said to have done, in place of the truth."""
        self.people = SmallPeople(self)
        self.accounts = SmallAccounts(self.done)
        self.invites = SmallInvites(self.done)
        self.past = SmallPast(self.done)
        self.whole = SmallWhole(self.done)
        self.observations = SmallObservations(self)

    def status(self) -> Status:
        if self.broken:
            raise RuntimeError("a planted bug")
        return Status(
            version="1.0",
            server="triochat",
            host="mercury",
            uptime_s=8040.0,
            users=len({row.name for row in self.users}),
            sessions=len(self.users),
            rooms=len(self.rooms()),
            messages=1204,
            parked=0,
            waiting_entries=0,
            commit_ms=0.4,
            durability="full",
            memory_bytes=43_000_000,
            missed_log_lines=0,
        )

    def sessions(self) -> Sequence[SessionRow]:
        return list(self.users)

    def find(self, target: str) -> Sequence[SessionRow]:
        return [
            row
            for row in self.users
            if target.removeprefix("#") == str(row.id) or target.lower() == row.name.lower() or target == row.address
        ]

    def show(self, session_id: int) -> SessionDetail:
        for row in self.users:
            if row.id == session_id:
                return SessionDetail(row, "bob", "Bob \x1b[2J", "irc", None, ("batch",), 1_700_000_000.0, 17)
        raise OperationError(f"There is no session #{session_id}.")

    def rooms(self) -> Sequence[RoomRow]:
        names = sorted({room for row in self.users for room in row.rooms})
        members = {name: tuple(row.name for row in self.users if name in row.rooms) for name in names}
        return [RoomRow(name, len(members[name]), "+nt", "cake \x07", members[name]) for name in names]

    async def kick(self, session_ids: Sequence[int], reason: str, by: str) -> Kicked:
        hit = [row for row in self.users if row.id in session_ids]
        self.users = [row for row in self.users if row.id not in session_ids]
        self.done.append(("kick", list(session_ids), reason, by))
        return self.kicked or Kicked(len(hit), tuple(f"{row.name} #{row.id}" for row in hit), 3.0)

    def say(self, target: str, text: str, by: str) -> Outcome:
        reached = [row for row in self.users if target in row.rooms or target == row.name]
        if not reached:
            raise OperationError(f"There is no room or user {target}.")
        self.done.append(("say", target, text, by))
        return Outcome(len(reached))

    def announce(self, text: str, by: str) -> Outcome:
        self.done.append(("announce", text, by))
        return Outcome(len(self.users))

    async def search(self, text: str, room: str, last: int, by: str) -> Sequence[Event]:
        if self.broken:
            raise RuntimeError("a planted bug")
        self.done.append(("search", text, room, last, by))
        said = [message("Alice", "hello \x1b[31m there"), message("Bob", "over\nthere", "#dev")]
        return [event for event in said if room in ("", event.room)][-last:]

    def bans(self) -> Sequence[BanRow]:
        return list(self.barred)

    def ban_hits(self, target: str) -> BanHits:
        if "/" in target and not target[0].isdigit():
            raise OperationError(f"{target} is no network.")
        rows = self.find(target) if "*" not in target else self.users
        return BanHits(target, "/" in target, tuple(f"{row.name} #{row.id}" for row in rows), len(self.users))

    def ban(self, target: str, *, mute: bool, seconds: int, reason: str, by: str) -> tuple[BanRow, Outcome]:
        until = 4_000_000_000 if seconds else None
        row = BanRow(len(self.barred) + 1, "mute" if mute else "ban", target, reason, by, 1_700_000_000, until)
        self.barred.append(row)
        self.done.append((row.kind, target, seconds, reason, by))
        hit = self.ban_hits(target).hit
        return row, Outcome(len(hit), hit)

    def unban(self, target: str, *, mute: bool, by: str) -> Sequence[BanRow]:
        kind = "mute" if mute else "ban"
        lifted = [row for row in self.barred if row.kind == kind and target in (str(row.id), row.target)]
        self.barred = [row for row in self.barred if row not in lifted]
        return lifted

    async def audit(self, last: int) -> Sequence[AuditRow]:
        return [
            AuditRow(1_700_000_000_000, str(by), str(action), "", None, "\x1b[2J") for action, *_, by in self.done
        ][-last:]

    def note(self, by: str, action: str, text: str) -> None:
        self.done.append((action, text, by))

    async def backup(self, path: str, by: str) -> int:
        if path in self.files:
            raise OperationError(f"There is no backup: {path} is there already.")
        self.files.append(path)
        return 61_440

    def monitor(self, **wanted: object) -> SmallMonitor:
        monitor = SmallMonitor(self)
        self.monitors.append(monitor)
        self.watchers.append(monitor)
        self.watched.set()
        return monitor

    def publish(self, event: Event) -> None:
        for monitor in self.monitors:
            monitor.publish(event)

    def log(self, level: str) -> SmallMonitor:
        return self.monitor()

    def shutdown(self, reason: str, by: str) -> None:
        self.done.append(("shutdown", reason, by))
