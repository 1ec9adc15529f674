"""A line that is edited here, key by key, for a telnet that sends every key: cursor keys, history, completion. No IO.

Keys go in, what the terminal shows comes out. Whatever is typed, `feed` never raises, keeps no more than one line,
the history and the beginning of one key, and shows nothing that could steer the terminal but the few sequences that
every one understands: CR, backspace, and `ESC [ K`.
"""

import codecs
import re
from collections import deque
from collections.abc import Callable, Sequence

from triochat_admin.lines import Key, Line
from triochat_admin.telnet import Signal
from triochat_admin.text import visible, width

Completer = Callable[[str], tuple[int, Sequence[str]]]
"""What the text before the cursor could go on with: where the word begins, and what could stand there."""

_HISTORY = 200
_SHOWN_CHOICES = 60
_LONGEST_SEQUENCE = 16
_RUN = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O])", re.DOTALL)
_KEYS = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x10": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    "\x0e": "down",
    "\x1b[C": "right",
    "\x1bOC": "right",
    "\x06": "right",
    "\x1b[D": "left",
    "\x1bOD": "left",
    "\x02": "left",
    "\x1b[H": "home",
    "\x1bOH": "home",
    "\x1b[1~": "home",
    "\x01": "home",
    "\x1b[F": "end",
    "\x1bOF": "end",
    "\x1b[4~": "end",
    "\x05": "end",
    "\x1b[3~": "delete",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x15": "kill_before",
    "\x0b": "kill_after",
    "\x17": "kill_word",
    "\x0c": "clear",
    "\t": "complete",
}


class Editor:
    """One person's line."""

    def __init__(self, limit: int) -> None:
        """*limit* is the most bytes of a line."""
        self._limit = limit
        self._history: deque[str] = deque(maxlen=_HISTORY)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._output: list[str] = []
        self._escape = ""
        self._after_cr = False
        self._stale = False  # the line has changed, and is still to be shown
        self._completed = False  # in this chunk of input
        self.columns = 80
        """How wide the terminal is."""
        self.begin("")

    def begin(self, prompt: str, complete: Completer | None = None, *, remember: bool = False) -> None:
        """A new line behind *prompt*, which is shown by who asks. *remember*: it goes into the history."""
        self._prompt = prompt
        self._complete = complete
        self._remember = remember
        self._text = ""
        self._cursor = 0
        self._place = len(self._history)
        self._draft = ""

    def take_over(self) -> None:
        """Show the line anew: what was typed until now, the peer showed by itself."""
        self._stale = True
        self._show()

    def take_output(self) -> str:
        """What is to be shown; it is then forgotten."""
        output = "".join(self._output)
        self._output.clear()
        return output

    def feed(self, item: bytes | Signal) -> list[Line | Key]:
        """Take keys or a signal; return what they completed, in order. However many keys come at once, the line is
        shown once, and looked up by Tab once."""
        done = self._signal(item) if isinstance(item, Signal) else self._keys(self._decoder.decode(item))
        self._show()
        return done

    def _keys(self, text: str) -> list[Line | Key]:
        self._completed = False
        done: list[Line | Key] = []
        position = 0
        while position < len(text):
            character = text[position]
            if not self._escape and (run := _RUN.match(text, position)):
                self._after_cr = False
                self._insert("".join(filter(str.isprintable, run[0])))
                position = run.end()
                continue
            position += 1
            if self._escape or character == "\x1b":
                self._sequence(character)
            else:
                self._press(character, done)
        return done

    def _signal(self, signal: Signal) -> list[Line | Key]:
        if signal is Signal.INTERRUPT:
            return self._interrupt()
        if signal is Signal.ERASE_CHARACTER:
            self._edit("backspace")
        elif signal is Signal.ERASE_LINE:
            self._edit("kill_before")
        elif signal is Signal.ARE_YOU_THERE:
            return [Key.ARE_YOU_THERE]
        return [Key.END] if signal is Signal.END else []

    def _sequence(self, character: str) -> None:
        """One more character of what a cursor key sends."""
        self._escape = character if character == "\x1b" else self._escape + character
        if _SEQUENCE.fullmatch(self._escape):
            self._edit(_KEYS.get(self._escape, ""))
            self._escape = ""
        elif len(self._escape) > _LONGEST_SEQUENCE:
            self._escape = ""

    def _press(self, character: str, done: list[Line | Key]) -> None:
        after_cr, self._after_cr = self._after_cr, character == "\r"
        if character == "\r" or (character == "\n" and not after_cr):
            done.append(self._enter())
        elif character == "\x03":
            done += self._interrupt()
        elif character == "\x04" and not self._text:
            done.append(Key.END)
        elif character == "\x04":
            self._edit("delete")
        elif character in _KEYS:
            self._edit(_KEYS[character])

    def _enter(self) -> Line:
        text = self._text
        if self._remember and text.strip() and (not self._history or self._history[-1] != text):
            self._history.append(text)
        self._to_end()
        self._output.append("\r\n")
        self.begin(self._prompt, self._complete, remember=self._remember)
        return Line(text.encode())

    def _interrupt(self) -> list[Line | Key]:
        self._to_end()
        self._output.append("^C")
        self.begin(self._prompt, self._complete, remember=self._remember)
        return [Key.INTERRUPT]

    # -- editing --

    def _set(self, text: str) -> None:
        self._text, self._cursor = text, len(text)

    def _to_end(self) -> None:
        """Something is to be shown behind the line."""
        self._stale = self._stale or self._cursor < len(self._text)
        self._cursor = len(self._text)
        self._show()

    def _insert(self, text: str) -> None:
        room = self._limit - len(self._text.encode())
        if len(text.encode()) > room:
            text = text.encode()[:room].decode("utf-8", "ignore")
            self._output.append("\a")
        at_end = self._cursor == len(self._text)
        self._text = self._text[: self._cursor] + text + self._text[self._cursor :]
        self._cursor += len(text)
        if at_end and not self._stale and len(self._prompt) + len(self._text) < self.columns and self._text.isascii():
            self._output.append(text)  # the usual case: no more than the key itself goes over the line
        else:
            self._stale = True

    def _edit(self, what: str) -> None:
        text, cursor = self._text, self._cursor
        if what == "left":
            self._cursor = max(0, cursor - 1)
        elif what == "right":
            self._cursor = min(len(text), cursor + 1)
        elif what == "home":
            self._cursor = 0
        elif what == "end":
            self._cursor = len(text)
        elif what == "backspace" and cursor:
            self._text, self._cursor = text[: cursor - 1] + text[cursor:], cursor - 1
        elif what == "delete":
            self._text = text[:cursor] + text[cursor + 1 :]
        elif what == "kill_before":
            self._text, self._cursor = text[cursor:], 0
        elif what == "kill_after":
            self._text = text[:cursor]
        elif what == "kill_word":
            kept = re.sub(r"\S+\s*$", "", text[:cursor])
            self._text, self._cursor = kept + text[cursor:], len(kept)
        elif what == "clear":
            self._output.append("\x1b[2J\x1b[H")
        elif what in ("up", "down"):
            self._browse(-1 if what == "up" else 1)
        elif what == "complete":
            self._finish_word()
            return
        else:
            return
        self._stale = True

    def _browse(self, step: int) -> None:
        place = self._place + step
        if not 0 <= place <= len(self._history):
            return
        if self._place == len(self._history):
            self._draft = self._text
        self._place = place
        self._set(self._draft if place == len(self._history) else self._history[place])

    def _finish_word(self) -> None:
        if self._complete is None or self._completed:
            return
        self._completed = True
        start, choices = self._complete(self._text[: self._cursor])
        typed = self._text[start : self._cursor]
        if len(choices) == 1:
            end = "" if choices[0].endswith("=") else " "
            self._replace(start, choices[0] + end)
            return
        common = _common(choices)
        if common > len(typed):
            self._replace(start, choices[0][:common])
        elif choices:
            more = f"  … {len(choices) - _SHOWN_CHOICES:,} more" if len(choices) > _SHOWN_CHOICES else ""
            shown = "  ".join(map(visible, choices[:_SHOWN_CHOICES]))
            self._show()
            self._output.append(f"\r\n{shown}{more}\r\n")
            self._stale = True
        else:
            self._output.append("\a")

    def _replace(self, start: int, word: str) -> None:
        text = self._text[:start] + word + self._text[self._cursor :]
        if len(text.encode("utf-8", "replace")) <= self._limit:
            self._text, self._cursor = text, start + len(word)
        self._stale = True

    # -- showing --

    def _show(self) -> None:
        """The line anew, if it has changed: as much of it as fits, with the cursor in its place."""
        if not self._stale:
            return
        self._stale = False
        room = max(8, self.columns - width(self._prompt) - 1)
        shown = [visible(character) for character in self._text]
        first = 0
        while width("".join(shown[first : self._cursor])) >= room:
            first += max(1, room // 2) if first + room // 2 < self._cursor else 1
        last = first
        used = 0
        while last < len(shown) and (used := used + width(shown[last])) < room:
            last += 1
        back = width("".join(shown[self._cursor : last]))
        line = f"\r{self._prompt}{''.join(shown[first:last])}\x1b[K"
        self._output.append(line + (f"\x1b[{back}D" if back else ""))


def _common(words: Sequence[str]) -> int:
    """How many letters all begin with, whatever their case."""
    for length, letters in enumerate(zip(*words, strict=False)):
        if len({letter.casefold() for letter in letters}) > 1:
            return length
    return min(map(len, words), default=0)
