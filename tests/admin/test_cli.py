"""`triochat admin` as a real process against a real console on the loopback interface."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from admin.small_server import SmallServer, message, user
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.peer import Limits
from triochat_admin.remote import Address, AddressError, looks_like_address, parse_address


class Served:
    """A console on a free port, and its command-line client."""

    def __init__(self, address: str, data_dir: Path) -> None:
        self.address = address
        self._data_dir = data_dir

    async def run(
        self, *arguments: str, address: str = "", stdin: bytes = b"", password: str = ""
    ) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        command = [sys.executable, "-m", "triochat", "admin", address or self.address, *arguments]
        done = await trio.run_process(
            command,
            stdin=stdin,
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env={
                **os.environ,
                "TRIOCHAT_DATA_DIR": str(self._data_dir),
                "TRIOCHAT_ADMIN_PASSWORD": password,
                "PYTHONIOENCODING": "utf-8",
            },
        )
        assert isinstance(done.stdout, bytes)
        assert isinstance(done.stderr, bytes)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@asynccontextmanager
async def served(
    server: SmallServer, data_dir: Path, password: str | None = None, limits: Limits | None = None
) -> AsyncIterator[Served]:
    console = Console(server, Login(password), limits)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, console.handle, listeners)
            host, port = listeners[0].socket.getsockname()
            yield Served(f"{host}:{port}", data_dir)
            nursery.cancel_scope.cancel()


async def test_text_and_json(tmp_path: Path) -> None:
    async with served(SmallServer(), tmp_path) as admin:
        status, out, err = await admin.run("list")
        assert (status, err) == (0, "")
        assert out.endswith("3 users.\n")
        status, out, err = await admin.run("list", "room=#dev", "--json")
        assert (status, [row["name"] for row in json.loads(out)]) == (0, ["Alice"])


async def test_words_of_the_command_line_are_what_they_look_like(tmp_path: Path) -> None:
    server = SmallServer()
    async with served(server, tmp_path) as admin:
        assert (await admin.run("kick", "Bob", "being  rude"))[
            1
        ] == "Kicked 1: Bob #9 (127.0.0.1). Connection closed in 3.0 ms, name free.\n"
        status, out, _ = await admin.run("--json", "say", "#lobby", "it's\nover\x03")
        assert (status, json.loads(out)["count"]) == (0, 2)
        await admin.run("say", "#lobby", "--", "--json", "is an option")
        await admin.run("announce one argument will do")
    assert [entry[:-1] for entry in server.done] == [
        ("kick", [9], "being  rude"),
        ("say", "#lobby", "it's over"),
        ("say", "#lobby", "--json is an option"),
        ("announce", "one argument will do"),
    ]


async def test_mistakes_are_sentences_and_exit_statuses(tmp_path: Path) -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(4)))
    async with served(server, tmp_path) as admin:
        assert await admin.run("kikc", "Bob") == (2, "", "triochat: No command kikc. Did you mean: kick\n")
        assert await admin.run("kick", "Nobody") == (1, "", "triochat: Nobody is called Nobody.\n")
        status, out, err = await admin.run("kick", "Nobody", "--json")
        assert (status, json.loads(out), err) == (1, {"count": 0, "hit": []}, "triochat: Nobody is called Nobody.\n")
        status, _, err = await admin.run("kick", "127.0.0.1")
        assert (status, err.endswith("That is everybody. Add --yes to do it.\n"), len(server.users)) == (1, True, 4)
        status, out, _ = await admin.run("kick", "127.0.0.1", "--yes", "--json")
        assert (status, json.loads(out)["count"], server.users) == (0, 4, [])


async def test_the_password_is_found_in_the_data_directory(tmp_path: Path) -> None:
    async with served(SmallServer(), tmp_path, "secret") as admin:
        status, _, err = await admin.run("status")
        assert (status, "wants a password: set TRIOCHAT_ADMIN_PASSWORD" in err) == (1, True)
        (tmp_path / "admin-password").write_text("secret\n")
        assert (await admin.run("status"))[0] == 0
        assert (await admin.run("status", password="secret"))[0] == 0
        assert (await admin.run("status", "--password-stdin", stdin=b"secret\n"))[0] == 0


async def test_a_wrong_password_is_one_sentence(tmp_path: Path) -> None:
    async with served(SmallServer(), tmp_path, "secret") as admin:
        status, out, err = await admin.run("status", password="guess")
        assert (status, out) == (1, "")
        assert err == f"triochat: {admin.address} does not accept the password in TRIOCHAT_ADMIN_PASSWORD.\n"


async def test_commands_from_stdin(tmp_path: Path) -> None:
    async with served(SmallServer(), tmp_path) as admin:
        status, out, err = await admin.run(stdin=b"rooms\n\nkikc\nstatus\nquit\nkick Bob\n")
    assert (status, err) == (2, "triochat: No command kikc. Did you mean: kick\n")
    assert out.index("2 rooms.") < out.index("up 2h14m")
    assert "Kicked" not in out


async def test_a_monitor_ends_with_its_client(tmp_path: Path) -> None:
    server = SmallServer()
    async with served(server, tmp_path) as admin:
        command = [sys.executable, "-m", "triochat", "admin", admin.address, "monitor", "--json"]
        process = await trio.lowlevel.open_process(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            await server.watched.wait()
            server.publish(message("Alice", "hello"))
            line = b""
            while not line.endswith(b"\n"):
                line += await process.stdout.receive_some(1)
            assert json.loads(line)["chars"] == 5
            process.terminate()
        finally:
            await process.wait()
            await process.stdout.aclose()
            await process.stderr.aclose()
        await server.watchers[0].ended.wait()


async def test_nobody_answers(tmp_path: Path) -> None:
    async with served(SmallServer(), tmp_path) as admin:
        pass
    status, out, err = await admin.run("list")
    assert (status, out) == (1, "")
    assert err == f"triochat: Nobody answers at {admin.address}. Is the server running? (triochat serve)\n"


async def test_a_full_console_says_so(tmp_path: Path) -> None:
    async with served(SmallServer(), tmp_path, limits=Limits(consoles=1)) as admin:
        host, port = admin.address.split(":")
        async with await trio.open_tcp_stream(host, int(port)) as other:
            await other.receive_some(1)
            status, _, err = await admin.run("list")
    assert (status, err) == (1, f"triochat: {admin.address} says: All 1 consoles are in use. Try again later.\n")


async def test_something_else_answers(tmp_path: Path) -> None:
    async def other(stream: trio.SocketStream) -> None:
        await stream.receive_some(1000)
        await stream.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n\x1b[2J")
        await stream.send_eof()
        await stream.receive_some(1000)

    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    address = f"localhost:{listeners[0].socket.getsockname()[1]}"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, other, listeners)
        status, _, err = await Served(address, tmp_path).run("list")
        nursery.cancel_scope.cancel()
    assert (status, err) == (1, f"triochat: What answers at {address} is no admin console of triochat.\n")


async def test_help_needs_no_server_and_no_trio(tmp_path: Path) -> None:
    code = (
        "import sys, triochat.cli\n"
        "try: triochat.cli.main(['admin', *sys.argv[1:]])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert 'trio' not in sys.modules"
    )
    for arguments, expected in (
        (["help"], b"Disconnect users"),
        (["help", "kick"], b"being rude"),
        (["--help"], b"mercury:5001"),
    ):
        done = await trio.run_process([sys.executable, "-c", code, *arguments], capture_stdout=True)
        assert isinstance(done.stdout, bytes)
        assert expected in done.stdout


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost", Address("localhost", 5001)),
        ("127.0.0.1:6001", Address("127.0.0.1", 6001)),
        (":6001", Address("127.0.0.1", 6001)),
        ("[::1]:6001", Address("::1", 6001)),
        ("[::1]", Address("::1", 5001)),
        ("::1", Address("::1", 5001)),
        ("chat.example", Address("chat.example", 5001)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert looks_like_address(text)
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["host:x", "host:0", "host:99999", "[::1", "[::1]x", "h:" + "9" * 5000])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(AddressError):
        parse_address(text)


@pytest.mark.parametrize("word", ["list", "kick", "mercury", "[x"])
def test_commands_are_no_addresses(word: str) -> None:
    assert not looks_like_address(word)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.9", "::1"])
def test_this_machine_is_given_its_password(host: str) -> None:
    assert Address(host).is_loopback


@pytest.mark.parametrize("host", ["chat.example", "127.evil.example", "192.0.2.1", "localhost.example"])
def test_no_other_machine_is(host: str) -> None:
    assert not Address(host).is_loopback
