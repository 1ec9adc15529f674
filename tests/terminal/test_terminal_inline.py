"""The client on a terminal: real prompt_toolkit with piped keys, and a server in memory.

Trio runs as a guest of asyncio here as it does in use, so these tests are synchronous and their clock is real; they
wait for events only.
"""

import io
from collections.abc import Awaitable, Callable
from datetime import date

import pytest
import trio
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import Output
from prompt_toolkit.output.plain_text import PlainTextOutput

from client.scripted_server import IRCV3, ScriptedServer, Wire
from triochat.client.chat import Chat
from triochat.client.dial import Unreachable, Untrusted
from triochat.client.line import Kind, Line
from triochat.errors import Failure
from triochat.terminal import guest
from triochat.terminal.app import TerminalChat
from triochat.terminal.view import InlineView, fragments

ENTER, CTRL_C, CTRL_D, TAB = "\r", "\x03", "\x04", "\t"


class Paper(io.StringIO):
    """Keeps what the terminal prints, and tells when something is added."""

    def __init__(self) -> None:
        super().__init__()
        self.written: Callable[[], None] = lambda: None

    def write(self, text: str) -> int:
        size = super().write(text)
        self.written()
        return size


class Terminal:
    """A terminal chat whose keys the test presses and whose paper it reads."""

    def __init__(self, keys: PipeInput) -> None:
        self.wire = Wire()
        self.chat = Chat("Bob", "#lobby")
        self.paper = Paper()
        self.keys = keys
        self._changed = trio.Event()
        self.finished = trio.Event()

    def output(self) -> Output:
        """How the terminal is written to."""
        return PlainTextOutput(self.paper)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.send_text(key)

    async def run(self) -> None:
        """Build and run the chat, as `triochat connect` does."""
        self.chatting = TerminalChat(
            self.chat,
            self.wire,
            "server",
            lambda hands: InlineView(hands, "server", input=self.keys, output=self.output()),
            jitter=lambda: 0.0,
        )
        try:
            await self.chatting.run()
        finally:
            self.finished.set()

    @property
    def typed(self) -> str:
        """What stands in the input line."""
        return self.chatting.view.unsent

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that keys or the server bring about, and that shows on the paper."""
        token = trio.lowlevel.current_trio_token()
        # prompt_toolkit prints from asyncio: only through its token may that wake anything in Trio.
        self.paper.written = lambda: token.run_sync_soon(self._note_change, idempotent=True)
        while not condition():
            await self._changed.wait()

    def _note_change(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def prints(self, text: str) -> None:
        await self.until(lambda: text in self.paper.getvalue())

    async def enter_lobby(self, caps: str = "") -> ScriptedServer:
        server = await self.wire.accept()
        await server.welcome(caps=caps)
        await server.admit()
        await self.prints("Alice")
        return server


Script = Callable[[Terminal], Awaitable[None]]


def play(script: Script) -> Terminal:
    """Run the chat and *script* beside it; a script that gets stuck fails."""
    with create_pipe_input() as keys:
        terminal = Terminal(keys)

        async def main() -> None:
            with trio.fail_after(10):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(terminal.run)
                    await script(terminal)

        with create_app_session(input=keys, output=PlainTextOutput(terminal.paper)):
            guest.run(main)
    return terminal


def test_what_is_typed_is_sent_and_shown_once_by_its_echo() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby("echo-message")
        terminal.press("hello", ENTER)
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby hello"
        await server.send(":Bob!b@h PRIVMSG #lobby :hello")
        await terminal.prints("Bob     hello")
        terminal.press(CTRL_D)
        await server.goodbye()

    paper = play(script).paper.getvalue()
    assert paper.count("Bob     hello") == 1
    assert "You left the chat." in paper


def test_a_line_that_is_not_stored_yet_stands_above_the_prompt() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby("echo-message")
        terminal.press("hello", ENTER)
        await terminal.prints("… hello")
        await server.stream.aclose()
        await terminal.prints("not stored yet: hello")
        terminal.press(CTRL_D)
        await terminal.prints("Perhaps not delivered to #lobby: hello")

    play(script)


def test_text_being_typed_survives_a_thousand_lines_and_a_lost_connection() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(IRCV3)
        await server.send(":irc BATCH +h chathistory #lobby", ":irc BATCH -h")
        terminal.press("half a ")
        for number in range(1000):
            await server.send(f":Alice!a@h PRIVMSG #lobby :line {number}")
        await terminal.prints("line 999")
        await server.stream.aclose()
        await terminal.prints("Connection to server lost.")
        terminal.press("sentence", ENTER)
        await terminal.prints("Not connected; your line was not sent.")
        assert terminal.typed == "half a sentence"
        again = await terminal.wire.accept()
        await again.welcome()
        await again.admit()
        await terminal.prints("Reconnected after")
        terminal.press(ENTER)
        assert await again.expect("PRIVMSG") == "PRIVMSG #lobby :half a sentence"
        assert terminal.typed == ""
        terminal.press(CTRL_D)
        await again.goodbye()

    paper = play(script).paper.getvalue()
    positions = [paper.index(f"line {number}\n".replace("\n", "\r\n")) for number in range(1000)]
    assert positions == sorted(positions)


def test_ctrl_c_clears_the_line_then_warns_then_leaves() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("oops")
        await terminal.until(lambda: terminal.typed == "oops")
        terminal.press(CTRL_C)
        await terminal.until(lambda: terminal.typed == "")
        terminal.press(CTRL_C)
        await terminal.prints("Press Ctrl-C again to leave.")
        terminal.press(CTRL_C)
        await server.goodbye()

    play(script)


def test_a_key_between_two_ctrl_c_calms_the_warning() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press(CTRL_C, "x", "\x7f", CTRL_C)
        await terminal.until(lambda: terminal.paper.getvalue().count("Press Ctrl-C again") == 2)
        terminal.press(CTRL_D)
        await server.goodbye()

    play(script)


def test_a_password_is_not_shown_and_not_remembered() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("/login sesame")
        await terminal.prints("/login ••••••")
        terminal.press(ENTER)
        await terminal.until(lambda: terminal.typed == "")
        terminal.press("\x1b[A", CTRL_D)
        await server.goodbye()

    assert "sesame" not in play(script).paper.getvalue()


def test_others_see_that_one_types_and_one_sees_who_does() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(IRCV3)
        terminal.press("a")
        assert await server.expect("@+typing") == "@+typing=active TAGMSG #lobby"
        await server.send("@+typing=active :Alice!a@h TAGMSG #lobby")
        await terminal.prints("Alice is typing…")
        terminal.press(CTRL_C, CTRL_D)
        await server.goodbye()

    play(script)


def test_ctrl_d_in_a_line_does_not_leave() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("still here", CTRL_D, ENTER)
        await server.expect("PRIVMSG #lobby :still here")
        terminal.press(CTRL_D)
        await server.goodbye()

    play(script)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("ali", "Alice: "), ("hi ali", "hi Alice "), ("/no", "/no"), ("/nam", "/name "), ("see #lo", "see #lobby ")],
)
def test_tab_completes_names_commands_and_rooms(typed: str, completed: str) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press(typed, TAB)
        await terminal.until(lambda: terminal.typed == completed)
        terminal.press(CTRL_C, CTRL_D)
        await server.goodbye()

    play(script)


def test_a_pasted_text_is_sent_line_by_line() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("\x1b[200~one\ntwo\r\nthree\x1b[201~", ENTER)
        for word in ("one", "two", "three"):
            assert await server.expect("PRIVMSG") == f"PRIVMSG #lobby {word}"
        terminal.press(CTRL_D)
        await server.goodbye()

    play(script)


def test_the_last_lines_of_the_server_are_printed_after_quit() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("/quit", ENTER)
        await server.expect("QUIT")
        await server.send(":Alice!a@h PRIVMSG #lobby :bye Bob")
        await server.stream.aclose()

    assert "bye Bob" in play(script).paper.getvalue()


def test_a_closed_terminal_leaves() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.keys.close()
        await server.goodbye()

    play(script)


def test_nobody_answering_is_said_and_tried_again_until_ctrl_c() -> None:
    async def script(terminal: Terminal) -> None:
        terminal.wire.refusals.extend([Unreachable("Nobody answers at server.")] * 20)
        await terminal.prints("Nobody answers at server. Retrying in 1 s (Ctrl+C to stop).")
        terminal.press(CTRL_C)
        await terminal.finished.wait()

    play(script)


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (":irc 432 * Bob :No", "Bob is not accepted as a name: No"),
        (":irc 465 * :spam", "You are banned from this server: spam"),
    ],
)
def test_a_refusal_takes_the_prompt_away_and_is_raised(refusal: str, sentence: str) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.wire.accept()
        await server.send(refusal)
        await terminal.finished.wait()

    with pytest.raises(BaseExceptionGroup) as caught:
        play(script)
    assert caught.group_contains(Failure, match=sentence)


def test_an_untrusted_server_is_a_failure() -> None:
    async def script(terminal: Terminal) -> None:
        terminal.wire.refusals.append(Untrusted("The certificate is not right."))
        await terminal.finished.wait()

    with pytest.raises(BaseExceptionGroup) as caught:
        play(script)
    assert caught.group_contains(Failure, match="The certificate is not right")


def test_cancelling_the_chat_takes_the_prompt_away() -> None:
    """Nothing of asyncio's is left behind: asyncio.run would wait for it or complain."""

    async def main() -> str:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(terminal.run)
                await terminal.enter_lobby()
                scope.cancel()
        return "cancelled"

    with create_pipe_input() as keys:
        terminal = Terminal(keys)
        with create_app_session(input=keys, output=PlainTextOutput(terminal.paper)):
            assert guest.run(main) == "cancelled"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (Line(Kind.SAID, "hi", name="Alice"), "Alice   hi"),
        (Line(Kind.SAID, "hi", name="Bartholomew"), "Bartholomew hi"),
        (Line(Kind.SAID, "hi", name="名前"), "名前    hi"),
        (Line(Kind.SAID, "hi", name="Alice", label="#dev"), "#dev Alice   hi"),
        (Line(Kind.SAID, "hi", name="Alice", to="Bob"), "[Alice → you] hi"),
        (Line(Kind.SAID, "hi", name="Bob", to="Alice", mine=True), "[you → Alice] hi"),
        (Line(Kind.ACTION, "waves", name="Alice"), "* Alice waves"),
        (Line(Kind.NOTICE, "beep", name="Alice"), "-Alice- beep"),
        (Line(Kind.EVENT, "Alice joined"), "· Alice joined"),
        (Line(Kind.STATUS, "fine"), "fine"),
    ],
)
def test_a_line_is_laid_out_for_reading(line: Line, text: str) -> None:
    assert "".join(part[1] for part in fragments(line, date(2026, 11, 22))) == text


def test_a_name_has_the_same_colour_everywhere() -> None:
    def colour(name: str) -> str:
        return fragments(Line(Kind.SAID, "x", name=name), date.min)[0][0]

    assert colour("Alice") == colour("ALICE")
    assert len({colour(name) for name in "abcdefghijklmnop"}) > 4


def test_what_follows_in_a_message_of_several_lines_is_indented() -> None:
    line = Line(Kind.SAID, "look:\n12:00 Bob     I quit", name="Eve")
    assert "".join(text for _, text in fragments(line, date(2026, 11, 22))).split("\n")[1].startswith(" " * 14)
