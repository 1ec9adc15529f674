"""The door for commands on the same machine: a Unix socket beside the database, for its owner only.

Who may open the socket may read the database as well, so no password is asked for. What goes over it: see net.asking.
"""

import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import trio

from triochat.net.asking import DEADLINE, short_name

_log = logging.getLogger("triochat.net")

_LONGEST = 65_536
Answer = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


def listen_locally(path: Path) -> socket.socket | None:
    """A socket at *path*, in the place of one that is left over; None where there are no such sockets, or the file
    system has none. The caller holds the database's lock, so that no other server uses it."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        with short_name(path) as name:
            sock.bind(name)
        sock.listen(16)
        sock.setblocking(False)
    except OSError as error:
        _log.warning("`triochat user` cannot reach this server: cannot listen on %s: %s", path, error.strerror)
        sock.close()
        return None
    finally:
        os.umask(mask)
    return sock


async def serve_locally(sock: socket.socket, path: Path, answer: Answer) -> None:
    """Answer requests until cancelled, then take the socket away."""
    try:
        async with trio.open_nursery() as nursery:
            listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))
            await trio.serve_listeners(_Handler(answer), [listener], handler_nursery=nursery)
    finally:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108  # at the very end, and nothing waits


class _Handler:
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __call__(self, stream: trio.SocketStream) -> None:
        try:
            with trio.move_on_after(DEADLINE):
                async with stream:
                    reply = await self._reply(await _line(stream))
                    await stream.send_all(json.dumps(reply).encode() + b"\n")
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # who asked has gone
        except Exception:  # noqa: BLE001  # a bug must end one request, not the server
            _log.exception("a local request failed")

    async def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            return {"error": "This is no request."}
        return await self._answer(request)


async def _line(stream: trio.SocketStream) -> bytes:
    data = b""
    while b"\n" not in data and len(data) <= _LONGEST:
        more = await stream.receive_some()
        if not more:
            break
        data += more
    return data.partition(b"\n")[0]
