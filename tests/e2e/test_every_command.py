"""Every command of the console over a real socket, and what is promised of all of them."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from e2e.server import Caller, Server, calling, irc, run, start
from triochat_admin.commands import COMMANDS

SETTINGS = """
[server]
port = 0
motd = "{motd}"
[admin]
port = 0
[limits]
command_rate = {rate}
[[oper]]
name = "vera"
password = "vera-sesame"
role = "viewer"
[[oper]]
name = "mo"
password = "mo-sesame"
role = "moderator"
"""

# For each command what is typed, and a part of the answer. Alice and Bob are in #lobby and #dev, Bob has spoken.
EVERY = {
    "help": ("help kick", "Disconnect users"),
    "list": ("list room=#dev cols=id,name,account sort=since", "Alice"),
    "show": ("show Alice", "Alice #"),
    "room": ("room #dev", "members   @Alice Bob"),
    "rooms": ("rooms", "#dev"),
    "nodes": ("nodes", "irc 127.0.0.1:"),
    "status": ("status", "2 users in 2 rooms"),
    "say": ("say #dev tea is ready", "Said to #dev; 2 sessions reached."),
    "announce": ("announce back soon", "Announced to 2 sessions."),
    "mute": ("mute Bob for=1m calm down", "Muted Bob"),
    "unmute": ("unmute Bob", "Lifted mute"),
    "ban": ("ban Mallory for=1h", "Banned Mallory"),
    "bans": ("bans", "Mallory"),
    "unban": ("unban Mallory", "Lifted ban"),
    "rename": ("rename Bob Robert", "Bob is Robert now."),
    "move": ("move Robert #new from=#dev", "Moved 1 to #new, out of #dev"),
    "close": ("close #new enough", "Closed #new; put out 1: Robert."),
    "kick": ("kick Robert being rude", "Kicked 1: Robert #"),
    "monitor": ("monitor joins traffic", "Watching"),
    "log": ("log warning", "Watching the server's log from warning on."),
    "top": ("top --once", "Alice"),
    "doctor": ("doctor", "OK"),
    "slow": ("slow", ""),
    "tasks": ("tasks", "listener"),
    "where": ("where Alice", "connection"),
    "stats": ("stats", "triochat_"),
    "limits": ("limits rate", "command_rate"),
    "set": ("set command_rate 5 for=1m", "command_rate 20 → 5 for 1 minute."),
    "search": ("search number", "1 line."),
    "account": ("account create Carol", "Created the account Carol."),
    "invite": ("invite #dev uses=5 for=2d", "Invitation to #dev for 5 people until "),
    "invites": ("invites", "0 of 5"),
    "uninvite": ("uninvite {code}", "Took back "),
    "history": ("history #dev", "«16 chars»"),
    "redact": ("redact {msgid} private", "Took back what Bob said in #dev"),
    "export": ("export #dev {directory}/dev.jsonl", "lines of #dev to "),
    "lockdown": ("lockdown 2 for=1m", "Lockdown 2"),
    "pause": ("pause off", "Reading again."),
    "drain": ("drain", "No new connections are taken; 1 connection left."),
    "reload": ("reload --check", "No setting that counts at once has changed."),
    "backup": ("backup {directory}/copy.db", "Wrote "),
    "audit": ("audit", "rename  Bob"),
    "json": ("json on", "This is JSON already."),
    "shutdown": ("shutdown in=1h new version", "Stopping in 1 hour"),
    "cancel": ("cancel", "Cancelled; 1 session told."),
    "quit": ("quit", "Bye."),
}


class Program:
    """A program at the console of a server."""

    def __init__(self, server: Server, password: str = "") -> None:
        self._caller = Caller(server.admin_port)
        self._caller.send("!json 1", password or server.password)
        self.answers()
        self.admitted = self.answers()[0]["ok"]

    def answers(self) -> list[dict[str, object]]:
        """The next answer, with what comes before the last of it."""
        got = []
        for raw in self._caller.file:
            if raw.startswith(b"{"):
                got.append(json.loads(raw))
                if not got[-1].get("more"):
                    return got
        raise AssertionError(f"closed after {got}")

    def ask(self, line: str) -> dict[str, object]:
        """The answer to a command; a monitor is stopped at once."""
        watches = line.split(" ")[0] in ("monitor", "log")
        self._caller.send(*([line, ""] if watches else [line]))
        return self.answers()[0]

    def close(self) -> None:
        self._caller.close()


def admits(server: Server, password: str) -> bool:
    """Whether the console lets in who gives this password."""
    program = Program(server, password)
    program.close()
    return bool(program.admitted)


@pytest.fixture
def governed(tmp_path: Path) -> Iterator[Server]:
    """A server with settings in a file, beside its data directory."""
    file = tmp_path / "settings.toml"
    file.write_text(SETTINGS.format(motd="Be kind.", rate=20))
    data = tmp_path / "data"
    data.mkdir()
    with Server(data, "--config", str(file)) as running:
        yield running


def test_every_command_answers_over_a_socket(governed: Server, tmp_path: Path) -> None:
    assert EVERY.keys() == {command.name for command in COMMANDS}
    with irc(governed.port, "Alice", "#lobby,#dev"), irc(governed.port, "Bob", "#lobby,#dev") as bob:
        bob.send("PRIVMSG #dev :my number is 555", "PING said")
        bob.until("PONG")
        program = Program(governed)
        msgid = program.ask("history #dev last=1")["data"][0]["msgid"]  # type: ignore[index]
        code = ""
        for name, (line, part) in EVERY.items():
            answer = program.ask(line.format(msgid=msgid, directory=tmp_path, code=code))
            if name == "invite":
                code = answer["data"]["invite"]["code"]  # type: ignore[index]
            assert answer["ok"] and part in str(answer["text"]), (name, answer)
        program.close()


def test_a_kick_is_answered_when_the_connection_is_closed_also_of_a_client_that_reads_nothing(server: Server) -> None:
    with irc(server.port, "Zoe") as zoe, irc(server.port, "Alice") as alice:
        for _ in range(100):
            alice.send(f"PRIVMSG #lobby :{'x' * 400}")  # Zoe reads nothing of it
        alice.send("PING said")
        alice.until("PONG")
        program = Program(server)
        answer = program.ask("kick Zoe your tab looks frozen")
        program.close()
        assert "ms, name free." in str(answer["text"])
        zoe.sock.setblocking(False)  # what is to be read is there
        with suppress(ConnectionResetError):
            while zoe.sock.recv(65536):
                pass
        alice.send("NICK Zoe", "PING renamed")
        assert not [line for line in alice.until("PONG") if " 433 " in line]


def test_every_command_is_known_by_its_name_alone_and_says_what_it_lacks(governed: Server) -> None:
    program = Program(governed)
    for command in COMMANDS:
        if command.name in ("quit", "shutdown"):
            continue
        answer = program.ask(f"{command.name} --no-such-option")
        if not command.text or command.words[1]:
            assert (answer["ok"], answer["kind"]) == (False, "usage"), answer
            assert f"{command.name} has no option --no-such-option" in str(answer["error"])
    program.close()


def test_one_shot_commands_have_honest_exit_statuses(governed: Server, tmp_path: Path) -> None:
    def admin(*words: str, **environment: str) -> tuple[int, str, str]:
        where = ("--data-dir", str(governed.data_dir), f"127.0.0.1:{governed.admin_port}")
        done = run("admin", *where, *words, **environment)
        return done.returncode, done.stdout, done.stderr

    with irc(governed.port, "Alice") as alice:
        assert admin("rename", "Alice", "Ann", "--dry-run")[:2] == (0, "This would call Alice Ann. Nothing done.\n")
        assert admin("set", "nick_length", "40")[0] == 1
        assert admin("lockdown", "9")[0] == 2
        status, out, _ = admin("lockdown", "1", "for=1h", "--json")
        assert (status, json.loads(out)["count"], json.loads(out)["measures"]["lockdown"]) == (0, 1, 1)
        assert "lockdown  1, ends by itself in" in admin("status")[1]
        assert admin("shutdown", "in=1h", "reason=a new version")[0] == 0
        assert "stops in 60 minutes: a new version" in alice.until("stops in")[-1]
        assert admin("cancel")[0] == 0
        assert admin("cancel")[0] == 1
        assert admin("export", "lobby", str(tmp_path / "lobby.jsonl"))[0] == 0
        assert admin("reload", "--check")[0] == 0
        status, _, err = admin("--as", "vera", "kick", "Alice", TRIOCHAT_ADMIN_PASSWORD="vera-sesame")
        assert (status, err) == (1, "triochat: kick needs the role moderator; yours is viewer.\n")
        assert admin("--as", "vera", "list", TRIOCHAT_ADMIN_PASSWORD="mo-sesame")[0] == 1
        assert admin("--as", "mo", "kick", "Alice", TRIOCHAT_ADMIN_PASSWORD="mo-sesame")[0] == 0
        by = [row["by"] for row in json.loads(admin("audit", "--json")[1]) if row["action"] == "kick"]
        assert [who.partition(", console 127.0.0.1:")[0] for who in by] == ["mo"]


def test_operators_with_names_come_in_by_telnet_and_see_who_they_are(governed: Server) -> None:
    with calling(governed.admin_port) as telnet:
        telnet.sock.sendall(b"vera vera-sesame\nshutdown\nhelp\nquit\n")
        shown = "\n".join(raw.decode("utf-8", "replace") for raw in telnet.file)
    assert "You are vera, viewer. Type help." in shown
    assert "shutdown needs the role admin; yours is viewer." in shown
    assert "Show who is connected." in shown and "Disconnect users" not in shown
    assert not admits(governed, "vera mo-sesame")


def test_an_operator_is_the_same_on_the_wire_and_at_the_console(governed: Server) -> None:
    with irc(governed.port, "Op") as op, irc(governed.port, "Mallory") as mallory:
        op.send("KLINE Mallory :spam")
        op.until(" 481 ")
        op.send("OPER vera vera-sesame", "KLINE Mallory :spam", "KILL Mallory :spam")
        assert "this needs the role moderator, yours is viewer" in op.until(" 481 ")[-1]
        op.until(" 481 ")
        op.send("OPER mo mo-sesame", "KLINE *!*@* :everybody")
        assert "*!*@* would hit 2 of 2 sessions: do it at the console" in op.until("would hit")[-1]
        op.send("MODE Op +s")
        op.until("MODE Op +s")
        op.send("KLINE 10 Mallory :spam")
        assert "Banned Mallory (ban 1); hit 1: Mallory #2. UNKLINE Mallory lifts it" in op.until("Banned")[-1]
        assert "mo, irc Op!Op@127.0.0.1: ban Mallory hit 1" in op.until("NOTICE * :***")[-1]
        assert "spam" in mallory.rest()[-1]
        op.send("REHASH")
        assert "needs the role admin" in op.until(" 481 ")[-1]
        op.send("UNKLINE Mallory")
        op.until("Lifted ban 1 of Mallory")
        program = Program(governed)
        rows = program.ask("audit")["data"]
        deeds = [(row["by"], row["action"], row["target"]) for row in rows]  # type: ignore[attr-defined]
        assert deeds[-2:] == [
            ("mo, irc Op!Op@127.0.0.1", "ban", "Mallory"),
            ("mo, irc Op!Op@127.0.0.1", "unban", "Mallory"),
        ]
        assert "operator  mo, moderator" in str(program.ask("show Op")["text"])
        program.close()


def test_settings_are_read_again_and_what_is_wrong_changes_nothing(governed: Server, tmp_path: Path) -> None:
    file, program = tmp_path / "settings.toml", Program(governed)
    file.write_text(SETTINGS.format(motd="Be kinder.", rate=7) + "[history]\non_join = 5\n")
    told = program.ask("reload --check")["data"]["done"]  # type: ignore[index]
    assert told == [
        "server.motd would count at once.",
        "limits.command_rate would count at once.",
        "history.on_join would wait for a restart.",
        "The TLS certificate would be read again.",
    ]
    program.ask("set command_rate 3 for=1h")
    assert "server.motd counts now." in program.ask("reload")["data"]["done"]  # type: ignore[index]
    with calling(governed.port, "NICK Bob", "USER b 0 * :b", until="Be kinder."):
        pass
    rows = program.ask("limits command_rate")["data"]
    assert [(row["value"], row["usual"], row["left_s"]) for row in rows] == [(7, 7, None)]  # type: ignore[attr-defined]
    file.write_text(SETTINGS.format(motd="x", rate=7) + "[accounts]\nregistration = false\n")
    with calling(governed.port, "CAP LS 302", until="CAP ") as person:
        program.ask("reload")
        person.until(" CAP * DEL draft/account-registration")
    file.write_text(SETTINGS.format(motd="x", rate=-1))
    refused = program.ask("reload")
    assert not refused["ok"] and "limits.command_rate" in str(refused["error"])
    assert str(refused["error"]).endswith("Nothing was changed.")
    file.write_text(SETTINGS.format(motd="x", rate=7).replace("mo-sesame", "other-sesame"))
    program.ask("reload")
    program.close()
    assert not admits(governed, "mo mo-sesame")
    assert admits(governed, "mo other-sesame")


def test_the_number_of_consoles_and_of_their_passwords_can_be_set_while_it_runs(governed: Server) -> None:
    program = Program(governed)
    assert program.ask("set login_attempts 1")["ok"]
    with calling(governed.admin_port, "wrong") as guesser:
        assert b"Wrong password." in guesser.file.read()  # and the console hangs up
    assert program.ask("set consoles 1 for=1h")["ok"]
    with calling(governed.admin_port, governed.password) as second:
        assert b"All 1 consoles are in use." in second.file.read()
    program.close()


def test_a_shutdown_after_a_time_ends_the_server_kindly(governed: Server) -> None:
    with irc(governed.port, "Alice") as alice:
        program = Program(governed)
        assert program.ask("shutdown in=1s new version")["count"] == 1
        assert "new version" in alice.rest()[-1]
        program.close()
    assert governed.wait() == 0
    assert governed.lines.rest()[-1] == "[SERVER STOPPED] 1 user disconnected."


def test_two_hundred_consoles_and_one_that_does_not_read_disturb_nobody(server: Server) -> None:
    with irc(server.port, "Alice") as alice:
        crowd = [socket.create_connection(("127.0.0.1", server.admin_port), 10) for _ in range(200)]
        garbage = [b"\xff\xf4\xff\xfd\x06", b"\xff\xfa" * 500, bytes(range(256)) * 16, b"x" * 9000, b"kick Zo\xeb\n"]
        for i, sock in enumerate(crowd):
            try:
                sock.sendall(garbage[i % len(garbage)])
            except OSError:
                pass  # it was turned away
        alice.send("PING crowd")
        alice.until("PONG")
        for sock in crowd:
            sock.close()
        deaf = Caller(server.admin_port)
        deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.send(server.password, *["help"] * 2000)
        for i in range(50):
            alice.send(f"PING {i}")
            alice.until("PONG")
        deaf.close()
        memory = json.loads(
            run("admin", f":{server.admin_port}", "status", "--json", "--data-dir", str(server.data_dir)).stdout
        )["memory_bytes"]
        assert memory < 200_000_000
    told = (server.data_dir / "stderr").read_text()
    assert "Traceback" not in told and "ERROR" not in told


def test_admin_trusts_another_machines_console_on_first_use_and_no_other_certificate(tmp_path: Path) -> None:
    file, data, known = tmp_path / "open.toml", tmp_path / "data", tmp_path / "known-servers"
    file.write_text("[[listen]]\nkind = 'admin'\ntls = true\n")

    def admin(port: int, *words: str, **more: str) -> tuple[int, str, str]:
        environment = {"TRIOCHAT_KNOWN_SERVERS": str(known), **more}
        done = run("admin", "--data-dir", str(data), f"127.0.0.1:{port}", *words, **environment)
        return done.returncode, done.stdout, done.stderr

    for visit in ("first", "renewed"):
        process = start("serve", "--config", str(file), "--data-dir", str(data), "--quiet")
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline().rpartition(":")[2])
            file.write_text(f"[[listen]]\nkind = 'admin'\ntls = true\nport = {port}\n")
            if visit == "first":
                status, out, err = admin(port, "--tls", "rooms")
                assert (status, "#lobby" in out, f"First visit to 127.0.0.1:{port}" in err) == (0, True, True)
                assert admin(port, "--tls", "rooms")[::2] == (0, "")
                status, _, err = admin(port, "rooms")
                assert (status, "is no admin console of triochat" in err) == (1, True)
            else:
                status, out, err = admin(port, "--tls", "rooms")
                assert (status, out) == (1, "") and "is not the one first seen on" in err
                shown = err.split("--trust ")[1].strip()
                assert admin(port, "--trust", shown, "rooms")[0] == 0
                assert admin(port, "--tls", "rooms")[0] == 0
                assert "not the one" not in admin(port, "--trust", shown, "rooms")[2]
                assert admin(port, "--trust", "00" * 32, "rooms")[0] == 1
                verifying = str(data / "tls-cert.pem")
                known.unlink()
                assert admin(port, "--tls", "rooms", SSL_CERT_FILE=verifying)[::2] == (0, "")
                assert "could be verified when it was first seen" in admin(port, "--tls", "rooms")[2]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        (data / "tls-cert.pem").unlink()
        (data / "tls-key.pem").unlink()
