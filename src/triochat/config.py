"""Settings: flags beat environment beats file beats default. One definition gives types, defaults, documentation,
the commented default file and the check for unknown keys."""

import dataclasses
import ipaddress
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import platformdirs

from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy, HistoryPolicy
from triochat.errors import Failure
from triochat.net.connection import Timeouts
from triochat.net.proxy import networks

ENVIRONMENT_PREFIX = "TRIOCHAT_"

# A line of the protocol has 512 bytes, and some hold several names.
_MOST = {"nick_length": 64, "user_length": 32, "channel_length": 100}
_TOO_LARGE = 1 << 63  # for TOML, for SQLite, and next to it for fractions


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
    no_password: Annotated[bool, "Let everybody who reaches the console in without a password."] = False


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
    """Somebody who may become an operator of the server with OPER."""

    name: Annotated[str, "The name to give with OPER; no nickname is needed."]
    password: Annotated[str, "The password; rather use password_hash."] = field(default="", repr=False)
    password_hash: Annotated[str, "An argon2 hash of the password."] = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. With a list `listen`, it names all doors; `host` and `port` then mean nothing."""

    server: ServerTable = field(default_factory=ServerTable)
    storage: StorageTable = field(default_factory=StorageTable)
    admin: AdminTable = field(default_factory=AdminTable)
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


def load(path: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Settings from the file at *path* (None = none), the environment and *flags* (`{"server.port": 6667}`).
    Raises Failure with a sentence that names the key, the file and the place."""
    tables = read_file(path) if path is not None else {}
    for name, text in environment.items():
        if (key := _environment_keys().get(name)) is not None:
            _set(tables, key, _from_text(key, text, name))
    for key, value in flags.items():
        if value is not None:
            _set(tables, key, value)
    where = str(path) if path is not None else "the settings"
    _check_keys(tables, where)
    try:
        settings = msgspec.convert(tables, Settings)
    except msgspec.ValidationError as error:
        raise Failure(f"{where}: {_explain(error)}.") from None
    _check_values(settings, where)
    return settings


def data_dir(flag: Path | None, environment: Mapping[str, str]) -> Path:
    """Where data lives: --data-dir, TRIOCHAT_DATA_DIR, or the platform's place for user data."""
    if flag is not None:
        return flag
    named = environment.get("TRIOCHAT_DATA_DIR")
    return Path(named) if named else Path(platformdirs.user_data_dir("triochat", appauthor=False))


def read_file(path: Path) -> dict[str, Any]:
    """The tables of a TOML file, unchecked. Raises Failure."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Failure(f"there is no configuration file {path}.") from None
    except OSError as error:
        raise Failure(f"cannot read the configuration file {path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path} is not valid TOML: {error}.") from None
    except (ValueError, RecursionError):  # what Python's parser makes of thousands of digits, or of brackets
        raise Failure(f"{path} is not valid TOML: a number is too long, or a value nested too deeply.") from None


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
    "tls": TlsTable,
    "limits": Limits,
    "timeouts": Timeouts,
    "accounts": AccountPolicy,
    "history": HistoryPolicy,
}
_LISTS: dict[str, type] = {"listen": Listener, "oper": OperTable}


def default_file() -> str:
    """A commented file that sets everything to its default."""
    lines = ["# triochat settings. Every line shows a default; remove the # in front to change one.", ""]
    for name, table in TABLES.items():
        lines += [f"# {(table.__doc__ or '').strip().splitlines()[0]}", f"[{name}]"]
        for key, _, default, doc in fields_of(table):
            lines += [f"# {doc}", f"#{key} = {_toml(default)}", ""]
    lines += ["# A list of all doors, instead of host and port above.", "#[[listen]]"]
    for key, _, default, doc in fields_of(Listener):
        lines += [f"# {doc}", f"#{key} = {_toml({'kind': 'irc', 'tls': False}.get(key, default))}"]
    lines += ["", "# Who may become an operator of the server with OPER.", "#[[oper]]"]
    for key, _, default, doc in fields_of(OperTable):
        lines += [f"# {doc}", f"#{key} = {_toml({'name': 'admin'}.get(key, default))}"]
    return "\n".join(lines) + "\n"


def as_toml(settings: Settings) -> str:
    """The effective settings as a file; passwords are not shown."""
    lines = []
    for name in TABLES:
        lines.append(f"[{name}]")
        for key, value in dataclasses.asdict(getattr(settings, name)).items():
            hidden = key == "password" and value
            lines.append(f"{key} = {_toml('(set)' if hidden else value)}")
        lines.append("")
    for listener in settings.listen:
        said = {key: value for key, value in dataclasses.asdict(listener).items() if value is not None}
        lines += ["[[listen]]", *(f"{key} = {_toml(value)}" for key, value in said.items()), ""]
    for operator in settings.oper:
        lines += ["[[oper]]", f"name = {_toml(operator.name)}", 'password = "(set)"', ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    text = msgspec.json.encode(value).decode()  # a JSON scalar is a TOML scalar
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)  # it is shown on terminals


def _environment_keys() -> dict[str, str]:
    """TRIOCHAT_PORT for server.port, TRIOCHAT_ADMIN_PORT for admin.port, TRIOCHAT_LIMITS_NICK_LENGTH …"""
    keys = {}
    for name, table in TABLES.items():
        for key, *_ in fields_of(table):
            word = key if name == "server" else f"{name}_{key}"
            keys[ENVIRONMENT_PREFIX + word.upper()] = f"{name}.{key}"
    return keys


def _from_text(key: str, text: str, variable: str) -> Any:
    table, _, name = key.partition(".")
    kind = next(kind for field_name, kind, _, _ in fields_of(TABLES[table]) if field_name == name)
    value = [part.strip() for part in text.split(",") if part.strip()] if get_origin(kind) is tuple else text
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Failure(f"environment variable {variable}: {_explain(error)}.") from None


def _set(tables: dict[str, Any], key: str, value: Any) -> None:
    table, _, name = key.partition(".")
    existing = tables.setdefault(table, {})
    if isinstance(existing, dict):
        existing[name] = value


def _check_keys(tables: Mapping[str, Any], where: str) -> None:
    for name, table in tables.items():
        if name in _LISTS:
            for number, entry in enumerate(table if isinstance(table, list) else (), 1):
                _check_table(entry, _LISTS[name], where, f"[[{name}]] number {number}")
        elif name not in TABLES:
            raise Failure(f"{where}: unknown table or key '{name}'. Known tables: {', '.join((*TABLES, *_LISTS))}.")
        else:
            _check_table(table, TABLES[name], where, f"[{name}]")


def _check_table(table: Any, kind: type, where: str, place: str) -> None:
    known = [key for key, *_ in fields_of(kind)]
    for key in table if isinstance(table, dict) else ():
        if key not in known:
            raise Failure(f"{where}: unknown key '{key}' in {place}. Known keys: {', '.join(known)}.")


def _explain(error: msgspec.ValidationError) -> str:
    """msgspec's message with the key first."""
    text, _, path = str(error).partition(" - at ")
    key = path.strip("`").removeprefix("$").removeprefix(".")
    return f"{key}: {text[:1].lower()}{text[1:]}".replace("`", "'") if key else text.replace("`", "'")


def _check_values(settings: Settings, where: str) -> None:
    """What types cannot say."""
    for name in (*TABLES, *_LISTS):
        part = getattr(settings, name)
        for table in part if isinstance(part, tuple) else (part,):
            for key, value in dataclasses.asdict(table).items():
                _check_value(value, f"{where}: {name}.{key}")
    for name in ("limits", "timeouts", "accounts", "history"):
        for key, value in dataclasses.asdict(getattr(settings, name)).items():
            if isinstance(value, int | float) and value < 0:
                raise Failure(f"{where}: {name}.{key}: {value} is below 0.")
    for key in ("registration", "ping_interval", "ping_timeout", "stall"):
        if getattr(settings.timeouts, key) == 0:
            raise Failure(f"{where}: timeouts.{key}: must be above 0.")
    for key in (
        "nick_length",
        "user_length",
        "channel_length",
        "read_queue",
        "outbox",
        "journal_entries",
        "pending_handshakes",
    ):
        if getattr(settings.limits, key) < 1:
            raise Failure(f"{where}: limits.{key}: must be at least 1.")
    for key, most in _MOST.items():
        if getattr(settings.limits, key) > most:
            raise Failure(f"{where}: limits.{key}: must be at most {most}.")
    if settings.storage.memory_entries < 1:
        raise Failure(f"{where}: storage.memory_entries: must be at least 1.")
    if settings.history.max_batch < 1:
        raise Failure(f"{where}: history.max_batch: must be at least 1.")
    for operator in settings.oper:
        if not operator.name or not (operator.password or operator.password_hash):
            raise Failure(f"{where}: oper: each [[oper]] needs a name, and password or password_hash.")
    for listener in settings.listeners:
        usual = "admin" if listener.kind == "admin" else "server"
        _check_listener(listener, settings, where, "listen" if settings.listen else usual)
    _check_tls(settings.tls, where)
    if settings.server.lookup_hostnames:
        raise Failure(f"{where}: server.lookup_hostnames: host names are not looked up. Set it to false.")
    try:
        networks(settings.server.proxy_allowed_from)
    except ValueError as error:
        raise Failure(f"{where}: server.proxy_allowed_from: {error}.") from None
    name = settings.server.name
    if not 0 < len(name) < 64 or not name.isascii() or not name.isprintable() or not set(" :!@").isdisjoint(name):
        raise Failure(f"{where}: server.name: '{name}' is no server name, use something like chat.example.org.")
    for key in ("network", "description"):
        if not (text := getattr(settings.server, key)).isprintable():
            raise Failure(f"{where}: server.{key}: {text!r} must be one line without control characters.")


def _check_value(value: object, place: str) -> None:
    """What no number and no text may be, wherever it stands: later it would end the server."""
    if isinstance(value, float) and not math.isfinite(value):
        raise Failure(f"{place}: {value} is no number to work with.")
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        raise Failure(f"{place}: this number is too large.")
    if isinstance(value, str) and "\0" in value:
        raise Failure(f"{place}: must not contain NUL.")


def _check_listener(listener: Listener, settings: Settings, where: str, table: str) -> None:
    if not 0 <= listener.port <= 65535:
        raise Failure(f"{where}: {table}.port: {listener.port} is not between 0 and 65535.")
    if listener.kind == "admin":
        if not is_loopback(listener.host):
            raise Failure(
                f"{where}: {table}.host: the console is plain text and stays on this machine, not on {listener.host}."
            )
        if listener.tls or listener.proxy_protocol:
            raise Failure(f"{where}: listen: the console knows neither tls nor proxy_protocol.")
    if listener.proxy_protocol and not settings.server.proxy_allowed_from:
        raise Failure(
            f"{where}: listen.proxy_protocol: nobody could connect. Name the proxies in server.proxy_allowed_from."
        )
    if listener.origins and listener.kind != "websocket":
        raise Failure(f"{where}: listen.origins: only a door of kind websocket asks for origins.")
    for origin in listener.origins:
        if origin != "*" and not re.fullmatch(r"https?://[^/?#\s]+", origin):
            raise Failure(f"{where}: listen.origins: '{origin}' must look like https://chat.example.org, or be *.")


def _check_tls(tls: TlsTable, where: str) -> None:
    if bool(tls.cert) != bool(tls.key):
        raise Failure(f"{where}: tls.cert and tls.key belong together: set both or none.")
    if tls.sts and not tls.cert:
        raise Failure(f"{where}: tls.sts needs a certificate that clients can verify: set tls.cert and tls.key.")
    if not 0 < tls.sts_port < 65536:
        raise Failure(f"{where}: tls.sts_port: {tls.sts_port} is not between 1 and 65535.")
    if tls.sts_duration < 0:
        raise Failure(f"{where}: tls.sts_duration: {tls.sts_duration} is below 0.")


def is_loopback(host: str) -> bool:
    """True when only this machine reaches *host*."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def environment() -> Mapping[str, str]:
    """The process environment."""
    return os.environ
