"""What is kept, from outside: export, search and backup while people chat, and a backup brought back."""

import json
import sqlite3
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from e2e.server import Caller, Server, calling, irc, run


def talk(server: Server, *lines: str) -> None:
    """Somebody says this in the lobby."""
    with irc(server.port, "Ann") as ann:
        ann.send(*(f"PRIVMSG #lobby :{line}" for line in lines), "PING done")
        ann.until("PONG")


def export(data_dir: Path, room: str = "lobby") -> list[dict[str, Any]]:
    """What `triochat export` prints."""
    result = run("export", room, "--data-dir", str(data_dir))
    assert (result.returncode, result.stderr) == (0, ""), result
    return [json.loads(line) for line in result.stdout.splitlines()]


def texts(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["params"][1] for entry in entries if entry["command"] == "PRIVMSG"]


def admin(server: Server, *words: str) -> "subprocess.CompletedProcess[str]":
    return run("admin", f"127.0.0.1:{server.admin_port}", "--data-dir", str(server.data_dir), *words)


def test_export_is_the_same_from_a_running_server_and_from_its_files(server: Server) -> None:
    said = [f"grüße {number}" for number in range(1200)]  # more than two pages
    for start in range(0, len(said), 40):
        talk(server, *said[start : start + 40])
    running = export(server.data_dir)
    assert texts(running) == said
    line = next(entry for entry in running if entry["command"] == "PRIVMSG")
    assert set(line) == {"seq", "time", "msgid", "nick", "source", "account", "command", "params", "tags"}
    assert (line["nick"], line["account"], line["params"], line["tags"]) == ("Ann", None, ["#lobby", "grüße 0"], {})
    server.kill()
    assert export(server.data_dir, "#LOBBY") == running


def test_what_cannot_be_exported_is_one_sentence(server: Server, tmp_path: Path) -> None:
    result = run("export", "nowhere", "--data-dir", str(server.data_dir))
    assert (result.returncode, result.stderr) == (1, "triochat: Nothing is kept of a room nowhere.\n")
    nothing = tmp_path / "elsewhere"
    result = run("export", "lobby", "--data-dir", str(nothing))
    assert result.returncode == 1 and result.stderr.startswith("triochat: there is no database ")
    assert not nothing.exists()


def test_private_messages_are_not_exported(server: Server) -> None:
    result = run("export", "=ann/bob", "--data-dir", str(server.data_dir))
    assert result.returncode == 1


def test_search_at_the_console(server: Server) -> None:
    talk(server, "the cake is ready", "no", "more cakes")
    hidden = admin(server, "search", "cake")
    assert (
        hidden.stdout.endswith("2 lines. Texts are hidden; --content shows them.\n") and "ready" not in hidden.stdout
    )
    shown = admin(server, "search", "cake", "last=1", "--content", "--json")
    assert [line["text"] for line in json.loads(shown.stdout)] == ["more cakes"]
    assert "0 lines." in admin(server, "search", "cake", "room=#nowhere").stdout
    assert "0 lines." in admin(server, "search", "cake", "room==a/b").stdout


def latest(caller: Caller) -> str:
    """What the lobby's history shows."""
    caller.send("CHATHISTORY LATEST #lobby * 50", "PING end")
    return "\n".join(caller.until("PONG"))


def test_a_backup_of_a_running_server_can_be_brought_back(server: Server, tmp_path: Path) -> None:
    """As docs/howto/back-up-and-move.md says."""
    talk(server, "before the backup")
    backup = tmp_path / "backup.db"
    with irc(server.port, "Bob") as bob:
        bob.send(*(f"PRIVMSG #lobby :meanwhile {number}" for number in range(20)))
        result = admin(server, "backup", str(backup))
        assert result.returncode == 0 and result.stdout.startswith(f"Wrote {backup}, "), result
        bob.send("PRIVMSG #lobby :after the backup", "PING x")
        bob.until("PONG")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    before = backup.read_bytes()
    again = admin(server, "backup", str(backup))
    assert again.returncode == 1 and "is there already" in again.stderr
    assert backup.read_bytes() == before
    connection = sqlite3.connect(f"file:{backup}?mode=ro&immutable=1", uri=True)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    server.kill()

    restored = tmp_path / "restored"
    restored.mkdir(mode=0o700)
    backup.rename(restored / "triochat.db")
    with Server(restored) as second:
        capabilities = "CAP REQ :draft/chathistory batch"
        with calling(
            second.port, capabilities, "CAP END", "NICK Eve", "USER e 0 * :e", "JOIN #lobby", until=" 366 "
        ) as eve:
            shown = latest(eve)
            assert "before the backup" in shown and "after the backup" not in shown
            eve.send("PRIVMSG #lobby :and on")
            assert "and on" in latest(eve)


@pytest.mark.parametrize("file", ["/nowhere/at/all.db", "/dev/null"])
def test_a_backup_that_cannot_be_written_is_one_sentence(server: Server, file: str) -> None:
    result = admin(server, "backup", file)
    assert result.returncode == 1 and result.stderr.startswith("triochat: There is no backup: ")
    with irc(server.port, "Ann"):
        pass
