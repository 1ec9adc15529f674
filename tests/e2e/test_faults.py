"""Disks that are full or may not be written, and databases that are damaged, under a real server."""

from pathlib import Path

from disks import SmallDisk, small_disk
from e2e.server import Server, irc, run
from e2e.test_history import export, texts

__all__ = ["small_disk"]

LONG = "word " * 80


def one_sentence(arguments: tuple[str, ...]) -> str:
    """What a server says that cannot start."""
    result = run("serve", "--port", "0", "--admin-port", "0", *arguments)
    lines = [line for line in result.stderr.splitlines() if line.startswith("triochat: ")]
    assert result.returncode == 1 and len(lines) == 1 and "Traceback" not in result.stderr, result
    return lines[0]


def test_on_a_full_disk_senders_are_told_and_later_it_goes_on(small_disk: SmallDisk, tmp_path: Path) -> None:
    file = tmp_path / "triochat.toml"
    file.write_text(f'[storage]\npath = "{small_disk.path}/chat.db"\n')
    with Server(tmp_path, "--config", str(file)) as server:
        with irc(server.port, "Ann") as ann, irc(server.port, "Bob") as bob:
            ann.send("PRIVMSG #lobby :before")
            bob.until(":before")
            small_disk.fill()
            ann.send(*(f"PRIVMSG #lobby :{number} {LONG}" for number in range(80)), "PING full")
            told = [line for line in ann.until("PONG") if " FAIL " in line]
            refused = len(told)
            assert told and all(" FAIL PRIVMSG MESSAGE_NOT_STORED " in line for line in told)
            bob.send("PING still-here")
            seen = [line for line in bob.until("still-here") if " PRIVMSG " in line]
            assert len(seen) == 80 - refused
            small_disk.free()
            ann.send("PRIVMSG #lobby :after", "PING again")
            assert not [line for line in ann.until("again") if " FAIL " in line]
            bob.until(":after")
        server.kill()
    result = run("export", "lobby", "--config", str(file), "--data-dir", str(tmp_path))
    kept = [line for line in result.stdout.splitlines() if '"PRIVMSG"' in line]
    assert len(kept) == 1 + (80 - refused) + 1


def test_a_read_only_disk_is_one_sentence(small_disk: SmallDisk, tmp_path: Path) -> None:
    file = tmp_path / "triochat.toml"
    file.write_text(f'[storage]\npath = "{small_disk.path}/chat.db"\n')
    with Server(tmp_path, "--config", str(file)) as server:
        server.kill()
    small_disk.make_read_only()
    sentence = one_sentence(("--config", str(file), "--data-dir", str(tmp_path)))
    assert sentence.startswith(f"triochat: cannot write to {small_disk.path}: Read-only file system.")


def test_a_damaged_database_is_one_sentence_and_left_alone(server: Server) -> None:
    with irc(server.port, "Ann") as ann:
        ann.send(*(f"PRIVMSG #lobby :{number} {LONG}" for number in range(90)), "PING end")
        ann.until("PONG")
    assert len(texts(export(server.data_dir))) == 90
    server.kill()
    database = server.data_dir / "triochat.db"
    run("export", "lobby", "--data-dir", str(server.data_dir))  # takes in what a kill left beside it
    data = bytearray(database.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 400] = b"\xff" * 400
    database.write_bytes(data)
    sentence = one_sentence(("--data-dir", str(server.data_dir)))
    assert sentence.startswith(f"triochat: cannot use the database {database}: ")
    assert sentence.endswith("Check it, or move it away.")
    assert database.read_bytes() == data
