"""The full-screen view: a prompt_toolkit application around the scene. Changes nothing in the model."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter

from prompt_toolkit.application import Application
from prompt_toolkit.input import Input
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.layout import Layout
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from triochat.client.completing import completions
from triochat.client.conversation import Conversation, Past
from triochat.client.line import Kind, Line
from triochat.client.settings import Settings
from triochat.terminal import emojis
from triochat.terminal.bare import show_bare
from triochat.terminal.cells import Row, cut
from triochat.terminal.colours import colours
from triochat.terminal.deeds import Deeds
from triochat.terminal.hands import Hands
from triochat.terminal.keybinding import bindings
from triochat.terminal.notifying import Notifier
from triochat.terminal.picking import Picker
from triochat.terminal.popups import Asking, Table
from triochat.terminal.scene import Scene
from triochat.terminal.view import print_lines
from triochat.terminal.writing import WritingLine

FRAME_SECONDS = 1 / 30
"""The screen is drawn this often at most."""
LOOK_SECONDS = 120.0
"""Somebody who presses no key for so long is not taken to be looking."""
_LONGEST_FRAME = 3.0
_LEISURE = 3  # a terminal that took so long for a frame gets so many times as long to recover
_ESCAPE_SECONDS = 0.1
_ACTIVE_SECONDS = 1.0
_ROOMY = 40


class FullScreen:
    """One person's screen. Its coroutines belong to asyncio."""

    def __init__(
        self,
        hands: Hands,
        place: str,
        settings: Settings = Settings(),  # noqa: B008, it is frozen
        *,
        input: Input | None = None,
        output: Output | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """*place* names the server to people. Raises BadKey, or ValueError for a colour that is none."""
        self._hands = hands
        self._model = hands.chat.model
        self._now = now
        self._closed = False
        self._parting: list[Line] = []
        self._began = 0.0
        self._watched: tuple[Conversation | None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._found = self._model.found
        self._bare: asyncio.Task[None] | None = None
        self._then: Callable[[], object] | None = None
        self._is_idle = False
        self._active = -_ACTIVE_SECONDS
        self.writing = WritingLine(self._prompt, self._complete, to=lambda: self._model.writing_to)
        self.query = WritingLine(self._query_prompt, several_lines=False)
        keys = {action: (key,) if isinstance(key, str) else key for action, key in settings.keys.items()}
        self.deeds = Deeds(hands, self.writing, self.query, self, keys)
        scene = Scene(self._model, self.deeds, self.writing, self.query, place, now, show_typing=settings.typing.show)
        self.app: Application[None] = Application(
            layout=Layout(scene, focused_element=self.writing.window),
            key_bindings=bindings(self.deeds, self._line_is_empty),
            style=Style.from_dict(colours(settings.colours)),
            include_default_pygments_style=False,
            full_screen=True,
            mouse_support=settings.screen.mouse,
            min_redraw_interval=FRAME_SECONDS,
            enable_page_navigation_bindings=False,
            input=input,
            output=output,
        )
        self.app.ttimeoutlen = self.app.timeoutlen = _ESCAPE_SECONDS
        self._notifier = Notifier(settings.notifications, self._model, self.app.output)
        self.app.before_render += lambda _: self._frame_begins()
        self.app.after_render += lambda _: self._frame_ended()
        self.app.key_processor.before_key_press += lambda _: self._key_pressed()

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
        self._print(self._parting)

    def close(self) -> None:
        """Take the screen away."""
        self._closed = True
        if self._bare is not None:
            self._bare.cancel()
        if self.app.is_running and not self.app.is_done:
            self.app.exit()

    def show(self, lines: Sequence[Line]) -> None:
        """*lines* stand in the model already, and appear with the next frame; at the end they are printed."""
        if not self._closed:
            self._notifier.notify(lines)
            self.app.invalidate()
        elif self.app.is_running:
            self._parting += lines  # the terminal's own page is not back yet
        else:
            self._print(lines)

    def _print(self, lines: Sequence[Line]) -> None:
        told = [line for line in lines if line.kind is not Kind.EVENT]  # our own going is no news
        print_lines(self.app.output, told, self._now().astimezone().date())

    def warn(self, text: str) -> None:
        """Say *text* until the next key."""
        self.deeds.notice = text
        self.app.invalidate()

    @property
    def is_behind(self) -> bool:
        return False  # nothing waits: a frame shows what there is then

    async def caught_up(self) -> None:
        pass

    @property
    def unsent(self) -> str:
        """What was typed and not sent."""
        return self.writing.text

    # -- what keys do to the screen

    def attend(self) -> None:
        """See Surface."""
        wanted = self.query if isinstance(self.deeds.popup, Picker | Asking) else self.writing
        self.app.layout.focus(wanted.window)

    def then(self, what: Callable[[], object]) -> None:
        self._then = what
        self.app.invalidate()

    def complete(self, step: int) -> None:
        buffer = self.app.current_buffer
        if buffer is not self.writing.buffer:
            return
        if buffer.complete_state is None:
            buffer.start_completion(insert_common_part=step > 0, select_last=step < 0)
        elif step > 0:
            buffer.complete_next()
        else:
            buffer.complete_previous()

    def redraw(self) -> None:
        """Draw everything, whatever the terminal shows now."""
        self.app.output.cursor_goto(0, 0)
        self.app.output.erase_screen()
        self.app.renderer.reset(leave_alternate_screen=False)
        self.app.invalidate()

    def suspend(self) -> None:
        if isinstance(self.app.input, Vt100Input):
            self.app.suspend_to_background()

    def bare(self) -> None:
        conversation = self._model.current or self._model.server
        self._bare = self.app.create_background_task(show_bare(self.app, conversation))

    # -- time

    def _key_pressed(self) -> None:
        """A key, or the mouse: that one tells much, and is taken for a sign of life only."""
        if not self._is_idle and perf_counter() < self._active + _ACTIVE_SECONDS:
            return
        self._active = perf_counter()
        self._is_idle = False
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._gone_idle)
        self._hands.do(lambda chat, now: chat.active(now))

    def _gone_idle(self) -> None:
        self._is_idle = True
        self._look()

    def _frame_begins(self) -> None:
        self._began = perf_counter()
        self.deeds.take_up_draft()

    def _frame_ended(self) -> None:
        """A slow terminal blocks us while it takes a frame: let some time pass between frames then."""
        took = perf_counter() - self._began
        self.app.min_redraw_interval = min(_LONGEST_FRAME, max(FRAME_SECONDS, took * _LEISURE))
        self._look()
        if self._model.found is not self._found and self._model.found is not None:
            self._found = self._model.found
            self.deeds.show_found(self._found)
            self.app.invalidate()
        if (what := self._then) is not None:
            self._then = None
            what()
            self.app.invalidate()

    def _look(self) -> None:
        """Tell what the person sees, if that changed."""
        conversation = self._model.current
        seen = (
            self.deeds.messages.at_newest and not isinstance(self.deeds.popup, Table | Picker) and not self._is_idle
        )
        watched = conversation if seen else None
        if self._watched is None or watched is not self._watched[0]:
            self._watched = (watched,)
            self._hands.do(lambda chat, now: chat.look_at(watched, now))
        if self.deeds.messages.wants_earlier and conversation is not None and conversation.past is Past.MORE:
            self._hands.do(lambda chat, now: chat.earlier(conversation, now))

    # -- typing

    def _line_is_empty(self) -> bool:
        return not self.writing.text and not isinstance(self.deeds.popup, Picker | Asking)

    def _complete(self, before: str) -> tuple[str, list[tuple[str, str]]]:
        word, choices = completions(self._model, before)
        if word.startswith(":"):
            return word, emojis.completions(word)
        return word, [(choice, choice.rstrip()) for choice in choices]

    def _prompt(self) -> Row:
        columns = self.app.output.get_size().columns
        if columns < _ROOMY:
            return (("class:prompt", "> "),)
        if self.deeds.editing is not None:
            return (("class:prompt", "edit> "),)
        current = self._model.current
        place = f"[{cut(current.name, columns // 5)}] " if current is not None else ""
        return (("class:prompt", place), ("", f"{cut(self._model.me, columns // 5)}> "))

    def _query_prompt(self) -> Row:
        popup = self.deeds.popup
        columns = self.app.output.get_size().columns
        return (("class:prompt", cut(popup.prompt, columns // 2) if isinstance(popup, Picker | Asking) else ""),)
