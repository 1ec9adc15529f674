"""The client's settings file: client.toml, read strictly. Blocking."""

import dataclasses
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from triochat.client import address, names
from triochat.client.settings import ServerSettings, Settings
from triochat.errors import Failure
from triochat.trust import parse_fingerprint

VARIABLE = "TRIOCHAT_CLIENT_CONFIG"
"""The environment variable that names another file."""
_TABLES = {
    field.name: field.default_factory
    for field in dataclasses.fields(Settings)
    if dataclasses.is_dataclass(field.default_factory)
}
_EXAMPLES = {
    "servers": '[servers.work]\naddress = "chat.example.org:5000"\nname = "Bob"\nroom = "#dev"',
    "colours": '[colours]\nmention = "bold ansiyellow"',
    "keys": '[keys]\nnext-active = ["alt-a", "ctrl-n"]',
}


def default_path() -> Path:
    """The file of the person who runs this."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("triochat", appauthor=False)) / "client.toml"


def load(path: Path | None = None, allowed: Mapping[str, Collection[str]] | None = None) -> Settings:
    """The settings in *path*, without it in `default_path`; where there is no file, the defaults. *allowed* names the
    keys of the tables `colours` and `keys`. Raises Failure, a sentence that names the file and the key."""
    path = path or default_path()
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Failure(f"{path}: this is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{path}: {error}.") from None
    _check_keys(tables, str(path), allowed or {})
    try:
        settings = msgspec.convert(tables, Settings)
    except msgspec.ValidationError as error:
        raise Failure(f"{path}: {_explain(error)}.") from None
    _check_values(settings, str(path))
    return settings


def _check_keys(tables: Mapping[str, Any], where: str, allowed: Mapping[str, Collection[str]]) -> None:
    known = [field.name for field in dataclasses.fields(Settings)]
    for name, table in tables.items():
        if name not in known:
            raise Failure(f"{where}: unknown table or key '{name}'. Known tables: {', '.join(known)}.")
        if not isinstance(table, dict):
            continue
        if name == "servers":
            for server, entry in table.items():
                _check_table(entry, _fields(ServerSettings), where, f"[servers.{server}]")
        elif name in _TABLES:
            _check_table(table, _fields(_TABLES[name]), where, f"[{name}]")
        elif name in allowed:
            _check_table(table, allowed[name], where, f"[{name}]")


def _check_table(table: Any, known: Collection[str], where: str, place: str) -> None:
    for key in table if isinstance(table, dict) else ():
        if key not in known:
            raise Failure(f"{where}: unknown key '{key}' in {place}. Known keys: {', '.join(known)}.")


def _check_values(settings: Settings, where: str) -> None:
    for name, server in settings.servers.items():
        problem = None
        try:
            address.parse(server.address)
            if server.trust:
                parse_fingerprint(server.trust)
        except ValueError as error:
            problem = str(error)
        problem = problem or (names.problem(server.name) if server.name else None)
        problem = problem or (names.room_problem(server.room) if server.room else None)
        if problem:
            raise Failure(f"{where}: [servers.{name}]: {problem}")
    if not 0 <= settings.away.after_minutes < 1_000_000:
        raise Failure(f"{where}: away.after_minutes: must be a number of minutes, or 0 for never.")


def _fields(kind: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _explain(error: msgspec.ValidationError) -> str:
    """msgspec's message with the key first."""
    text, _, path = str(error).partition(" - at ")
    key = path.strip("`").removeprefix("$").removeprefix(".")
    return f"{key}: {text[:1].lower()}{text[1:]}".replace("`", "'") if key else text.replace("`", "'")


def default_file(path: Path | None = None) -> str:
    """A commented file with every setting and its default."""
    lines = [
        "# Settings of triochat connect. Everything may be left out; a key that is not known is an error.",
        f"# It is read from {path or default_path()}",
    ]
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        lines.append("")
        if name in _EXAMPLES:
            lines += [f"# {get_args(hint)[1]}", *(f"# {line}" for line in _EXAMPLES[name].split("\n"))]
            continue
        lines += [f"# {(hint.__doc__ or '').strip()}", f"[{name}]"]
        default = hint()
        for key, kind in get_type_hints(hint, include_extras=True).items():
            value = msgspec.json.encode(getattr(default, key)).decode()
            lines += [f"# {get_args(kind)[1]}", f"# {key} = {value}"]
    return "\n".join(lines) + "\n"
