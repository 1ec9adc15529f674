"""The API for programs, with a server in memory and a clock that jumps."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from client.scripted_server import IRCV3, ScriptedServer, Wire
from triochat.client import Chat, Client, Conversation, Joined, NotDone, Redacted, Said, connect, intents, slash
from triochat.client.dial import Unreachable, Untrusted
from triochat.errors import Failure

CAPS = f"{IRCV3} labeled-response standard-replies triochat/resend"
Script = Callable[[ScriptedServer], Awaitable[None]]


@pytest.fixture(autouse=True)
def clock(autojump_clock: trio.testing.MockClock) -> None:
    """No test waits."""


async def playing(wire: Wire, *scripts: Script) -> None:
    """Play a server, one script for each connection."""
    for script in scripts:
        await script(await wire.accept())


def admitted(then: Script, history: tuple[str, ...] = ()) -> Script:
    """Let the client into #lobby, then go on."""

    async def script(server: ScriptedServer) -> None:
        await server.welcome(caps=CAPS)
        await server.admit()
        await server.expect("CHATHISTORY")
        await server.send(":irc BATCH +h chathistory #lobby", *history, ":irc BATCH -h")
        await then(server)

    return script


async def goodbye(server: ScriptedServer) -> None:
    await server.goodbye()


def line(msgid: str, text: str, name: str = "Alice", tags: str = "") -> str:
    return f"@msgid={msgid};time=2026-11-22T12:00:0{msgid}.000Z{tags} :{name}!x@h PRIVMSG #lobby :{text}"


async def said(client: Client) -> Said:
    """The next message."""
    async for event in client:
        if isinstance(event, Said):
            return event
    raise AssertionError("there was none")


async def test_events_come_in_order_and_leaving_says_goodbye() -> None:
    wire = Wire()

    async def talk(server: ScriptedServer) -> None:
        await server.send(":Zoë!z@h JOIN #lobby", line("1", "hello"), ":Alice!x@h REDACT #lobby 1")
        await server.goodbye()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, admitted(talk, (line("0", "old", tags=";batch=h"),)))
        async with connect("chat.example.org", name="Bob", dial=wire) as client:
            async for event in client:
                match event:
                    case Joined(mine=False):
                        assert event.name == "Zoë"
                        message = await said(client)
                    case Redacted():
                        break
            assert (message.text, message.conversation, message.past) == ("hello", "#lobby", False)
            assert [text.text for text in client.model.rooms["#lobby"].lines if text.is_speech] == ["old", ""]


async def test_say_returns_when_the_line_is_stored_and_raises_when_it_is_refused() -> None:
    wire = Wire()
    stored = trio.Event()

    async def answer(server: ScriptedServer) -> None:
        for number, reply in enumerate((None, ":irc 404 Bob #lobby :Cannot send"), 1):
            sent = await server.expect("@")
            label = sent.partition("label=")[2].partition(" ")[0]
            if reply is None:
                await trio.testing.wait_all_tasks_blocked()
                assert not stored.is_set()
                await server.send(line(str(number), "one", "Bob", f";label={label}"))
            else:
                await server.send(f"@label={label} {reply}")
        await server.goodbye()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, admitted(answer))
        async with connect("chat.example.org", name="Bob", dial=wire) as client:
            await client.say("one")
            stored.set()
            with pytest.raises(NotDone, match="does not take messages from you"):
                await client.say("two")
            with pytest.raises(NotDone, match="This server cannot search"):
                await client.perform(intents.Search("tea", "", ""))


async def test_after_a_reconnect_what_was_missed_comes_once_and_what_was_lost_is_said_again() -> None:
    wire = Wire()

    async def breaks(server: ScriptedServer) -> None:
        await server.send(line("1", "before"))
        await server.expect("@+triochat/id")
        await server.stream.aclose()

    async def back(server: ScriptedServer) -> None:
        again = await server.expect("@+triochat/id")
        assert "+triochat/again" in again
        assert again.endswith("PRIVMSG #lobby mine")
        label = again.partition("label=")[2].partition(" ")[0]
        await server.send(line("3", "mine", "Bob", f";label={label}"), line("4", "after"))
        await server.goodbye()

    known = line("1", "before", tags=";batch=h"), line("2", "missed", tags=";batch=h")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, admitted(breaks), admitted(back, known))
        async with connect("chat.example.org", name="Bob", dial=wire) as client:
            await client.say("mine")
            got = [await said(client) for _ in range(4)]
            assert [(event.text, event.past, event.mine) for event in got] == [
                ("before", False, False),
                ("missed", True, False),
                ("mine", False, True),
                ("after", False, False),
            ]


@pytest.mark.parametrize("problem", [Unreachable("Nobody answers."), Untrusted("Somebody is in between.")])
async def test_a_server_that_cannot_be_had_is_one_sentence_and_no_group(problem: Exception) -> None:
    wire = Wire()
    wire.refusals.append(problem)
    with pytest.raises(Failure, match=str(problem)):
        async with connect("chat.example.org", name="Bob", dial=wire):
            pass


async def test_a_server_that_does_not_let_us_in_says_why() -> None:
    wire = Wire()

    async def refuse(server: ScriptedServer) -> None:
        await server.expect("USER")
        await server.send(":irc 464 * :Password incorrect")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, refuse)
        with pytest.raises(Failure, match="does not accept this password"):
            async with connect("chat.example.org", name="Bob", password="x", dial=wire):
                pass


async def test_being_thrown_out_ends_the_iteration_with_the_reason() -> None:
    wire = Wire()

    async def kill(server: ScriptedServer) -> None:
        await server.send(":oper!o@h KILL Bob :spam")
        await server.closed_by_client()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, admitted(kill))
        with pytest.raises(Failure, match="removed from the server: spam"):
            async with connect("chat.example.org", name="Bob", dial=wire) as client:
                async for _ in client:
                    pass


async def test_an_error_of_the_program_is_raised_as_it_is_after_a_goodbye() -> None:
    wire = Wire()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, admitted(goodbye))
        with pytest.raises(ZeroDivisionError):
            async with connect("chat.example.org", name="Bob", dial=wire):
                raise ZeroDivisionError


async def test_a_program_that_takes_no_events_is_waited_for_and_gets_them_all() -> None:
    wire = Wire()

    async def flood(server: ScriptedServer) -> None:
        for number in range(3000):
            await server.send(f"@msgid=n{number} :Alice!x@h PRIVMSG #lobby :{number}")
        await server.goodbye()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(playing, wire, admitted(flood))
        async with connect("chat.example.org", name="Bob", dial=wire) as client:
            await trio.testing.wait_all_tasks_blocked()
            with trio.fail_after(60):
                got = [(await said(client)).text for _ in range(3000)]
            assert got == [str(number) for number in range(3000)]
            assert client.skipped == 0


def test_an_address_that_makes_no_sense_is_a_failure() -> None:
    with pytest.raises(Failure, match="y is not a port"):
        connect("x:y", name="Bob")


def test_the_page_names_what_is_there() -> None:
    """The tables of docs/reference/python.md: a view may rely on every name in them."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "python.md").read_text("utf-8")
    chat = Chat("Bob", "#lobby")
    things = {"Model": chat.model, "Conversation": Conversation("#lobby"), "Chat": chat}
    thing: object = None
    checked = 0
    for first in re.findall(r"^\| (.*?) \|", page, re.MULTILINE):
        if first.strip("`") in things:
            thing = things[first.strip("`")]
            continue
        for name in re.findall(r"`(\w+)[.(`]", first):
            assert hasattr(thing, name) or name in things, name
            checked += 1
    assert checked > 40
    for name in re.findall(r"`(\w+)(?:\(.*?\))?`[,.]", page.partition("## Intents")[2].partition("##")[0]):
        assert hasattr(intents, name) or hasattr(slash, name), name
