"""The client in pipes and on simple terminals, with its three streams in memory."""

import errno

import pytest
import trio
import trio.testing

from client.scripted_server import IRCV3, ScriptedServer, Wire
from triochat.client.chat import Chat
from triochat.client.dial import Unreachable
from triochat.client.line import Kind, Line
from triochat.errors import Failure
from triochat.terminal.plain import Ends, PlainChat, text_of


class Pipe:
    """A plain client between streams that the test holds."""

    def __init__(self, typed: bool = False) -> None:
        self.wire = Wire()
        self.input, stdin = trio.testing.memory_stream_one_way_pair()
        self.stdout, self.output = trio.testing.memory_stream_one_way_pair()
        self._stderr, self.errors = trio.testing.memory_stream_one_way_pair()
        self.chat = Chat("Bob", "#lobby")
        ends = Ends(stdin, self.stdout, self._stderr, typed)
        self.plain = PlainChat(self.chat, self.wire, "server", ends, jitter=lambda: 0.0)
        self._read = {self.output: "", self.errors: ""}

    async def run(self) -> None:
        await self.plain.run()
        await self.stdout.aclose()
        await self._stderr.aclose()

    async def line(self, stream: trio.testing.MemoryReceiveStream) -> str:
        """The next line that the client writes to *stream*."""
        while "\n" not in self._read[stream]:
            data = await stream.receive_some(65536)
            assert data, f"the stream ended after {self._read[stream]!r}"
            self._read[stream] += data.decode()
        line, _, self._read[stream] = self._read[stream].partition("\n")
        return line

    async def rest(self, stream: trio.testing.MemoryReceiveStream) -> str:
        """Everything that is still written to *stream* until it is closed."""
        text, self._read[stream] = self._read[stream], ""
        async for data in stream:
            text += data.decode()
        return text


async def in_lobby(pipe: Pipe, nursery: trio.Nursery, caps: str = "") -> ScriptedServer:
    """*pipe* at work, in #lobby."""
    nursery.start_soon(pipe.run)
    server = await pipe.wire.accept()
    await server.welcome(caps=caps)
    await server.admit()
    return server


async def test_lines_of_the_input_are_said_confirmed_and_then_the_chat_ends(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await pipe.input.send_all(b"one\r\ntwo\nthree without an end")
        await pipe.input.aclose()
        server = await in_lobby(pipe, nursery)
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby one"
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby two"
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby :three without an end"
        await trio.testing.wait_all_tasks_blocked()
        assert pipe.chat.unconfirmed == 3
        assert not pipe.chat.leaving
        for number in range(1, 5):
            await server.send(f":irc PONG irc :tc{number}")
        await server.goodbye()
    assert pipe.plain.result() == 0
    assert await pipe.rest(pipe.output) == ""


async def test_with_nothing_to_say_it_joins_all_the_same(autojump_clock: trio.testing.MockClock) -> None:
    """An empty input must not hide whether the server is there."""
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await pipe.input.aclose()
        server = await in_lobby(pipe, nursery)
        await server.goodbye()
        assert "You joined the chat." in await pipe.rest(pipe.errors)
    assert pipe.plain.result() == 0


async def test_what_others_do_is_written_line_by_line(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await server.send(
            ":Alice!a@h PRIVMSG #lobby :Hello everyone!",
            ":Carol!c@h JOIN #lobby",
            ":Carol!c@h PRIVMSG Bob :a private word",
            ":Carol!c@h PRIVMSG #lobby :\x01ACTION waves\x01",
            ":Carol!c@h NOTICE #lobby :beep",
        )
        lines = [await pipe.line(pipe.output) for _ in range(5)]
        nursery.cancel_scope.cancel()
    assert lines == [
        "Alice: Hello everyone!",
        "* Carol joined",
        "[Carol] a private word",
        "* Carol waves",
        "-Carol- beep",
    ]


async def test_for_a_program_status_goes_to_standard_error_only(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await in_lobby(pipe, nursery)
        assert await pipe.line(pipe.errors) == "You joined the chat."
        nursery.cancel_scope.cancel()


async def test_for_a_person_joining_and_a_prompt_are_on_the_screen(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe(typed=True)
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        assert await pipe.line(pipe.output) == "You joined the chat."
        await server.send(":Alice!a@h PRIVMSG #lobby :hi")
        assert (await pipe.line(pipe.output)).endswith("\rAlice: hi")
        await trio.testing.wait_all_tasks_blocked()
        assert (await pipe.output.receive_some()).decode().endswith("> ")
        nursery.cancel_scope.cancel()


async def test_own_lines_are_not_repeated_but_those_of_an_earlier_visit_are_shown(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery, IRCV3)
        await server.send(
            ":irc BATCH +h chathistory #lobby",
            "@batch=h;msgid=1 :Bob!b@h PRIVMSG #lobby :earlier",
            ":irc BATCH -h",
        )
        assert (await pipe.line(pipe.output)).endswith("] Bob: earlier")
        await pipe.input.send_all(b"now\n")
        await server.expect("PRIVMSG #lobby now")
        await server.send("@msgid=2 :Bob!b@h PRIVMSG #lobby :now", ":Alice!a@h PRIVMSG #lobby :answer")
        assert await pipe.line(pipe.output) == "Alice: answer"
        nursery.cancel_scope.cancel()


async def test_the_server_sets_the_pace_of_a_long_input(autojump_clock: trio.testing.MockClock) -> None:
    """No more than a window of lines is under way, and none is lost."""
    pipe = Pipe()
    most = 0
    async with trio.open_nursery() as nursery:
        await pipe.input.send_all("".join(f"line {number}\n" for number in range(200)).encode())
        await pipe.input.aclose()
        server = await in_lobby(pipe, nursery, IRCV3)
        await server.send(":irc BATCH +h chathistory #lobby", ":irc BATCH -h")
        for number in range(200):
            assert await server.expect("PRIVMSG") == f"PRIVMSG #lobby :line {number}"
            await trio.testing.wait_all_tasks_blocked()
            most = max(most, pipe.chat.unconfirmed)
            await server.send(f":Bob!b@h PRIVMSG #lobby :line {number}")
        await server.goodbye()
    assert most == 16
    assert pipe.plain.result() == 0


async def test_commands_work_in_a_pipe(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await pipe.input.send_all(b"/msg Alice psst\n/quit enough\nnever said\n")
        server = await in_lobby(pipe, nursery)
        assert await server.expect("PRIVMSG") == "PRIVMSG Alice psst"
        await server.pong()
        assert await server.goodbye() == "QUIT enough"
    assert pipe.plain.result() == 0


async def test_lines_behind_a_join_wait_for_the_new_room(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await pipe.input.send_all(b"/join #dev\nfor the developers\n")
        server = await in_lobby(pipe, nursery)
        await server.admit(room="#dev", people="Carol")
        assert await server.expect("PRIVMSG") == "PRIVMSG #dev :for the developers"
        nursery.cancel_scope.cancel()


async def test_a_line_that_makes_no_sense_fails_the_run_but_not_the_other_lines(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await pipe.input.send_all(b"/tpyo\nfine\n")
        await pipe.input.aclose()
        server = await in_lobby(pipe, nursery, IRCV3)
        await server.expect("PRIVMSG #lobby fine")
        await server.send(":irc BATCH +h chathistory #lobby", ":irc BATCH -h", ":Bob!b@h PRIVMSG #lobby :fine")
        await server.goodbye()
    assert pipe.plain.result() == 1


async def test_lines_the_server_never_confirmed_are_reported_and_fail_the_run(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        await pipe.input.send_all(b"into the void\n")
        await pipe.input.aclose()
        server = await in_lobby(pipe, nursery)
        await server.goodbye()
        errors = await pipe.rest(pipe.errors)
    assert "Perhaps not delivered to #lobby: into the void\n" in errors
    assert pipe.plain.result() == 1


async def test_a_line_waits_for_a_lost_connection_to_come_back(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await pipe.line(pipe.errors)
        await server.stream.aclose()
        await trio.testing.wait_all_tasks_blocked()
        await pipe.input.send_all(b"patience\n")
        again = await pipe.wire.accept()
        await again.welcome()
        await again.admit()
        assert await again.expect("PRIVMSG") == "PRIVMSG #lobby patience"
        nursery.cancel_scope.cancel()


async def test_a_line_does_not_wait_for_ever(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await pipe.line(pipe.errors)
        pipe.wire.refusals.extend([Unreachable("Nobody answers.")] * 50)
        await server.stream.aclose()
        await trio.testing.wait_all_tasks_blocked()
        await pipe.input.send_all(b"too late\n")
        errors = await pipe.rest(pipe.errors)
    assert "Not sent, there is no connection: too late\n" in errors
    assert pipe.plain.result() == 1


async def test_a_closed_output_ends_the_chat_quietly(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await pipe.output.aclose()
        await server.send(":Alice!a@h PRIVMSG #lobby :anybody?")
        assert "anybody" not in await pipe.rest(pipe.errors)
    assert pipe.plain.result() == 0


async def test_an_output_that_fails_for_another_reason_is_a_failure(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pipe = Pipe()

    async def full() -> None:
        await trio.lowlevel.checkpoint()
        raise trio.BrokenResourceError from OSError(errno.ENOSPC, "No space left on device")

    pipe.stdout.send_all_hook = full
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await server.send(":Alice!a@h PRIVMSG #lobby :anybody?")
        await server.closed_by_client()
    with pytest.raises(Failure, match=r"Cannot write what others say: No space left on device\."):
        pipe.plain.result()


async def test_an_output_that_takes_nothing_stops_reading_not_the_program(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Lines wait in bounded number, the server is left to wait, and leaving still works."""
    pipe = Pipe()

    async def stuck() -> None:
        await trio.sleep_forever()

    pipe.stdout.send_all_hook = stuck
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        for number in range(3000):
            await server.send(f":Alice!a@h PRIVMSG #lobby :{number}")
        await trio.testing.wait_all_tasks_blocked()
        pipe.plain.leave()
        await server.closed_by_client()
    assert pipe.plain.result() == 0


async def test_a_name_in_use_is_replaced_and_explained(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pipe.run)
        server = await pipe.wire.accept()
        await server.expect("NICK Bob")
        await server.send(":irc 433 * Bob :taken")
        await server.expect("NICK Bob2")
        await server.send(":irc 001 Bob2 :Welcome")
        assert await pipe.line(pipe.errors) == "Bob is here already; you are Bob2. /name NEW changes it."
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (":irc 432 * Bob :too short", "Bob is not accepted as a name: too short"),
        (":irc 464 * :Password incorrect", "The server wants a password; --password-stdin reads one."),
        ("ERROR :Too many connections", "server closed the connection: Too many connections."),
    ],
)
async def test_a_refusal_is_one_sentence(autojump_clock: trio.testing.MockClock, line: str, sentence: str) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pipe.run)
        server = await pipe.wire.accept()
        await server.send(line)
        await server.stream.send_stream.aclose()
        await pipe.rest(pipe.errors)
    with pytest.raises(Failure) as caught:
        pipe.plain.result()
    assert str(caught.value) == sentence


async def test_a_room_that_cannot_be_entered_is_a_failure(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pipe.run)
        server = await pipe.wire.accept()
        await server.welcome()
        await server.expect("JOIN")
        await server.send(":irc 474 Bob #lobby :Cannot join channel (+b)")
        await pipe.rest(pipe.errors)
    with pytest.raises(Failure, match=r"You are banned from #lobby\."):
        pipe.plain.result()


async def test_asked_twice_to_leave_it_leaves_at_once(autojump_clock: trio.testing.MockClock) -> None:
    """The first signal waits for the server, the second does not."""
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await pipe.line(pipe.errors)
        pipe.plain.leave(status=130)
        await server.expect("QUIT")
        pipe.plain.leave(status=130)
        began = trio.current_time()
        await server.closed_by_client()
        assert trio.current_time() == began
    assert pipe.plain.result() == 130


async def test_broken_utf8_split_anywhere_is_said_as_well_as_possible(autojump_clock: trio.testing.MockClock) -> None:
    pipe = Pipe()
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        for piece in (b"Z", b"o\xc3", b"\xab \xff\n"):
            await pipe.input.send_all(piece)
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby :Zoë \ufffd"
        nursery.cancel_scope.cancel()


def test_each_of_several_lines_says_whose_it_is() -> None:
    """Nobody can say what somebody else seems to have said."""
    line = Line(Kind.SAID, "look:\nBob: I quit", name="Eve", label="#dev")
    assert text_of(line) == "#dev Eve: look:\n#dev Eve: Bob: I quit"
