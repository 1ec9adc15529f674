"""`triochat connect --plain` as people and scripts run it, against a real server."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.server import TRIOCHAT, Lines, Server, calling, clean_environment, irc, run
from triochat.net.certificate import CERT_FILE, fingerprint


class PlainClient:
    """A client with pipes for standard streams."""

    def __init__(self, server: Server, name: str) -> None:
        self.process = subprocess.Popen(
            [*TRIOCHAT, "connect", f"127.0.0.1:{server.port}", "--name", name, "--plain"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=clean_environment(),
        )
        self.lines = Lines(self.process)

    def say(self, text: str) -> None:
        """Give it a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def end_input(self) -> None:
        """Close its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.close()


@contextmanager
def connected(server: Server, name: str) -> Iterator[PlainClient]:
    """A client that has its name when the block begins; it may still be entering the room."""
    client = PlainClient(server, name)
    try:
        server.lines.until(rf"\[NEW CONNECTION\] {name} connected\.")
        yield client
    finally:
        client.end_input()
        client.lines.end()


def test_three_kinds_of_people_see_each_other(server: Server) -> None:
    with (
        connected(server, "Bob") as bob,
        calling(server.port, "Alice", until="You joined") as alice,
        irc(server.port, "Zoe") as zoe,
    ):
        bob.say("Hello everyone!")
        alice.until("Bob: Hello everyone!")
        zoe.until(":Hello everyone!")
        alice.send("hi Bob")
        bob.lines.until("^Alice: hi Bob$")
        zoe.send("PRIVMSG Bob :psst", "PRIVMSG #lobby :\x1b[2Jboo")
        bob.lines.until(r"^\[Zoe\] psst$")
        bob.lines.until("^Zoe: ␛\\[2Jboo$")


def test_a_pipe_says_all_its_lines_and_ends_when_they_are_stored(server: Server) -> None:
    text = "".join(f"line {i}\n" for i in range(50))
    result = run("connect", f"127.0.0.1:{server.port}", "--name", "script", stdin=text)
    assert result.returncode == 0, result.stderr
    with calling(server.port, "Reader") as reader:
        shown = reader.until("script: line 49")
    assert [line.partition("] ")[2] for line in shown if "script" in line and "line" in line] == [
        f"script: line {i}" for i in range(30, 50)
    ]


def test_who_joins_later_sees_the_last_lines_once(server: Server) -> None:
    run("connect", f"127.0.0.1:{server.port}", "--name", "script", stdin="one\ntwo\nthree\n")
    with connected(server, "Bob") as bob:
        seen = [bob.lines.next() for _ in range(3)]
    assert [line.partition("] ")[2] for line in seen if line] == ["script: one", "script: two", "script: three"]


def test_after_a_crash_of_the_server_the_client_comes_back_and_misses_nothing(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        port = server.port
        with connected(server, "Bob") as bob:
            with irc(port, "ann") as ann:
                ann.send("PRIVMSG #lobby :before", "PING stored")
                ann.until("PONG")
                bob.lines.until("ann: before$")
                server.kill()
            again = Server(tmp_path, "--port", str(port))
            with again, irc(port, "ann") as ann:
                ann.send("PRIVMSG #lobby :meanwhile", "PING stored")
                ann.until("PONG")
                assert bob.lines.until("ann: ").endswith("ann: meanwhile")
                bob.say("still here")
                ann.until(":still here")


def test_a_line_that_is_refused_is_told_by_the_exit_status(server: Server) -> None:
    result = run("connect", f"127.0.0.1:{server.port}", "--name", "script", stdin="/msg Nobody hi\n")
    assert result.returncode == 1
    assert "Not sent" in result.stderr


def test_no_server_is_one_sentence() -> None:
    result = run("connect", "127.0.0.1:1", "--name", "Bob", stdin="hi\n")
    assert result.returncode == 1
    assert "Nobody answers at 127.0.0.1:1" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_console_sees_what_the_client_does(server: Server) -> None:
    with connected(server, "Bob"):
        result = run("admin", "--data-dir", str(server.data_dir), f"127.0.0.1:{server.admin_port}", "list", "--json")
        (row,) = json.loads(result.stdout)
        assert (row["name"], row["rooms"]) == ("Bob", ["#lobby"])


def test_a_server_with_a_new_certificate_is_refused_until_somebody_says_that_it_is_right(tmp_path: Path) -> None:
    known = {"TRIOCHAT_KNOWN_SERVERS": str(tmp_path / "known-servers")}
    certificate = tmp_path / CERT_FILE

    def say(text: str, *options: str) -> "subprocess.CompletedProcess[str]":
        address = f"127.0.0.1:{server.port}"
        return run("connect", address, "--name", "script", "--tls", *options, stdin=f"{text}\n", **known)

    with Server(tmp_path) as server:
        first, again = say("first"), say("again")
        assert (first.returncode, again.returncode) == (0, 0), first.stderr
        assert first.stderr.startswith(
            f"First visit to 127.0.0.1:{server.port}: its certificate cannot be verified ("
        )
        assert f"; remembered as {fingerprint(certificate)}. " in first.stderr
        assert "certificate" not in again.stderr
        port = server.port
    before = fingerprint(certificate)
    certificate.unlink()
    with Server(tmp_path, "--port", str(port)) as server:
        refused = say("refused")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert before in refused.stderr
        assert refused.stderr.endswith(f"connect once with --trust {fingerprint(certificate)}\n")
        assert refused.stderr.count("\n") == 1
        assert say("trusted", "--trust", fingerprint(certificate)).returncode == 0
        assert say("later").returncode == 0
        with calling(port, "Reader") as reader:
            shown = reader.until("script: later")
    said = [line.rpartition(" ")[2] for line in shown if "] script: " in line]
    assert said == ["first", "again", "trusted", "later"]
