"""Real servers and peers: processes, sockets, signals. Every wait has a deadline, and none is a sleep."""

import os
import queue
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from client_files import no_client_files

DEADLINE = 20.0
"""Seconds after which a test gives up; nothing here takes longer than a fraction of one."""

TRIOCHAT = [sys.executable, "-m", "triochat"]


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without settings for triochat, and without those of a client of this person."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIOCHAT_")}
    return {**kept, **no_client_files(), "PYTHONUNBUFFERED": "1", **more}


class Lines:
    """A process's output, line by line, with a deadline."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def end(self) -> None:
        """Kill the process if it still runs, and release its pipe."""
        self._process.kill()
        self._process.wait()
        self._thread.join(DEADLINE)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def next(self) -> str | None:
        """The next line, None at the end."""
        return self._lines.get(timeout=DEADLINE)

    def until(self, pattern: str) -> str:
        """The next line in which *pattern* is found."""
        seen = []
        while (line := self.next()) is not None:
            seen.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError(f"no {pattern!r} in {seen}")

    def rest(self) -> list[str]:
        """All lines to the end."""
        lines = []
        while (line := self.next()) is not None:
            lines.append(line)
        return lines


def start(
    *arguments: str, stderr: Path | None = None, descriptors: int = 0, **environment: str
) -> "subprocess.Popen[str]":
    """A triochat command in the background; *stderr* is a file to append to."""

    def limit() -> None:
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    with (stderr or Path(os.devnull)).open("a") as errors:
        return subprocess.Popen(
            [*TRIOCHAT, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=clean_environment(**environment),
            preexec_fn=limit,
        )


class Server:
    """`triochat serve` on free ports."""

    def __init__(self, data_dir: Path, *arguments: str, descriptors: int = 0, **environment: str) -> None:
        """*descriptors* is how many files it may open, 0 = the usual number."""
        self.data_dir = data_dir
        options = ["--port", "0", "--admin-port", "0", "--data-dir", str(data_dir), *arguments]
        errors = data_dir / "stderr" if data_dir.exists() else None
        self.process = start("serve", *options, stderr=errors, descriptors=descriptors, **environment)
        self.lines = Lines(self.process)
        try:
            self.port = self._port(r"\[SERVER STARTED\] Listening on 127\.0\.0\.1:(\d+)$")
            self.admin_port = self._port(r"\[ADMIN CONSOLE\] Listening on 127\.0\.0\.1:(\d+)$")
        except BaseException:
            self.lines.end()
            raise

    def _port(self, pattern: str) -> int:
        line = self.lines.next()
        match = re.fullmatch(pattern, line or "")
        assert match is not None, f"{line!r} is not {pattern!r}"
        return int(match[1])

    @property
    def password(self) -> str:
        """The generated console password."""
        return (self.data_dir / "admin-password").read_text().strip()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit status."""
        return self.process.wait(DEADLINE)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lines.end()


class Caller:
    """A plain TCP client, like `nc`."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self.file = self.sock.makefile("rb")

    def send(self, *lines: str) -> None:
        """Send lines."""
        self.sock.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def until(self, text: str) -> list[str]:
        """Lines up to one that holds *text*."""
        lines: list[str] = []
        for raw in self.file:
            lines.append(raw.decode().rstrip("\r\n"))
            if text in lines[-1]:
                return lines
        raise AssertionError(f"closed before {text!r}: {lines}")

    def rest(self) -> list[str]:
        """All lines until the server closes."""
        return [raw.decode().rstrip("\r\n") for raw in self.file]

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.sock.close()


@contextmanager
def calling(port: int, *lines: str, until: str = "") -> Iterator[Caller]:
    """A caller that has said *lines* and got an answer with *until* in it."""
    caller = Caller(port)
    try:
        caller.send(*lines)
        if until:
            caller.until(until)
        yield caller
    finally:
        caller.close()


def irc(port: int, nick: str, room: str = "#lobby") -> AbstractContextManager[Caller]:
    """An IRC client in a room."""
    return calling(port, f"NICK {nick}", f"USER {nick} 0 * :{nick}", f"JOIN {room}", until=" 366 ")


def run(*arguments: str, stdin: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """A triochat command to its end."""
    return subprocess.run(
        [*TRIOCHAT, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=clean_environment(**environment),
        check=False,
    )
