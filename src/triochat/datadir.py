"""The data directory: where it is, and what lies in it."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from triochat.errors import Failure

if TYPE_CHECKING:
    from triochat.settings import Settings

_log = logging.getLogger("triochat")

PASSWORD_FILE = "admin-password"
DATABASE_FILE = "triochat.db"


def data_dir(flag: Path | None, environment: Mapping[str, str]) -> Path:
    """Where data lives: --data-dir, TRIOCHAT_DATA_DIR, or the platform's place for user data."""
    if flag is not None:
        return flag
    named = environment.get("TRIOCHAT_DATA_DIR")
    return Path(named) if named else Path(platformdirs.user_data_dir("triochat", appauthor=False))


def database_path(settings: Settings, data_dir: Path) -> Path | None:
    """Where these settings keep what is said; None = in memory only."""
    storage = settings.storage
    if storage.durability == "memory" or storage.path == ":memory:":
        return None
    return Path(storage.path).expanduser() if storage.path else data_dir / DATABASE_FILE


def prepare(data_dir: Path) -> Path:
    """Make sure that the data directory is there and writable."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"cannot create the data directory {data_dir}: {error.strerror}. Choose another with --data-dir."
        ) from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise Failure(f"the data directory {data_dir} is not writable. Choose another with --data-dir.")
    return data_dir


def admin_password(settings: Settings, data_dir: Path, environment: Mapping[str, str]) -> str | None:
    """The console's password: set, or read from its file, or generated into it. None = no password wanted, or only a
    hash of it is known."""
    if settings.admin.no_password:
        return None
    given = environment.get("TRIOCHAT_ADMIN_PASSWORD") or settings.admin.password
    if given:
        return given
    if settings.admin.password_hash:
        return None
    path = prepare(data_dir) / PASSWORD_FILE
    try:
        if path.exists():
            kept = path.read_text("utf-8").strip()
            if kept:
                return kept
        password = secrets.token_urlsafe(12)
        path.unlink(missing_ok=True)  # an empty one may be for everybody's eyes
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{password}\n")
    except OSError as error:
        raise Failure(f"cannot use the password file {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Failure(f"the password file {path} is no text. Delete it, and another one is made.") from None
    _log.warning("the admin console's password was generated: it is in %s", path)
    return password
