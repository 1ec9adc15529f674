"""The console's form for programs, over memory streams."""

import json
from typing import Any

import trio
import trio.testing
from trio.testing import MockClock

from admin.operator import Operator, at_console
from admin.small_server import SmallServer, message, user
from triochat_admin.peer import Limits


class Program:
    """Lines out, documents in."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator

    async def receive(self) -> dict[str, Any]:
        line = await self._operator.until("\n")
        document = json.loads(line)
        assert isinstance(document, dict)
        return document

    async def ask(self, line: str) -> dict[str, Any]:
        await self._operator.type(f"{line}\n")
        return await self.receive()

    async def hello(self) -> dict[str, Any]:
        await self._operator.type("!json 1\n")
        greeting = ""
        while not greeting.startswith("{"):
            greeting = await self._operator.until("\n")
        document = json.loads(greeting)
        assert isinstance(document, dict)
        return document


async def test_the_talk_in_the_documentation(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "correct horse") as operator:
        program = Program(operator)
        assert await program.hello() == {"ok": True, "protocol": 1, "password": True}
        assert await program.ask("correct horse") == {"ok": True}
        assert await program.ask("kick Bob being rude") == {
            "ok": True,
            "text": "Kicked 1: Bob #9 (127.0.0.1). Connection closed in 3.0 ms, name free.",
            "data": {"count": 1, "hit": ["Bob #9"], "took_ms": 3.0, "closing": 0, "kept": []},
            "count": 1,
        }
        assert await program.ask("kikc Bob") == {
            "ok": False,
            "error": "No command kikc. Did you mean: kick",
            "kind": "usage",
        }


async def test_a_row_of_list(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(user(7, "Alice", "#lobby", "#dev"))) as operator:
        program = Program(operator)
        assert not (await program.hello())["password"]
        assert (await program.ask("list"))["data"] == [
            {
                "id": 7,
                "name": "Alice",
                "rooms": ["#lobby", "#dev"],
                "address": "127.0.0.1",
                "client": "triochat 0.1",
                "tls": False,
                "idle_s": 4.0,
                "lag_ms": 2.0,
                "outbox_bytes": 0,
                "account": None,
                "door": "irc",
                "connected_s": 0.0,
                "stuck_s": None,
                "parked": False,
            }
        ]


async def test_hitting_nobody_fails_and_counts(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        program = Program(operator)
        await program.hello()
        answer = await program.ask("kick Nobody")
        assert (answer["ok"], answer["error"], answer["count"]) == (False, "Nobody is called Nobody.", 0)
        assert answer["data"] == {"count": 0, "hit": []}


async def test_a_wide_kick_needs_yes_at_once(autojump_clock: MockClock) -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(4)))
    async with at_console(server) as operator:
        program = Program(operator)
        await program.hello()
        assert (await program.ask("kick 127.0.0.1"))["kind"] == "confirm"
        assert server.done == []
        assert (await program.ask("kick 127.0.0.1 --yes"))["count"] == 4


async def test_a_wrong_password_opens_nothing(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server, "secret") as operator:
        program = Program(operator)
        await program.hello()
        for _ in range(3):
            assert await program.ask("kick Bob") == {"ok": False, "error": "Wrong password.", "kind": "password"}
        assert await operator.rest() == ""
    assert server.done == []


async def test_a_program_may_stay_longer_than_a_login_takes(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        program = Program(operator)
        await program.hello()
        await program.ask("secret")
        await trio.sleep(1000)
        assert (await program.ask("status"))["ok"]


async def test_another_version_is_refused(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type("!json 2\n")
        assert json.loads(await operator.rest())["error"] == "This console speaks !json 1."


async def test_monitor_streams_until_any_line(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        program = Program(operator)
        await program.hello()
        assert (await program.ask("monitor"))["more"]
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(12):
            server.publish(message("Alice", "secret"))
        documents = [await program.receive() for _ in range(12)]
        assert [document["data"]["chars"] for document in documents if "chars" in document["data"]] == [6] * 11
        assert [document["data"] for document in documents if "missed" in document["data"]] == [{"missed": 1}]
        assert all(document["more"] for document in documents)
        last = await program.ask("")
        assert last == {
            "ok": True,
            "text": "stopped. 11 events shown, 1 not shown.",
            "data": {"shown": 11, "missed": 1},
        }
        assert (await program.ask("rooms"))["ok"]


async def test_lines_that_are_too_long_and_quit(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), limits=Limits(line_bytes=100)) as operator:
        program = Program(operator)
        await program.hello()
        assert (await program.ask("announce " + "x" * 100))["error"] == "A line has 100 bytes at most."
        assert (await program.ask("quit"))["text"] == "Bye."
        assert await operator.rest() == ""


async def test_shutdown_is_answered_first(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        program = Program(operator)
        await program.hello()
        assert (await program.ask("shutdown --json"))["count"] == 3
        await trio.testing.wait_all_tasks_blocked()
        assert server.done == [("shutdown", "", "console 192.0.2.1:4711")]
