"""A thread that looks whether the event loop still goes round. When it does not, the log says where it is stuck, and
the thread answers at the console's port in its place.

A piece of C that never lets go of Python's lock stops this thread, too.
"""

import logging
import selectors
import socket
import threading
from collections.abc import Callable, Sequence

from triochat.observing.tasks import stack_of_thread, this_thread
from triochat.observing.turns import Turns

_log = logging.getLogger("triochat")

BLOCKED = 2.0
"""Seconds of one turn after which the loop counts as blocked."""
_LOOKS = 4
"""How often the thread looks in that time."""
_MOST_CALLERS = 4

Serve = Callable[[socket.socket], None]
"""Serves an accepted, blocking socket, and closes it."""


class Watchdog:
    """Use it as a context manager, in the thread that runs the loop."""

    def __init__(self, turns: Turns, doors: Sequence[tuple[socket.socket, Serve]], blocked: float = BLOCKED) -> None:
        """*doors* are the console's listening sockets, each with who serves there when the loop does not."""
        self._turns = turns
        self._blocked = blocked
        self._look_every = blocked / _LOOKS
        self._doors = doors
        self._loop = this_thread()
        self._ended = threading.Event()
        self._callers: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> "Watchdog":
        self._selector = selectors.DefaultSelector()
        for sock, serve in self._doors:
            # A descriptor of its own, so that the loop may close the socket whenever it likes.
            self._selector.register(sock.dup(), selectors.EVENT_READ, serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=self._blocked)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()

    def stack(self) -> list[str]:
        """Where the loop's thread is now, the innermost place last."""
        return stack_of_thread(self._loop)

    def _watch(self) -> None:
        while not self._ended.wait(self._look_every):
            if self._is_blocked:
                stack = " < ".join(reversed(self.stack()))  # where it is stuck comes first: long lines are cut
                _log.error("the event loop has been blocked for %.0f s: %s", self._turns.blocked, stack)
                self._answer()

    @property
    def _is_blocked(self) -> bool:
        return self._turns.blocked >= self._blocked

    def _answer(self) -> None:
        """Take consoles for as long as the loop is blocked."""
        while self._is_blocked and not self._ended.is_set():
            if not self._doors:
                self._ended.wait(self._look_every)
                continue
            for key, _ in self._selector.select(self._look_every):
                if isinstance(key.fileobj, socket.socket):
                    self._take(key.fileobj, key.data)

    def _take(self, listening: socket.socket, serve: Serve) -> None:
        self._callers = [caller for caller in self._callers if caller.is_alive()]
        if len(self._callers) >= _MOST_CALLERS:
            self._ended.wait(self._look_every)  # the next one waits in the socket's queue, perhaps for the loop
            return
        try:
            sock = listening.accept()[0]
        except OSError:
            return  # the loop was faster, or the peer has gone
        caller = threading.Thread(target=self._serve, args=(sock, serve), name="watchdog-console", daemon=True)
        self._callers.append(caller)
        caller.start()

    def _serve(self, sock: socket.socket, serve: Serve) -> None:
        try:
            serve(sock)
        except Exception:  # noqa: BLE001  # a bug must end one console, not the server
            _log.exception("a console of the watchdog failed")
        finally:
            sock.close()
