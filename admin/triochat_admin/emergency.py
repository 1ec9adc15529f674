"""The console while the event loop is blocked: `status`, `tasks` and `where`, answered by a thread. Blocking sockets
with deadlines; knows nothing of Trio.

It reads what the stuck server knows without changing anything. What is just being changed may look odd.
"""

import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

from triochat.operations import Operations
from triochat_admin import machine, render
from triochat_admin.commands import COMMANDS
from triochat_admin.grammar import JSON, Answer, Call, CommandFailed, Leave, UsageError, parse
from triochat_admin.lines import Key, Line, Lines
from triochat_admin.telnet import Telnet
from triochat_admin.text import visible

_log = logging.getLogger("triochat.admin")

_DEADLINE = 60.0
"""Seconds for the next line."""
_CHUNK = 4096
_LONGEST_LINE = 4096
_PENALTY = 1.0
ANSWERED = ("status", "tasks", "where", "help", "quit")
"""Commands that need no event loop."""


class Emergency:
    """Serves operators whom the loop cannot serve. May be used by several threads."""

    def __init__(
        self, operations: Operations, admits: Callable[[str], bool] | None, blocked: Callable[[], float]
    ) -> None:
        """*admits* tells whether a password is right, None = none is wanted; *blocked* for how many seconds the loop
        has been blocked, 0 = it goes on."""
        self.operations = operations
        self.admits = admits
        self.blocked = blocked
        self.stack: Callable[[], Sequence[str]] = tuple
        """Where the loop is stuck, the innermost place last."""

    def serve(self, sock: socket.socket, context: Callable[[], ssl.SSLContext] | None = None) -> None:
        """Talk to the peer until it leaves or is silent, or the loop goes on. Raises nothing for what peers do."""
        try:
            sock.settimeout(_DEADLINE)
            if context is not None:
                with context().wrap_socket(sock, server_side=True) as secure:
                    _Talk(self, secure).run()
            else:
                _Talk(self, sock).run()
        except (OSError, _Gone):
            pass


class _Gone(Exception):
    """The conversation is over."""


class _Talk:
    def __init__(self, emergency: Emergency, sock: socket.socket) -> None:
        self._emergency = emergency
        self._sock = sock
        self._telnet = Telnet()
        self._lines = Lines(_LONGEST_LINE)
        self._items: list[Line | Key] = []
        self._json = False

    def run(self) -> None:
        wanted = self._emergency.admits is not None
        self._send(f"triochat admin console\n{self._news()}\n")
        if wanted:
            self._telnet.hide(True)
            self._send("Password: ")
        else:
            self._send("> ")
        line = self._line()
        if line.split()[:1] == [machine.HELLO]:
            self._json = True
            self._telnet.hide(False)
            self._send("\n")
            self._document({"ok": True, "protocol": machine.VERSION, "password": wanted})
            line = self._line()
        if wanted:
            self._log_in(line)
            line = b""
        while True:
            if text := visible(line.decode("utf-8", "replace")).strip():
                self._obey(text)
            if not self._json:
                self._send("> ")
            line = self._line()

    def _log_in(self, password: bytes) -> None:
        admits = self._emergency.admits
        self._telnet.hide(False)
        right = admits is not None and admits(password.decode("utf-8", "replace"))
        if not right:
            _log.warning("admin console: wrong password while the event loop is blocked")
            time.sleep(_PENALTY)  # this thread has nothing else to do, and guessing shall be slow
        if self._json:
            self._document({"ok": True} if right else {"ok": False, "error": "Wrong password.", "kind": "password"})
        else:
            self._send("\n" if right else "\nWrong password.\n")
        if not right:
            raise _Gone

    def _obey(self, text: str) -> None:
        blocked = self._emergency.blocked()
        if not blocked:
            self._refuse("failed", "The event loop goes on again: connect anew.")
            raise _Gone
        try:
            command, call = parse(COMMANDS, text, self._emergency.operations, "console")
            if command.name not in ANSWERED:
                sentence = f"While the event loop is blocked there are only {', '.join(ANSWERED)}."
                self._refuse("failed", sentence)
                return
            result = command.run(call)
        except (UsageError, CommandFailed) as error:
            self._refuse("usage" if isinstance(error, UsageError) else "failed", str(error))
        except Exception:  # noqa: BLE001  # a bug must not end the conversation
            _log.exception("admin console: a command failed while the event loop is blocked")
            self._refuse("internal", "internal error, see the server's log")
        else:
            if isinstance(result, Leave):
                raise _Gone
            if isinstance(result, Answer):
                self._answer(call, command.name, result, blocked)

    def _answer(self, call: Call, verb: str, answer: Answer, blocked: float) -> None:
        stack = [] if verb == "help" else list(self._emergency.stack())
        data, text = answer.data, f"{self._news()}\n{_shown(stack)}{answer.text}"
        if isinstance(data, dict):
            data = {**data, "loop_blocked_s": blocked, "loop_blocked_in": stack}
        if self._json:
            self._document({"ok": True, "text": text, "data": data})
        else:
            self._send(f"{render.to_json(data) if JSON in call.options else text}\n")

    def _news(self) -> str:
        return (
            f"The event loop has been blocked for {self._emergency.blocked():.0f} s; a thread answers in its place."
        )

    def _refuse(self, kind: str, sentence: str) -> None:
        if self._json:
            self._document({"ok": False, "error": sentence, "kind": kind})
        else:
            self._send(f"{sentence}\n")

    # -- bytes --

    def _line(self) -> bytes:
        while True:
            while self._items:
                item = self._items.pop(0)
                if isinstance(item, Line):
                    return item.data
                if item is Key.END:
                    raise _Gone
            data = self._sock.recv(_CHUNK)
            if not data:
                raise _Gone
            for part in self._telnet.feed(data):
                self._items += self._lines.feed(part)
            if reply := self._telnet.take_outgoing():
                self._sock.sendall(reply)

    def _document(self, document: dict[str, Any]) -> None:
        try:
            text = render.to_json(document)
        except (TypeError, ValueError):
            text = json.dumps({"ok": False, "error": "internal error, see the server's log", "kind": "internal"})
        self._send(f"{text}\n")

    def _send(self, text: str) -> None:
        data = text.replace("\n", "\r\n").encode("utf-8", "replace")
        self._sock.sendall(self._telnet.take_outgoing() + data)


def _shown(stack: Sequence[str]) -> str:
    if not stack:
        return ""
    return "It is stuck here, the innermost place last:\n" + "".join(f"  {visible(place)}\n" for place in stack)
