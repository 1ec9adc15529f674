"""`triochat connect` as a process with a terminal of its own: it fills it, follows its size, leaves it as it was."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from time import monotonic

import pyte
import pytest

from e2e.server import DEADLINE, TRIOCHAT, Server, clean_environment


class Terminal:
    """A program that has a terminal, and an emulator of that."""

    def __init__(self, *arguments: str, columns: int = 80, rows: int = 24) -> None:
        self._ours, self.theirs = pty.openpty()
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self.written = ""
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [*TRIOCHAT, *arguments],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that it hears of other sizes
            env=clean_environment(TERM="xterm-256color"),
        )

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    def shows(self, *texts: str, row: int | None = None) -> None:
        """Read on until all of *texts* are on the screen, or in its *row*."""
        end = monotonic() + DEADLINE
        while not all(text in (self.rows[row] if row is not None else "\n".join(self.rows)) for text in texts):
            ready, _, _ = select.select([self._ours], [], [], max(0, end - monotonic()))
            assert ready, f"no {texts} on {self.rows}"
            self._read()

    def _read(self) -> None:
        data = os.read(self._ours, 65536).decode(errors="replace")
        self.written += data
        self._stream.feed(data)

    def ended(self) -> int:
        """The exit status; what was still printed is read."""
        end = monotonic() + DEADLINE
        while self.process.poll() is None:
            assert monotonic() < end
            if select.select([self._ours], [], [], 0.05)[0]:
                self._read()
        while select.select([self._ours], [], [], 0)[0]:
            self._read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(server: Server) -> Iterator[Terminal]:
    """Bob's, in the lobby of a real server."""
    terminal = Terminal("connect", f"127.0.0.1:{server.port}", "--name", "Bob")
    try:
        terminal.shows("You joined the chat.", "[#lobby] Bob>")
        yield terminal
    finally:
        terminal.close()


def test_it_follows_the_size_of_its_terminal_while_one_types(terminal: Terminal, server: Server) -> None:
    terminal.press("half a ")
    terminal.shows("Bob> half a", row=23)
    terminal.resize(50, 12)
    terminal.press("sentence")
    terminal.shows("[#lobby] Bob> half a sentence", row=11)
    terminal.resize(120, 40)
    terminal.shows("[#lobby] Bob> half a sentence", row=39)
    terminal.press("\r")
    assert server.lines.until(r"\[MESSAGE\] Bob:") == "[MESSAGE] Bob: half a sentence"
    terminal.shows("Bob        half a sentence")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP, "/quit\r"])
def test_it_leaves_the_terminal_as_it_was(terminal: Terminal, server: Server, end: signal.Signals | str) -> None:
    assert "\x1b[?1049h" in terminal.written
    if isinstance(end, str):
        terminal.press(end)
    else:
        terminal.process.send_signal(end)
    assert terminal.ended() == 0
    assert termios.tcgetattr(terminal.theirs) == terminal.before
    for mode in ("1049", "2004", "1000", "1006"):  # the other page, pasting, the mouse
        assert terminal.written.rindex(f"\x1b[?{mode}l") > terminal.written.rindex(f"\x1b[?{mode}h")
    assert "You left the chat." in "\n".join(terminal.rows)
    server.lines.until(r"\[DISCONNECTED\] Bob")
