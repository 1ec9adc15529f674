"""Where the client was last, so that `triochat connect` alone goes back there. Blocking."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

VARIABLE = "TRIOCHAT_CLIENT_STATE"
"""The environment variable that names another file."""


@dataclass(frozen=True, slots=True)
class Visit:
    """*address* as it was given; *tls* what was said of encryption, None for nothing."""

    address: str
    name: str
    room: str = ""
    tls: bool | None = None


def default_path() -> Path:
    """The file of the person who runs this."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_state_dir("triochat", appauthor=False)) / "last-visit.json"


def last_visit(path: Path | None = None) -> Visit | None:
    """The last one; None when there was none, or when the file makes no sense: it is a convenience only."""
    try:
        return msgspec.json.decode((path or default_path()).read_bytes(), type=Visit)
    except (OSError, msgspec.MsgspecError):
        return None


def remember(visit: Visit, path: Path | None = None) -> None:
    """Keep *visit* as the last one. Raises OSError."""
    write(path or default_path(), json.dumps(asdict(visit)).encode())


def write(path: Path, data: bytes) -> None:
    """Have *data* in the file *path*, whole or not at all, for its owner only. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)
