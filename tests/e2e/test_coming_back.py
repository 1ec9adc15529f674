"""`triochat connect` at a terminal, the second time: a server from the settings, and the one of the last visit."""

import os
import pty
import select
import subprocess
from pathlib import Path
from time import monotonic

from e2e.server import DEADLINE, TRIOCHAT, Server, clean_environment, run


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [*TRIOCHAT, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=clean_environment(**environment)
        )
        os.close(theirs)
        self.seen = ""

    def until(self, text: str) -> None:
        """Read on until *text* was printed."""
        end = monotonic() + DEADLINE
        while text not in self.seen:
            ready, _, _ = select.select([self._ours], [], [], max(0, end - monotonic()))
            try:
                data = os.read(self._ours, 4096) if ready else b""
            except OSError:  # it ended
                data = b""
            assert data, f"no {text!r} in {self.seen!r}"
            self.seen += data.decode(errors="replace")

    def type(self, text: str) -> None:
        os.write(self._ours, f"{text}\n".encode())

    def end(self) -> int:
        """The exit status."""
        try:
            return self._process.wait(DEADLINE)
        finally:
            self._process.kill()
            os.close(self._ours)


def visit(*arguments: str, **environment: str) -> str:
    """Join, leave, and return what was printed."""
    terminal = Terminal("connect", "--plain", *arguments, **environment)
    try:
        terminal.until("(you).")
        terminal.type("/quit")
    finally:
        status = terminal.end()
    assert status == 0
    return terminal.seen


def test_a_server_of_the_settings_is_found_by_its_name_and_then_without_any(server: Server, tmp_path: Path) -> None:
    settings, state = tmp_path / "client.toml", tmp_path / "last-visit.json"
    files = {"TRIOCHAT_CLIENT_CONFIG": str(settings), "TRIOCHAT_CLIENT_STATE": str(state)}
    settings.write_text(f'[servers.work]\naddress = "127.0.0.1:{server.port}"\nname = "Robert"\nroom = "dev"\n')
    assert "#dev, 1 here: Robert (you)." in visit("work", **files)
    server.lines.until(r"\[DISCONNECTED\] Robert")
    assert "#dev, 1 here: Robert (you)." in visit(**files)
    assert "#tea, 1 here: Bob (you)." in visit("--name", "Bob", "--room", "tea", **files)
    assert "#tea, 1 here: Bob (you)." in visit(**files)


def test_a_pipe_goes_where_it_is_told_and_remembers_nothing(server: Server, tmp_path: Path) -> None:
    state = tmp_path / "last-visit.json"
    process = run("connect", f"127.0.0.1:{server.port}", "--name", "Bob", TRIOCHAT_CLIENT_STATE=str(state))
    assert process.returncode == 0
    assert not state.exists()


def test_a_mistake_in_the_settings_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "client.toml"
    file.write_text("colors = {}")
    process = run("connect", TRIOCHAT_CLIENT_CONFIG=str(file))
    assert process.returncode == 1
    assert process.stderr.startswith(f"triochat: {file}: unknown table or key 'colors'.")
    assert process.stderr.count("\n") == 1
