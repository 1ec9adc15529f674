"""Listening sockets and the loop that accepts from them."""

import errno
import logging
import os
import socket
from collections.abc import Callable

import trio

from triochat.errors import Failure

_log = logging.getLogger("triochat.net")

_BACKLOG = 4096
_ACCEPTS_A_TURN = 64
_OUT_OF_DESCRIPTORS = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of *host*; port 0 takes a free one, the same on all. Raises Failure."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, OverflowError) as error:
        raise Failure(f"cannot listen on {host}: {getattr(error, 'strerror', None) or error}.") from None
    sockets: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sock = socket.create_server(
                (str(address[0]), port), family=family, backlog=_BACKLOG, dualstack_ipv6=False
            )
        except OSError as error:
            for open_socket in sockets:
                open_socket.close()
            raise Failure(_why_not(error, host, port)) from None
        sock.setblocking(False)
        sockets.append(sock)
        port = port or sock.getsockname()[1]
    return sockets


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use. Stop the other program, or choose another port with --port."
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user. Choose one above 1023 with --port."
    return f"cannot listen on {host} port {port}: {error.strerror}."


async def accept(listening: socket.socket, take: Callable[[socket.socket, str], None]) -> None:
    """Hand every connection to *take* (non-blocking, without delay, with its address) until cancelled.

    Out of descriptors, a new connection is closed at once with the help of a reserved one: the loop neither spins nor
    sleeps, and the peer learns of it.
    """
    reserve = os.open(os.devnull, os.O_RDONLY)
    try:
        while True:
            await trio.lowlevel.wait_readable(listening)
            for _ in range(_ACCEPTS_A_TURN):
                try:
                    sock, address = listening.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    if error.errno in _OUT_OF_DESCRIPTORS:
                        os.close(reserve)
                        _refuse_one(listening)
                        reserve = os.open(os.devnull, os.O_RDONLY)
                        break
                    continue  # the peer gave up while it waited
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                take(sock, address[0])
    finally:
        os.close(reserve)


def _refuse_one(listening: socket.socket) -> None:
    try:
        listening.accept()[0].close()
    except OSError:
        pass
    _log.error("out of file descriptors: a connection was refused; raise the limit (ulimit -n)")
