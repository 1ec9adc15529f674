"""Calling the person: the bell, and a title that flashes until they look. Tk."""

import tkinter as tk
from collections.abc import Callable, Iterable
from time import monotonic

from triochat.client.line import Line
from triochat.client.model import Model
from triochat.client.settings import Settings

_QUIET_SECONDS = 1.0  # one call is enough for what comes together
_FLASH_MILLISECONDS = 700
_MARK = "● "


class Notifier:
    """Calls for lines that name the person or are for nobody else, unless their conversation is muted."""

    def __init__(self, root: tk.Tk, model: Model, settings: Settings, mark: Callable[[str], object]) -> None:
        """*mark* is told what to put before the title."""
        self._root = root
        self._model = model
        self._settings = settings
        self._mark = mark
        self._last = -_QUIET_SECONDS
        self._timer = ""
        self._lit = False

    def notify(self, lines: Iterable[Line], *, looks: bool) -> None:
        """Call for *lines* where that is worth it. *looks*: the person has the window before them."""
        if looks or not any(calls(self._model, line) for line in lines) or monotonic() < self._last + _QUIET_SECONDS:
            return
        self._last = monotonic()
        if self._settings.notifications.bell:
            self._root.bell()
        if self._settings.window.flash and not self._timer:
            self._flash()

    def calm(self) -> None:
        """The person looks."""
        if self._timer:
            self._root.after_cancel(self._timer)
            self._timer = ""
            self._lit = False
            self._mark("")

    def _flash(self) -> None:
        self._lit = not self._lit
        self._mark(_MARK if self._lit else "")
        self._timer = self._root.after(_FLASH_MILLISECONDS, self._flash)


def calls(model: Model, line: Line) -> bool:
    """Whether *line* is worth calling the person."""
    if line.mine or line.past or not line.is_speech or not (line.mention or line.to):
        return False
    where = model.conversation(line.name if line.to else line.label) or model.current
    return where is None or not where.muted
