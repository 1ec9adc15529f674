"""The telnet protocol (RFC 854, 855) as far as a line console needs it. Bytes in, text and signals out; no IO.

Strategy: whatever arrives, `feed` takes linear time, keeps at most a few bytes, and never raises. We never
negotiate first, so `nc`, scripts and expect see plain text; the one exception is the password, which `hide` wraps
in WILL ECHO … WONT ECHO: three bytes before and three behind it that such clients see and may ignore. Who answers
that speaks telnet, and may be made the `offer` to send every key. Options that the peer asks for are refused, each at
most once, so that two stubborn ends never loop (RFC 1143's aim; we agree to nothing, so its queue is not needed).

Trap: on Ctrl-C GNU telnet sends IAC IP, IAC DO TIMING-MARK and throws away all that it receives until it reads
IAC WONT TIMING-MARK (WILL does not do). It must be answered every time, before any text.
"""

from enum import Enum, auto

_BRK, _IP, _ABORT, _EOF = 243, 244, 238, 236
_AYT, _EC, _EL = 246, 247, 248
_SB, _WILL, _WONT, _DO, _DONT, _IAC = 250, 251, 252, 253, 254, 255
_SE = 240
_ECHO, _SUPPRESS_GO_AHEAD, _TIMING_MARK, _WINDOW_SIZE = 1, 3, 6, 31
_WIDEST, _HIGHEST = 1000, 500

_LONGEST_READ = 16
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
        self._subnegotiation = b""  # the first of them
        self._outgoing = bytearray()
        self._refused: set[tuple[int, int]] = set()
        self._hiding = False
        self._echo_answers_due = 0
        self._offered = False
        self._echoing = False  # the peer has agreed to our echo, ...
        self._by_character = False  # ... and to send every key
        self.answers = False
        """Whether the peer has answered: it speaks telnet."""
        self.columns = self.rows = 0
        """The size of the peer's window, 0 = not known."""

    @property
    def waits(self) -> bool:
        """Whether an answer of the peer is due."""
        return self._echo_answers_due > 0

    @property
    def character_mode(self) -> bool:
        """Whether the peer sends every key, and shows nothing by itself."""
        return self._offered and self._echoing and self._by_character and not self._echo_answers_due

    def offer(self) -> None:
        """Offer character mode, once: what is typed is echoed by us, and the peer tells the size of its window."""
        if not self._offered:
            self._offered = True
            self._echo_answers_due += 1
            self._outgoing += bytes((_IAC, _WILL, _ECHO, _IAC, _WILL, _SUPPRESS_GO_AHEAD, _IAC, _DO, _WINDOW_SIZE))

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
        """*data* without what belongs to a subnegotiation, of which only the beginning is kept."""
        if self._subnegotiated is None:
            return data
        self._subnegotiation = (self._subnegotiation + data)[:_LONGEST_READ]
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
        if code == _SE and self._subnegotiated is not None:
            self._understand(self._subnegotiation)
        # A command inside a subnegotiation means that its end was lost.
        self._subnegotiated = 0 if code == _SB else None
        self._subnegotiation = b""
        if code == _IAC:
            text += b"\xff"
        elif code in (_DO, _WILL, _DONT, _WONT):
            return self._negotiate(code, command[2])
        return _SIGNALS.get(code)

    def _understand(self, subnegotiation: bytes) -> None:
        if len(subnegotiation) == 5 and subnegotiation[0] == _WINDOW_SIZE:
            columns = int.from_bytes(subnegotiation[1:3], "big")
            rows = int.from_bytes(subnegotiation[3:5], "big")
            self.columns, self.rows = min(columns, _WIDEST), min(rows, _HIGHEST)

    def _agreed(self, option: int, agrees: bool) -> None:
        """The peer has answered the offer, or has changed its mind."""
        if option == _SUPPRESS_GO_AHEAD:
            self._by_character = agrees
        if not agrees and self._echoing:
            self._echoing = False
            self._outgoing += bytes((_IAC, _WONT, _ECHO))  # else it would show nothing of what is typed

    def _negotiate(self, verb: int, option: int) -> Signal | None:
        if option == _ECHO and verb in (_DO, _DONT) and self._echo_answers_due:
            self._echo_answers_due -= 1
            self._echoing = verb == _DO
            self.answers = True
        elif self._offered and verb in (_DO, _DONT) and option in (_ECHO, _SUPPRESS_GO_AHEAD):
            self._agreed(option, verb == _DO)
        elif self._offered and verb == _WILL and option == _WINDOW_SIZE:
            pass  # its size follows
        elif verb == _DO and option == _TIMING_MARK:
            self._outgoing += bytes((_IAC, _WONT, _TIMING_MARK))
            return Signal.TIMING_MARK
        elif verb in (_DO, _WILL) and (verb, option) not in self._refused:
            if verb == _DO and option == _ECHO and self._hiding:
                return None
            self._refused.add((verb, option))
            self._outgoing += bytes((_IAC, _WONT if verb == _DO else _DONT, option))
        return None
