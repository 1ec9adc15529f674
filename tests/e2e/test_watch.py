"""Watching a real server: metrics over HTTP, the console's numbers over real sockets, a real telnet that edits lines,
and a service manager that is told."""

import http.client
import json
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from e2e.server import DEADLINE, Server, calling, irc
from e2e.test_manage import CTRL_C, Terminal, admin

TAB, UP = "\t", "\x1b[A"


@pytest.fixture
def telnet(server: Server) -> Iterator[Terminal]:
    """`telnet` at the console's prompt."""
    if shutil.which("telnet") is None:
        pytest.skip("there is no telnet on this machine")
    terminal = Terminal("telnet", "127.0.0.1", str(server.admin_port))
    terminal.until("Password: ")
    terminal.type(f"{server.password}\r")
    terminal.until("> ")
    yield terminal
    terminal.close()


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_metrics_and_health_are_answered_over_http(tmp_path: Path) -> None:
    settings = tmp_path / "triochat.toml"
    settings.write_text("[metrics]\nenabled = true\nport = 0\n")
    with Server(tmp_path, "--config", str(settings)) as server:
        port = int(server.lines.until(r"^\[METRICS\] Listening on 127\.0\.0\.1:\d+$").rpartition(":")[2])
        with irc(server.port, "Alice") as alice, irc(server.port, "Bob") as bob:
            alice.send("PRIVMSG #lobby :hello")
            bob.until("hello")
            assert get(port, "/healthz") == (200, "ok\n")
            status, text = get(port, "/metrics")
            values = {
                sample.name: sample.value
                for family in text_string_to_metric_families(text)
                for sample in family.samples
            }
            assert status == 200
            assert values["triochat_users"] == values["triochat_connections"] == 2
            assert values["triochat_deliveries_total"] >= 2
            assert values["triochat_commit_seconds_count"] >= 1
            assert values["triochat_loop_turn_seconds_count"] > 10
            assert values["triochat_disk_free_bytes"] > 0
            assert values["process_resident_memory_bytes"] > 1_000_000
            assert get(port, "/")[0] == 404
            with calling(port, "POST /metrics HTTP/1.1", "Host: a", "Content-Length: 5", "", "quit") as browser:
                assert browser.rest()[0] == "HTTP/1.1 405 Method Not Allowed"


def test_there_are_no_metrics_unless_they_are_wanted(server: Server) -> None:
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert not any("[METRICS]" in line for line in server.lines.rest())


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = tmp_path / "triochat.toml"
        settings.write_text(f"[metrics]\nenabled = true\nport = {taken.getsockname()[1]}\n")
        with pytest.raises(AssertionError):
            Server(tmp_path, "--config", str(settings))
    line = (tmp_path / "stderr").read_text().splitlines()[-1]
    assert re.fullmatch(r"triochat: port \d+ on 127\.0\.0\.1 is in use\. Stop .* with metrics\.port\.", line)


def test_every_number_of_the_console_is_there_for_scripts(server: Server) -> None:
    with irc(server.port, "Alice"):
        status = json.loads(admin(server, "status", "--json").stdout)
        assert status["users"] == status["connections"] == 1
        assert status["loop_worst_ms"] > 0
        assert status["last_error"] == ""
        (row,) = json.loads(admin(server, "top", "--json").stdout)
        assert row["name"] == "Alice"
        assert row["bytes_in_per_s"] == 0 if sys.platform == "linux" else row["bytes_in_per_s"] is None
        names = {row["name"] for row in json.loads(admin(server, "tasks", "--json").stdout)}
        assert {"net.connection.Connection.run", "journal.journal.Journal.run"} <= names
        (stack,) = json.loads(admin(server, "where", "Alice", "--json").stdout)
        assert stack["task"]["about"] == "Alice #1"
        assert any("in SocketWire.readable" in frame or "wait_readable" in frame for frame in stack["frames"])
        assert isinstance(json.loads(admin(server, "slow", "--json").stdout), list)
        found = json.loads(admin(server, "doctor", "--json").stdout)
        assert {"event loop", "commits", "disk", "backup", "ports", "log"} <= {each["about"] for each in found}
        assert "triochat_users 1.0" in admin(server, "stats").stdout
        missing = admin(server, "where", "Nobody")
        assert (missing.returncode, missing.stderr) == (1, "triochat: Nobody is called Nobody.\n")


def test_doctor_knows_of_a_backup_and_of_accounts(server: Server, tmp_path: Path) -> None:
    assert "there was none by the console yet" in admin(server, "doctor").stdout
    assert admin(server, "backup", str(tmp_path / "copy.db")).returncode == 0
    assert "OK    backup: the last one by the console was " in admin(server, "doctor").stdout


def test_a_console_that_is_no_telnet_sees_no_other_bytes_than_before(server: Server) -> None:
    with calling(server.admin_port, server.password, "status", "doctor", "quit") as console:
        shown = b"\n".join(line.encode("utf-8", "surrogateescape") for line in raw(console.sock))
    assert shown.count(b"\xff") == 2  # around the password
    assert b"\x1b" not in shown
    assert b"OK    log: no errors since the start." in shown


def raw(sock: socket.socket) -> list[str]:
    data = b""
    while more := sock.recv(65536):
        data += more
    return data.decode("utf-8", "surrogateescape").split("\r\n")


def test_a_real_telnet_has_history_completion_and_a_table_that_refreshes(server: Server, telnet: Terminal) -> None:
    with irc(server.port, "Alice") as alice:
        telnet.type("sho" + TAB)
        telnet.until("show ")
        telnet.type("al" + TAB)
        telnet.until("Alice ")
        telnet.type("\r")
        telnet.until(r"Alice #1, guest\r\n  user[\s\S]*> ")
        telnet.type("s" + TAB)
        telnet.until("say  search  set  show")
        telnet.type("\x15" + UP)
        telnet.until(r"> show Alice ")
        telnet.type("\x15top every=1\r")
        alice.send("PRIVMSG #lobby :hello")
        telnet.until(r"\x1b\[2J\x1b\[H1 session, [\s\S]*Alice[\s\S]*q leaves\.")
        telnet.until(r"\x1b\[H1 session, [\s\S]*q leaves\.")
        telnet.type("q")
        telnet.until("> ")
        telnet.type("monitor\r")
        telnet.until("stops")
        telnet.type(CTRL_C)
        telnet.until(r"stopped\. 0 events shown, 0 not shown\.[\s\S]*> ")
        telnet.type(b"kick Bob" + CTRL_C)
        telnet.until(r"\^C\s+> ")
        telnet.type("\x04")
        telnet.until("Bye")


def test_triochat_admin_on_a_terminal_completes_what_the_server_knows(server: Server) -> None:
    command = ["-m", "triochat", "admin", f"127.0.0.1:{server.admin_port}", "--data-dir", str(server.data_dir)]
    with irc(server.port, "Alice"):
        terminal = Terminal(sys.executable, *command, PROMPT_TOOLKIT_NO_CPR="1")
        try:
            terminal.until("Type help")
            terminal.until(">")
            terminal.type("sho" + TAB + "Al" + TAB + "\r")
            terminal.until(r"Alice #1, guest\s+user ")
            terminal.type(UP + "\r")
            terminal.until(r"Alice #1, guest\s+user ")
            terminal.type("top every=1\r")
            terminal.until(r"1 session, [\s\S]*Enter or Ctrl-C stops\.")
            terminal.type(CTRL_C)
            terminal.type("nonsense\r")
            terminal.until(r"No command nonsense[\s\S]*\n[^\n]*>")
            terminal.type("\x04")
            assert terminal.process.wait(DEADLINE) == 0
        finally:
            terminal.close()


def test_a_service_manager_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(DEADLINE)
        with Server(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="2000000") as server:
            assert {manager.recv(100), manager.recv(100)} == {b"READY=1", b"WATCHDOG=1"}
            with irc(server.port, "Alice"):
                assert manager.recv(100) == b"WATCHDOG=1"
            server.signal(signal.SIGTERM)
            assert server.wait() == 0
        while (said := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert said == b"STOPPING=1"
