"""A server whose surroundings fail: no descriptors left, nobody reads its output."""

import resource
import signal
import subprocess
from pathlib import Path

import pytest

from e2e.server import DEADLINE, TRIOCHAT, Caller, Server, clean_environment, irc


def test_out_of_descriptors_the_others_go_on_and_newcomers_come_in_later(tmp_path: Path) -> None:
    with Server(tmp_path, descriptors=40) as server, irc(server.port, "ann") as ann:
        crowd = []
        for _ in range(60):
            try:
                crowd.append(Caller(server.port))
            except OSError:
                break
        ann.send("PRIVMSG #lobby :still here", "CHATHISTORY LATEST #lobby * 1", "PING x")
        assert not any("FAIL" in line for line in ann.until("PONG"))
        for caller in crowd:
            caller.close()
        ann.send("PING y")
        ann.until("PONG")
        with irc(server.port, "bob") as bob:
            bob.send("PRIVMSG ann :back again")
            ann.until("back again")
        server.signal(signal.SIGTERM)
        assert server.wait() == 0


@pytest.mark.parametrize("blocked", ["stdout", "stderr"])
def test_output_that_nobody_reads_keeps_nobody_waiting(tmp_path: Path, blocked: str) -> None:
    """A paused terminal: the pipe is full, the chat goes on, and the server still ends."""
    file = tmp_path / "loud.toml"
    file.write_text("[server]\nlog_level = 'debug'\n[limits]\ncommand_rate = 0\n[[listen]]\nkind = 'irc'\nport = 0\n")
    process = subprocess.Popen(
        [*TRIOCHAT, "serve", "--config", str(file), "--data-dir", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if blocked == "stderr" else subprocess.DEVNULL,
        text=True,
        env=clean_environment(),
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline().rpartition(":")[2])
        with irc(port, "ann") as ann:
            for i in range(30):
                ann.send(*[f"PRIVMSG #lobby :{i} {'x' * 300}"] * 100, f"PING {i}")
                ann.until("PONG")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stderr is not None:
            process.stderr.close()


def test_the_descriptor_limit_is_raised_to_what_the_system_allows(server: Server) -> None:
    limits = Path(f"/proc/{server.process.pid}/limits")
    if not limits.exists():
        pytest.skip("needs procfs")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    (line,) = [line for line in limits.read_text().splitlines() if line.startswith("Max open files")]
    assert line.split()[3] == str(hard)
