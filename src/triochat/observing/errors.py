"""What the log complained of: counted, and the last error kept for those who ask how the server fares."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST = 300


class LogWatch(logging.Handler):
    """Sees every record of the server's loggers."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.counts: Counter[str] = Counter({"warning": 0, "error": 0})
        """Records since the start, by level."""
        self.last_error = ""
        """One line."""
        self.last_error_ms = 0
        """When, in milliseconds since the epoch."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count *record*."""
        if record.levelno < logging.ERROR:
            self.counts["warning"] += 1
            return
        self.counts["error"] += 1
        text = " ".join(record.getMessage().split())
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            text += f" ({type(error).__name__}: {' '.join(str(error).split())})"
        self.last_error = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        self.last_error_ms = int(record.created * 1000)


@contextmanager
def watching_log() -> Iterator[LogWatch]:
    """A watch on the loggers of the server for as long as this lasts."""
    watch, logger = LogWatch(), logging.getLogger("triochat")
    logger.addHandler(watch)
    try:
        yield watch
    finally:
        logger.removeHandler(watch)
