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
    """Shakes hands with whom it takes, and has *serve* do the rest. Who stalls is dropped. When too many shake
    hands at a time, the one that takes longest makes room: whoever stalls does not keep others out."""

    def __init__(self, context: Callable[[], ssl.SSLContext], serve: Serve, nursery: trio.Nursery) -> None:
        self._context = context
        self._serve = serve
        self._nursery = nursery
        self._pending: dict[trio.CancelScope, None] = {}

    def take(self, sock: socket.socket, address: str) -> None:
        """Serve an accepted socket, in a task of its own."""
        if len(self._pending) >= _MOST_PENDING:
            first = next(iter(self._pending))
            del self._pending[first]
            first.cancel()
        scope = trio.CancelScope()
        self._pending[scope] = None
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
        self._nursery.start_soon(self._welcome, stream, address, scope)

    async def _welcome(self, plain: trio.SocketStream, address: str, scope: trio.CancelScope) -> None:
        secured = None
        try:
            with scope:
                secured = await self._shake_hands(plain, address)
        finally:
            self._pending.pop(scope, None)
            if secured is None:
                plain.socket.close()
        if secured is not None:
            stream, port = secured
            await self._serve(stream, address, port)

    async def _shake_hands(self, plain: trio.SocketStream, address: str) -> tuple[trio.abc.Stream, int] | None:
        """The encrypted stream, with the peer's port; None = the peer did not manage."""
        stream = trio.SSLStream(plain, self._context(), server_side=True, https_compatible=True)
        try:
            port = plain.socket.getpeername()[1]
            with trio.fail_after(_HANDSHAKE):
                await stream.do_handshake()
        except (trio.TooSlowError, trio.BrokenResourceError, OSError) as error:
            _log.info("no TLS handshake with %s: %s", address, error.__cause__ or type(error).__name__)
            return None
        return stream, port
