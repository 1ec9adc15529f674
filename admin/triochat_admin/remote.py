"""The client's end of the form for programs (machine.py): blocking sockets with deadlines, so that a one-shot command
starts at once. Used by `triochat admin`, which also encrypts them."""

import ipaddress
import json
import re
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5001
_ANSWER_S = 30.0
_MOST_BYTES = 16 * 1024 * 1024
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class RemoteError(Exception):
    """It did not work; *str(error)* is one sentence."""


class AddressError(ValueError):
    """Not an address; *str(error)* is one sentence."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a console listens."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine for certain."""
        try:
            return self.host.lower() == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def looks_like_address(word: str) -> bool:
    """Whether *word* is meant as an address: commands have no dot and no colon, so `mercury` is `mercury:5001`."""
    return word.lower() == "localhost" or "." in word or ":" in word


def parse_address(text: str) -> Address:
    """`HOST`, `HOST:PORT`, `:PORT`, `[v6]:PORT` or a bare v6 address; raises AddressError."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
        if not bracket or (rest and not rest.startswith(":")):
            raise AddressError(f"{text} is no address. An IPv6 address with a port is written [::1]:5001.")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise AddressError(f"{text} is no address: a port is a number from 1 to 65535.")
    return Address(host or DEFAULT_HOST, int(port) if port else DEFAULT_PORT)


def reach(address: Address, timeout_s: float = _ANSWER_S) -> socket.socket:
    """A connection without encryption; raises RemoteError."""
    try:
        return socket.create_connection((address.host, address.port), timeout=timeout_s)
    except ConnectionRefusedError:
        raise RemoteError(f"Nobody answers at {address}. Is the server running? (triochat serve)") from None
    except socket.gaierror:
        raise RemoteError(f"There is no host called {address.host}.") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RemoteError(f"Cannot reach {address}: {reason}.") from None


class Remote:
    """A conversation with a console. Every method raises RemoteError when it breaks."""

    def __init__(self, address: Address, sock: socket.socket) -> None:
        """Say over *sock*, which leads to *address*, that a program is here."""
        self.address = address
        self._buffer = bytearray()
        self._searched = 0
        self._socket = sock
        self._interrupts: socket.socket | None = None
        try:
            self.send("!json 1")
            hello = self._hello()
        except BaseException:
            self.close()
            raise
        self.needs_password = bool(hello.get("password"))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def log_in(self, password: str) -> bool:
        """Whether *password* opened the console."""
        self.send(password)
        return bool(self.receive().get("ok"))

    def send(self, line: str) -> None:
        """Give a command; or anything, to stop a monitor."""
        # One request is one line, whatever a script has put into an argument.
        flat = _CONTROLS.sub(" ", line)
        try:
            self._socket.sendall(flat.encode("utf-8", "replace") + b"\n")
        except OSError:
            raise self._lost() from None

    def receive(self, patient: bool = False) -> dict[str, Any]:
        """The next answer. Those of a monitor say `more`, and between them one is *patient*."""
        return self._parsed(self._line(patient))

    def _hello(self) -> dict[str, Any]:
        """The answer to our hello, behind a greeting that is meant for people."""
        said: list[str] = []
        try:
            for _ in range(20):
                line = self._line()
                if line.startswith(b"{"):
                    return self._parsed(line)
                said.append(line.decode("utf-8", "replace"))
        except RemoteError:
            pass
        if said and "console" in said[-1]:
            raise RemoteError(f"{self.address} says: {said[-1].strip()}")
        raise RemoteError(f"What answers at {self.address} is no admin console of triochat.")

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise RemoteError(f"What answers at {self.address} is no admin console of triochat.")
        return document

    def _line(self, patient: bool = False) -> bytes:
        while (end := self._buffer.find(b"\n", self._searched)) < 0:
            self._searched = len(self._buffer)
            if self._searched > _MOST_BYTES:
                raise RemoteError(f"The answer of {self.address} is too long.")
            if patient:
                self._wait()
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                raise RemoteError(f"{self.address} did not answer in time.") from None
            except OSError:
                raise self._lost() from None
            if not data:
                raise self._lost()
            self._buffer += data
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """In here Ctrl-C raises KeyboardInterrupt when a *patient* `receive` waits, and nowhere else: it is not lost
        when it is pressed while something is being shown."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are none of its business
            return
        heard, told = socket.socketpair()
        told.setblocking(False)
        before = signal.signal(signal.SIGINT, lambda *_: None)
        waker = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        self._interrupts = heard
        try:
            yield
        finally:
            self._interrupts = None
            signal.set_wakeup_fd(waker)
            signal.signal(signal.SIGINT, before)
            heard.close()
            told.close()

    def _wait(self) -> None:
        """Wait for as long as it takes; a line typed on a terminal meanwhile stops the monitor."""
        pending = getattr(self._socket, "pending", None)
        if pending is not None and pending():
            return  # it is here already, decrypted
        watched: list[Any] = [self._socket]
        if sys.platform != "win32" and sys.stdin is not None and sys.stdin.isatty():
            watched.append(sys.stdin)
        if self._interrupts is not None:
            watched.append(self._interrupts)
        readable, _, _ = select.select(watched, [], [])
        if self._interrupts in readable:
            assert self._interrupts is not None
            if signal.SIGINT in self._interrupts.recv(64):
                raise KeyboardInterrupt
            self._wait()
            return
        if sys.stdin in readable:
            sys.stdin.readline()
            self.send("")

    def _lost(self) -> RemoteError:
        return RemoteError(f"{self.address} closed the connection.")
