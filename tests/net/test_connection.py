"""A connection's life: coming in, talking, silence, bad input, and every way of ending."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from net.chat import Peer, chat
from net.wires import StreamWire
from triochat.domain.entry import Change, Entry, Submission
from triochat.journal.memory import MemoryStore
from triochat.net.timeouts import Timeouts
from triochat.ports import Span


async def test_three_kinds_of_people_talk_in_one_room() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#lobby")
        bob = await c.person("Bob")
        await bob.send("Hello everyone!")
        assert (await ann.until("PRIVMSG"))[-1] == ":Bob!Bob@127.0.0.1 PRIVMSG #lobby :Hello everyone!"
        await ann.send("PRIVMSG #lobby :hi Bob")
        assert (await bob.until("hi"))[-1] == "ann: hi Bob"


async def test_a_pong_comes_after_the_message_sent_before_the_ping_is_out() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x", caps="echo-message")
        await ann.send("PRIVMSG #x :one", "PING a", "PRIVMSG #x :two", "PING b")
        lines = await ann.until("PONG", "b")
        assert [line.split()[1] for line in lines] == ["PRIVMSG", "PONG", "PRIVMSG", "PONG"]


async def test_half_a_line_and_a_close_is_no_command() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        await bob.stream.send_all(b"PRIVMSG #x :half a li")
        await bob.stream.send_eof()
        lines = await ann.until("QUIT")
        assert lines[-1] == ":bob!bob@127.0.0.1 QUIT :Connection closed"
        assert not any("half" in line for line in lines)


async def test_lines_arrive_however_they_are_cut() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        for byte in b"PRIVMSG #x :dripped\r\n":
            await bob.stream.send_all(bytes([byte]))
        assert (await ann.until("PRIVMSG"))[-1].endswith(":dripped")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"PRIVMSG #x :" + b"a" * 600, "417"),
        (b"@" + b"a" * 5000 + b" PRIVMSG #x :hi", "417"),
        (b"PRIVMSG #x :caf\xe9", "FAIL PRIVMSG INVALID_UTF8"),
        (b"PRIVMSG #x :nul\x00", "400"),
        (b"FROBNICATE", "421"),
        (b"KICK", "461"),
        (b":prefix.only", "400"),
    ],
)
async def test_bad_input_is_answered_and_the_connection_goes_on(line: bytes, answer: str) -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        await ann.sync()
        await bob.send(line)
        (reply,) = await bob.sync()
        assert answer in reply
        assert await ann.sync() == []


async def test_a_line_without_an_end_closes_the_connection_with_a_reason() -> None:
    async with chat(read_queue=1000) as c:
        bob = await c.irc("bob")
        await bob.stream.send_all(b"x" * 1001)
        assert (await bob.rest())[-1] == "ERROR :Closing link: 127.0.0.1 (Line too long)"


@pytest.mark.parametrize("request_line", ["GET / HTTP/1.1", "POST /x HTTP/1.1", "PRI * HTTP/2.0"])
async def test_http_gets_an_error_and_its_body_is_never_executed(request_line: str) -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        browser = c.connect()
        await browser.send(request_line, "Host: x", "", "NICK evil", "USER e 0 * :e", "JOIN #x", "PRIVMSG #x :spam")
        assert (await browser.line()) == "HTTP/1.1 400 Bad Request"
        await wait_all_tasks_blocked()
        assert "evil" not in c.world.users
        assert await ann.sync() == []


async def test_a_tls_hello_is_turned_away() -> None:
    async with chat() as c:
        peer = c.connect()
        await peer.stream.send_all(b"\x16\x03\x01\x02\x00\x01\x00")
        assert "does not speak TLS" in (await peer.rest())[0]


async def test_a_taken_name_is_asked_for_again_on_the_plain_door() -> None:
    async with chat() as c:
        await c.person("Bob")
        other = c.connect()
        await other.send("bob")
        assert await other.line() == "Bob is here already: choose another name. Your name?"
        await other.send("Bobby")
        await other.until("You joined the chat.")
        assert set(c.world.users) == {"bob", "bobby"}


async def test_people_at_the_plain_door_see_the_last_twenty_lines_first() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#lobby")
        await ann.send(*(f"PRIVMSG #lobby :{i}" for i in range(30)))
        await ann.sync()
        bob = c.connect()
        await bob.send("Bob", "done")
        assert (await bob.line()).startswith("You joined the chat. 2 here: ann, Bob")
        lines = [await bob.line() for _ in range(20)]
        assert [line.partition("] ")[2] for line in lines] == [f"ann: {i}" for i in range(10, 30)]
        assert all(re.match(r"\[\d\d:\d\d\] ", line) for line in lines)


async def test_a_connection_that_says_nothing_is_closed_in_time(autojump_clock: MockClock) -> None:
    async with chat(timeouts=Timeouts(registration=30)) as c:
        peer = c.connect()
        start = trio.current_time()
        assert (await peer.rest())[-1] == "ERROR :Closing link: 127.0.0.1 (Registration timed out)"
        assert trio.current_time() - start == pytest.approx(30)


async def test_dripping_bytes_does_not_prolong_the_registration(autojump_clock: MockClock) -> None:
    async with chat(timeouts=Timeouts(registration=30)) as c:
        peer = c.connect()

        async def drip() -> None:
            while True:
                await trio.sleep(1)
                await peer.stream.send_all(b"x")

        start = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip)
            await peer.until("Registration timed out")
            nursery.cancel_scope.cancel()
        assert trio.current_time() - start == pytest.approx(30)


async def test_who_begins_by_dripping_is_read_later_and_comes_in_all_the_same(autojump_clock: MockClock) -> None:
    async with chat() as c:
        peer = c.connect()
        for piece in (b"N", b"I", b"C"):
            await peer.stream.send_all(piece)
            await wait_all_tasks_blocked()
        start = trio.current_time()
        await peer.send("K ann", "USER x 0 * :x")
        await peer.until(" 376 ")
        came_in = trio.current_time()
        assert 1 <= came_in - start <= 3
        await peer.stream.send_all(b"PING :to")
        await wait_all_tasks_blocked()
        await peer.send("ken")
        await peer.until("PONG", "token")
        assert trio.current_time() == came_in


async def test_silence_is_asked_and_then_ends_the_connection(autojump_clock: MockClock) -> None:
    async with chat(timeouts=Timeouts(ping_interval=90, ping_timeout=60)) as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")

        async def answer() -> None:
            while True:
                await ann.until("PING")
                await ann.send("PONG test.server")

        async with trio.open_nursery() as nursery:
            lines = await ann.sync()
            nursery.start_soon(answer)
            assert "Ping timeout" in (await bob.rest())[-1]
            nursery.cancel_scope.cancel()
        assert "ann" in c.world.users
        assert "bob" not in c.world.users
        assert lines


async def test_an_answered_ping_tells_the_lag(autojump_clock: MockClock) -> None:
    async with chat() as c:
        ann = await c.irc("ann")
        await ann.until("PING")
        await trio.sleep(0.25)
        await ann.send("PONG test.server")
        await ann.sync()
        (session,) = c.world.sessions.values()
        assert session.lag_ms == pytest.approx(250)


async def test_a_person_at_the_plain_door_may_be_silent_for_days(autojump_clock: MockClock) -> None:
    async with chat() as c:
        bob = await c.person("Bob")
        await trio.sleep(3 * 86400)
        await bob.send("/users")
        assert await bob.line() == "1 here: Bob"


async def test_quit_is_answered_and_told_to_the_room() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        await bob.send("QUIT :gone fishing")
        assert (await bob.rest())[-1] == "ERROR :Closing link: 127.0.0.1 (Quit: gone fishing)"
        assert (await ann.until("QUIT"))[-1] == ":bob!bob@127.0.0.1 QUIT :Quit: gone fishing"


async def test_a_name_is_free_as_soon_as_its_owner_is_cut_even_if_it_reads_nothing() -> None:
    async with chat(outbox=2000) as c:
        ann = await c.irc("ann", join="#x")
        ghost, _ = c.connect_stalled()
        await ghost.send("NICK ghost", "USER g 0 * :g", "JOIN #x")
        await ann.until("JOIN")
        await ann.send(*("PRIVMSG #x :" + "y" * 300 for _ in range(50)))
        await ann.sync()
        (connection,) = [k for k in c.door.connections.values() if k.session.user and k.session.user.nick == "ghost"]
        connection.cut("Kicked")
        assert "ghost" not in c.world.users
        assert (await ann.until("QUIT"))[-1] == ":ghost!g@127.0.0.1 QUIT :Kicked"
        await wait_all_tasks_blocked()
        assert connection not in c.door.connections.values()


async def test_a_stopped_reader_holds_up_nobody_and_misses_nothing_when_it_goes_on() -> None:
    async with chat(outbox=4000) as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        slow, go_on = c.connect_stalled()
        await slow.send("NICK slow", "USER s 0 * :s", "JOIN #x")
        await ann.until("slow", "JOIN")
        for start in range(0, 500, 50):
            await ann.send(*(f"PRIVMSG #x :{i} {'z' * 100}" for i in range(start, start + 50)))
            await ann.sync()
        numbers = [line.split(" :")[1].split()[0] for line in await bob.sync() if " PRIVMSG #x " in line]
        assert numbers == [str(i) for i in range(500)]
        (session,) = [s for s in c.world.sessions.values() if s.user and s.user.nick == "slow"]
        assert session.sink.parked
        go_on()
        await slow.send("PING done")
        lines = await slow.until("PONG", "done")
        caught_up = [line.split(" :")[1].split()[0] for line in lines if " PRIVMSG #x " in line]
        assert caught_up == numbers


async def test_a_bug_at_the_end_of_a_connection_ends_no_other(caplog: pytest.LogCaptureFixture) -> None:
    class Sticky(StreamWire):
        async def aclose(self) -> None:
            await super().aclose()
            raise RuntimeError("a planted bug")

    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        ours, theirs = memory_stream_pair()
        await c.door.serve(Sticky(theirs), "127.0.0.1")
        bob = Peer(ours)
        await bob.send("NICK bob", "USER b 0 * :b", "JOIN #x")
        await ann.until("bob", "JOIN")
        await bob.send("QUIT")
        await ann.until("bob", "QUIT")
        await wait_all_tasks_blocked()
        assert await ann.sync() == []
        assert len(c.door.connections) == 1
    assert "a planted bug" in caplog.text


async def test_who_asks_for_much_and_reads_nothing_is_not_answered_without_end() -> None:
    """Amplification: a small command with a large answer, sent many times by a peer that never reads."""
    async with chat(outbox=10_000) as c:
        greedy, _ = c.connect_stalled()
        await greedy.send("NICK greedy", "USER g 0 * :g", *["VERSION"] * 5000)
        await wait_all_tasks_blocked()
        (connection,) = c.door.connections.values()
        assert connection.session.sink.waiting < 50_000


async def test_a_paste_is_taken_at_once_and_a_flood_is_read_slowly(autojump_clock: MockClock) -> None:
    async with chat(command_rate=10.0, command_burst=50) as c:
        ann = await c.irc("ann", join="#x")
        start = trio.current_time()
        await ann.send(*["PRIVMSG #x :pasted"] * 40)
        await ann.sync()
        assert trio.current_time() == start
        await ann.send(*["PRIVMSG #x :flood"] * 100)
        await ann.sync()
        assert trio.current_time() - start > 9


async def test_what_lines_cost_while_there_was_no_rate_is_not_charged_later(autojump_clock: MockClock) -> None:
    async with chat(command_rate=0.0) as c:
        ann = await c.irc("ann", join="#x")
        await ann.send(*["WHO #x"] * 500)
        await ann.sync()
        c.door.adopt(replace(c.server.limits, command_rate=10.0, command_burst=50))
        start = trio.current_time()
        await ann.sync()
        await ann.sync()
        assert trio.current_time() == start


async def test_a_long_paste_is_warned_about_and_loses_nothing(autojump_clock: MockClock) -> None:
    async with chat(command_rate=20.0, command_burst=100) as c:
        ann, bob = await c.irc("ann", join="#x"), await c.irc("bob", join="#x")
        await ann.send(*(f"PRIVMSG #x :line {number}" for number in range(2000)))
        told = await ann.until("NOTICE")
        assert "You are sending more than 20 lines a second: they are read later." in told[-1]
        lines = await bob.until(":line 1999")
        assert [line.rpartition(" ")[2] for line in lines if ":line" in line] == [str(n) for n in range(2000)]


async def test_who_goes_on_flooding_is_disconnected_with_the_reason(autojump_clock: MockClock) -> None:
    async with chat(command_rate=10.0, command_burst=20, flood_time=60.0) as c:
        ann = await c.irc("ann", join="#x")
        await ann.send(*["PRIVMSG #x :flood"] * 5000)
        lines = await ann.rest()
    assert lines[-1] == (
        "ERROR :Closing link: 127.0.0.1 (Excess flood: You sent more than 10 lines a second for 60 seconds)"
    )


async def test_sessions_of_one_address_share_a_limit_and_others_are_not_held_up(autojump_clock: MockClock) -> None:
    async with chat(command_rate=10.0, command_burst=20, address_rate=2.0) as c:
        near = [await c.irc(f"near{number}", join="#x") for number in range(4)]
        far = await c.irc("far", join="#x", address="192.0.2.1")
        start = trio.current_time()
        async with trio.open_nursery() as nursery:
            for peer in near:
                await peer.send(*["PING x"] * 20)
                nursery.start_soon(peer.sync)
        assert trio.current_time() - start >= 1.5
        start = trio.current_time()
        await far.sync()
        assert trio.current_time() == start


async def test_a_costly_command_counts_for_several(autojump_clock: MockClock) -> None:
    async with chat(command_rate=10.0, command_burst=50) as c:
        ann = await c.irc("ann")
        start = trio.current_time()
        await ann.send(*["LIST"] * 10)
        await ann.sync()
        assert trio.current_time() - start > 4


async def test_too_many_connections_from_one_address_are_refused() -> None:
    async with chat(connections_per_ip=2) as c:
        await c.irc("ann")
        bob = await c.irc("bob")
        third = c.connect()
        assert await third.line() == ""
        await bob.close()
        await wait_all_tasks_blocked()
        await c.irc("cid")


async def test_a_wrong_server_password_ends_the_registration() -> None:
    async with chat(password="sesame") as c:
        peer = c.connect()
        await peer.send("PASS wrong", "NICK ann", "USER a 0 * :a")
        lines = await peer.rest()
        assert " 464 " in lines[0]
        assert lines[-1].startswith("ERROR ")
        assert not c.world.users


async def test_whoever_disconnects_at_any_moment_leaves_nothing_behind() -> None:
    script = ["CAP LS 302", "CAP REQ :echo-message", "NICK bob", "USER b 0 * :b", "CAP END", "JOIN #x,#y"]
    script += ["PRIVMSG #x :hi", "CHATHISTORY LATEST #x * 10", "PART #x", "QUIT :x"]
    for cut in range(len(script) + 1):
        async with chat() as c:
            peer = c.connect()
            await peer.send(*script[:cut])
            await peer.close()
            await wait_all_tasks_blocked()
            assert not c.door.connections
            assert not c.world.users
            assert not c.world.sessions
            assert list(c.world.rooms) == ["#lobby"]
            assert c.server.unregistered == 0


async def test_shutdown_tells_everybody_and_waits_for_their_last_lines() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.person("Bob")
        c.door.close_all("Server is shutting down")
        assert (await ann.rest())[-1] == "ERROR :Closing link: 127.0.0.1 (Server is shutting down)"
        assert (await bob.rest())[-1] == "Disconnected: Server is shutting down."


async def test_a_message_that_cannot_be_stored_is_refused_honestly() -> None:
    class Full(MemoryStore):
        async def append(self, entries: object, changes: object = ()) -> None:
            from triochat.ports import StoreFault

            raise StoreFault("disk full")

    async with chat(store=Full()) as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        await ann.sync()
        await bob.send("PRIVMSG #x :hello?")
        (answer,) = await bob.sync()
        assert "FAIL PRIVMSG MESSAGE_NOT_STORED" in answer
        assert await ann.sync() == []


async def test_a_bug_in_a_handler_is_told_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    async with chat() as c:
        ann: Peer = await c.irc("ann")
        broken: list[Submission] = []
        del c.world.users  # type: ignore[attr-defined]
        await ann.send("LUSERS")
        assert "Internal error" in (await ann.line())
        c.world.users = {}
        assert await ann.sync() == []
        assert "error while handling a line" in caplog.text
        assert not broken


async def test_who_is_cut_while_more_of_its_lines_have_arrived_does_not_come_back() -> None:
    """The lines are there and its task is about to run when the operator kicks: they must not be obeyed."""
    for extra in range(4):
        async with chat() as c:
            bob = await c.irc("bob", join="#x")
            (connection,) = c.door.connections.values()
            await bob.send("JOIN #ghost", "NICK haunted", "JOIN #ghost2")
            for _ in range(extra):
                await trio.lowlevel.checkpoint()
            connection.cut("Kicked")
            await wait_all_tasks_blocked()
            assert not c.world.users
            assert list(c.world.rooms) == ["#lobby"]
            assert not c.door.connections


async def test_whole_lines_before_an_endless_one_are_obeyed() -> None:
    async with chat(read_queue=1000) as c:
        ann = await c.irc("ann", join="#x")
        bob = await c.irc("bob", join="#x")
        await bob.stream.send_all(b"PRIVMSG #x :last words\r\n" + b"x" * 2000)
        assert "last words" in (await ann.until("PRIVMSG"))[-1]
        await bob.until("Line too long")


async def test_expensive_questions_are_charged(autojump_clock: MockClock) -> None:
    """With a clock on which each look takes a millisecond: work counts like lines."""
    ticks = iter(range(10_000_000))
    async with chat(command_rate=10.0, command_burst=20) as c:
        ann = await c.irc("ann")
        c.server.clock = lambda: next(ticks) * 0.005
        before = trio.current_time()
        await ann.send(*["LUSERS"] * 20)
        await ann.sync()
        assert trio.current_time() > before


async def test_a_shutdown_does_not_tell_everybody_of_everybodys_end() -> None:
    """Among ten thousand people that would be a hundred million lines."""
    async with chat() as c:
        peers = [await c.irc(f"u{i}", join="#x,#y") for i in range(5)]
        for peer in peers:
            await peer.sync()
        c.door.close_all("Server is shutting down")
        for peer in peers:
            assert await peer.rest() == ["ERROR :Closing link: 127.0.0.1 (Server is shutting down)"]
        await wait_all_tasks_blocked()
        entries = await c.store.read([Span("#x")], 100)
        assert [entry.command for entry in entries][-5:] == ["QUIT"] * 5


async def test_answers_that_wait_behind_a_message_are_bounded_too() -> None:
    """While its message is being stored, a peer's answers wait in the journal and not in its outbox."""

    class Slow(MemoryStore):
        gate = trio.Event()

        async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
            if entries[0].command == "PRIVMSG":
                await self.gate.wait()
            await super().append(entries, changes)

    async with chat(outbox=10_000, store=Slow()) as c:
        ann = await c.irc("ann", join="#x")
        (connection,) = c.door.connections.values()
        await ann.send("PRIVMSG #x :one", *["VERSION"] * 5000)
        await wait_all_tasks_blocked()
        assert 0 < connection.session.sink.pending < 40
        Slow.gate.set()
        assert " 351 " in (await ann.until(" 351 "))[-1]
