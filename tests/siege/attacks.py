"""What hostile peers do. Each attack is a process of its own, so that it takes no time from who measures.

Plain blocking sockets: an attacker needs no more. It comes from many addresses of the loopback network, so that the
limits of one address, which are as in an installation, are not what stops it.
"""

import base64
import multiprocessing
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.synchronize import Event as Flag

HOST = "127.0.0.1"
_CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01"
_SOURCES = 100
_REGISTER = b"NICK %s\r\nUSER x 0 * :x\r\n"
_numbers = count(os.getpid() << 20)


def _connect(port: int, number: int) -> socket.socket:
    """A connection from one of many addresses."""
    peer = socket.socket()
    peer.bind((f"127.0.{1 + number // 200 % 200}.{1 + number % 200}", 0))
    peer.settimeout(10)
    peer.connect((HOST, port))
    return peer


def reset(peer: socket.socket) -> None:
    """Close without a goodbye."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class _HalfOpen:
    """Connections that never say a whole line, opened again when the server ends them."""

    def __init__(self, port: int, first: bytes) -> None:
        self._port = port
        self._first = first
        self._peers: list[socket.socket] = []
        self.again = 0

    def open(self, many: int) -> None:
        for number in range(many):
            self._peers.append(self._one(number))

    def _one(self, number: int) -> socket.socket:
        peer = _connect(self._port, number)
        peer.send(self._first)
        peer.setblocking(False)
        return peer

    def drip(self, until: Flag) -> None:
        """One byte a second on each, evenly spread."""
        while not until.is_set():
            began = time.monotonic()
            for number, peer in enumerate(self._peers):
                try:
                    peer.send(b"x")
                except BlockingIOError:
                    pass
                except OSError:
                    peer.close()
                    self._peers[number] = self._one(number)
                    self.again += 1
                if number % 10 == 0:
                    ahead = began + number / len(self._peers) - time.monotonic()
                    if ahead > 0:
                        time.sleep(ahead)
            time.sleep(max(0, began + 1 - time.monotonic()))

    def stall(self, until: Flag) -> None:
        """Nothing more at all; who is sent away comes again."""
        while not until.wait(0.1):
            for number, peer in enumerate(self._peers):
                try:
                    gone = peer.recv(1) == b""
                except BlockingIOError:
                    continue
                except OSError:
                    gone = True
                if gone:
                    peer.close()
                    self._peers[number] = self._one(number)
                    self.again += 1

    def close(self) -> None:
        for peer in self._peers:
            peer.close()


def drip(port: int, many: int, ready: Flag, over: Flag) -> None:
    """*many* connections, on each a byte a second and never a line end."""
    peers = _HalfOpen(port, b"N")
    peers.open(many)
    ready.set()
    peers.drip(over)
    peers.close()


def stall(port: int, many: int, ready: Flag, over: Flag) -> None:
    """*many* TLS handshakes that begin and do not go on."""
    peers = _HalfOpen(port, _CLIENT_HELLO)
    peers.open(many)
    ready.set()
    peers.stall(over)
    peers.close()


def guess(port: int, many: int, ready: Flag, over: Flag) -> None:
    """*many* wrong passwords, as fast as they are answered, five on a connection."""
    ready.set()
    wrong = base64.b64encode(b"\0siege\0wrong")
    peers = [_connect(port, number) for number in range(-(-many // 5))]
    for peer in peers:
        peer.send(b"CAP REQ :sasl\r\nNICK g%d\r\nUSER x 0 * :x\r\n" % next(_numbers))
        peer.send(b"AUTHENTICATE PLAIN\r\nAUTHENTICATE %s\r\n" % wrong * 5)
    for peer in peers:
        answers = b""
        try:
            while answers.count(b" 904 ") < 5 and (data := peer.recv(65536)):
                answers += data
        except OSError:
            pass  # sent away, or too slow
        peer.close()
    over.wait()


def churn(port: int, rate: int, ready: Flag, over: Flag) -> None:
    """*rate* people a second come and go: with a goodbye, without, and before they said who they are."""
    ready.set()
    began = time.monotonic()
    for number in count():
        ahead = began + number / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        if over.is_set():
            return
        peer = _connect(port, number)
        try:
            match number % 4:
                case 0:
                    pass
                case 1:
                    peer.send(_REGISTER % b"c%d" % next(_numbers) + b"JOIN #lobby\r\n")
                case 2:
                    peer.send(_REGISTER % b"c%d" % next(_numbers) + b"JOIN #lobby\r\nQUIT :bye\r\n")
                    peer.recv(65536)
                case _:
                    peer.send(b"CAP LS 302\r\nNICK c%d\r\n" % next(_numbers))
                    peer.recv(65536)
        except OSError:
            pass  # the server was faster
        finally:
            (reset if number % 3 else socket.socket.close)(peer)


@contextmanager
def running(attack, port: int, many: int, processes: int = 1) -> Iterator[None]:
    """*attack* with *many* in all goes on, ready at the beginning and over at the end."""
    context = multiprocessing.get_context("fork")
    ready, over = [context.Event() for _ in range(processes)], context.Event()
    attackers = [
        context.Process(target=attack, args=(port, many // processes, flag, over), daemon=True) for flag in ready
    ]
    for attacker in attackers:
        attacker.start()
    for flag in ready:
        if not flag.wait(120):
            raise TimeoutError(f"{attack.__name__} did not get ready")
    try:
        yield
    finally:
        over.set()
        for attacker in attackers:
            attacker.join(30)
