"""`triochat serve` as a process: its lines, its refusals, its end."""

import json
import os
import re
import signal
import socket
import stat
from pathlib import Path

import pytest

from e2e.server import Lines, Server, calling, irc, run, start


def test_the_promised_lines_are_printed_exactly(server: Server) -> None:
    with calling(server.port, "Alice", until="You joined") as alice:
        assert server.lines.next() == "[NEW CONNECTION] Alice connected."
        alice.send("Hello everyone!")
        assert server.lines.next() == "[MESSAGE] Alice: Hello everyone!"
        with irc(server.port, "Bob", "#dev") as bob:
            assert server.lines.next() == "[NEW CONNECTION] Bob connected."
            bob.send("PRIVMSG #dev :for developers", "PRIVMSG Alice :a secret", "PRIVMSG #dev :esc \x1b[2J")
            assert server.lines.next() == "[MESSAGE] #dev Bob: for developers"
            assert server.lines.next() == "[MESSAGE] #dev Bob: esc ␛[2J"
        assert server.lines.next() == "[DISCONNECTED] Bob has left the chat."
        server.signal(signal.SIGTERM)
        assert server.lines.rest() == [
            "[DISCONNECTED] Alice has left the chat.",
            "[SERVER STOPPED] 1 user disconnected.",
        ]
    assert server.wait() == 0


def test_json_lines_hold_the_same_as_fields(tmp_path: Path) -> None:
    process = start("serve", "--port", "0", "--admin-port", "0", "--data-dir", str(tmp_path), "--log-format", "json")
    lines = Lines(process)
    try:
        started = json.loads(lines.next() or "")
        assert started["event"] == "server_started"
        assert json.loads(lines.next() or "")["event"] == "admin_console"
        with calling(started["port"], "Alice", "hi", until="You joined"):
            assert json.loads(lines.next() or "")["name"] == "Alice"
            message = json.loads(lines.next() or "")
            shown = [message[key] for key in ("event", "room", "name", "text")]
            assert shown == ["message", "#lobby", "Alice", "hi"]
    finally:
        lines.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_tells_the_people_and_exits_with_zero(server: Server, number: signal.Signals) -> None:
    with irc(server.port, "ann") as ann:
        server.signal(number)
        assert ann.rest()[-1] == "ERROR :Closing link: 127.0.0.1 (Server is shutting down)"
    assert server.wait() == 0
    assert server.lines.until("STOPPED") == "[SERVER STOPPED] 1 user disconnected."


def test_a_second_signal_stops_at_once_though_a_peer_takes_nothing(server: Server) -> None:
    with calling(server.port) as stuck, irc(server.port, "ann") as ann:
        stuck.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.send("NICK stuck", "USER s 0 * :s", *["VERSION"] * 20_000)
        server.lines.until("stuck connected")
        server.signal(signal.SIGINT)
        assert "shutting down" in ann.rest()[-1]  # so the first signal has been taken
        server.signal(signal.SIGINT)
        assert server.wait() == 0


def test_what_was_said_is_there_after_kill_minus_nine(tmp_path: Path) -> None:
    with Server(tmp_path) as server, irc(server.port, "ann") as ann:
        ann.send("PRIVMSG #lobby :remember me", "PING stored")
        ann.until("PONG")
        server.kill()
    with Server(tmp_path) as server, calling(server.port, "Bob") as bob:
        bob.until("ann: remember me")


def test_line_whose_answer_a_kill_swallowed_is_sent_again_and_said_once(tmp_path: Path) -> None:
    negotiate = ("CAP REQ :message-tags echo-message triochat/resend", "CAP END")
    line = "PRIVMSG #lobby :once"
    with Server(tmp_path) as server, irc(server.port, "ann") as ann:
        ann.send(*negotiate, f"@+triochat/id=a-line-of-anns-own {line}")
        (msgid,) = re.findall("msgid=([^; ]+)", ann.until("once")[-1])
        server.kill()
    with Server(tmp_path) as server, irc(server.port, "ann") as ann:
        ann.send(*negotiate, f"@+triochat/id=a-line-of-anns-own;+triochat/again {line}")
        assert msgid in ann.until("once")[-1]
        ann.send("PRIVMSG #lobby :end")
        ann.until("end")
        with calling(server.port, "Bob") as bob:
            assert "".join(bob.until("ann: end")).count("ann: once") == 1


def test_data_is_for_its_owner_only(tmp_path: Path) -> None:
    with Server(tmp_path / "new") as server:
        assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
        for name in ("admin-password", "triochat.db"):
            assert stat.S_IMODE((server.data_dir / name).stat().st_mode) == 0o600


def test_the_password_is_never_printed(server: Server) -> None:
    server.signal(signal.SIGTERM)
    server.wait()
    assert server.password not in "\n".join(server.lines.rest())
    assert server.password not in (server.data_dir / "stderr").read_text()


def one_sentence(stderr: str) -> str:
    """Exactly one line, no traceback."""
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("triochat: ")
    return lines[0]


def test_a_busy_port_is_one_sentence_and_status_one(tmp_path: Path, server: Server) -> None:
    result = run("serve", "--port", str(server.port), "--admin-port", "0", "--data-dir", str(tmp_path / "other"))
    assert result.returncode == 1
    assert f"port {server.port} on 127.0.0.1 is in use" in one_sentence(result.stderr)
    assert result.stdout == ""


def test_a_used_data_directory_is_one_sentence_and_status_one(server: Server) -> None:
    result = run("serve", "--port", "0", "--admin-port", "0", "--data-dir", str(server.data_dir))
    assert result.returncode == 1
    assert "another triochat server is using" in one_sentence(result.stderr)


def test_an_impossible_data_directory_is_one_sentence_and_status_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("serve", "--port", "0", "--admin-port", "0", "--data-dir", str(tmp_path / "file" / "below"))
    assert result.returncode == 1
    assert "cannot create the data directory" in one_sentence(result.stderr)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_data_directory_is_one_sentence_and_status_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = run("serve", "--port", "0", "--admin-port", "0", "--data-dir", str(tmp_path))
    assert result.returncode == 1
    assert "not writable" in one_sentence(result.stderr)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nprot = 1", "unknown key 'prot' in [server]"),
        ("[server]\nport = 'x'", "server.port: expected"),
        ("[server", "not valid TOML"),
        ("[[listen]]\nkind = 'irc'\nport = 70000", "between 0 and 65535"),
    ],
)
def test_a_bad_configuration_is_one_sentence_and_status_one(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    result = run("serve", "--config", str(file), "--data-dir", str(tmp_path))
    assert result.returncode == 1
    sentence = one_sentence(result.stderr)
    assert words in sentence
    assert str(file) in sentence


def test_usage_errors_have_status_two() -> None:
    assert run("serve", "--port", "many").returncode == 2
    assert run("frobnicate").returncode == 2


def test_every_command_explains_itself_with_an_example() -> None:
    assert "Example" in run("--help").stdout
    for command in ("serve", "connect", "admin", "config"):
        result = run(command, "--help")
        assert result.returncode == 0
        assert "Example" in result.stdout


def test_a_port_beside_a_list_of_doors_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "doors.toml"
    file.write_text("[[listen]]\nkind = 'irc'\nport = 0\n")
    result = run("serve", "--config", str(file), "--port", "6000", "--data-dir", str(tmp_path))
    assert result.returncode == 1
    assert "--port" in one_sentence(result.stderr)
