"""Answers for monitoring systems: `GET /metrics` and `GET /healthz`. One request a connection; h11 reads it.

Nobody who is served here can hold up the chat: requests are bounded in size, number and time.
"""

import logging
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import h11
import trio

from triochat.observing.answer import Answer

_log = logging.getLogger("triochat.metrics")

_DEADLINE = 10.0
"""Seconds for a whole exchange."""
_MOST = 16
"""Connections at once."""
_LONGEST_REQUEST = 16_384
_CHUNK = 4096


Route = Callable[[], Answer]

_NOT_FOUND = Answer(404, b"Here are /metrics and /healthz.\n")
_NOT_ALLOWED = Answer(405, b"Only GET and HEAD.\n")
_MALFORMED = Answer(400, b"This is no HTTP request.\n")
_TOO_LONG = Answer(431, b"The request is too long.\n")
_BROKEN = Answer(500, b"Internal error, the server's log has it.\n")


class HttpDoor:
    """Serves *routes*, which are asked by path. Give it accepted connections."""

    def __init__(self, routes: dict[str, Route]) -> None:
        self._routes = routes
        self._open = 0

    async def take(self, sock: socket.socket) -> None:
        """Serve an accepted socket."""
        await self.serve(trio.SocketStream(trio.socket.from_stdlib_socket(sock)))

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Answer one request and hang up. Raises nothing but Cancelled."""
        self._open += 1
        try:
            if self._open <= _MOST:
                with trio.move_on_after(_DEADLINE):
                    await self._exchange(stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError, OSError):
            pass  # who asked has gone
        except Exception:  # noqa: BLE001  # a bug must end one request, not the server
            _log.exception("a request for metrics failed")
        finally:
            self._open -= 1
            await trio.aclose_forcefully(stream)

    async def _exchange(self, stream: trio.abc.Stream) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_REQUEST)
        head = False
        try:
            request = await _request(http, stream.receive_some)
            if request is None:
                return
            head = request.method == b"HEAD"
            answer = self._answer(request)
        except h11.RemoteProtocolError as error:
            answer = _TOO_LONG if error.error_status_hint == 431 else _MALFORMED
        headers = [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(answer.body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ]
        if answer.status == 405:
            headers.append(("Allow", "GET, HEAD"))
        parts = [http.send(h11.Response(status_code=answer.status, reason=_reason(answer.status), headers=headers))]
        if not head:
            parts.append(http.send(h11.Data(data=answer.body)))
        await stream.send_all(b"".join(part for part in parts if part))
        if isinstance(stream, trio.abc.HalfCloseableStream):
            # A close while input is unread resets the connection, and the peer may lose the answer.
            await stream.send_eof()
            for _ in range(64):
                if not await stream.receive_some(_CHUNK):
                    break

    def _answer(self, request: h11.Request) -> Answer:
        if request.method not in (b"GET", b"HEAD"):
            return _NOT_ALLOWED
        route = self._routes.get(request.target.partition(b"?")[0].decode("ascii", "replace"))
        if route is None:
            return _NOT_FOUND
        try:
            return route()
        except Exception:  # noqa: BLE001  # a bug must end one request, not the server
            _log.exception("%s failed", request.target.decode("ascii", "replace"))
            return _BROKEN


def _reason(status: int) -> bytes:
    return HTTPStatus(status).phrase.encode()


async def _request(
    http: h11.Connection, receive: Callable[[int], Awaitable[bytes | bytearray]]
) -> h11.Request | None:
    """The head of the request; None when the peer hangs up before. Raises h11.RemoteProtocolError."""
    while True:
        event = http.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            return None
        http.receive_data(bytes(await receive(_CHUNK)))
