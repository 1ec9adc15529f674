"""The client and the server together: what each half promises the other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import trio

from e2e.server import DEADLINE, Server
from triochat.client import Client, connect, intents
from triochat.client.conversation import Conversation, Past
from triochat.client.line import State


def now() -> datetime:
    return datetime.now(UTC)


def at(server: Server, name: str, password: str | None = None) -> connect:
    return connect(f"127.0.0.1:{server.port}", name=name, password=password)


async def until(client: Client, condition: Callable[[], bool]) -> None:
    with trio.fail_after(DEADLINE):
        await client.until(condition)


def lobby(client: Client) -> Conversation:
    return client.model.rooms["#lobby"]


def said(conversation: Conversation) -> list[str]:
    return [line.text for line in conversation.lines if line.is_speech and not line.redacted]


async def test_several_lines_edits_and_typing_reach_the_others(server: Server) -> None:
    async with at(server, "Alice") as alice, at(server, "Bob") as bob:
        await alice.say("one\n  two")
        await alice.say("tpyo, Bob")
        await alice.perform(intents.Edit("typo, Bob"))
        alice.chat.typed("x", now())
        await alice.say("bye")
        await until(bob, lambda: "bye" in said(lobby(bob)))
        assert said(lobby(bob)) == ["one\n  two", "typo, Bob", "bye"]
        edited = next(line for line in lobby(bob).lines if line.text == "typo, Bob")
        old = lobby(bob).lines.find(edited.replaces)
        assert old is not None
        assert old.redacted
        assert all(line.state is State.STORED for line in lobby(alice).lines)


async def test_an_account_follows_a_person_to_another_device(server: Server) -> None:
    """Its name, what was written to it, and how far it has read."""
    async with at(server, "Bob") as bob:
        async with at(server, "Alice") as alice:
            await alice.perform(intents.Register("open sesame"))
            await until(alice, lambda: alice.model.account == "Alice")
            await bob.say("for Alice's eyes", to="Alice")
            await bob.say("in the room")
            await until(alice, lambda: "in the room" in said(lobby(alice)))
            alice.chat.look_at(lobby(alice), now())
            alice.chat.tick(now() + timedelta(seconds=10))
            await alice.say("read")
            await bob.say("said later")
            await until(alice, lambda: "said later" in said(lobby(alice)))
            alice.chat.look_at(None, now())
        await bob.say("unread")
        async with at(server, "Alice") as phone:
            assert phone.model.me != "Alice"
            await phone.perform(intents.Login("guess"))
            await phone.perform(intents.Login("open sesame"))
            await until(phone, lambda: phone.model.me == "Alice")
            await until(phone, lambda: "bob" in phone.model.private)
            await until(phone, lambda: said(phone.model.private["bob"]) == ["for Alice's eyes"])


async def test_who_gave_the_password_at_once_finds_what_is_unread(server: Server) -> None:
    async with at(server, "Bob") as bob:
        async with at(server, "Alice") as alice:
            await alice.perform(intents.Register("open sesame"))
            await until(alice, lambda: alice.model.account == "Alice")
            await bob.say("one")
            await until(alice, lambda: "one" in said(lobby(alice)))
            alice.chat.look_at(lobby(alice), now())
            alice.chat.tick(now() + timedelta(seconds=10))
            await alice.say("I have read it")
        await bob.say("Alice, two")
        async with at(server, "Alice", "open sesame") as again:
            assert (again.model.me, again.model.account) == ("Alice", "Alice")
            await until(again, lambda: "Alice, two" in said(lobby(again)))
            assert (lobby(again).unread, lobby(again).mentions) == (1, 1)


async def test_history_is_read_upward_to_the_beginning(server: Server) -> None:
    async with at(server, "Alice") as alice:
        for number in range(130):
            await alice.say(str(number))
    async with at(server, "Bob") as bob:
        room = lobby(bob)
        with trio.fail_after(DEADLINE):
            while room.past is not Past.BEGINNING:
                await bob.perform(intents.History())
                await bob.until(lambda: room.past is not Past.ASKED)
        assert said(room) == [str(number) for number in range(130)]


async def test_who_is_away_is_known_to_who_comes(server: Server) -> None:
    async with at(server, "Alice") as alice:
        await alice.perform(intents.Away("tea"))
        await until(alice, lambda: alice.model.away == "tea")
        async with at(server, "Bob") as bob:
            with trio.fail_after(DEADLINE):
                while not lobby(bob).members["alice"].away:
                    await bob.say("here?")
            await alice.perform(intents.Away(""))
            await until(bob, lambda: not lobby(bob).members["alice"].away)
