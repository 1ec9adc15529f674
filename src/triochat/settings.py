"""What can be set: one definition gives types, defaults, documentation, the commented default file and the check for
unknown keys."""

import dataclasses
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy, HistoryPolicy
from triochat.net.timeouts import Timeouts


@dataclass(frozen=True, slots=True)
class ServerTable:
    """Who the server says that it is, and what it logs."""

    host: Annotated[str, "Address to listen on for chat."] = "127.0.0.1"
    port: Annotated[int, "Port for chat (IRC and plain lines); 0 takes a free one."] = 5000
    name: Annotated[str, "The server's name on the wire."] = "triochat.local"
    network: Annotated[str, "The network's name, shown by clients."] = "triochat"
    description: Annotated[str, "One line about the server."] = "A triochat server"
    password: Annotated[str, "Password that every client must give (PASS); empty = none."] = field(
        default="", repr=False
    )
    proxy_allowed_from: Annotated[
        tuple[str, ...], "Addresses and networks of proxies that may say from where a connection really comes."
    ] = ()
    lookup_hostnames: Annotated[
        bool, "Show host names in place of addresses; must be false, as names are not looked up."
    ] = False
    casemapping: Annotated[
        Literal["ascii", "precis"],
        "How names are compared. ascii: names of people are ASCII; precis: they may be in any script, and none is "
        "given out that looks like another.",
    ] = "ascii"
    motd: Annotated[str, "Message of the day; may have several lines."] = ""
    log_format: Annotated[Literal["text", "json"], "Format of the event lines on stdout."] = "text"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], "Least level of diagnostics on stderr."] = (
        "info"
    )
    log_messages: Annotated[bool, "Whether event lines show what people say."] = True
    insecure: Annotated[bool, "Allow plain text, too, on addresses that other machines reach."] = False
    quiet: Annotated[bool, "No event lines but those of start and stop."] = False


@dataclass(frozen=True, slots=True)
class StorageTable:
    """Where the rooms' logs are kept."""

    path: Annotated[str, "The SQLite file (empty: triochat.db in the data directory), or :memory:."] = ""
    durability: Annotated[
        Literal["full", "normal", "memory"],
        "full: an entry that anyone saw survives a power cut; normal: it survives a crash of the server, but a power "
        "cut may take the last moments; memory: nothing is kept.",
    ] = "full"
    memory_entries: Annotated[int, "Entries kept of each log when nothing is written to disk."] = 10_000


@dataclass(frozen=True, slots=True)
class AdminTable:
    """The admin console."""

    enabled: Annotated[bool, "Whether there is a console."] = True
    host: Annotated[str, "Address to listen on for the console."] = "127.0.0.1"
    port: Annotated[int, "Port for the console; 0 takes a free one."] = 5001
    password: Annotated[str, "The console's password; empty: the one in the file admin-password."] = field(
        default="", repr=False
    )
    password_hash: Annotated[
        str, "An argon2 hash of the password, in place of it: then it stands nowhere in clear."
    ] = field(default="", repr=False)
    no_password: Annotated[bool, "Let everybody who reaches the console in without a password."] = False


@dataclass(frozen=True, slots=True)
class MetricsTable:
    """Numbers for monitoring systems: /metrics in Prometheus's format, and /healthz."""

    enabled: Annotated[bool, "Whether they can be asked for."] = False
    host: Annotated[str, "Address to listen on; whoever reaches it can read them."] = "127.0.0.1"
    port: Annotated[int, "Port for HTTP; 0 takes a free one."] = 5002


@dataclass(frozen=True, slots=True)
class TlsTable:
    """Encryption."""

    cert: Annotated[str, "The certificate chain, a PEM file; empty: one is generated into the data directory."] = ""
    key: Annotated[str, "Its private key, a PEM file."] = ""
    min_version: Annotated[Literal["1.2", "1.3"], "The oldest version of TLS that is spoken."] = "1.2"
    client_ca: Annotated[
        str,
        "A PEM file of certificates by which those of clients are recognized (authorities, or the clients' own); "
        "empty: clients are not asked for one.",
    ] = ""
    sts: Annotated[bool, "Tell clients to use TLS only (IRCv3 STS); needs a certificate that they can verify."] = (
        False
    )
    sts_port: Annotated[int, "The port with TLS to which STS sends clients that came in plain text."] = 6697
    sts_duration: Annotated[int, "Seconds for which clients remember that; 0 makes them forget it."] = 2_592_000


@dataclass(frozen=True, slots=True)
class Listener:
    """One more way in."""

    kind: Annotated[
        Literal["irc", "websocket", "admin"], "irc: the chat port; websocket: for browsers; admin: the console."
    ]
    host: Annotated[str, "Address to listen on."] = "127.0.0.1"
    port: Annotated[int, "Port; 0 takes a free one."] = 0
    tls: Annotated[
        bool | None,
        "true: TLS only; false: plain text only; unset: both on this machine's own addresses, TLS only on others.",
    ] = None
    proxy_protocol: Annotated[
        bool, "Whether every connection begins with a PROXY header; only server.proxy_allowed_from may connect."
    ] = False
    origins: Annotated[
        tuple[str, ...],
        "websocket: sites whose pages may connect, such as https://chat.example.org, or * for all; empty: only pages "
        "of the host that is connected to.",
    ] = ()


@dataclass(frozen=True, slots=True)
class OperTable:
    """Somebody who may become an operator of the server with OPER, or log in to the console by NAME PASSWORD."""

    name: Annotated[str, "The name to give; no nickname is needed."]
    password: Annotated[str, "The password; rather use password_hash."] = field(default="", repr=False)
    password_hash: Annotated[str, "An argon2 hash of the password."] = field(default="", repr=False)
    role: Annotated[
        Literal["viewer", "moderator", "admin"],
        "What they may do: look; also act on people and what they say; everything.",
    ] = "admin"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. With a list `listen`, it names all doors; `host` and `port` then mean nothing."""

    server: ServerTable = field(default_factory=ServerTable)
    storage: StorageTable = field(default_factory=StorageTable)
    admin: AdminTable = field(default_factory=AdminTable)
    metrics: MetricsTable = field(default_factory=MetricsTable)
    tls: TlsTable = field(default_factory=TlsTable)
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    accounts: AccountPolicy = field(default_factory=AccountPolicy)
    history: HistoryPolicy = field(default_factory=HistoryPolicy)
    listen: tuple[Listener, ...] = ()
    oper: tuple[OperTable, ...] = ()

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """All doors."""
        if self.listen:
            return self.listen
        chat = Listener("irc", self.server.host, self.server.port)
        console = Listener("admin", self.admin.host, self.admin.port)
        return (chat, console) if self.admin.enabled else (chat,)


def fields_of(table: type) -> Iterator[tuple[str, Any, Any, str]]:
    """Name, type, default and documentation of each key of a table."""
    hints = get_type_hints(table, include_extras=True)
    for item in dataclasses.fields(table):
        hint = hints[item.name]
        kind, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        yield item.name, kind, item.default, notes[0] if notes else ""


TABLES: dict[str, type] = {
    "server": ServerTable,
    "storage": StorageTable,
    "admin": AdminTable,
    "metrics": MetricsTable,
    "tls": TlsTable,
    "limits": Limits,
    "timeouts": Timeouts,
    "accounts": AccountPolicy,
    "history": HistoryPolicy,
}
LISTS: dict[str, type] = {"listen": Listener, "oper": OperTable}


def is_loopback(host: str) -> bool:
    """True when only this machine reaches *host*."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
