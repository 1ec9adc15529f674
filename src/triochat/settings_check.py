"""What the types of settings cannot say. Every complaint is one sentence that names the place and the key."""

import dataclasses
import math
import re

from triochat.errors import Failure
from triochat.net.proxy import networks
from triochat.settings import LISTS, TABLES, Listener, Settings, TlsTable, is_loopback

# A line of the protocol has 512 bytes, and some hold several names.
_MOST = {"nick_length": 64, "user_length": 32, "channel_length": 100}
_TOO_LARGE = 1 << 63  # for TOML, for SQLite, and next to it for fractions


def check(settings: Settings, where: str) -> None:
    """Raises Failure unless a server can work with *settings*, which come from *where*."""
    for name in (*TABLES, *LISTS):
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
        "consoles",
    ):
        if getattr(settings.limits, key) < 1:
            raise Failure(f"{where}: limits.{key}: must be at least 1.")
    for key, most in _MOST.items():
        if getattr(settings.limits, key) > most:
            raise Failure(f"{where}: limits.{key}: must be at most {most}.")
    if settings.storage.memory_entries < 1:
        raise Failure(f"{where}: storage.memory_entries: must be at least 1.")
    if settings.admin.password_hash and not settings.admin.password_hash.startswith("$argon2"):
        raise Failure(f"{where}: admin.password_hash: this is no argon2 hash; it begins with $argon2.")
    if settings.history.max_batch < 1:
        raise Failure(f"{where}: history.max_batch: must be at least 1.")
    for operator in settings.oper:
        if not operator.name or not (operator.password or operator.password_hash):
            raise Failure(f"{where}: oper: each [[oper]] needs a name, and password or password_hash.")
        if any(c.isspace() or not c.isprintable() for c in operator.name):
            raise Failure(f"{where}: oper.name: {operator.name!r} has a space in it, and could be given nowhere.")
    if len({operator.name for operator in settings.oper}) < len(settings.oper):
        raise Failure(f"{where}: oper: two of them have the same name.")
    for listener in settings.listeners:
        usual = "admin" if listener.kind == "admin" else "server"
        _check_listener(listener, settings, where, "listen" if settings.listen else usual)
    if not 0 <= settings.metrics.port <= 65535:
        raise Failure(f"{where}: metrics.port: {settings.metrics.port} is not between 0 and 65535.")
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
        if not is_loopback(listener.host) and (listener.tls is False or settings.admin.no_password):
            raise Failure(
                f"{where}: {table}.host: a console that other machines reach needs TLS and a password, "
                f"as on {listener.host}."
            )
        if listener.proxy_protocol:
            raise Failure(f"{where}: listen: the console knows no proxy_protocol.")
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
