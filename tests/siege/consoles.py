"""Consoles gone mad: what is typed at the admin port when whatever can be wrong with a peer is wrong.

Each kind of peer is one of the crowd; all go on until they are told to stop, and come again when they are sent away.
"""

import random
import selectors
import socket
from multiprocessing.synchronize import Event as Flag

from siege.attacks import HOST, reset

PASSWORD = "siege"
"""Of the console. Everybody knows it: a wrong one would make all from this address wait."""

_IAC = b"\xff"
_CHARACTER_MODE = b"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0"
_LOOKS = b"list\nstatus\nrooms\nhelp\nkikc Bob\ndoctor\nlimits\naudit\nlist --json\nmetrics\ntasks\n\n"
_KEYS = (b"\t", b"\x1b[A", b"\x1b[D", b"l", b"ki", b"\x7f", b"\x15", b"\r", b"\x1b[3~", "ö".encode(), b"\x0c", b" ")


class _Mad:
    """One peer, which comes again and again."""

    def __init__(self, port: int, kind: int, seed: int) -> None:
        self._port = port
        self._kind = kind
        self._random = random.Random(seed)
        self.socket = socket.socket()
        self._come()

    def _come(self) -> None:
        self.socket = socket.socket()
        self.socket.connect((HOST, self._port))
        self.socket.setblocking(False)
        self._first = True
        self.socket.send(PASSWORD.encode() + b"\r\n")

    def _typed(self) -> bytes:
        first, self._first = self._first, False
        match self._kind:
            case 0:  # noise
                return self._random.randbytes(2048)
            case 1:  # telnet that negotiates without end
                return b"".join(_IAC + self._random.randbytes(2) for _ in range(200)) + b"\xff\xfa" + b"x" * 64
            case 2:  # every key by itself, held down
                keys = b"".join(self._random.choices(_KEYS, k=64))
                return _CHARACTER_MODE + keys if first else keys
            case 3:  # a script without pauses
                return _LOOKS
            case 4:  # asks and asks, and reads nothing
                return b"help\nlist\n" * 50
            case 5:  # empty lines
                return b"\n" * 2048
            case 6:  # reads along
                return b"monitor rate=200\n" if first else b""
            case _:  # comes and goes
                return b"list\n"

    def step(self) -> bool:
        """Read, type; whether it is the same connection as before."""
        try:
            if self._kind != 4:
                try:
                    if self.socket.recv(65536) == b"":
                        raise ConnectionResetError
                except BlockingIOError:
                    pass
            try:
                self.socket.send(self._typed())
            except BlockingIOError:
                pass
            if self._kind != 7 or self._random.random() < 0.9:
                return True
        except OSError:
            pass
        reset(self.socket)
        self._come()
        return False


def fumble(port: int, many: int, ready: Flag, over: Flag) -> None:
    """*many* consoles at once, of eight kinds."""
    crowd = [_Mad(port, number % 8, number) for number in range(many)]
    with selectors.DefaultSelector() as selector:
        for mad in crowd:
            selector.register(mad.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, mad)
        ready.set()
        while not over.is_set():
            for key, _ in selector.select(0.1):
                mad = key.data
                before = mad.socket
                descriptor = before.fileno()
                if not mad.step():
                    selector.unregister(descriptor)
                    selector.register(mad.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, mad)
    for mad in crowd:
        mad.socket.close()
