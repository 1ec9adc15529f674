"""Everything that operators can do, put together over the running server."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import trio

from triochat.archive import Archive
from triochat.commands.operators import proven
from triochat.commands.server import Server
from triochat.control import Control
from triochat.desk import AccountDesk, ConsoleAccounts
from triochat.domain.accounts import Credentials
from triochat.exporting import ExportDesk
from triochat.fanout.fanout import FanOut
from triochat.governor import Governor
from triochat.inviting import InviteDesk
from triochat.journal.journal import Journal
from triochat.logs import EventLog
from triochat.net.server import ChatServer
from triochat.observations import Observations
from triochat.people import PeopleDesk
from triochat.settings import Settings
from triochat_admin.login import Grant, Login


class Steering:
    """What console and IRC operators use (*control*), and what commands on this machine ask (*desk*, *exports*)."""

    def __init__(
        self,
        server: Server,
        chat: ChatServer,
        journal: Journal,
        fan_out: FanOut,
        events: EventLog,
        nursery: trio.Nursery,
        settings: Settings,
        *,
        door: str,
        observations: Observations,
        durability: str,
        stop: Callable[[str], None],
        copy: Callable[[Path], Awaitable[int]] | None = None,
        load: Callable[[], Awaitable[Settings]] | None = None,
        renew: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """Measures that are for a time are ended in *nursery*. *door* as in InviteDesk, the rest as in Control and
        Governor."""
        self.governor = Governor(server, chat, settings, nursery, stop=stop, load=load, renew=renew)
        self.governor.adopting.append(journal.adopt)
        identity = server.identity.name
        self.desk = AccountDesk(
            server.world,
            server.markers,
            server.registrar,
            journal.keep,
            lambda user, reason: server.end_user(user, identity, reason),
        )
        self.exports = ExportDesk(server.world, journal.history, lambda: journal.handed_out)
        self.control = server.operations = Control(
            server,
            chat,
            journal,
            fan_out,
            events,
            people=PeopleDesk(server),
            accounts=ConsoleAccounts(self.desk, server.world, server.audit),
            invites=InviteDesk(server, door),
            past=Archive(server, self.exports),
            whole=self.governor,
            observations=observations,
            durability=durability,
            stop=stop,
            copy=copy,
        )


def login_of(server: Server, password: str | None, digest: str) -> Login:
    """Who may use the console: by its *password*, or the one of which only *digest* is known, or as an operator of
    the settings."""
    known = partial(_operator, server)
    if password is not None or not digest:
        return Login(password, operators=known)
    return Login(None, partial(server.registrar.passwords.check, Credentials(digest, "", 0, "", "")), operators=known)


async def _operator(server: Server, name: str, password: str) -> Grant | None:
    operator = await proven(server, name, password)
    return Grant(operator.name, operator.role) if operator is not None else None
