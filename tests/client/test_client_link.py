"""Connecting, staying connected, connecting again; over memory streams and a clock that jumps."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import trio
import trio.testing

from client.scripted_server import IRCV3, ScriptedServer, Wire
from triochat.client.chat import Chat
from triochat.client.conversation import Conversation
from triochat.client.dial import Unreachable, Untrusted
from triochat.client.line import Line, status
from triochat.client.link import Link, utc_now
from triochat.client.model import Link as State


class Client:
    """A chat kept connected over a wire in memory, and what it shows."""

    def __init__(
        self,
        *,
        patient: bool = True,
        shown: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """*shown* is awaited whenever something was shown."""
        self.now = now
        self.wire = Wire()
        self._after = shown
        self._changed = trio.Event()
        self.chat = Chat("Bob", "#lobby")
        self.shown: list[str] = []
        self.link = Link(self.chat, self.wire, "server", self._show, patient=patient, now=now, jitter=lambda: 0.0)
        self.finished = trio.Event()

    async def _show(self, lines: list[Line]) -> None:
        self.shown += [line.text for line in lines]
        self._changed.set()
        self._changed = trio.Event()
        await self._after()

    async def run(self) -> None:
        await self.link.run()
        self.finished.set()

    @property
    def lobby(self) -> Conversation:
        return self.chat.model.rooms["#lobby"]

    async def changes(self, condition: Callable[[], bool]) -> None:
        """Wait until *condition* holds."""
        while not condition():
            await self._changed.wait()

    async def shows(self, text: str) -> None:
        """Wait until *text* is shown."""
        while not any(text in line for line in self.shown):
            await self._changed.wait()


@asynccontextmanager
async def connected(client: Client, caps: str = "") -> AsyncIterator[ScriptedServer]:
    """*client* at work, in #lobby."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        server = await client.wire.accept()
        await server.welcome(caps=caps)
        await server.admit()
        await client.shows("Alice")
        yield server
        nursery.cancel_scope.cancel()


async def test_many_lines_at_once_leave_others_their_turns(autojump_clock: trio.testing.MockClock) -> None:
    """A window draws and takes keys in these turns."""
    client = Client()
    seen = [0]

    async def look() -> None:
        while True:
            seen.append(len(client.lobby.lines))
            await trio.lowlevel.checkpoint()

    async with connected(client) as server, trio.open_nursery() as nursery:
        nursery.start_soon(look)
        await server.send(*(f":Alice!a@h PRIVMSG #lobby :line {number}" for number in range(1000)))
        await client.shows("line 999")
        nursery.cancel_scope.cancel()
    assert max(after - before for before, after in pairwise(seen)) <= 100


async def test_leaving_waits_for_what_the_server_still_sends(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with connected(client) as server:
        client.chat.leave()
        client.link.wake()
        await server.expect("QUIT")
        await server.send(":Alice!a@h PRIVMSG #lobby :goodbye Bob")
        await server.stream.aclose()
        await client.finished.wait()
    assert "goodbye Bob" in client.shown


async def test_a_lost_connection_is_made_again_and_the_room_entered_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    client = Client()
    async with connected(client) as server:
        await server.stream.aclose()
        again = await client.wire.accept()
        await again.welcome()
        await again.admit()
        await client.shows("Reconnected after")
    assert "Connection to server lost. Retrying in 1 s (Ctrl+C to stop)." in client.shown


async def test_lines_missed_while_away_are_shown_once(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with connected(client, IRCV3) as server:
        known = "@batch=h;msgid=1;time=2026-01-01T10:00:00Z :Alice!a@h PRIVMSG #lobby :known"
        await server.expect("CHATHISTORY LATEST #lobby * 20")
        await server.send(":irc BATCH +h chathistory #lobby", known, ":irc BATCH -h")
        await client.shows("known")
        await server.stream.aclose()
        again = await client.wire.accept()
        await again.welcome(caps=IRCV3)
        await again.admit()
        await again.expect("CHATHISTORY AFTER #lobby msgid=1")
        missed = "@batch=h;msgid=2;time=2026-01-01T10:01:00Z :Alice!a@h PRIVMSG #lobby :missed"
        await again.send(":irc BATCH +h chathistory #lobby", known, missed, ":irc BATCH -h")
        await client.shows("missed line")
    assert client.shown.count("known") == client.shown.count("missed") == 1


async def test_the_wait_between_attempts_doubles_up_to_half_a_minute(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    client.wire.refusals.extend([Unreachable("Nobody answers.")] * 8)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        await client.wire.accept()
        assert trio.current_time() == pytest.approx(1 + 2 + 4 + 8 + 16 + 30 + 30 + 30)
        assert client.shown == ["Nobody answers. Retrying in 1 s (Ctrl+C to stop)."]
        nursery.cancel_scope.cancel()


async def test_the_countdown_can_be_watched(autojump_clock: trio.testing.MockClock) -> None:
    seen: list[tuple[State, int]] = []

    async def shown() -> None:
        await trio.lowlevel.checkpoint()
        model = client.chat.model
        seen.append((model.link, model.retry_in))

    client = Client(shown=shown)
    client.wire.refusals.extend([Unreachable("Nobody answers.")] * 3)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        await client.wire.accept()
        nursery.cancel_scope.cancel()
    countdown = [left for state, left in seen if state is State.WAITING]
    assert countdown == [1, 2, 1, 4, 3, 2, 1]


async def test_an_impatient_client_fails_when_nobody_answers(autojump_clock: trio.testing.MockClock) -> None:
    client = Client(patient=False)
    client.wire.refusals.append(Unreachable("Nobody answers."))
    await client.run()
    assert client.link.failure == "Nobody answers."
    assert client.wire.attempts == 1


async def test_a_server_that_cannot_be_trusted_is_not_tried_again(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    client.wire.refusals.append(Untrusted("The certificate is not right."))
    await client.run()
    assert client.link.failure == "The certificate is not right."
    assert client.wire.attempts == 1


async def test_a_refusal_of_the_server_ends_the_attempts(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        server = await client.wire.accept()
        await server.send(":irc 464 * :Password incorrect")
        await client.finished.wait()
    assert client.chat.refusal is not None
    assert client.wire.attempts == 1


async def test_why_the_server_closes_is_shown(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with connected(client) as server:
        await server.send("ERROR :Closing link: host (Server is shutting down)")
        await server.stream.aclose()
        await client.shows("server closed the connection: Server is shutting down.")


async def test_a_silent_server_is_pinged_and_left_when_it_does_not_answer(
    autojump_clock: trio.testing.MockClock,
) -> None:
    client = Client()
    async with connected(client) as server:
        began = trio.current_time()
        await server.closed_by_client()
        assert trio.current_time() - began == pytest.approx(45, abs=1)
        await client.wire.accept()
    assert any("has not answered for 45 s" in line for line in client.shown)


async def test_a_server_that_answers_pings_is_kept(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with connected(client) as server:
        for _ in range(12):
            await server.pong()
        assert trio.current_time() > 250
    assert client.wire.attempts == 1
    assert client.chat.model.lag is not None


async def test_a_server_that_never_lets_us_in_is_left(autojump_clock: trio.testing.MockClock) -> None:
    client = Client(patient=False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        server = await client.wire.accept()
        await server.closed_by_client()
        await client.finished.wait()
    assert client.link.failure == "server did not let us in within 30 s. Is it a chat server?"


async def test_a_server_that_takes_nothing_is_left(autojump_clock: trio.testing.MockClock) -> None:
    """It sends, so it is not silent; but what we send is never taken."""
    client = Client()

    async def block() -> None:
        await trio.sleep_forever()

    async with connected(client) as server:
        ours = client.wire.last
        ours.send_stream.send_all_hook = block
        client.chat.enter("hello", client.chat.model.rooms["#lobby"].newest)
        client.link.wake()
        for _ in range(5):
            await trio.sleep(5)
            await server.send(":Alice!a@h PRIVMSG #lobby :still here")
        await client.shows("takes nothing any more")


async def test_an_endless_line_ends_the_connection(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with connected(client) as server:
        await server.stream.send_all(b"x" * 40_000)
        await client.shows("it sent an endless line")


async def test_slow_reading_by_the_person_is_not_blamed_on_the_server(autojump_clock: trio.testing.MockClock) -> None:
    """While shown lines are not taken, nothing is read; the server's silence proves nothing then."""
    blocked = trio.Event()

    async def shown() -> None:
        await trio.lowlevel.checkpoint()
        if "block" in client.shown:
            await blocked.wait()

    client = Client(shown=shown)
    async with connected(client) as server:
        await server.send(":Alice!a@h PRIVMSG #lobby :block")
        await trio.sleep(600)
        blocked.set()
        await server.send(":Alice!a@h PRIVMSG #lobby :after")
        await client.shows("after")
    assert client.wire.attempts == 1


async def test_a_connection_that_should_be_encrypted_is_left_at_once_for_one_that_is(
    autojump_clock: trio.testing.MockClock,
) -> None:
    client = Client(patient=False)
    client.wire.is_plain = True
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        server = await client.wire.accept()
        await server.send(":irc CAP * LS * :batch sts=port=6697", ":irc CAP * LS :server-time")
        again = await client.wire.accept()
        assert trio.current_time() == 0
        await server.closed_by_client()
        await again.send(":irc CAP * LS :sts=duration=60")
        await again.welcome()
        await again.admit()
        await client.shows("Alice")
        nursery.cancel_scope.cancel()
    assert client.wire.policies == ["port=6697", "duration=60"]
    assert not any("lost" in line for line in client.shown)


async def test_a_policy_that_changes_nothing_is_heeded_once(autojump_clock: trio.testing.MockClock) -> None:
    client = Client()
    async with connected(client, "sts=duration=60 server-time") as server:
        for number, change in enumerate(("NEW :sts=duration=60", "DEL :sts", "NEW :sts=duration=0")):
            await server.send(f":irc CAP Bob {change}", f":Alice!a@h PRIVMSG #lobby :done {number}")
            await client.shows(f"done {number}")
    assert client.wire.policies == ["duration=60", "duration=0"]


async def test_what_dialling_tells_is_shown_before_the_server_says_a_word(
    autojump_clock: trio.testing.MockClock,
) -> None:
    client = Client()
    client.wire.dialled = lambda: client.chat.show(status("First visit."))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run)
        await client.shows("First visit.")
        assert trio.current_time() == 0
        nursery.cancel_scope.cancel()


async def test_what_is_due_is_done_when_it_is_due(autojump_clock: trio.testing.MockClock) -> None:
    """Who stops typing without a word, and we: nobody asks for it."""
    start = datetime(2026, 11, 22, 12, tzinfo=UTC)
    client = Client(now=lambda: start + timedelta(seconds=trio.current_time()))
    async with connected(client, caps="message-tags") as server:
        await server.send("@+typing=active :Alice!a@h TAGMSG #lobby")
        await client.changes(lambda: bool(client.lobby.typists))
        since = trio.current_time()
        await client.changes(lambda: not client.lobby.typists)
        assert trio.current_time() - since == 6
        client.chat.typed("hello", client.now())
        client.link.wake()
        assert "active" in await server.expect("@+typing")
        assert "paused" in await server.expect("@+typing")
        assert trio.current_time() - since == 6 + 5
