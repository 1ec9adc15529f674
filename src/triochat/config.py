"""Reading and writing of settings: flags beat environment beats file beats default."""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

import msgspec

from triochat.errors import Failure
from triochat.settings import LISTS, TABLES, Listener, OperTable, Settings, fields_of
from triochat.settings_check import check

ENVIRONMENT_PREFIX = "TRIOCHAT_"


def load(path: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Settings from the file at *path* (None = none), the environment and *flags* (`{"server.port": 6667}`).
    Raises Failure with a sentence that names the key, the file and the place."""
    tables = read_file(path) if path is not None else {}
    keys = _environment_keys()
    for name, text in environment.items():
        if (key := keys.get(name)) is not None:
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
    check(settings, where)
    return settings


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
            hidden = key in ("password", "password_hash") and value
            lines.append(f"{key} = {_toml('(set)' if hidden else value)}")
        lines.append("")
    for listener in settings.listen:
        said = {key: value for key, value in dataclasses.asdict(listener).items() if value is not None}
        lines += ["[[listen]]", *(f"{key} = {_toml(value)}" for key, value in said.items()), ""]
    for operator in settings.oper:
        named = (f"name = {_toml(operator.name)}", f"role = {_toml(operator.role)}")
        lines += ["[[oper]]", *named, 'password = "(set)"', ""]
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
        if name in LISTS:
            for number, entry in enumerate(table if isinstance(table, list) else (), 1):
                _check_table(entry, LISTS[name], where, f"[[{name}]] number {number}")
        elif name not in TABLES:
            raise Failure(f"{where}: unknown table or key '{name}'. Known tables: {', '.join((*TABLES, *LISTS))}.")
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


def environment() -> Mapping[str, str]:
    """The process environment."""
    return os.environ
