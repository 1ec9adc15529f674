"""Managing a real server: a real telnet in a pseudo terminal, and one-shot commands."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import socket
import ssl
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.server import DEADLINE, Lines, Server, calling, clean_environment, irc, run, start

CTRL_C = b"\x03"


class Terminal:
    """A program in a pseudo terminal, and what it shows."""

    def __init__(self, *command: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C becomes a signal
            env=clean_environment(TERM="vt100", **environment),
        )
        os.close(slave)
        self.shown = ""
        self._from = 0

    def type(self, text: str | bytes) -> None:
        """Press keys."""
        os.write(self.master, text.encode() if isinstance(text, str) else text)

    def until(self, pattern: str) -> str:
        """What is newly shown, up to and with *pattern*."""
        deadline = time.monotonic() + DEADLINE
        while (found := re.search(pattern, self.shown[self._from :])) is None:
            ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"no {pattern!r} in {self.shown[self._from :]!r}"
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            assert data, f"ended before {pattern!r}: {self.shown[self._from :]!r}"
            self.shown += data.decode("utf-8", "replace")
        start, self._from = self._from, self._from + found.end()
        return self.shown[start : self._from]

    def close(self) -> None:
        """End the program."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def telnet(server: Server) -> Iterator[Terminal]:
    """`telnet` connected to the console of the server."""
    if shutil.which("telnet") is None:
        pytest.skip("there is no telnet on this machine")
    terminal = Terminal("telnet", "127.0.0.1", str(server.admin_port))
    yield terminal
    terminal.close()


def test_a_telnet_session_from_password_to_quit(server: Server, telnet: Terminal) -> None:
    with irc(server.port, "Alice") as alice, calling(server.port, "Bob", until="You joined") as bob:
        telnet.until("Password: ")
        telnet.type(f"{server.password}\r")
        greeting = telnet.until("> ")
        assert server.password not in greeting, "the password was echoed"
        assert "2 users" in greeting
        telnet.type("list\r")
        table = telnet.until(r"2 users\.[\s\S]*> ")
        assert re.search(r"Alice\s+#lobby\s+127\.0\.0\.1", table)
        assert re.search(r"Bob\s+#lobby\s+127\.0\.0\.1\s+plain lines", table)

        telnet.type("monitor\r")
        telnet.until("stops")
        bob.send("a secret thought")
        line = telnet.until(r"Bob\s+message.*readers?")
        assert "«16 chars»" in line
        assert "secret" not in line
        telnet.type(CTRL_C)
        telnet.until(r"stopped\. 1 event shown, 0 not shown\.[\s\S]*> ")

        telnet.type("kikc Bob\r")
        telnet.until("No command kikc. Did you mean: kick")
        telnet.type("kick Bob your tab looks frozen\r")
        telnet.until(r"Kicked 1: Bob #\d+ \(127.0.0.1\)\. Connection closed in \d+\.?\d* ms, name free\.")
        assert bob.rest()[-1] == "Disconnected: Kicked: your tab looks frozen."
        alice.until(":Bob!Bob@127.0.0.1 QUIT :Kicked: your tab looks frozen")
        with calling(server.port, "Bob", until="You joined"):
            telnet.type("announce maintenance at ten\r")
            telnet.until(r"2 ")
            alice.until("NOTICE * :maintenance at ten")
        telnet.type("quit\r")
        telnet.until("closed")


def test_garbage_at_the_console_disturbs_nobody(server: Server) -> None:
    with irc(server.port, "Alice") as alice:
        for garbage in (
            b"\xff\xf4\xff\xfd\x06",
            os.urandom(5000),
            b"\xff\xfa" * 5000,
            b"x" * 100_000,
            b"kick Zo\xeb\n",
        ):
            with calling(server.admin_port) as console:
                console.sock.sendall(garbage)
        alice.send("PING still")
        alice.until("PONG")
    assert json.loads(
        run("admin", f":{server.admin_port}", "status", "--json", "--data-dir", str(server.data_dir)).stdout
    )


def admin(server: Server, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A one-shot console command."""
    return run("admin", "--data-dir", str(server.data_dir), f"127.0.0.1:{server.admin_port}", *words, **environment)


def test_one_shot_commands_for_scripts(server: Server) -> None:
    with irc(server.port, "Alice", "#lobby,#dev"):
        rows = json.loads(admin(server, "list", "--json").stdout)
        keys = {"id", "name", "rooms", "address", "client", "tls", "idle_s", "lag_ms", "outbox_bytes"}
        assert keys <= set(rows[0])
        assert (rows[0]["name"], rows[0]["rooms"]) == ("Alice", ["#lobby", "#dev"])
        kicked = admin(server, "kick", "Alice", "being rude", "--json")
        assert (kicked.returncode, json.loads(kicked.stdout)["count"]) == (0, 1)
        again = admin(server, "kick", "Alice")
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)


def test_bans_and_mutes_hit_at_once_and_outlive_a_restart_and_are_in_the_audit(tmp_path: Path) -> None:
    with Server(tmp_path) as server, irc(server.port, "mallory") as mallory, irc(server.port, "bob") as bob:
        banned = admin(server, "ban", "mallory", "for=1h", "being rude", "--json")
        assert json.loads(banned.stdout)["count"] == 1
        assert "being rude" in mallory.rest()[-1]
        assert admin(server, "mute", "Bob").returncode == 0
        bob.send("PRIVMSG #lobby :hi")
        assert "404 bob #lobby :You are muted" in bob.until("404")[-1]
        assert admin(server, "ban", "127.0.0.1", "--dry-run").stdout.startswith("This would ban 127.0.0.1/32: 1 of 1")
        refused = admin(server, "ban", "127.0.0.0/8")
        assert (refused.returncode, "This would ban 127.0.0.0/8" in refused.stderr) == (1, True)
        assert admin(server, "ban", "2001:db8::1").returncode == 0
    with Server(tmp_path) as server:
        with calling(server.port, "NICK mallory", "USER m 0 * :m") as mallory:
            assert "465" in mallory.rest()[0]
        targets = [row["target"] for row in json.loads(admin(server, "bans", "--json").stdout)]
        assert targets == ["mallory", "Bob", "2001:db8::/64"]
        assert admin(server, "unban", "mallory").returncode == 0
        with irc(server.port, "mallory"):
            assert admin(server, "ban", "127.0.0.1", "--yes").returncode == 0
        with calling(server.port) as anybody:
            assert anybody.rest()[-1] == "ERROR :You are banned from this server"
        deeds = [
            (row["action"], row["target"], row["count"])
            for row in json.loads(admin(server, "audit", "--json").stdout)
        ]
        assert deeds == [
            ("ban", "mallory", 1),
            ("mute", "Bob", 1),
            ("ban", "2001:db8::/64", 0),
            ("unban", "mallory", 1),
            ("ban", "127.0.0.1/32", 1),
        ]


def test_a_wrong_password_is_one_sentence(server: Server) -> None:
    result = admin(server, "list", TRIOCHAT_ADMIN_PASSWORD="guess")
    assert result.returncode == 1
    assert "assword" in result.stderr
    assert result.stderr.count("\n") == 1


def test_shutdown_from_the_console_ends_the_server_kindly(server: Server) -> None:
    with irc(server.port, "Alice") as alice:
        assert admin(server, "shutdown", "new version").returncode == 0
        assert "new version" in alice.rest()[-1]
    assert server.wait() == 0
    assert server.lines.rest()[-1] == "[SERVER STOPPED] 1 user disconnected."


def test_a_console_that_other_machines_reach_speaks_tls_only_and_may_know_but_a_hash(tmp_path: Path) -> None:
    digest = run("config", "hash", stdin="correct horse\n").stdout.strip()
    assert digest.startswith("$argon2id$")
    file, data = tmp_path / "open.toml", tmp_path / "data"
    doors = "[[listen]]\nkind = 'irc'\n[[listen]]\nkind = 'admin'\nhost = '0.0.0.0'\n"
    file.write_text(f"[admin]\npassword_hash = '{digest}'\n{doors}")
    process = start("serve", "--config", str(file), "--data-dir", str(data))
    lines = Lines(process)
    try:
        lines.next()
        port = int((lines.next() or "").rpartition(":")[2])
        with calling(port, "list") as plain:
            assert plain.rest() == []
        context = ssl.create_default_context(cafile=str(data / "tls-cert.pem"))
        with (
            socket.create_connection(("127.0.0.1", port), DEADLINE) as sock,
            context.wrap_socket(sock, server_hostname="localhost") as secure,
        ):
            console = secure.makefile("rwb")
            console.write(b"!json 1\nguess\ncorrect horse\nstatus\nquit\n")
            console.flush()
            answers = [json.loads(line) for line in console if line.startswith(b"{")]
        assert [answer["ok"] for answer in answers] == [True, False, True, True, True]
        assert answers[3]["data"]["sessions"] == 0
    finally:
        lines.end()
    assert not (data / "admin-password").exists()


@pytest.mark.parametrize("setting", ["tls = false", "[admin]\nno_password = true"])
def test_a_console_that_other_machines_reach_is_refused_without_tls_or_password(tmp_path: Path, setting: str) -> None:
    file = tmp_path / "open.toml"
    file.write_text(f"[[listen]]\nkind = 'admin'\nhost = '0.0.0.0'\n{setting}\n")
    checked = run("config", "check", str(file))
    assert checked.returncode == 1
    assert "a console that other machines reach needs TLS and a password, as on 0.0.0.0." in checked.stderr
