"""Listening sockets and the loop that accepts from them."""

import errno
import logging
import os
import socket
from collections.abc import Awaitable, Callable

import trio

from triochat.errors import Failure

_log = logging.getLogger("triochat.net")

_BACKLOG = 4096
_OUT_OF_DESCRIPTORS = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))


def listen(host: str, port: int, option: str = "--port", waiting: int = _BACKLOG) -> list[socket.socket]:
    """Sockets that listen on every address of *host*; port 0 takes a free one, the same on all. So many connections
    may be *waiting* in the kernel. Raises Failure with a sentence that names the command's *option* for the port."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, OverflowError) as error:
        raise Failure(f"cannot listen on {host}: {getattr(error, 'strerror', None) or error}.") from None
    sockets: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sock = socket.create_server((str(address[0]), port), family=family, backlog=waiting, dualstack_ipv6=False)
        except OSError as error:
            for open_socket in sockets:
                open_socket.close()
            raise Failure(_why_not(error, host, port, option)) from None
        sock.setblocking(False)
        sockets.append(sock)
        port = port or sock.getsockname()[1]
    return sockets


def _why_not(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use. Stop the other program, or choose another port with {option}."
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user. Choose one above 1023 with {option}."
    return f"cannot listen on {host} port {port}: {error.strerror}."


async def accept(
    listening: socket.socket,
    take: Callable[[socket.socket, str], None],
    at_once: Callable[[], int] = lambda: 1,
    admit: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Hand every connection to *take* (non-blocking, without delay, with its address) until cancelled; so many
    *at_once* before others get their turn, and only when *admit* lets them: who comes meanwhile waits in the kernel.

    Out of descriptors, a new connection is closed at once with the help of a reserved one: the loop neither spins nor
    sleeps, and the peer learns of it.
    """
    reserve = _Reserve()
    try:
        while True:
            await trio.lowlevel.wait_readable(listening)
            if admit is not None:
                await admit()
            for _ in range(at_once()):
                try:
                    sock, address = listening.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    if error.errno in _OUT_OF_DESCRIPTORS:
                        reserve.refuse_one(listening)
                        break
                    continue  # the peer gave up while it waited
                if _prepare(sock):
                    try:
                        take(sock, address[0])
                    except Exception:  # noqa: BLE001  # a bug must end one connection, not the server
                        _log.exception("a connection could not be taken")
                        sock.close()
    finally:
        reserve.close()


def _prepare(sock: socket.socket) -> bool:
    """Set the options of an accepted socket; False when its peer is gone already."""
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    except OSError:
        sock.close()
        return False
    return True


class _Reserve:
    """A descriptor kept for the moment when there are no others."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._told = False
        self._open()

    def _open(self) -> None:
        try:
            self._descriptor = os.open(os.devnull, os.O_RDONLY)
        except OSError:
            self._descriptor = None  # another time

    def close(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def refuse_one(self, listening: socket.socket) -> None:
        """Accept one connection in its place and close it."""
        self.close()
        try:
            listening.accept()[0].close()
        except OSError:
            pass
        self._open()
        if not self._told:
            self._told = True
            _log.error("out of file descriptors: connections are refused; raise the limit (ulimit -n)")
