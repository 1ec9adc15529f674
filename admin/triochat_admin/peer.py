"""One console's connection: a Trio stream made of typed lines and written text, everything with a deadline.

Nothing here waits for a peer that has stopped reading, keeps more than one chunk of input, or raises anything but
Gone (and Trio's Cancelled).
"""

import math
from collections import deque
from dataclasses import dataclass

import trio

from triochat_admin.editor import Completer, Editor
from triochat_admin.lines import Key, Line, Lines
from triochat_admin.ration import Place
from triochat_admin.telnet import Signal, Telnet

_CHUNK = 4096
_ENTER = b"\r\n"
_SEND_AT_ONCE = 65536
_TLS_HANDSHAKE = b"\x16\x03"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much; times in seconds."""

    consoles: int = 16
    """Consoles open at once."""
    login_s: float = 60.0
    attempts: int = 3
    """Passwords per connection."""
    idle_s: float = 1800.0
    """Without a finished line, unless a monitor runs."""
    send_s: float = 10.0
    """For a peer to take the next 64 KiB."""
    line_bytes: int = 4096
    answer_bytes: int = 8 * 1024 * 1024
    """Of one answer, which is built in memory."""


class Gone(Exception):
    """This conversation is over. *str(gone)* is a last sentence for the peer, "" when it cannot hear it."""


class Peer:
    """What one peer types, and what it is shown. For one task; while one waits in `typed`, another may write."""

    def __init__(self, stream: trio.abc.Stream, limits: Limits, place: Place) -> None:
        """*place* is the one among all peers: what they type is looked at in turn."""
        self._stream = stream
        self._limits = limits
        self._place = place
        self._telnet = Telnet()
        self._lines = Lines(limits.line_bytes)
        self._editor = Editor(limits.line_bytes)
        self._asking = False  # between `ask` and the line
        self._ahead = bytearray()  # keys that came while nobody asked
        self._ended_with_cr = False
        self._items: deque[Line | Key] = deque()
        self._heard = False
        self._torn = False  # a send was cut off somewhere: what follows would stand in the middle of a line

    @property
    def edits_here(self) -> bool:
        """Whether the peer is a terminal that sends every key, so that lines are edited here."""
        return self._telnet.character_mode

    @property
    def columns(self) -> int:
        """How wide the peer's window is, 0 = not known."""
        return self._telnet.columns if self.edits_here else 0

    @property
    def rows(self) -> int:
        """How high the peer's window is, 0 = not known."""
        return self._telnet.rows if self.edits_here else 0

    def offer_editing(self) -> None:
        """Offer to edit lines here, if the peer has shown that it speaks telnet: it has answered, or, not asked
        anything yet, ends its lines as telnet does. Others see nothing of it. Sent with what is shown next."""
        if self._telnet.answers or (self._ended_with_cr and not self._telnet.waits):
            self._telnet.offer()

    async def ask(self, prompt: str, complete: Completer | None = None, *, remember: bool = False) -> None:
        """Show *prompt*; `read` then waits for the answer. *remember*: it goes into the history."""
        self._editor.columns = self.columns or 80
        self._editor.begin(prompt, complete, remember=remember)
        self._asking = True
        await self.write(prompt)
        if self._ahead:
            ahead, self._ahead = bytes(self._ahead), bytearray()
            self._type(ahead)

    async def read(self, within_s: float = math.inf) -> Line | Key:
        """The next line or key. Only these count as activity, not the bytes of an unfinished line."""
        with trio.move_on_after(within_s):
            while not self._items:
                # Replies first: after Ctrl-C telnet shows nothing before it has read ours.
                await self._send(self._owed())
                await self._receive()
        if not self._items:
            raise Gone(f"Nothing heard for {within_s / 60:.0f} minutes. Bye.")
        await self._send(self._owed())
        await self._place.turn()
        item = self._items.popleft()
        self._asking = self._asking and not isinstance(item, Line)
        return item

    async def typed(self) -> None:
        """Wait until anything has been typed, if only a key."""
        while not self._items and not self._lines.unfinished and not self._ahead:
            await self._receive()

    def swallow(self, *words: bytes) -> bool:
        """Forget what has just been typed if it is a key, an empty line or one of *words*; whether it was a key,
        which unlike Enter leaves the cursor behind the last line."""
        if self._ahead:
            self._ahead.clear()
            return False  # nothing of it was shown
        if not self._items:
            if self._lines.unfinished in words:
                self._lines.clear()
                return True
            return False
        first = self._items[0]
        if isinstance(first, Key) or first.data.strip() in (b"", *words):
            self._items.popleft()
        return isinstance(first, Key)

    async def write(self, text: str) -> None:
        """Show *text*, whose lines end with `\\n`."""
        await self.write_raw(text.replace("\n", "\r\n"))

    async def write_raw(self, text: str) -> None:
        """Send *text* as it is."""
        with self._place.work():
            # UTF-8 never has the byte 0xFF, so nothing needs to be doubled for telnet.
            data = self._owed() + text.encode("utf-8", "replace")
        await self._send(data)

    def _owed(self) -> bytes:
        """What is to be sent before anything else."""
        return self._telnet.take_outgoing() + self._editor.take_output().encode("utf-8", "replace")

    def hide(self, hidden: bool) -> None:
        """Ask the peer to hide what is typed, or to show it again; sent with the next text."""
        self._telnet.hide(hidden)

    async def part(self, text: str) -> None:
        """Say *text* and end the connection so that the peer can read it; in two seconds at most, never raises
        Gone."""
        with trio.move_on_after(2):
            try:
                if text and not self._torn:
                    await self.write(f"{text}\n")
                if isinstance(self._stream, trio.abc.HalfCloseableStream):
                    await self._stream.send_eof()
                    # A close while input is unread resets the connection, and the peer may lose our last words.
                    for _ in range(64):
                        if not await self._stream.receive_some(_CHUNK):
                            break
            except (Gone, trio.BrokenResourceError, trio.ClosedResourceError):
                pass

    async def part_cancelled(self, text: str) -> None:
        """Say *text* if it can be done at once, although the task is cancelled."""
        if not self._torn:
            with trio.move_on_after(0.1, shield=True):
                try:
                    await self.write(text)
                except Gone:
                    pass

    async def close(self) -> None:
        """Close the connection at once; never waits."""
        await trio.aclose_forcefully(self._stream)

    async def _receive(self) -> None:
        try:
            data = await self._stream.receive_some(_CHUNK)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise Gone from None
        if not data or (not self._heard and data.startswith(_TLS_HANDSHAKE)):
            raise Gone
        self._heard = True
        await self._place.turn()
        with self._place.work():
            self._take(bytes(data))

    def _take(self, data: bytes) -> None:
        """What was received."""
        edited_here = self.edits_here
        for item in self._telnet.feed(data):
            if edited_here:
                self._type(item)
                continue
            if isinstance(item, bytes) and b"\r\n" in item:
                self._ended_with_cr = True
            for typed in self._lines.feed(item):
                # Ctrl-C in telnet is both; one answer is enough.
                if typed is not Key.TIMING_MARK or not self._items or self._items[-1] is not Key.INTERRUPT:
                    self._items.append(typed)
        if not edited_here and self.edits_here:
            if unfinished := self._lines.unfinished:
                self._lines.clear()
                self._take_over(unfinished)
            self._editor.columns = self.columns or 80

    def _take_over(self, unfinished: bytes) -> None:
        """What came before the peer said that it sends every key: among it may be keys, too."""
        if self._asking and not self._items:
            self._editor.take_over()
        self._type(unfinished)

    def _type(self, item: bytes | Signal) -> None:
        """Keys of a peer that sends every one."""
        self._editor.columns = self.columns or 80
        if self._asking and not self._items:
            if isinstance(item, bytes):
                self._feed_editor(item)
            else:
                self._items.extend(self._editor.feed(item))
        elif isinstance(item, bytes):
            self._ahead += item[: _CHUNK - len(self._ahead)]
        elif item is Signal.INTERRUPT:
            self._items.append(Key.INTERRUPT)

    def _feed_editor(self, keys: bytes) -> None:
        """Up to the end of one line: what follows belongs to the next prompt."""
        end = next((i + 1 for i, key in enumerate(keys) if key in _ENTER), len(keys))
        if keys[end - 1 : end] == b"\r" and keys[end : end + 1] in (b"\n", b"\0"):
            end += 1
        self._items.extend(self._editor.feed(keys[:end]))
        self._ahead += keys[end:]

    async def _send(self, data: bytes) -> None:
        for start in range(0, len(data), _SEND_AT_ONCE):
            if start:
                await self._place.turn()
            self._torn = True
            with trio.move_on_after(self._limits.send_s) as scope:
                try:
                    await self._stream.send_all(data[start : start + _SEND_AT_ONCE])
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    raise Gone from None
            if scope.cancelled_caught:
                raise Gone
            self._torn = False
