"""The server around all clients: who it is, what it may do, and what it knows of everybody."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from triochat.commands import offers
from triochat.commands.registrar import Registrar
from triochat.domain import keeping, modes, presence
from triochat.domain.audience import Sink
from triochat.domain.bans import Bans
from triochat.domain.entry import Record, Submission
from triochat.domain.limits import Limits
from triochat.domain.markers import Markers
from triochat.domain.metadata import longest_value
from triochat.domain.past import Past
from triochat.domain.policy import AccountPolicy, HistoryPolicy
from triochat.domain.sendings import Sendings
from triochat.domain.tally import Tally
from triochat.domain.throttle import PerNetwork
from triochat.domain.user import User
from triochat.domain.watches import Watches
from triochat.domain.world import World
from triochat.operations import Operations
from triochat.ports import Journal
from triochat.proto import isupport
from triochat.proto import numerics as n
from triochat.proto.numerics import Numeric

NOT_CONNECTED = "Not connected, but can be written to"
"""The away message of a user who stays without a connection."""


AUDIT = "AUDIT"
"""Pseudo command of what operators have done: parameters are the action, its target, how many it hit, a text."""
AUDIT_LOG = "!audit"
"""The log that keeps it. No room and no conversation is called so."""


Observer = Callable[[str, str, str], None]
"""Is told what kind of thing happened (as triochat.operations.Event has it), by whom, and a text."""


_TOLD_ANYHOW = frozenset({"oper", "kill", "chghost"})
"""Deeds of which the operators are told in other words."""


class Ended(Protocol):
    """How the server ends connections from elsewhere."""

    def __call__(self, session_id: int, by: str, reason: str) -> None:
        """End the connection of a session at once; its peer is told who wanted it and why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the server says that it is. *created* is a date for people."""

    name: str
    network: str
    description: str
    version: str
    created: str
    motd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may become an operator of the server (OPER), or use the console: by a password, or by an argon2
    hash of one. *role* is one of triochat.managing.ROLES."""

    name: str
    password: str | None = None
    password_hash: str | None = None
    role: str = "admin"


def _nonce() -> str:
    return secrets.token_urlsafe(18)


@dataclass(slots=True)
class Server:
    """What all clients share. Clocks are handed in: *wall_clock* in seconds since the epoch, *clock* monotonic."""

    identity: Identity
    world: World
    journal: Journal
    limits: Limits
    wall_clock: Callable[[], float]
    clock: Callable[[], float]
    registrar: Registrar
    password: str | None = None
    policy: AccountPolicy = field(default_factory=AccountPolicy)
    history: HistoryPolicy = field(default_factory=HistoryPolicy)
    operators: Mapping[str, Operator] = field(default_factory=dict)
    sts: Callable[[bool], str] | None = None
    """What the capability `sts` says on a connection with or without TLS; None = it is not offered."""
    tokens: list[str] = field(default_factory=list)
    """ISUPPORT tokens."""
    past: Past = field(init=False)
    """Who was here (WHOWAS)."""
    watches: Watches = field(init=False)
    """Whose coming and going is watched (MONITOR)."""
    sendings: Sendings = field(default_factory=Sendings)
    """Lines that clients gave an id of their own."""
    bans: Bans = field(init=False)
    """Whom the server keeps out or silent."""
    markers: Markers = field(init=False)
    """How far people have read (MARKREAD)."""
    fold: Callable[[str], str] = field(init=False)
    """The form by which names are compared."""
    tally: Tally = field(default_factory=Tally)
    """What is counted for operators."""
    unregistered: int = 0
    """Connections that have not given a name yet."""
    end: Ended = field(init=False)
    """Set by who runs the connections."""
    registrations: PerNetwork = field(init=False)
    """How often accounts are made from where (REGISTER)."""
    batches: int = 0
    """Batch references given out."""
    lockdown: int = 0
    """Who is kept out for now: 1 new accounts, 2 also newcomers without an account, 3 all newcomers."""
    operations: Operations | None = None
    """What operators can do at the console; set by who puts it together."""
    nonce: Callable[[], str] = _nonce
    """Makes words that nobody can guess, for SCRAM."""
    observers: list[Observer] = field(default_factory=list)
    """Who watches logins."""
    offered: int = field(init=False)
    """All capabilities that this server has."""
    cap_values: dict[str, str] = field(init=False)
    """The values of those that have one and the same for everybody."""
    first_modes: str = field(init=False)
    """The user modes that everybody begins with."""
    longest_value: int = field(init=False)
    """Bytes of a value of metadata."""

    def __post_init__(self) -> None:
        self.longest_value = longest_value(self.limits, self.world.names, self.identity.name)
        self._offer()
        given = modes.USER_MODES.keys() - {modes.SERVER_OPERATOR, modes.SERVER_NOTICES}  # these are for operators
        self.first_modes = "".join(m for m in self.policy.default_user_modes if m in given)
        self.past = Past(self.limits.whowas, self.world.names)
        self.watches = Watches(self.world.names)
        self.bans = Bans(self.world.names)
        self.markers = Markers()
        self._count_registrations()
        self.fold = self.world.fold
        self.tokens = self._isupport()

    def _isupport(self) -> list[str]:
        return isupport.tokens(
            self.identity.network,
            self.limits,
            casemapping=self.world.names.casemapping,
            chanmodes=modes.CHANMODES,
            prefix=modes.PREFIX,
            history=self.history.max_batch if self.history.enabled else None,
        )

    def _offer(self) -> None:
        self.offered, self.cap_values = offers.of(self.policy, self.history, self.limits, self.longest_value)

    def _count_registrations(self) -> None:
        most = self.limits.registrations_per_hour
        self.registrations = PerNetwork(most / 3600, most)

    def adopt(self, limits: Limits) -> None:
        """These limits count from now on. Who was told of some by `tokens` should be told again."""
        former, self.limits, self.world.limits = self.limits, limits, limits
        self.world.metadata.adopt(limits)
        if former.registrations_per_hour != limits.registrations_per_hour:
            self._count_registrations()
        if former.whowas != limits.whowas:
            self.past.resize(limits.whowas)
        self.tokens = self._isupport()

    def adopt_policy(self, policy: AccountPolicy) -> None:
        """These rules for accounts count from now on; who is told of the capabilities is told by `offering`."""
        self.policy = self.registrar.policy = policy
        self._offer()

    def next_batch(self) -> int:
        """A number that no other batch has."""
        self.batches += 1
        return self.batches

    def admits(self, password: str | None) -> bool:
        """True when the server wants no password, or *password* is it. How long it takes tells nothing of it."""
        wanted = self.password
        return wanted is None or hmac.compare_digest((password or "").encode(), wanted.encode())

    def stays(self, user: User) -> bool:
        """True when *user* stays in the chat although the last connection ends."""
        mode = self.policy.always_on
        if user.account is None or mode == "disabled":
            return False
        account = self.world.accounts.find(user.account)
        wanted = account.persistent if account is not None else False
        return mode == "mandatory" or wanted is True or (mode == "opt-out" and wanted is None)

    def may_be_absent(self, user: User) -> bool:
        """One user of an account may stay without a connection, no more: names are not for hoarding."""
        others = (other for other in self.world.users.values() if not other.sessions and other is not user)
        return not any(other.account == user.account for other in others)

    def happened(self, kind: str, name: str, text: str) -> None:
        """Tell those who watch."""
        for observe in self.observers:
            observe(kind, name, text)

    def announce(self, text: str) -> int:
        """A notice from the server to everybody; how many sessions it reached."""
        sinks = [session.sink for session in self.world.sessions.values()]
        entry = self.journal.new_entry(self.identity.name, "NOTICE", ("*", text))
        self.journal.submit(Submission(entry, recipients=sinks))
        return len(sinks)

    def notice_operators(self, text: str) -> None:
        """Tell the operators who want to know (+s) what concerns them."""
        if not self.world.modes[modes.SERVER_NOTICES]:
            return
        wanting = (user for user in self.world.users.values() if modes.SERVER_NOTICES in user.modes)
        if told := [sink for user in wanting for sink in user.sinks]:
            entry = self.journal.new_entry(self.identity.name, "NOTICE", ("*", f"*** {text}"))
            self.journal.submit(Submission(entry, recipients=told))

    def audit(self, by: str, action: str, target: str = "", text: str = "", count: int | None = None) -> None:
        """Keep in a log of its own, as long as everything is kept, that *by* did something: to whom or what, how many
        it hit, and why. The operators who want to know are told, but not the text, which may be for fewer eyes."""
        hit = "" if count is None else str(count)
        entry = self.journal.new_entry(by, AUDIT, (action, target, hit, text), (AUDIT_LOG,))
        self.journal.submit(Submission(entry))
        if action not in _TOLD_ANYHOW:
            self.notice_operators(" ".join(part for part in (f"{by}:", action, target, hit and f"hit {hit}") if part))

    def end_user(self, user: User, by: str, reason: str) -> None:
        """End all connections of *user*, who does not stay."""
        if not user.sessions:
            for submission in self.departure(user, f"Killed by {by}: {reason}"):
                self.journal.submit(submission)
            self.tell_watchers(user.nick, n.RPL_MONOFFLINE, user.nick)
            return
        user.account = None  # who is nobody in particular does not stay
        for session in list(user.sessions):
            self.end(session.id, by, reason)

    def departure(self, user: User, reason: str, origin: Sink | None = None) -> list[Submission]:
        """Take *user* out of the world. Returns what tells the others."""
        sinks = user.sinks
        hidden = [room for room in user.rooms if room.hides(user)]
        operators = [session.sink for room in hidden for session in room.witnesses(user)]
        self.past.remember(user, self.now())
        self.markers.forget(user)
        rooms = self.world.remove_user(user)
        shown = [room for room in rooms if room not in hidden]
        logs = tuple(room.log for room in shown)
        entry = self.journal.new_entry(user.source, "QUIT", (reason,), logs, user.account, user.tags)
        audiences = tuple(room.audience for room in shown)
        changes = (*keeping.ended(rooms), *presence.removal(user))
        told = [Submission(entry, audiences, operators, origin=origin, unfollow=sinks, changes=changes)]
        if hidden:
            unseen = tuple(room.audience for room in hidden)
            told.append(Submission(None, unseen, origin=origin, unfollow=sinks))
        return told

    def presence(self, user: User) -> tuple[Record, ...]:
        """What keeps *user* in the chat over a restart, if it is one who stays."""
        if user.account is None or not self.stays(user):
            return presence.removal(user)
        return presence.records(self.world, user)

    def tell_watchers(self, name: str, numeric: Numeric, text: str) -> None:
        """Tell who watches *name* that it came or went."""
        for session in self.watches.watchers(name):
            watcher = session.user.nick if session.user is not None else "*"
            line = f":{self.identity.name} {numeric.code} {watcher} :{text}\r\n".encode()
            self.journal.submit(Submission(None, origin=session.sink, after=line))

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self.wall_clock())
