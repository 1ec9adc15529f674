"""The full-screen view: real prompt_toolkit with piped keys, its output read by a terminal emulator, and a server
in memory. See test_terminal_inline for why these tests are synchronous; they wait for what the screen shows."""

import io
import signal
from collections.abc import Awaitable, Callable

import pyte
import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from client.scripted_server import IRCV3, ScriptedServer, Wire
from triochat.client.chat import Chat
from triochat.client.conversation import Past
from triochat.client.line import Kind, Line
from triochat.client.settings import NotificationSettings, Settings
from triochat.errors import Failure
from triochat.terminal import fullscreen, guest
from triochat.terminal.app import TerminalChat
from triochat.terminal.fullscreen import FullScreen
from triochat.terminal.keybinding import bindings
from triochat.terminal.keytable import ROOM_KEYS, TABLE, Action

ENTER, CTRL_C, CTRL_D, CTRL_F, CTRL_K, CTRL_R, TAB, ESC = "\r", "\x03", "\x04", "\x06", "\x0b", "\x12", "\t", "\x1b"
ALT_ENTER, UP, DOWN, PAGE_UP, F1, F2 = "\x1b\r", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1bOP", "\x1bOQ"
EVERYTHING = f"{IRCV3} draft/message-redaction message-redaction draft/multiline=max-bytes=4096,max-lines=500"
USUAL = Settings()
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

    def __init__(self, keys: PipeInput, columns: int, rows: int, wanted: Settings = USUAL) -> None:
        self.wire = Wire()
        self.chat = Chat("Bob", "#lobby")
        self.glass = Glass(columns, rows)
        self.keys = keys
        self.output = Vt100_Output(
            self.glass,
            lambda: Size(rows=self.glass.screen.lines, columns=self.glass.screen.columns),
            "xterm-256color",
        )
        self._settings = wanted
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
        self.view = FullScreen(hands, "server", self._settings, input=self.keys, output=self.output)
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
        signal.raise_signal(signal.SIGWINCH)

    def lines(self, count: int) -> None:
        """Have *count* lines said in the lobby before."""
        model = self.chat.model
        room = model.rooms["#lobby"]
        for number in range(count):
            model.tell(room, Line(Kind.SAID, f"line {number}", None, "Alice"))


Script = Callable[[Terminal], Awaitable[None]]


def play(script: Script, columns: int = 80, rows: int = 24, wanted: Settings = USUAL) -> Terminal:
    """Run the chat and *script* beside it; a script that gets stuck fails."""
    with create_pipe_input() as keys:
        terminal = Terminal(keys, columns, rows, wanted)

        async def main() -> None:
            with trio.fail_after(10):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(terminal.run)
                    await script(terminal)
                    nursery.cancel_scope.cancel()

        with create_app_session(input=keys, output=terminal.output):
            try:
                guest.run(main)
            except BaseException as error:
                error.add_note(terminal.glass.text)
                raise
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
        await terminal.shows("line 963")
        await terminal.until(lambda: terminal.glass.rows[39] == "[#lobby] Bob> half a sentence")
        await terminal.resize(60, 12)
        await terminal.until(lambda: terminal.glass.rows[-1] == "[#lobby] Bob> half a sentence")
        await server.stream.aclose()
        await terminal.shows("not connected · retrying in 1 s")
        assert terminal.glass.rows[-1] == "[#lobby] Bob> half a sentence"
        terminal.press(ENTER)
        await terminal.shows("Not connected; your line")
        assert terminal.view.unsent == "half a sentence"
        terminal.chatting.leave()
        await terminal.finished.wait()

    terminal = play(script)
    assert "Not sent: half a sentence" in terminal.glass.text


def test_what_is_half_typed_waits_in_its_room() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.send(":Alice!a@h PRIVMSG Bob :psst")
        await terminal.shows("Alice  ")
        terminal.press("to all of you", "\x1b2", "to you only")
        await terminal.shows("[Alice] Bob> to you only")
        assert "to all" not in terminal.glass.rows[-1]
        terminal.press("\x1b1")
        await terminal.shows("[#lobby] Bob> to all of you")
        terminal.press(ENTER)
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby :to all of you"
        await terminal.shows_no("Bob> to all")
        terminal.press("\x1b2")
        await terminal.shows("[Alice] Bob> to you only")
        terminal.press(CTRL_C, "\x1b1")
        await terminal.shows("[#lobby] Bob>")
        assert terminal.chat.model.drafts == {}

    play(script)


def test_what_was_sent_or_given_up_is_no_draft_any_more() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(EVERYTHING)
        drafts = terminal.chat.model.drafts
        terminal.press("hello", ENTER)
        await server.expect("PRIVMSG")
        await server.send("@msgid=7 :Bob!b@h PRIVMSG #lobby :hello")
        await terminal.until(lambda: terminal.view.unsent == "")
        assert drafts == {}
        terminal.press("never mind")
        await terminal.until(lambda: drafts == {"#lobby": "never mind"})
        terminal.press(CTRL_C)
        await terminal.until(lambda: terminal.view.unsent == "")
        assert drafts == {}
        await terminal.shows_no("hello …")
        terminal.press(UP)
        await terminal.shows("edit> hello")
        assert drafts == {}  # it is changed, and was said long since
        terminal.press(" again")
        await terminal.shows("edit> hello again")
        assert drafts == {}
        terminal.press(ESC)
        await terminal.until(lambda: terminal.view.unsent == "")
        terminal.press("/quit", ENTER)
        await server.expect("QUIT")
        assert drafts == {}
        await server.stream.aclose()
        await terminal.finished.wait()

    play(script)


def test_what_services_are_told_is_hidden_and_not_remembered() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.send(":NickServ!s@h PRIVMSG Bob :Who are you?")
        await terminal.shows("NickServ")
        terminal.press("\x1b2", "identify sesame")
        await terminal.shows("[NickServ] Bob> identify ••••••")
        terminal.press(ENTER)
        await terminal.until(lambda: terminal.view.unsent == "")
        terminal.press(CTRL_R)
        await terminal.shows("You typed nothing like that.")
        terminal.press(ESC, "\x1b1", "/join #room key")
        await terminal.shows("[#lobby] Bob> /join #room •••")

    assert "sesame" not in play(script).glass.getvalue()


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
            return (
                f"\x1b{sent(key[4:])}" if key[4:] not in ("left", "right") else f"\x1b[1;3{'DC'[key == 'alt-right']}"
            )
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


@pytest.mark.parametrize("key", [F1, "?"])
def test_the_keys_are_shown_on_an_empty_line_and_anything_typed_takes_them_away(key: str) -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press(key)
        await terminal.shows("Keys. Esc closes", "jump to a room or person", "back to the shell")
        terminal.press("hi?")
        await terminal.shows_no("Keys. Esc closes")
        assert terminal.view.unsent == "hi?"

    play(script)


def test_help_on_commands_lies_over_the_chat() -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press("/help", ENTER)
        await terminal.shows("Commands. Esc closes", "/join ROOM")
        terminal.press(ESC)
        await terminal.shows("#lobby, 2 here")

    play(script)


def test_changed_keys_do_what_the_settings_say_and_are_shown() -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press("\x1bOR")
        await terminal.shows("f3", "user list on or off")

    play(script, wanted=Settings(keys={"help": "f3"}))


def test_the_user_list_comes_and_goes() -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press(F2)
        await terminal.shows("2 here", "│ Alice", "│ Bob")
        terminal.press(F2)
        await terminal.shows_no("│ Bob")

    play(script)


def test_going_up_asks_for_older_lines_and_stays_where_it_is_when_they_come() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(IRCV3)
        await terminal.until(lambda: terminal.chat.model.rooms["#lobby"].past is not Past.MORE)
        for number in range(50):
            tags = f"@msgid=m{number};time=2026-11-22T12:00:{number:02}.000Z"
            await server.send(f"{tags} :Alice!a@h PRIVMSG #lobby :line {number}")
        await terminal.shows("line 49")
        terminal.press(PAGE_UP)
        await terminal.shows("line 12", "below, Esc: newest")
        before = terminal.glass.rows[1:20]
        await server.send("@msgid=n;time=2026-11-22T13:00:00.000Z :Alice!a@h PRIVMSG #lobby :news")
        await terminal.shows("20 below")
        assert terminal.glass.rows[1:20] == before
        terminal.press(ESC)
        await terminal.shows("news")

    play(script)


def test_the_next_room_with_news_is_one_key_away_mentions_first() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        for room in ("#dev", "#tea"):
            await server.let_into(room, "Zoe")
        await terminal.shows("[#tea] Bob>")
        terminal.press("\x1b1")
        await terminal.shows("[#lobby] Bob>")
        await server.send(
            ":Zoe!z@h PRIVMSG #dev :one", ":Zoe!z@h PRIVMSG #tea :Bob, two", ":Zoe!z@h PRIVMSG #dev :three"
        )
        await terminal.shows("2 #dev           2", "3 #tea          @1")
        terminal.press("\x1ba")
        await terminal.shows("[#tea] Bob>", "Bob, two", "you are here")
        terminal.press("\x0e")
        await terminal.shows("[#dev] Bob>")
        terminal.press("\x0e")
        await terminal.shows("Nothing is unread.")
        terminal.press("\x1b[1;3C")
        await terminal.shows("[#tea] Bob>")

    play(script)


def test_the_first_unread_line_and_the_mentions_are_a_key_away() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.let_into("#dev", "Zoe")
        await terminal.shows("[#dev] Bob>")
        for number in range(90):
            text = f"Bob: call {number}" if number in (10, 40) else f"line {number}"
            await server.send(f":Alice!a@h PRIVMSG #lobby :{text}")
        await terminal.shows("@2 90")
        terminal.press("\x1ba")
        await terminal.shows("line 89")
        terminal.press("\x1bu")
        await terminal.shows("you are here", "line 0", "below, Esc: newest")
        terminal.press(ESC, "\x1bp")
        await terminal.shows("Bob: call 40")
        terminal.press("\x1bp")
        await terminal.shows("Bob: call 10")
        terminal.press("\x1bn")
        await terminal.shows("Bob: call 40")
        terminal.press("\x1bn")
        await terminal.shows("No mention of you after this.")

    play(script)


def test_telling_that_one_types_is_a_switch() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(IRCV3)
        terminal.press("a")
        assert await server.expect("@+typing") == "@+typing=active TAGMSG #lobby"
        terminal.press(CTRL_C, "\x14")
        await terminal.shows("Others do not see when you type.")
        terminal.press("b", ENTER)
        line = await server.expect("")
        while "PRIVMSG" not in line:
            assert "active" not in line
            line = await server.expect("")

    play(script)


def test_a_room_or_a_person_is_jumped_to_by_a_part_of_the_name() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.let_into("#devops", "Zoe")
        await terminal.shows("[#devops] Bob>")
        terminal.press("draft", CTRL_K)
        await terminal.shows("Jump to:", "> #lobby")
        terminal.press("lby", ENTER)
        await terminal.shows("[#lobby] Bob>")
        assert terminal.view.unsent == ""
        terminal.press(CTRL_K, "zo", ENTER)
        await terminal.shows("[Zoe] Bob>")
        terminal.press(CTRL_K, "dev", ENTER)
        await terminal.shows("[#devops] Bob> draft")
        terminal.press(CTRL_K)
        await terminal.shows("Jump to:")
        terminal.press(ESC)
        await terminal.shows_no("Jump to:")

    play(script)


def test_what_was_typed_before_is_found_by_a_part_of_it() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        for text in ("good morning", "the talk starts at ten", "bye"):
            terminal.press(text, ENTER)
            await server.expect("PRIVMSG")
        terminal.press(CTRL_R, "tlk")
        await terminal.shows("> the talk starts")
        terminal.press(ENTER)
        await terminal.shows("Bob> the talk starts at ten")

    play(script)


def test_up_on_an_empty_line_edits_my_last_line_and_further_up_is_what_i_typed() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(EVERYTHING)
        for text in ("first", "secnod"):
            terminal.press(text, ENTER)
            await server.expect("PRIVMSG")
            await server.send(f"@msgid=id-{text} :Bob!b@h PRIVMSG #lobby {text}")
            await terminal.shows_no(f"{text} …")
        terminal.press(UP)
        await terminal.shows("edit> secnod", "Enter changes your line")
        terminal.press(ESC)
        await terminal.shows("[#lobby] Bob>")
        terminal.press(UP, UP)
        await terminal.shows("[#lobby] Bob> ")
        terminal.press(CTRL_C, UP, "\x7f\x7f\x7f", "ond", ENTER)
        assert await server.expect("@+triochat/replaces") == "@+triochat/replaces=id-secnod PRIVMSG #lobby second"
        assert (await server.expect("REDACT")).startswith("REDACT #lobby id-secnod")

    play(script)


def test_a_line_of_several_is_edited_as_one_and_leaving_the_room_leaves_it_as_it_was() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(EVERYTHING)
        await server.send(
            "@msgid=m1 :Bob!b@h BATCH +m draft/multiline #lobby",
            "@batch=m :Bob!b@h PRIVMSG #lobby :one",
            "@batch=m :Bob!b@h PRIVMSG #lobby :two",
            "BATCH -m",
        )
        await terminal.shows("two")
        terminal.press(UP)
        await terminal.shows("edit> one", "      two")
        terminal.press(UP)
        await terminal.until(lambda: terminal.glass.screen.cursor.y == 22)
        terminal.press("x")
        await terminal.shows("edit> onex")
        await server.let_into("#dev", "Zoe")
        await terminal.shows("2 #dev")
        terminal.press("\x1b2")
        await terminal.shows("[#dev] Bob>")
        assert terminal.view.unsent == ""

    play(script)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("ali", "Alice: "),
        ("hi ali", "hi Alice "),
        ("/invi", "/invite "),
        ("see #lo", "see #lobby "),
        ("yes :tad", "yes 🎉"),
    ],
)
def test_tab_completes_names_commands_rooms_and_emoji(typed: str, completed: str) -> None:
    async def script(terminal: Terminal) -> None:
        await terminal.enter_lobby()
        terminal.press(typed)
        await terminal.until(lambda: terminal.view.unsent == typed)
        terminal.press(TAB)
        await terminal.until(lambda: terminal.view.unsent == completed)

    play(script)


def test_several_completions_are_shown_above_the_word_and_walked_through() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.send(":Albert!a@h JOIN #lobby", ":Alan!a@h JOIN #lobby")
        await terminal.shows("Alan joined")
        terminal.press("al", TAB)
        await terminal.shows(" Albert:", " Alice:")
        terminal.press(TAB, TAB)
        await terminal.until(lambda: terminal.view.unsent == "Albert: ")
        terminal.press("\x1b[Z")
        await terminal.until(lambda: terminal.view.unsent == "Alan: ")

    play(script)


def test_ctrl_c_clears_then_warns_then_leaves() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("oops")
        await terminal.shows("oops")
        terminal.press(CTRL_C)
        await terminal.shows_no("oops")
        terminal.press(CTRL_C)
        await terminal.shows("Press Ctrl-C again to leave.")
        terminal.press(CTRL_C)
        await server.goodbye()
        await terminal.finished.wait()

    assert "You left the chat." in play(script).glass.text


def test_ctrl_d_leaves_only_from_an_empty_line() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("still here", CTRL_D, ENTER)
        await server.expect("PRIVMSG #lobby :still here")
        terminal.press(CTRL_D)
        await server.goodbye()

    play(script)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_chat_and_what_was_typed_is_said(number: signal.Signals) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("not yet sent")
        await terminal.shows("not yet sent")
        signal.raise_signal(number)
        await server.goodbye()
        await terminal.finished.wait()

    assert "Not sent: not yet sent" in play(script).glass.text


def test_a_refusal_takes_the_screen_away_and_is_raised() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.wire.accept()
        await server.send(":irc 465 * :spam")
        await terminal.finished.wait()

    with pytest.raises(BaseExceptionGroup) as caught:
        play(script)
    assert caught.group_contains(Failure, match="You are banned from this server: spam")


def test_the_last_words_of_the_server_are_printed_when_the_terminals_own_page_is_back() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("/quit", ENTER)
        await server.expect("QUIT")
        await server.send(":Alice!a@h PRIVMSG #lobby :bye Bob")
        await server.stream.aclose()
        await terminal.finished.wait()

    written = play(script).glass.getvalue()
    assert written.rindex("bye Bob") > written.rindex("\x1b[?1049l")


def test_a_closed_terminal_leaves() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.keys.close()
        await server.goodbye()

    play(script)


def test_what_a_search_finds_is_chosen_from_and_led_to() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(f"{IRCV3} soju.im/search")
        for number in range(60):
            tags = f"@msgid=m{number};time=2026-11-22T12:00:{number:02}.000Z"
            await server.send(f"{tags} :Alice!a@h PRIVMSG #lobby :line {number}")
        await terminal.shows("line 59")
        terminal.press(CTRL_F, "li", ENTER)
        assert await server.expect("SEARCH") == "SEARCH text=li;limit=50"
        found = "batch=s;msgid=m7;time=2026-11-22T12:00:07.000Z"
        await server.send(
            ":irc BATCH +s soju.im/search", f"@{found} :Alice!a@h PRIVMSG #lobby :line 7", ":irc BATCH -s"
        )
        await terminal.shows("Found 1:", "Alice: line 7")
        terminal.press(ENTER)
        await terminal.shows("line 8", "Alice    line 7", "below, Esc: newest")

    play(script)


def wheel(button: int, x: int, y: int) -> str:
    """What a terminal sends for a turn of the wheel, or a click, at column *x* and row *y*."""
    return f"\x1b[<{button};{x + 1};{y + 1}M"


def test_the_wheel_scrolls_and_a_click_enters_a_room() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        for number in range(50):
            await server.send(f":Alice!a@h PRIVMSG #lobby :line {number}")
        await terminal.shows("line 49")
        terminal.press(wheel(64, 40, 10))
        await terminal.shows("3 below")
        terminal.press(wheel(65, 40, 10))
        await terminal.shows_no("below")
        await server.let_into("#dev", "")
        await terminal.shows("[#dev] Bob>")
        terminal.press(wheel(0, 3, 0))
        await terminal.shows("[#lobby] Bob>")

    play(script)


def test_bare_text_is_the_terminals_own_until_a_key_is_pressed_and_nobody_can_forge_a_line_in_it() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(EVERYTHING)
        link = "https://example.org/" + "a" * 100
        await server.send(
            ":Alice!a@h BATCH +m draft/multiline #lobby",
            f"@batch=m :Alice!a@h PRIVMSG #lobby :{link}",
            "@batch=m :Alice!a@h PRIVMSG #lobby :12:00 Bob: I owe Alice a beer",
            "BATCH -m",
        )
        await terminal.shows("I owe Alice")
        terminal.press("\x1bl")
        await terminal.shows("(Any key goes back to the chat.)", "    12:00 Bob: I owe Alice a beer")
        assert f"Alice: {link}\r\n" in terminal.glass.getvalue()
        terminal.press("x")
        await terminal.shows("F1 keys")
        assert terminal.view.unsent == ""

    play(script)


def test_the_chat_can_end_while_bare_text_is_shown() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press("\x1bl")
        await terminal.shows("(Any key goes back to the chat.)")
        signal.raise_signal(signal.SIGTERM)
        await server.goodbye()
        await terminal.finished.wait()

    play(script)


@pytest.mark.parametrize(
    ("wanted", "call"),
    [
        (NotificationSettings(bell=True), "\a"),
        (NotificationSettings(desktop="osc9"), "\x1b]9;Alice: hi Bob\x1b\\"),
        (NotificationSettings(desktop="osc99"), "\x1b]99;;Alice: hi Bob\x1b\\"),
    ],
)
def test_a_mention_calls_as_the_settings_say_and_other_lines_do_not(wanted: NotificationSettings, call: str) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.send(":Alice!a@h PRIVMSG #lobby :hi all")
        await terminal.shows("hi all")
        assert call not in terminal.glass.getvalue()
        await server.send(":Alice!a@h PRIVMSG #lobby :hi Bob")
        await terminal.until(lambda: call in terminal.glass.getvalue())

    play(script, wanted=Settings(notifications=wanted))


def test_who_presses_no_key_for_long_has_not_read_what_came_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fullscreen, "LOOK_SECONDS", 0.0)

    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(f"{IRCV3} draft/read-marker")
        terminal.press("\x0c")
        await terminal.until(lambda: terminal.chat.model.watched is None)
        await server.send("@msgid=m1;time=2026-11-22T12:00:00.000Z :Alice!a@h PRIVMSG #lobby :one")
        await terminal.shows("you are here", "1 #lobby         1")
        monkeypatch.setattr(fullscreen, "LOOK_SECONDS", 100.0)
        terminal.press("\x0c")
        assert await server.expect("MARKREAD #lobby t") == "MARKREAD #lobby timestamp=2026-11-22T12:00:00.000Z"

    play(script)


def test_what_is_looked_at_is_told_to_the_server_as_read() -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(f"{IRCV3} draft/read-marker")
        await server.send("@msgid=m1;time=2026-11-22T12:00:00.000Z :Alice!a@h PRIVMSG #lobby :one")
        assert await server.expect("MARKREAD #lobby t") == "MARKREAD #lobby timestamp=2026-11-22T12:00:00.000Z"

    play(script)


# -- any size, any text


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 1), (10, 3), (20, 6), (40, 10), (59, 24), (250, 70)])
def test_on_a_screen_of_any_size_it_can_be_typed(size: tuple[int, int]) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        await server.send(":Alice!a@h PRIVMSG #lobby :日本語 👨‍👩‍👧 https://example.org/a/rather/long/path שלום")
        await server.send(":Zoe!a@h JOIN #lobby", ":Zo!a@h JOIN #lobby")
        await terminal.until(lambda: "zo" in terminal.chat.model.rooms["#lobby"].members)
        await terminal.resize(*size)
        for keys in (F2, F1, ESC, CTRL_K, ESC, "z", TAB, TAB, PAGE_UP, F2, CTRL_C):
            terminal.press(keys)
        terminal.press("typed", ENTER)
        assert await server.expect("PRIVMSG") == "PRIVMSG #lobby typed"

    play(script)


def test_a_terminal_that_draws_joined_emoji_wide_does_not_shift_the_rest_of_the_row() -> None:
    """The emulator here is such a one: it draws each part of the family in cells of its own."""

    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby()
        terminal.press(F2)
        await server.send(":Alice!a@h PRIVMSG #lobby :👨‍👩‍👧 and ❤️ home")
        await terminal.shows("and", "home")
        row = next(row for row in terminal.glass.screen.display if "home" in row)
        line = next(row for row in terminal.glass.screen.display if "│ Bob" in row)
        cells = terminal.glass.screen.buffer[terminal.glass.screen.display.index(row)]
        assert [x for x in range(80) if cells[x].data == "│"] == [18, 80 - 18 - 1]
        assert line.index("│ Bob") == 80 - 18 - 1

    play(script)


KEYS = [
    *SENT_BY_TERMINALS.values(),
    *(chr(code) for code in range(1, 32) if chr(code) not in "\x03\x04\x1a"),
    *("\x1b" + key for key in "a1239npu\r"),
    *(
        "?",
        "a",
        "日",
        "👨\u200d👩\u200d👧",
        "/msg Alice x\r",
        "/help\r",
        ":ta\t",
        "\x1b[1;3C",
        "\x1b[1;3D",
        "\x7f",
        "\\\r",
    ),
    *("\x1b[200~one\n\x1b[31mtwo\x07\x1b[201~", wheel(64, 5, 5), wheel(65, 1, 1), wheel(0, 2, 0), wheel(35, 3, 3)),
]
"""All but those for leaving, and for bare text, where any key goes back."""


@given(st.lists(st.sampled_from(KEYS), max_size=40), st.integers(1, 90), st.integers(1, 30))
@settings(max_examples=25, deadline=None)
def test_whatever_is_pressed_on_a_screen_of_any_size_the_chat_goes_on(
    keys: list[str], columns: int, rows: int
) -> None:
    async def script(terminal: Terminal) -> None:
        server = await terminal.enter_lobby(EVERYTHING)
        await server.let_into("#dev", "Zoe")
        await server.send(":Zoe!z@h PRIVMSG #lobby :Bob: hi", ":Zoe!z@h PRIVMSG Bob :psst")
        await terminal.resize(columns, rows)
        terminal.press(*keys)
        terminal.press(*(["x", CTRL_C] * 3), "done", ENTER)  # away with whatever is open or typed
        while not (await server.expect("PRIVMSG")).endswith(" done"):
            pass

    play(script)
