"""The loop is blocked by the test itself, which talks to the console meanwhile: only a thread can answer."""

import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import trio
import trustme

from admin.small_server import SmallServer
from triochat.observing.turns import Turns
from triochat.observing.watchdog import Watchdog
from triochat_admin.emergency import Emergency

DEADLINE = 20.0
SHORT = 0.01


class Caller:
    """Somebody at a console, with blocking sockets."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._sock = socket.create_connection(address, DEADLINE)
        self._said = b""

    def type(self, text: str) -> None:
        self._sock.sendall(text.encode())

    def until(self, pattern: str) -> str:
        while (found := re.search(pattern, self._said.decode("latin-1"))) is None:
            data = self._sock.recv(4096)
            assert data, f"closed before {pattern!r}: {self._said!r}"
            self._said += data
        shown = self._said.decode("latin-1")[: found.end()]
        self._said = self._said[found.end() :]
        return shown

    def rest(self) -> str:
        try:
            while data := self._sock.recv(4096):
                self._said += data
        except ConnectionResetError:
            pass  # it hung up on what it did not want to read
        return self._said.decode("latin-1")

    def encrypt(self, ca: trustme.CA) -> None:
        context = ssl.create_default_context()
        ca.configure_trust(context)
        self._sock = context.wrap_socket(self._sock, server_hostname="localhost")

    def close(self) -> None:
        self._sock.close()


@contextmanager
def blocked_loop(
    password: str | None = None, context: Callable[[], ssl.SSLContext] | None = None
) -> Iterator[tuple[Callable[[], Caller], Turns]]:
    """In a Trio run: consoles are answered by a thread as soon as this task blocks."""
    turns = Turns(SmallLog)
    trio.lowlevel.add_instrument(turns)
    callers: list[Caller] = []
    admits = None if password is None else password.__eq__
    emergency = Emergency(SmallServer(), admits, lambda: turns.blocked)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)

        def call() -> Caller:
            callers.append(Caller(listening.getsockname()))
            return callers[-1]

        with Watchdog(turns, [(listening, partial(emergency.serve, context=context))], blocked=SHORT) as watchdog:
            emergency.stack = watchdog.stack
            try:
                yield call, turns
            finally:
                for caller in callers:
                    caller.close()
    trio.lowlevel.remove_instrument(turns)


class _SmallLog:
    def note(self, kind: str, what: str, seconds: float) -> None:
        """See SlowLog."""


SmallLog = _SmallLog()


async def test_a_blocked_loop_is_told_of_with_what_blocks_it(caplog: pytest.LogCaptureFixture) -> None:
    with blocked_loop() as (call, _):
        await trio.lowlevel.checkpoint()
        caller = call()
        assert re.search(r"The event loop has been blocked for \d+ s; a thread answers", caller.until("> "))
        caller.type("tasks\r\n")
        shown = caller.until(r"\r\n> ")
    assert "It is stuck here, the innermost place last:" in shown
    stuck = [line for line in shown.splitlines() if "test_watchdog.py" in line]
    assert "in test_a_blocked_loop_is_told_of_with_what_blocks_it" in stuck[0]
    assert "in Caller." in stuck[1]
    assert "unrolled_run" not in shown
    assert "t12 net.connection.Connection.run (Bob #9)" in shown
    (record,) = [record for record in caplog.records if record.name == "triochat"]
    assert record.levelno == logging.ERROR
    told = r"the event loop has been blocked for \d+ s: \S*test_watchdog.py:\d+ in Caller.\w+ < "
    assert re.match(told, record.getMessage())


async def test_other_commands_are_refused_until_it_goes_on() -> None:
    with blocked_loop() as (call, _):
        await trio.lowlevel.checkpoint()
        caller = call()
        caller.until("> ")
        caller.type("kick Bob\r\nkikc Bob\r\nst\r\n\r\n")
        assert "While the event loop is blocked there are only status, tasks, where, help, quit." in caller.until(
            "> "
        )
        assert "No command kikc. Did you mean: kick" in caller.until("> ")
        caller.type("status\n")
        assert "loop      busy 12 %" in caller.until("log|disk[^>]*> ")
        caller.type("quit\n")
        caller.rest()


async def test_the_password_is_wanted_all_the_same() -> None:
    with blocked_loop("correct horse") as (call, _):
        await trio.lowlevel.checkpoint()
        wrong = call()
        assert "Bob" not in wrong.until("Password: ")
        wrong.type("guess\r\nstatus\r\n")
        shown = wrong.rest()
        assert "Wrong password." in shown
        assert "users" not in shown
        right = call()
        right.until("Password: ")
        right.type("correct horse\r\n")
        right.until("> ")
        right.type("status --json\r\n")
        assert re.search(r'"loop_blocked_s": [\d.]+', right.until("}"))


async def test_programs_are_answered_in_their_form() -> None:
    with blocked_loop("correct horse") as (call, _):
        await trio.lowlevel.checkpoint()
        program = call()
        program.type("!json 1\ncorrect horse\nstatus\nkick Bob\n")
        assert '{"ok": true, "protocol": 1, "password": true}' in program.until('"password": true}')
        assert '{"ok": true}' in program.until("true}")
        assert '"loop_blocked_in": [' in program.until(r'"blocked_in": \[|"loop_blocked_in": \[')
        assert '"kind": "failed"' in program.until('"kind": "failed"')


async def test_a_console_with_tls_is_answered_with_tls_and_who_does_not_speak_it_is_not() -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    with blocked_loop("correct horse", lambda: context) as (call, _):
        await trio.lowlevel.checkpoint()
        plain = call()
        plain.type("status\n")
        assert "triochat" not in plain.rest()
        secure = call()
        secure.encrypt(ca)
        secure.until("Password: ")
        secure.type("correct horse\r\nstatus\r\n")
        secure.until("mercury")


async def test_when_the_loop_goes_on_the_thread_hands_over() -> None:
    with blocked_loop() as (call, turns):
        await trio.lowlevel.checkpoint()
        caller = call()
        caller.until("> ")
        caller.type("status\n")
        caller.until("> ")

        def later() -> str:
            caller.type("status\n")
            return caller.rest()

        assert "The event loop goes on again: connect anew." in await trio.to_thread.run_sync(later)
        assert turns.blocked < DEADLINE


async def test_no_thread_is_left_behind() -> None:
    with blocked_loop() as (call, _):
        await trio.lowlevel.checkpoint()
        call().until("> ")
    for thread in threading.enumerate():
        if thread.name.startswith("watchdog"):
            thread.join(DEADLINE)
            assert not thread.is_alive()
