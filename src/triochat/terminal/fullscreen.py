"""The full-screen view: messages, lists, status and a writing line. prompt_toolkit; changes nothing in the model."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.containers import Container, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.mouse_handlers import MouseHandlers
from prompt_toolkit.layout.screen import Screen, WritePosition
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from triochat.client.line import Line
from triochat.terminal import panes
from triochat.terminal.arrangement import Area, Arrangement, arrange, most_input_rows
from triochat.terminal.cells import Row, cut, width
from triochat.terminal.colours import colours
from triochat.terminal.deeds import Deeds, Hands
from triochat.terminal.keybinding import bindings
from triochat.terminal.paint import Canvas
from triochat.terminal.popups import Asking, popup_rows
from triochat.terminal.picking import Picker
from triochat.terminal.writing import WritingLine

FRAME_SECONDS = 1 / 30
"""The screen is drawn this often at most."""
_LONGEST_FRAME = 1.0
_LEISURE = 3  # a terminal that took so long for a frame gets this many times as long to recover
_MENU_ROWS = 8
_ESCAPE_SECONDS = 0.1
_ROOMY = 40


class FullScreen:
    """One person's screen. Its coroutines belong to asyncio."""

    def __init__(
        self,
        hands: Hands,
        place: str,
        *,
        keys: Mapping[str, Sequence[str]] | None = None,
        styles: Mapping[str, str] | None = None,
        mouse: bool = True,
        input: Input | None = None,
        output: Output | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """*place* names the server to people. *keys* and *styles* are what the settings change."""
        self._hands = hands
        self._model = hands.chat.model
        self._place = place
        self._now = now
        self._canvas = Canvas()
        self._people = panes.People()
        self._closed = False
        self._began = 0.0
        self.writing = WritingLine(self._prompt, self._complete)
        self.query = WritingLine(self._query_prompt, several_lines=False)
        self.deeds = Deeds(hands, self.writing, self.query, self, keys)
        self.app: Application[None] = Application(
            layout=Layout(_Root(self), focused_element=self.writing.window),
            key_bindings=self._bindings(),
            style=Style.from_dict(colours(styles)),
            include_default_pygments_style=False,
            full_screen=True,
            mouse_support=Condition(lambda: mouse),
            min_redraw_interval=FRAME_SECONDS,
            enable_page_navigation_bindings=False,
            input=input,
            output=output,
        )
        self.app.ttimeoutlen = self.app.timeoutlen = _ESCAPE_SECONDS
        self.app.before_render += self._frame_begins
        self.app.after_render += self._frame_ended
        self.app.key_processor.before_key_press += lambda _: self.deeds.key_pressed()

    # -- the view, as the chat on a terminal knows it

    async def run(self) -> None:
        """Show the screen until `close` is called or the terminal is gone."""
        if self._closed:
            return
        try:
            await self.app.run_async()
        except EOFError:
            pass  # the terminal was closed
        finally:
            self._closed = True

    def close(self) -> None:
        """Take the screen away."""
        self._closed = True
        if self.app.is_running and not self.app.is_done:
            self.app.exit()

    def show(self, lines: Sequence[Line]) -> None:
        """Something changed; *lines* stand in the model already."""
        self.app.invalidate()

    def warn(self, text: str) -> None:
        """Say *text* until the next key."""
        self.deeds.notice = text
        self.app.invalidate()
