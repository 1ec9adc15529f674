"""Asking the server that runs on this machine, by its socket (see net.local).

One connection, one request, one answer, each one line of JSON.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEADLINE = 30
"""Seconds for a request and its answer."""


class NobodyThere(Exception):
    """No server listens on the socket."""


def socket_path(database: Path) -> Path:
    """Where the server that uses *database* listens."""
    return database.with_name(f"{database.name}.sock")


def ask(path: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the server at *path*. Blocks for some time; raises NobodyThere."""
    if not hasattr(socket, "AF_UNIX"):
        raise NobodyThere
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(DEADLINE)
        try:
            with short_name(path) as name:
                sock.connect(name)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NobodyThere from None
        except OSError as error:
            return {"error": f"The server cannot be asked: {error}."}
        try:
            sock.sendall(json.dumps(request).encode() + b"\n")
            data = b"".join(iter(lambda: sock.recv(65_536), b""))
        except OSError as error:
            return {"error": f"The server did not answer: {error}."}
    try:
        answer = json.loads(data)
    except ValueError:  # nothing, or not all of it: the server has ended meanwhile
        answer = None
    return answer if isinstance(answer, dict) else {"error": "The server did not answer."}


@contextmanager
def short_name(path: Path) -> Iterator[str]:
    """A name for *path* that fits an address, which has 108 bytes at most."""
    if len(os.fsencode(path)) < 100 or not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
