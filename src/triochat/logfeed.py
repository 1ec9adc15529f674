"""The server's own log as events, for consoles that watch it: also levels that are not written anywhere.

Records come from any thread. What a watcher does not take is dropped and counted, as everywhere.
"""

import logging
from collections.abc import Callable

import trio

from triochat.operations import Event

_LOGGER = "triochat"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class LogFeed:
    """Hands the records of the server's loggers to whoever watches."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(_LOGGER)
        self._watching: list[logging.Handler] = []
        self._before = self._usual = self._lowered = logging.NOTSET
        self._held: list[logging.Handler] = []

    def watch(self, level: str, offer: Callable[[Event], None], *, kind: str = "") -> Callable[[], None]:
        """Call *offer*, which never blocks, with each record of at least *level*, until what is returned is called.
        *kind* is what the events are called; "" = by their levels."""
        handler = _Offering(offer, kind)
        handler.setLevel(_LEVELS[level])
        if not self._watching:
            self._begin()
        self._watching.append(handler)
        self._logger.addHandler(handler)
        self._lower()

        def stop() -> None:
            if handler in self._watching:
                self._watching.remove(handler)
                self._logger.removeHandler(handler)
                self._lower() if self._watching else self._end()

        return stop

    def _begin(self) -> None:
        """The handlers that are there go on seeing what they saw, and no more."""
        self._before, self._usual = self._logger.level, self._logger.getEffectiveLevel()
        self._held = [other for other in self._logger.handlers if other.level == logging.NOTSET]
        for other in self._held:
            other.setLevel(self._usual)

    def _lower(self) -> None:
        """The logger lets through what anybody wants."""
        self._lowered = min(self._usual, *(handler.level for handler in self._watching))
        self._logger.setLevel(self._lowered)

    def _end(self) -> None:
        """All is as before; a level that somebody has set meanwhile stays."""
        if self._logger.level == self._lowered:
            self._logger.setLevel(self._before)
        for other in self._held:
            other.setLevel(logging.NOTSET)


class _Offering(logging.Handler):
    def __init__(self, offer: Callable[[Event], None], kind: str) -> None:
        super().__init__()
        self._offer = offer
        self._kind = kind
        self._token = trio.lowlevel.current_trio_token()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
        kind = self._kind or record.levelname.lower()
        event = Event(int(record.created * 1000), kind, record.name, "", text, 0)
        try:
            if trio.lowlevel.in_trio_run() and trio.lowlevel.current_trio_token() is self._token:
                self._offer(event)
            else:
                self._token.run_sync_soon(self._offer, event)
        except trio.RunFinishedError:
            pass  # the server has ended
