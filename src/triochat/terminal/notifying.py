"""Calling the person: the terminal's bell, or its desktop notifications, when the settings say so."""

from collections.abc import Callable, Iterable
from time import monotonic

from prompt_toolkit.output import Output

from triochat.client.line import Line
from triochat.client.model import Model
from triochat.client.settings import NotificationSettings
from triochat.proto.text import visible
from triochat.terminal.cells import cut

_QUIET_SECONDS = 1.0  # one call is enough for what comes together
_MOST_CELLS = 100


class Notifier:
    """Calls for lines that name the person or are for nobody else, unless their conversation is muted."""

    def __init__(
        self,
        settings: NotificationSettings,
        model: Model,
        output: Output,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._settings = settings
        self._model = model
        self._output = output
        self._clock = clock
        self._last = -_QUIET_SECONDS

    def notify(self, lines: Iterable[Line]) -> None:
        """Call for the last of *lines* that is worth it."""
        if not self._settings.bell and self._settings.desktop == "off":
            return
        calling = [line for line in lines if self._calls(line)]
        if not calling or self._clock() < self._last + _QUIET_SECONDS:
            return
        self._last = self._clock()
        line = calling[-1]
        text = cut(visible(f"{line.name}: {line.text}".replace("\n", " ")), _MOST_CELLS)
        if self._settings.bell:
            self._output.bell()
        if self._settings.desktop == "osc9":
            self._output.write_raw(f"\x1b]9;{text}\x1b\\")
        elif self._settings.desktop == "osc99":
            self._output.write_raw(f"\x1b]99;;{text}\x1b\\")
        self._output.flush()

    def _calls(self, line: Line) -> bool:
        if line.mine or line.past or not line.is_speech or not (line.mention or line.to):
            return False
        where = self._model.conversation(line.name if line.to else line.label) or self._model.current
        return where is None or not where.muted
