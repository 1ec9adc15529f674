"""Settings read again while the server runs: what counts at once, and what must wait for a restart."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import fields, replace

from triochat.commands.offering import offer_of
from triochat.commands.server import Operator, Server
from triochat.domain.limits import Limits
from triochat.errors import Failure
from triochat.net.server import ChatServer
from triochat.operations import OperationError
from triochat.settings import LISTS, TABLES, OperTable, Settings

LIVE = (
    "connections",
    "connections_per_ip",
    "connection_rate",
    "command_rate",
    "command_burst",
    "address_rate",
    "account_rate",
    "flood_time",
    "login_attempts",
    "registrations_per_hour",
    "topic_length",
    "away_length",
    "kick_length",
    "list_modes",
    "rooms_founded",
    "rooms_per_user",
    "monitor",
    "metadata_rate",
    "whowas",
    "targets",
    "read_queue",
    "outbox",
    "journal_entries",
    "pending_handshakes",
    "consoles",
)
"""Limits that can change while the server runs. The others are part of the names that people have already, or of
capabilities that clients have taken."""
_REGISTERING = (
    "registration",
    "registration_before_connect",
    "registration_email_required",
    "registration_custom_name",
    "password_min_length",
)
_AT_ONCE = {
    "server": ("motd", "password", "description", "log_level"),
    "limits": LIVE,
    "accounts": _REGISTERING,
}

"""Keys of tables that count at once; of `timeouts`, all do. So does the list `oper`."""


def operators_of(tables: Iterable[OperTable]) -> dict[str, Operator]:
    """Who may become an operator of the server, by name."""
    return {o.name: Operator(o.name, o.password or None, o.password_hash or None, o.role) for o in tables}


class Reload:
    """Calling it reads everything anew."""

    def __init__(
        self,
        server: Server,
        chat: ChatServer,
        settings: Settings,
        adopt: Callable[[Limits], None],
        load: Callable[[], Awaitable[Settings]] | None,
        renew: Callable[[], Awaitable[str]] | None,
    ) -> None:
        """*adopt* has other limits count; *load* and *renew* as in Governor."""
        self.settings = settings
        """Those that hold; what waits for a restart is not in them."""
        self._server = server
        self._chat = chat
        self._adopt = adopt
        self._load = load
        self._renew = renew

    async def check(self) -> Sequence[str]:
        """What a call would do, in sentences. Raises OperationError."""
        new = await self._read("The settings stay as they are.")
        now, later = _differences(self.settings, new)
        renewed = ["The TLS certificate would be read again."] if self._renew is not None else []
        return [*_sentences(now, later, "would count at once", "would wait"), *renewed]

    async def __call__(self) -> Sequence[str]:
        """Do it. Returns what was done, in sentences; raises OperationError, and then nothing was."""
        new = await self._read("Nothing was changed.")
        renewed = []
        if self._renew is not None:
            try:
                renewed = [await self._renew()]
            except Failure as error:
                raise OperationError(f"{error} Nothing was changed, the old certificate stays in use.") from None
        now, later = _differences(self.settings, new)
        self._take(new)
        return [*_sentences(now, later, "counts now", "waits"), *renewed]

    async def _read(self, otherwise: str) -> Settings:
        if self._load is None:
            return self.settings
        try:
            return await self._load()
        except Failure as error:
            raise OperationError(f"{error} {otherwise}") from None

    def _take(self, new: Settings) -> None:
        """What may change at once does."""
        held, server = self.settings, self._server
        table = replace(held.server, **{key: getattr(new.server, key) for key in _AT_ONCE["server"]})
        limits = replace(held.limits, **{key: getattr(new.limits, key) for key in LIVE})
        policy = replace(held.accounts, **{key: getattr(new.accounts, key) for key in _REGISTERING})
        self.settings = replace(
            held, server=table, limits=limits, accounts=policy, timeouts=new.timeouts, oper=new.oper
        )
        motd = tuple(table.motd.splitlines())
        server.identity = replace(server.identity, motd=motd, description=table.description)
        server.password = table.password or None
        server.operators = operators_of(new.oper)
        self._chat.adopt_timeouts(new.timeouts)
        if table.log_level != held.server.log_level:
            logging.getLogger("triochat").setLevel(table.log_level.upper())
        self._adopt(limits)
        if policy != held.accounts:
            former = offer_of(server)
            server.adopt_policy(policy)
            self._chat.tell_of_offers(former)


def _differences(old: Settings, new: Settings) -> tuple[list[str], list[str]]:
    """The keys that differ: those that count at once, and those that do not."""
    now: list[str] = []
    later: list[str] = []
    for name in TABLES:
        for item in fields(getattr(old, name)):
            if getattr(getattr(old, name), item.name) != getattr(getattr(new, name), item.name):
                at_once = name == "timeouts" or item.name in _AT_ONCE.get(name, ())
                (now if at_once else later).append(f"{name}.{item.name}")
    for name in LISTS:
        if getattr(old, name) != getattr(new, name):
            (now if name == "oper" else later).append(f"[[{name}]]")
    return now, later


def _sentences(now: list[str], later: list[str], counts: str, waits: str) -> list[str]:
    sentences = [f"{key} {counts}." for key in now] or ["No setting that counts at once has changed."]
    return sentences + [f"{key} {waits} for a restart." for key in later]
