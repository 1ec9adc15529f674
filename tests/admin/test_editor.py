"""A line that is edited on our side: keys in, and the screen of a terminal that shows what comes out."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat_admin.editor import Editor
from triochat_admin.lines import Key, Line
from triochat_admin.telnet import Signal

UP, DOWN, RIGHT, LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"
HOME, END, DELETE = b"\x1b[1~", b"\x1b[4~", b"\x1b[3~"
NAMES = ("Alice", "Alan", "Bob")


def complete(before: str) -> tuple[int, list[str]]:
    start = before.rfind(" ") + 1
    return start, [name for name in NAMES if name.lower().startswith(before[start:].lower())]


class Terminal:
    """A terminal of eighty columns, or fewer."""

    def __init__(self, columns: int = 80) -> None:
        self.screen = pyte.Screen(columns, 10)
        self.stream = pyte.Stream(self.screen)
        self.editor = Editor(200)
        self.editor.columns = columns
        self.ask()

    def ask(self) -> None:
        self.editor.begin("> ", complete, remember=True)
        self.stream.feed("> ")

    def type(self, *keys: bytes | str) -> list[Line | Key]:
        done = []
        for key in keys:
            done += self.editor.feed(key.encode() if isinstance(key, str) else key)
            self.stream.feed(self.editor.take_output())
            if done and isinstance(done[-1], Line):
                self.stream.feed("> ")
        return done

    @property
    def line(self) -> str:
        """The line that the cursor is in, with the cursor shown as an underscore."""
        shown, cursor = self.screen.display[self.screen.cursor.y], self.screen.cursor.x
        return f"{shown[:cursor]}_{shown[cursor:]}".rstrip()


@pytest.mark.parametrize("enter", [b"\r\0", b"\r\n", b"\n", b"\r"])
def test_what_is_typed_is_shown_and_ends_with_enter(enter: bytes) -> None:
    terminal = Terminal()
    assert terminal.type("list") == []
    assert terminal.line == "> list_"
    assert terminal.type(enter) == [Line(b"list")]
    assert terminal.line == "> _"
    assert terminal.screen.display[0].rstrip() == "> list"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((LEFT, LEFT, "x"), "> kick Bx_ob"),
        ((HOME, "x"), "> x_kick Bob"),
        ((b"\x01", RIGHT, RIGHT, "_"), "> ki__ck Bob"),
        ((b"\x7f", b"\x08"), "> kick B_"),
        ((HOME, DELETE, b"\x04"), "> _ck Bob"),
        ((LEFT, b"\x15"), "> _b"),
        ((b"\x02", b"\x02", b"\x0b"), "> kick B_"),
        ((b"\x17",), "> kick _"),
        ((b"\x17", b"\x17", b"\x17"), "> _"),
        ((HOME, END, b"\x06", "!"), "> kick Bob!_"),
        ((b"\x1b[99~", b"\x1bOP", b"\x1bx", b"\x07"), "> kick Bob_"),
        ((b"\x1b[", b"D", "x"), "> kick Box_b"),
    ],
)
def test_keys_move_and_erase_as_everywhere(keys: tuple[bytes, ...], line: str) -> None:
    terminal = Terminal()
    terminal.type("kick Bob", *keys)
    assert terminal.line == line


def test_history_goes_up_and_down_and_keeps_what_was_begun() -> None:
    terminal = Terminal()
    terminal.type("list\r", "\r", "status\r", "status\r", "half")
    seen = []
    for key in (UP, UP, UP, DOWN, DOWN, DOWN):
        terminal.type(key)
        seen.append(terminal.line)
    assert seen == ["> status_", "> list_", "> list_", "> status_", "> half_", "> half_"]
    terminal.type(UP)
    assert terminal.type("\r") == [Line(b"status")]


def test_what_is_no_command_is_not_remembered() -> None:
    terminal = Terminal()
    terminal.editor.begin("Type yes: ")
    terminal.type("yes\r")
    terminal.ask()
    terminal.type(UP)
    assert terminal.line.endswith("> _")


def test_tab_completes_as_far_as_it_is_sure_then_shows_the_choices() -> None:
    terminal = Terminal()
    terminal.type("kick b\t")
    assert terminal.line == "> kick Bob _"
    terminal.type(b"\x17", "a\t")
    assert terminal.line == "> kick Al_"
    terminal.type("\t")
    assert terminal.line == "> kick Al_"
    assert terminal.screen.display[1].rstrip() == "Alice  Alan"
    terminal.type("x\t")
    assert terminal.line == "> kick Alx_"


def test_ctrl_c_drops_the_line_and_ctrl_d_leaves_an_empty_one() -> None:
    terminal = Terminal()
    assert terminal.type("kick Bob", HOME, b"\x03") == [Key.INTERRUPT]
    assert terminal.line == "> kick Bob^C_"
    assert terminal.type(b"\x04") == [Key.END]
    assert Terminal().editor.feed(Signal.INTERRUPT) == [Key.INTERRUPT]
    assert Terminal().editor.feed(Signal.END) == [Key.END]


def test_letters_of_several_bytes_and_columns_are_one_letter() -> None:
    terminal = Terminal()
    terminal.type("Zo", "ë".encode()[:1], "ë".encode()[1:], "日", LEFT, LEFT, "x")
    assert terminal.editor.feed(b"\r") == [Line("Zoxë日".encode())]
    terminal = Terminal()
    terminal.type("日本", LEFT)
    assert terminal.screen.cursor.x == 4


def test_a_line_longer_than_the_window_is_shown_around_the_cursor() -> None:
    terminal = Terminal(30)
    terminal.type("say #lobby the quick brown fox jumps over the lazy dog")
    assert terminal.line.endswith("lazy dog_")
    assert terminal.screen.cursor.y == 0
    terminal.type(HOME)
    assert terminal.line == "> _say #lobby the quick brown"
    assert terminal.type("\r") == [Line(b"say #lobby the quick brown fox jumps over the lazy dog")]


def test_what_was_typed_before_is_shown_once() -> None:
    terminal = Terminal()
    terminal.stream.feed("sta")  # by the peer itself
    terminal.editor.take_over()
    terminal.type("sta")
    terminal.type("tus")
    assert terminal.line == "> status_"


def test_a_line_has_an_end() -> None:
    terminal = Terminal()
    terminal.type("é" * 500)
    (line,) = terminal.type("\r")
    assert isinstance(line, Line)
    assert len(line.data) == 200


@given(
    st.lists(st.one_of(st.binary(max_size=8), st.sampled_from([UP, DOWN, LEFT, b"\t", b"\r", b"\x1b[", b"\x9b2J"])))
)
def test_no_keys_break_it_or_steer_the_terminal(keys: list[bytes]) -> None:
    editor = Editor(100)
    editor.begin("> ", complete, remember=True)
    shown = ""
    for key in keys:
        for done in editor.feed(key):
            assert not isinstance(done, Line) or len(done.data) <= 100
        shown += editor.take_output()
    harmless = shown
    for sequence in ("\x1b[K", "\x1b[2J\x1b[H", "\r\n", "\r", "\a", *(f"\x1b[{count}D" for count in range(1, 200))):
        harmless = harmless.replace(sequence, "")
    assert harmless.isprintable()


def test_however_many_keys_come_at_once_the_line_is_shown_and_looked_up_once() -> None:
    """Somebody holds a key down, or pastes a table: nobody else may notice."""
    looked_up: list[str] = []

    def choices(before: str) -> tuple[int, list[str]]:
        looked_up.append(before)
        return 0, ["a", "b"]

    editor = Editor(200)
    editor.begin("> ", choices)
    for keys in (b"x" * 5000, b"\x01" * 5000, b"\t" * 5000, b"\x1b[D\x1b[C" * 800, "é\x02".encode() * 800):
        editor.feed(keys)
        assert len(editor.take_output()) < 1000
    assert len(looked_up) == 1
