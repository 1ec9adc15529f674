"""From typed bytes to lines: LF, CR LF, CR NUL and a lone CR end one. No IO; bounded, linear, never raises.

Most peers edit their line themselves and send it whole. One that is in character mode (telnet while the password
is hidden) sends every key, so the few editing keys that everybody's fingers know work here too.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from triochat_admin.telnet import Signal


@dataclass(frozen=True, slots=True)
class Line:
    """A finished line without its end."""

    data: bytes


class Key(Enum):
    """What was typed that is no line."""

    INTERRUPT = auto()
    END = auto()
    """Ctrl-D on an empty line."""
    TOO_LONG = auto()
    """The line has outgrown the limit; it is thrown away up to its end."""
    TIMING_MARK = auto()
    ARE_YOU_THERE = auto()


_LF, _CR, _NUL = 10, 13, 0
_CTRL_C, _CTRL_D, _BACKSPACE, _CTRL_U, _DELETE = 3, 4, 8, 21, 127
_SPECIAL = re.compile(rb"[\x00\x03\x04\x08\n\r\x15\x7f]")
"""The bytes that are no text. What stands between them is taken at once: a crowd of consoles that pour bytes in must
not take the event loop's time."""
_KEYS = {
    Signal.INTERRUPT: Key.INTERRUPT,
    Signal.TIMING_MARK: Key.TIMING_MARK,
    Signal.ARE_YOU_THERE: Key.ARE_YOU_THERE,
    Signal.END: Key.END,
}


class Lines:
    """The line that is being typed."""

    def __init__(self, limit: int) -> None:
        """*limit* is the most bytes of one line, its end not counted."""
        self._limit = limit
        self._line = bytearray()
        self._after_cr = False
        self._discarding = False

    @property
    def unfinished(self) -> bytes:
        """What has been typed of the line that has not ended yet."""
        return bytes(self._line)

    def clear(self) -> None:
        """Forget the unfinished line."""
        self._line.clear()
        self._discarding = False

    def feed(self, item: bytes | Signal) -> list[Line | Key]:
        """Take text or a signal; return what it completed, in order."""
        if isinstance(item, Signal):
            return self._signal(item)
        done: list[Line | Key] = []
        start = 0
        for match in _SPECIAL.finditer(item):
            self._append(item[start : match.start()], done)
            start, byte = match.end(), item[match.start()]
            after_cr, self._after_cr = self._after_cr, byte == _CR
            if byte == _CR or (byte == _LF and not after_cr):
                self._finish(done)
            else:
                self._edit(byte, done)
        self._append(item[start:], done)
        return done

    def _signal(self, signal: Signal) -> list[Line | Key]:
        if signal is Signal.ERASE_CHARACTER:
            self._erase()
            return []
        if signal is Signal.ERASE_LINE or signal is Signal.INTERRUPT:
            self.clear()
        key = _KEYS.get(signal)
        return [key] if key else []

    def _append(self, data: bytes, done: list[Line | Key]) -> None:
        if not data:
            return
        self._after_cr = False
        if self._discarding:
            return
        if len(self._line) + len(data) <= self._limit:
            self._line += data
        else:
            self.clear()
            self._discarding = True
            done.append(Key.TOO_LONG)

    def _finish(self, done: list[Line | Key]) -> None:
        if not self._discarding:
            done.append(Line(bytes(self._line)))
        self.clear()

    def _edit(self, byte: int, done: list[Line | Key]) -> None:
        if byte == _CTRL_C:
            self.clear()
            done.append(Key.INTERRUPT)
        elif byte == _CTRL_D and not self._line and not self._discarding:
            done.append(Key.END)
        elif byte in (_BACKSPACE, _DELETE):
            self._erase()
        elif byte == _CTRL_U:
            self._line.clear()

    def _erase(self) -> None:
        """Take back the last character, which in UTF-8 may be up to four bytes."""
        for _ in range(4):
            if not self._line or self._line.pop() & 0xC0 != 0x80:
                return
