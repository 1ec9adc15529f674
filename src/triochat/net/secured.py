"""TLS in front of what serves a Trio stream, such as the admin console."""

import logging
import socket
import ssl
from collections.abc import Awaitable, Callable

import trio

_log = logging.getLogger("triochat.net")

_HANDSHAKE = 10.0
"""Seconds that a handshake may take."""
_MOST_PENDING = 32

Serve = Callable[[trio.abc.Stream, str, int], Awaitable[None]]
"""Serves a peer with its address and port."""


class SecuredDoor:
    """Shakes hands with whom it takes, and has *serve* do the rest. Who stalls is dropped; beyond so many at a time
    newcomers are, so that nothing grows."""

    def __init__(self, context: Callable[[], ssl.SSLContext], serve: Serve, nursery: trio.Nursery) -> None:
        self._context = context
        self._serve = serve
        self._nursery = nursery
        self._pending = 0

    def take(self, sock: socket.socket, address: str) -> None:
        """Serve an accepted socket, in a task of its own."""
        if self._pending >= _MOST_PENDING:
            sock.close()
            return
        self._pending += 1
        self._nursery.start_soon(self._welcome, trio.SocketStream(trio.socket.from_stdlib_socket(sock)), address)

    async def _welcome(self, plain: trio.SocketStream, address: str) -> None:
        stream = trio.SSLStream(plain, self._context(), server_side=True, https_compatible=True)
        try:
            port = plain.socket.getpeername()[1]
            with trio.fail_after(_HANDSHAKE):
                await stream.do_handshake()
        except (trio.TooSlowError, trio.BrokenResourceError, OSError) as error:
            _log.info("no TLS handshake with %s: %s", address, error.__cause__ or type(error).__name__)
            await trio.aclose_forcefully(plain)
            return
        finally:
            self._pending -= 1
        await self._serve(stream, address, port)
