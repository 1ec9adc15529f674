"""The client on a terminal that obeys: real prompt_toolkit with its VT100 output, and an emulator that reads it."""

from collections.abc import Sequence

import pyte
import trio
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import Output
from prompt_toolkit.output.vt100 import Vt100_Output

from terminal.test_terminal_fullscreen import CTRL_K, ESC, F2
from terminal.test_terminal_fullscreen import Terminal as FullTerminal
from terminal.test_terminal_inline import Terminal
from triochat.terminal import guest

COLUMNS, ROWS = 200, 60
ALT_1 = "\x1b1"
_END = "that-is-all"


class ObedientTerminal(Terminal):
    """One that does what it is told by escape sequences."""

    def output(self) -> Output:
        """See Terminal."""
        return Vt100_Output(self.paper, lambda: Size(rows=ROWS, columns=COLUMNS), term="xterm-256color")

    @property
    def screen(self) -> pyte.Screen:
        """What is on it now."""
        screen = pyte.Screen(COLUMNS, ROWS)
        pyte.Stream(screen).feed(self.paper.getvalue())
        return screen


def shown(lines: Sequence[str], typed: str = "") -> ObedientTerminal:
    """A terminal whose client is in #lobby with Alice and was sent *lines*, while *typed* stands in the prompt."""
    with create_pipe_input() as keys:
        terminal = ObedientTerminal(keys)

        async def main() -> None:
            with trio.fail_after(20):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(terminal.run)
                    server = await terminal.enter_lobby()
                    await server.send(":Alice!a@h PRIVMSG #lobby :first-line")
                    terminal.press(typed)
                    await server.send(*lines, f":irc NOTICE Bob :{_END}")
                    await terminal.prints(_END)
                    nursery.cancel_scope.cancel()

        with create_app_session(input=keys, output=terminal.output()):
            guest.run(main)
    return terminal


def shown_in_full(lines: Sequence[str], typed: str = "") -> FullTerminal:
    """The same on the whole terminal, with the lists and what may lie over the messages; #lobby is in sight at the
    end."""
    with create_pipe_input() as keys:
        terminal = FullTerminal(keys, COLUMNS, ROWS)

        async def main() -> None:
            with trio.fail_after(20):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(terminal.run)
                    server = await terminal.enter_lobby()
                    await server.send(":Alice!a@h PRIVMSG #lobby :first-line")
                    terminal.press(typed)
                    await server.send(*lines, f":irc NOTICE Bob :{_END}")
                    await terminal.shows(_END)
                    terminal.press(F2, CTRL_K)
                    await terminal.shows("Jump to:")
                    terminal.press(ESC)
                    await terminal.shows_no("Jump to:")
                    terminal.press(ALT_1)
                    await terminal.shows("first-line")
                    nursery.cancel_scope.cancel()

        with create_app_session(input=keys, output=terminal.output):
            guest.run(main)
    return terminal
