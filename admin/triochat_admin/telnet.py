"""The telnet protocol (RFC 854, 855) as far as a line console needs it. Bytes in, text and signals out; no IO.

Strategy: whatever arrives, `feed` takes linear time, keeps at most a few bytes, and never raises. We never
negotiate first, so `nc`, scripts and expect see plain text; the one exception is the password, which `hide` wraps
in WILL ECHO … WONT ECHO: three bytes before and three behind it that such clients see and may ignore. Options
that the peer asks for are refused, each at most once, so that two stubborn ends never loop (RFC 1143's aim;
we agree to nothing, so its queue is not needed).

Trap: on Ctrl-C GNU telnet sends IAC IP, IAC DO TIMING-MARK and throws away all that it receives until it reads
IAC WONT TIMING-MARK (WILL does not do). It must be answered every time, before any text.
"""

from enum import Enum, auto

_BRK, _IP, _ABORT, _EOF = 243, 244, 238, 236
_AYT, _EC, _EL = 246, 247, 248
_SB, _WILL, _WONT, _DO, _DONT, _IAC = 250, 251, 252, 253, 254, 255
_ECHO, _TIMING_MARK = 1, 6

MAX_SUBNEGOTIATION = 512
"""Bytes of one subnegotiation; beyond it the rest counts as text, so a stray IAC SB cannot swallow a session."""


class Signal(Enum):
    """What a telnet client can say beside text."""

    INTERRUPT = auto()
    """IAC IP, BRK or ABORT: stop what you are doing."""
    TIMING_MARK = auto()
    """The peer asked for a timing mark, and was answered; it may have thrown output away."""
    ARE_YOU_THERE = auto()
    ERASE_CHARACTER = auto()
    ERASE_LINE = auto()
    END = auto()
    """IAC EOF: nothing more will come."""


_SIGNALS = {
    _IP: Signal.INTERRUPT,
    _BRK: Signal.INTERRUPT,
    _ABORT: Signal.INTERRUPT,
    _AYT: Signal.ARE_YOU_THERE,
    _EC: Signal.ERASE_CHARACTER,
    _EL: Signal.ERASE_LINE,
    _EOF: Signal.END,
}


class Telnet:
    """One peer's telnet state.

    After every `feed` or `hide`, send `take_outgoing()` before anything else.
    """

    def __init__(self) -> None:
        self._command = b""  # IAC and what followed, while a command is incomplete
        self._subnegotiated: int | None = None  # bytes of the subnegotiation we are in
        self._outgoing = bytearray()
        self._refused: set[tuple[int, int]] = set()
        self._hiding = False
        self._echo_answers_due = 0

    def feed(self, data: bytes) -> list[bytes | Signal]:
        """Take what arrived; return the text in it and the signals, in order."""
        items: list[bytes | Signal] = []
        text = bytearray()
        position, end = 0, len(data)
        while position < end:
            if not self._command:
                found = data.find(b"\xff", position)
                stop = end if found < 0 else found
                text += self._outside_subnegotiation(data[position:stop])
                position = stop
                if found >= 0:
                    self._command = b"\xff"
                    position += 1
                continue
            self._command += data[position : position + 1]
            position += 1
            signal = self._advance(text)
            if signal is not None:
                if text:
                    items.append(bytes(text))
                    text.clear()
                items.append(signal)
        if text:
            items.append(bytes(text))
        return items

    def hide(self, hidden: bool) -> None:
        """Ask the peer to stop showing what is typed, or to show it again."""
        if hidden != self._hiding:
            self._hiding = hidden
            self._echo_answers_due += 1
            self._outgoing += bytes((_IAC, _WILL if hidden else _WONT, _ECHO))

    def take_outgoing(self) -> bytes:
        """The bytes that the peer is owed; they are then forgotten."""
        outgoing = bytes(self._outgoing)
        self._outgoing.clear()
        return outgoing

    def _outside_subnegotiation(self, data: bytes) -> bytes:
        """*data* without what belongs to a subnegotiation, which nobody here reads."""
        if self._subnegotiated is None:
            return data
        room = MAX_SUBNEGOTIATION - self._subnegotiated
        if len(data) <= room:
            self._subnegotiated += len(data)
            return b""
        self._subnegotiated = None
        return data[room:]

    def _advance(self, text: bytearray) -> Signal | None:
        """Act on `self._command` if it is complete."""
        code = self._command[1]
        if _WILL <= code <= _DONT and len(self._command) < 3:
            return None
        command, self._command = self._command, b""
        if self._subnegotiated is not None and code == _IAC:
            text += self._outside_subnegotiation(b"\xff")
            return None
        # A command inside a subnegotiation means that its end was lost.
        self._subnegotiated = 0 if code == _SB else None
        if code == _IAC:
            text += b"\xff"
        elif code in (_DO, _WILL, _DONT, _WONT):
            return self._negotiate(code, command[2])
        return _SIGNALS.get(code)

    def _negotiate(self, verb: int, option: int) -> Signal | None:
        if option == _ECHO and verb in (_DO, _DONT) and self._echo_answers_due:
            self._echo_answers_due -= 1
        elif verb == _DO and option == _TIMING_MARK:
            self._outgoing += bytes((_IAC, _WONT, _TIMING_MARK))
            return Signal.TIMING_MARK
        elif verb in (_DO, _WILL) and (verb, option) not in self._refused:
            if verb == _DO and option == _ECHO and self._hiding:
                return None
            self._refused.add((verb, option))
            self._outgoing += bytes((_IAC, _WONT if verb == _DO else _DONT, option))
        return None
