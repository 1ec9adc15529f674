"""The full-screen view: real prompt_toolkit with piped keys and its VT100 output, read by a terminal emulator, and a
server in memory. See test_terminal_inline for why these tests are synchronous; they wait for what the screen shows."""

import io
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pyte
import pytest
import trio
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from client.scripted_server import IRCV3, ScriptedServer, Wire
from triochat.client.chat import Chat
from triochat.client.conversation import Past
from triochat.client.line import Kind, Line
from triochat.errors import Failure
from triochat.terminal import guest
from triochat.terminal.app import TerminalChat
from triochat.terminal.fullscreen import FullScreen
from triochat.terminal.keytable import ROOM_KEYS, TABLE, Action

ENTER, CTRL_C, CTRL_D, CTRL_F, CTRL_K, CTRL_R, TAB, ESC = "\r", "\x03", "\x04", "\x06", "\x0b", "\x12", "\t", "\x1b"
ALT_ENTER, UP, DOWN, PAGE_UP, F1, F2 = "\x1b\r", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1bOP", "\x1bOQ"
EVERYTHING = f"{IRCV3} draft/message-redaction message-redaction draft/multiline=max-bytes=4096,max-lines=500"
SENT_BY_TERMINALS = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "s-tab": "\x1b[Z", "up": "\x1b[A", "down": "\x1b[B",
    "left": "\x1b[D", "right": "\x1b[C", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "end": "\x1b[F",
    "f1": "\x1bOP", "f2": "\x1bOQ",
}  # fmt: skip


class Glass(io.StringIO):
    """A terminal emulator that draws what is written to it, and tells when something was."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.written: Callable[[], None] = lambda: None

    def write(self, text: str) -> int:
        self.stream.feed(text)
        size = super().write(text)
        self.written()
        return size

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)


class Terminal:
    """A chat on the whole of an emulated terminal, whose keys the test presses."""

    def __init__(self, keys: PipeInput, columns: int = 80, rows: int = 24, **settings: object) -> None:
        self.wire = Wire()
        self.chat = Chat("Bob", "#lobby")
        self.glass = Glass(columns, rows)
        self.keys = keys
        self.output = Vt100_Output(
            self.glass, lambda: Size(rows=self.glass.screen.lines, columns=self.glass.screen.columns), "xterm-256color"
        )
        self._settings = settings
        self._changed = trio.Event()
        self.finished = trio.Event()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.send_text(key)

    async def run(self) -> None:
        self.chatting = TerminalChat(self.chat, self.wire, "server", self._view, jitter=lambda: 0.0)
        try:
            await self.chatting.run()
        finally:
            self.finished.set()

    def _view(self, hands: TerminalChat) -> FullScreen:
        self.view = FullScreen(hands, "server", input=self.keys, output=self.output, **self._settings)  # type: ignore[arg-type]
        return self.view

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that shows on the screen."""
        token = trio.lowlevel.current_trio_token()
        self.glass.written = lambda: token.run_sync_soon(self._note_change, idempotent=True)
        while not condition():
            await self._changed.wait()

    def _note_change(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.glass.text for text in texts))

    async def shows_no(self, text: str) -> None:
        await self.until(lambda: text not in self.glass.text)

    async def enter_lobby(self, caps: str = "", people: str = "Alice") -> ScriptedServer:
        server = await self.wire.accept()
        await server.welcome(caps=caps)
        await server.admit(people=people)
        if IRCV3.split()[1] in caps:
            await server.send(":irc BATCH +h chathistory #lobby", ":irc BATCH -h")
        await self.shows("#lobby, 2 here")
        return server

    async def resize(self, columns: int, rows: int) -> None:
        """As when somebody drags the window's corner."""
        self.glass.resize(columns, rows)
        self.view.app._on_resize()

    def lines(self, count: int) -> None:
        """Have *count* lines said in the lobby before."""
        model = self.chat.model
        room = model.rooms["#lobby"]
        for number in range(count):
            model.tell(room, Line(Kind.SAID, f"line {number}", None, "Alice"))


Script = Callable[[Terminal], Awaitable[None]]


def play(script: Script, columns: int = 80, rows: int = 24, **settings: object) -> Terminal:
    """Run the chat and *script* beside it; a script that gets stuck fails."""
    with create_pipe_input() as keys:
        terminal = Terminal(keys, columns, rows, **settings)

        async def main() -> None:
            with trio.fail_after(10):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(terminal.run)
                    await script(terminal)
                    nursery.cancel_scope.cancel()

        with create_app_session(input=keys, output=terminal.output):
            guest.run(main)
    return terminal


# -- the input is never touched


def test_what_is_typed_survives_a_thousand_lines_a_resize_and_a_lost_connection() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(IRCV3)
        terminal.press("half a sentence")
        await terminal.shows("Bob> half a sentence")
        for number in range(1000):
            await server.send(f":Alice!a@h PRIVMSG #lobby :line {number}")
        await terminal.shows("line 999")
        assert terminal.glass.rows[-1] == "[#lobby] Bob> half a sentence"
        await terminal.resize(120, 40)
        await terminal.shows("line 980")
        assert terminal.glass.rows[39] == "[#lobby] Bob> half a sentence"
        await terminal.resize(60, 12)
        await terminal.shows("line 999")
        assert terminal.glass.rows[-1] == "[#lobby] Bob> half a sentence"
        await server.stream.aclose()
        await terminal.shows("not connected · retrying in 1 s")
        assert terminal.glass.rows[-1] == "[#lobby] Bob> half a sentence"
        terminal.press(ENTER)
        await terminal.shows("Not connected; your line was not sent.")
        assert terminal.view.unsent == "half a sentence"

    terminal = play(script)
    assert "Not sent: half a sentence" in terminal.glass.text


def test_a_line_is_grey_until_it_is_stored_then_like_any_other() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(IRCV3)
        terminal.press("hello", ENTER)
        await server.expect("PRIVMSG")
        await terminal.shows("Bob      hello …")
        await server.send(":Bob!b@h PRIVMSG #lobby :hello")
        await terminal.shows_no("hello …")
        assert "Bob      hello" in terminal.glass.text

    play(script)


def test_two_hundred_pasted_lines_are_asked_about_and_stay_together() -> None:
    pasted = "\n".join(f"row {number}" for number in range(200))

    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(EVERYTHING)
        terminal.press(f"\x1b[200~{pasted}\x1b[201~")
        await terminal.shows("row 199")
        assert sum("row" in row for row in terminal.glass.rows) == 8  # a third of the screen
        terminal.press(ENTER)
        await terminal.shows("Send 200 lines as one message?")
        terminal.press(ESC)
        await terminal.shows_no("Send 200")
        assert terminal.view.unsent == pasted
        terminal.press(ENTER)
        await terminal.shows("Send 200 lines as one message?")
        terminal.press(ENTER)
        assert "draft/multiline #lobby" in await server.expect("BATCH")
        await terminal.until(lambda: terminal.view.unsent == "")

    play(script)


@pytest.mark.parametrize("key", [ALT_ENTER, "\n", f"\\{ENTER}"])
def test_there_are_three_ways_to_a_new_line(key: str) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("one", key, "two")
        await terminal.shows("two")
        assert terminal.view.unsent == "one\ntwo"
        terminal.press(ENTER)
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby one"
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby two"

    play(script)


def test_text_with_wide_and_joined_letters_keeps_the_cursor_in_its_place() -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press("日本 👨‍👩‍👧 e\u0301 x")
        await terminal.until(lambda: terminal.view.unsent.endswith("x") and "日" in terminal.glass.text)
        start = len("[#lobby] Bob> ")
        assert terminal.glass.screen.cursor.x == start + 4 + 1 + 6 + 1 + 1 + 1 + 1
        terminal.press("\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x7f")
        await terminal.until(lambda: terminal.view.unsent == "日本 👨‍👩‍ e\u0301 x")

    play(script)


def test_a_password_is_shown_nowhere_and_not_remembered() -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press("/login sesame")
        await terminal.shows("Bob> /login ••••••")
        terminal.press(ENTER)
        await terminal.until(lambda: terminal.view.unsent == "")
        terminal.press(CTRL_R)
        await terminal.shows("You typed nothing like that.")

    assert "sesame" not in play(script).glass.getvalue()


# -- keys


def test_every_key_of_the_page_that_f1_shows_is_bound_to_its_action() -> None:
    """The bindings and the page come of one table; here prompt_toolkit reads what terminals send for each key."""
    done: list[str] = []

    def sent(key: str) -> str:
        if key.startswith("alt-"):
            return f"\x1b{sent(key[4:])}" if key[4:] not in ("left", "right") else f"\x1b[1;3{'DC'[key == 'alt-right']}"
        if key.startswith("ctrl-"):
            return chr(ord(key[5:]) - 96)
        return SENT_BY_TERMINALS[{"esc": "escape", "shift-tab": "s-tab"}.get(key, key)] if len(key) > 1 else key

    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        deeds = terminal.view.deeds
        for action in Action:
            deeds.actions[action] = lambda action=action: done.append(action.value)  # type: ignore[misc]
        deeds.go_to_room = lambda index: done.append(f"room {index}")  # type: ignore[method-assign]
        terminal.view.app.key_bindings = bindings(deeds, lambda: True)
        expected: list[str] = []
        for entry in TABLE:
            for key in entry.keys:
                expected.append(entry.action.value)
                terminal.press(sent(key))
                await terminal.until(lambda: len(done) >= len(expected))
        for index, key in enumerate(ROOM_KEYS):
            expected.append(f"room {index}")
            terminal.press(sent(key))
            await terminal.until(lambda: len(done) >= len(expected))
        assert done == expected

    play(script)
