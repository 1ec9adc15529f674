"""What operators do to people, accounts, what was said, and the whole server: parts of operations.Operations.

As there, records are frozen and hold plain values, *by* names who acts, for the log and `audit`, and what cannot be
done raises OperationError with one sentence. What does not wait for the disk is synchronous.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from triochat.operations import Outcome

ROLES = ("viewer", "moderator", "admin")
"""What operators may do: look; also act on people and what they say; everything. Each includes those before it."""


def includes(role: str, needed: str) -> bool:
    """Whether who has *role* may do what needs the role *needed*. Who has none may nothing."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


@dataclass(frozen=True, slots=True)
class RoomDetail:
    """Everything about one room. Times are seconds since the epoch; *members* have their prefixes, such as `@Bob`;
    *founders* are accounts; *lists* says how many masks each list has (`b`: bans)."""

    name: str
    users: int
    modes: str
    topic: str
    topic_by: str
    created: int
    permanent: bool
    founders: tuple[str, ...]
    members: tuple[str, ...]
    lists: dict[str, int]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account. *created* is a date; *suspended* the reason, "" = for none, None = it is not. *here*: how many
    connections it has now."""

    name: str
    created: str
    suspended: str | None
    password: bool
    certificates: int
    here: int


@dataclass(frozen=True, slots=True)
class InviteRow:
    """An invitation. *room* "" = to the server alone; *until* is a date and time, None = for ever; *place* is where
    people connect, HOST:PORT, and *link* a URL of it all, the code too."""

    code: str
    room: str
    uses: int
    used: int
    until: str | None
    by: str
    place: str
    link: str


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a room's log. *text* is user input."""

    msgid: str
    time_ms: int
    kind: str
    name: str
    room: str
    text: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit: what it is now, what the settings say, and in how many seconds it will be that again (None: it
    stays). *live*: whether it can be set while the server runs."""

    name: str
    value: float
    usual: float
    meaning: str
    live: bool
    left_s: float | None


@dataclass(frozen=True, slots=True)
class Measures:
    """What holds for the whole server at the moment; *…_s* are seconds left. *lockdown* 0 = none; *connections*
    are those that a drain still waits for."""

    lockdown: int
    lockdown_s: float
    paused_s: float
    draining: bool
    connections: int
    stopping_s: float | None
    stopping_for: str


class People(Protocol):
    """Who is where under which name."""

    def room(self, name: str) -> RoomDetail:
        """Everything about one room."""

    def absent(self, name: str) -> str | None:
        """The name of the user called so, who stays in the chat without a connection; None when there is no such."""

    def end(self, name: str, reason: str, by: str) -> Outcome:
        """Take out of the chat who stays in it without a connection; counts as one."""

    def check_rename(self, session_id: int, new: str) -> None:
        """Raise OperationError unless `rename` would work."""

    def rename(self, session_id: int, new: str, by: str) -> Outcome:
        """Give the user of a session another name, at all its connections."""

    def check_move(self, to: str) -> None:
        """Raise OperationError unless *to* can be the name of a room."""

    def move(self, session_ids: Sequence[int], to: str, out_of: str, by: str) -> Outcome:
        """Put the users of these sessions into the room *to*, whatever its modes say, and take them out of the room
        *out_of*, "" = out of none. Those who cannot be in it, or are, are left where they are and not counted."""

    def close(self, name: str, reason: str, by: str) -> Outcome:
        """Put everybody out of a room, and end it: nobody owns it any more. What was said there is kept."""


class Accounts(Protocol):
    """Registered names. Each method that changes one raises OperationError when there is none, or nothing can be
    stored."""

    def all(self) -> Sequence[AccountRow]:
        """All accounts, by name."""

    async def create(self, name: str, password: str, by: str) -> None:
        """A new one."""

    async def reset(self, name: str, password: str, by: str) -> None:
        """Another password. Who is logged in stays so."""

    async def suspend(self, name: str, reason: str, by: str) -> int:
        """Nobody may log in to it; who is, is sent away: how many connections."""

    async def resume(self, name: str, by: str) -> None:
        """Lift a suspension."""

    async def delete(self, name: str, by: str) -> int:
        """With its private history and its ownership of rooms; how many connections were ended."""


class Invites(Protocol):
    """Codes that let people in whom the server or a room would keep out: they are given as the server's password, and
    count in a lockdown, too."""

    def all(self) -> Sequence[InviteRow]:
        """All that count, oldest first."""

    def create(self, room: str, uses: int, seconds: int, by: str) -> InviteRow:
        """A new one, for so many people and *seconds*."""

    def revoke(self, code: str, by: str) -> InviteRow:
        """It counts no longer; who has come in by it stays."""


class Past(Protocol):
    """What was said in rooms. Private messages are out of reach."""

    async def history(self, room: str, last: int, by: str) -> Sequence[Said]:
        """The *last* lines of a room, oldest first."""

    async def find(self, msgid: str) -> Said:
        """The line of a room that has this msgid."""

    async def redact(self, msgid: str, reason: str, by: str) -> Said:
        """Take a line back: it is gone from the log for good, and clients that can do so hide it."""

    async def export(self, room: str, path: str, by: str) -> int:
        """Write the log of a room to a new file on the server's machine, one JSON object a line; how many lines."""


class Whole(Protocol):
    """The server as a whole. What is for a time ends by itself, and with the server."""

    def measures(self) -> Measures:
        """What holds at the moment."""

    def lockdown(self, level: int, seconds: float, by: str) -> Measures:
        """1: no new accounts; 2: also no newcomers without an account; 3: no newcomers at all; 0: ends it."""

    def pause(self, seconds: float, by: str) -> Measures:
        """Read nothing that clients send; 0 ends it. Nothing is lost: it is read afterwards."""

    def drain(self, on: bool, by: str) -> Measures:
        """Take no new connections (or take them again)."""

    def stop_in(self, seconds: float, reason: str, by: str) -> int:
        """Stop kindly after that time, and announce it now and then until then; how many sessions were told."""

    def cancel(self, by: str) -> int:
        """Do not stop after all; how many sessions were told."""

    def limits(self) -> Sequence[LimitRow]:
        """All limits."""

    def check_limit(self, name: str, value: str) -> LimitRow:
        """The limit called *name* as it would be with *value*; raises OperationError when that cannot be."""

    def set_limit(self, name: str, value: str, seconds: float, by: str) -> LimitRow:
        """Set a limit, for so many seconds, 0 = until the server stops or the settings are read again."""

    async def check_settings(self) -> Sequence[str]:
        """What `reload` would do, in sentences."""

    async def reload(self, by: str) -> Sequence[str]:
        """Read settings, certificate and message of the day anew; nobody is disconnected. What was done, and what
        must wait for a restart, in sentences. When something is wrong, nothing is changed."""
