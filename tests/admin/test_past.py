"""search and backup, at the prompt and for programs."""

import json

import pytest
from trio.testing import MockClock

from admin.operator import at_console
from admin.small_server import SmallServer
from triochat_admin.commands import COMMANDS
from triochat_admin.grammar import UsageError, parse


async def test_search_hides_texts_and_counts_them(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        answer = await operator.do("search hello there")
        assert "Alice             #lobby  «17 chars»" in answer
        assert "2 lines. Texts are hidden; --content shows them." in answer
        assert "hello" not in answer
        assert server.done[0][:4] == ("search", "hello there", "", 20)


async def test_search_takes_a_room_as_its_last_word(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        assert "1 line." in await operator.do("search hello #dev")
        await operator.do("search #dev")
        assert [done[1:3] for done in server.done] == [("hello", "#dev"), ("#dev", "")]


async def test_search_shows_texts_when_asked_and_they_cannot_paint(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        answer = await operator.do("search there room=dev last=5 --content")
        assert "«over / there»" in answer and "1 line." in answer
        assert server.done[0][:2] == ("read along", "search there room=dev last=5 --content")
        assert server.done[1][1:4] == ("there", "#dev", 5)
        assert "␛[31m" in await operator.do("search hello room=#lobby --content")


async def test_search_for_programs(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        (line,) = [line for line in (await operator.do("search x last=1 --json")).split("\n") if line.startswith("[")]
        assert json.loads(line) == [
            {"time_ms": 1_700_000_000_114, "kind": "message", "name": "Bob", "room": "#dev", "chars": 10}
        ]


@pytest.mark.parametrize("line", ["search", "search x last=0", "search x last=many", "backup", "backup a b"])
def test_what_is_wrong_is_told_at_once(line: str) -> None:
    with pytest.raises(UsageError):
        command, call = parse(COMMANDS, line, SmallServer(), "test")
        command.run(call)


async def test_backup_tells_its_size_and_refuses_what_is_there(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        assert "Wrote /var/chat.db, 60 KB." in await operator.do("backup /var/chat.db")
        assert "There is no backup: /var/chat.db is there already." in await operator.do("backup /var/chat.db")


async def test_a_bug_is_told_as_such(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        server.broken = True
        assert "internal error" in await operator.do("search x")


async def test_audit_shows_who_did_what_and_cannot_paint(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        await operator.do("announce hi")
        await operator.do("kick Bob")
        shown = await operator.do("audit last=1")
    assert shown.splitlines()[-1] == "1 deed."
    assert "console 192.0.2.1:4711  kick  «␛[2J»" in shown
