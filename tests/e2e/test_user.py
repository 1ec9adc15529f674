"""`triochat user` as a process: on a running server and on its files; and what a restart brings back."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from e2e.server import DEADLINE, Caller, Server, calling, run

PASSWORD = "open-sesame"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory whose hashes are cheap."""
    (tmp_path / "triochat.toml").write_text('[accounts]\nkdf_cost = "test"\n')
    return tmp_path


def user(data_dir: Path, *words: str, stdin: str = "") -> "CompletedProcess[str]":
    """`triochat user` for this server."""
    options = ["--data-dir", str(data_dir), "--config", str(data_dir / "triochat.toml")]
    return run("user", *words, *options, stdin=stdin)


def add(data_dir: Path, name: str, password: str = PASSWORD) -> "CompletedProcess[str]":
    return user(data_dir, "add", name, "--password-stdin", stdin=f"{password}\n")


def serve(data_dir: Path) -> Server:
    return Server(data_dir, "--config", str(data_dir / "triochat.toml"))


def said(result: "CompletedProcess[str]") -> str:
    """What a command printed that succeeded."""
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout.strip()


def complaint(result: "CompletedProcess[str]") -> str:
    """The one sentence of a command that failed."""
    lines = result.stderr.strip().splitlines()
    assert result.returncode == 1 and result.stdout == "" and len(lines) == 1, result
    assert lines[0].startswith("triochat: ") and lines[0].endswith(".")
    return lines[0].removeprefix("triochat: ")


def logging_in(server: Server, password: str = PASSWORD, *, until: str) -> AbstractContextManager[Caller]:
    """Ann, who comes in with a password and has got this answer."""
    return calling(server.port, f"PASS Ann:{password}", "NICK Ann", "USER u 0 * :U", until=until)


@pytest.fixture(params=["running", "stopped"])
def place(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Path]:
    """A data directory, with a server on it and without."""
    if request.param == "stopped":
        yield data_dir
        return
    with serve(data_dir):
        yield data_dir


def test_accounts_are_managed_on_a_running_server_and_on_its_files(place: Path) -> None:
    assert said(user(place, "list")) == "0 accounts."
    assert said(add(place, "Ann")) == "Added the account Ann."
    assert said(add(place, "Bob")) == "Added the account Bob."
    assert said(user(place, "suspend", "bob", "--reason", "spam")) == "Suspended Bob."
    ann, bob, count = said(user(place, "list")).splitlines()
    assert ann.startswith("Ann   since 20") and "suspended" not in ann
    assert bob.endswith("  suspended") and count == "2 accounts."
    assert said(user(place, "resume", "BOB")) == "Bob may log in again."
    assert "suspended" not in said(user(place, "list"))
    change = user(place, "passwd", "ann", "--password-stdin", stdin="another-one\n")
    assert said(change) == "Changed the password of Ann."
    assert said(user(place, "remove", "ann")) == "Removed Ann."
    (only,) = json.loads(said(user(place, "list", "--json")))
    assert (only["name"], only["suspended"], only["password"]) == ("Bob", False, True)


def test_what_cannot_be_done_is_one_sentence_and_status_one(place: Path) -> None:
    assert complaint(add(place, "Bob", "short")) == "A password has at least 8 characters."
    assert complaint(user(place, "remove", "nobody")) == "There is no account nobody."


def test_without_a_terminal_the_password_must_come_from_stdin(data_dir: Path) -> None:
    result = user(data_dir, "add", "Ann")
    assert result.returncode == 2
    assert "--password-stdin" in result.stderr


def test_what_is_done_counts_at_once(data_dir: Path) -> None:
    with serve(data_dir) as server:
        add(data_dir, "Ann")
        with logging_in(server, until=" 001 Ann ") as ann:
            with calling(server.port, "NICK Ann", "USER u 0 * :U", until=" 433 "):
                pass
            user(data_dir, "suspend", "Ann", "--reason", "spam")
            assert "Your account is suspended" in ann.rest()[-1]
        with logging_in(server, until=" 464 "):
            pass
        user(data_dir, "resume", "Ann")
        user(data_dir, "passwd", "Ann", "--password-stdin", stdin="another-one\n")
        with logging_in(server, until=" 464 "):
            pass
        with logging_in(server, "another-one", until=" 001 Ann ") as ann:
            user(data_dir, "remove", "Ann")
            assert "Your account was removed" in ann.rest()[-1]
        with calling(server.port, "NICK Ann", "USER u 0 * :U", until=" 001 Ann "):
            pass


def test_a_socket_that_was_left_over_is_no_obstacle(data_dir: Path) -> None:
    with serve(data_dir) as server:
        server.kill()
    assert (data_dir / "triochat.db.sock").is_socket()
    assert said(add(data_dir, "Ann")) == "Added the account Ann."
    with serve(data_dir) as server:
        assert said(user(data_dir, "list")).endswith("1 account.")
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
    assert not (data_dir / "triochat.db.sock").exists()


def test_a_very_long_path_is_no_obstacle(tmp_path: Path) -> None:
    """The address of a Unix socket has about a hundred bytes."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "triochat.toml").write_text('[accounts]\nkdf_cost = "test"\n')
    with serve(deep) as server:
        assert said(add(deep, "Ann")) == "Added the account Ann."
        with logging_in(server, until=" 001 Ann "):
            pass
        assert complaint(add(deep, "Ann")) == "There is an account Ann already."


def test_the_socket_is_for_its_owner_only(data_dir: Path) -> None:
    with serve(data_dir):
        assert (data_dir / "triochat.db.sock").stat().st_mode & 0o777 == 0o600


def test_whatever_is_sent_to_the_socket_ends_in_an_answer(data_dir: Path) -> None:
    with serve(data_dir):
        for line in (b"", b"\n", b"nonsense\n", b"[1]\n", b'{"do": []}\n', b'{"do": "add"}\n', b"x" * 70_000):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(DEADLINE)
                sock.connect(str(data_dir / "triochat.db.sock"))
                sock.sendall(line)
                sock.shutdown(socket.SHUT_WR)
                assert "error" in json.loads(b"".join(iter(lambda: sock.recv(65_536), b"")))


def test_a_server_that_keeps_nothing_has_nothing_to_manage(tmp_path: Path) -> None:
    (tmp_path / "triochat.toml").write_text('[storage]\ndurability = "memory"\n')
    assert "keeps nothing on disk" in complaint(user(tmp_path, "list"))


def test_accounts_rooms_and_markers_are_there_after_kill_minus_nine(data_dir: Path) -> None:
    marker = "MARKREAD #den timestamp=2023-01-01T00:00:00.000Z"
    with serve(data_dir) as server:
        add(data_dir, "Ann")
        with logging_in(server, until=" 001 ") as ann:
            ann.send("JOIN #den", "MODE #den +q Ann", "TOPIC #den :a quiet place", "MODE #den +ib *!*@bad", marker)
            ann.send("PRIVMSG Ann :note to myself", "PING stored")
            ann.until("PONG")
            server.kill()
    with serve(data_dir) as server:
        with calling(server.port, "NICK Eve", "USER u 0 * :U", "JOIN #den", until=" 473 "):
            pass
        caps = "CAP REQ :draft/chathistory draft/read-marker"
        with calling(server.port, caps, f"PASS Ann:{PASSWORD}", "NICK Ann", "USER u 0 * :U", "CAP END") as ann:
            ann.send("JOIN #den", "MODE #den b", "CHATHISTORY LATEST Ann * 5")
            seen = ann.until("note to myself")
    assert any(line.endswith(" 332 Ann #den :a quiet place") for line in seen)
    assert any(line.endswith(" :~Ann") for line in seen)
    assert any(" 367 Ann #den *!*@bad " in line for line in seen)
    assert any(line.endswith(f" {marker}") for line in seen)
