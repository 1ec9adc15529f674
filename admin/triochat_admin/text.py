"""Text for a person at a terminal: made safe, measured in columns, and numbers as people say them. No IO."""

import re
import unicodedata

_JOINERS = "\u200c\u200d"  # scripts and emoji need them, and they move nothing
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?")
_SEPARATORS = str.maketrans(dict.fromkeys("\t\u2028\u2029\x85\x0b\x0c\r\n", " "))


def visible(text: str) -> str:
    """*text* with everything that could steer a terminal or hide from the eye replaced by a symbol or `\\uXXXX`."""
    return text if text.isprintable() else "".join(map(_symbol, text))


def _symbol(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _ESCAPED:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible_lines(text: str) -> str:
    """Like `visible`, for text that may have several lines."""
    return text if text.isprintable() else "\n".join(map(visible, text.split("\n")))


def typed(line: bytes) -> str:
    """What somebody meant by typing *line*: arrow keys and control characters left out, bad UTF-8 replaced.

    Never raises. The result is one line, whatever went in: nothing in it can end a line anywhere else.
    """
    text = line.decode("utf-8", "replace")
    if text.isprintable():
        return text.strip()
    text = _ESCAPE_SEQUENCE.sub("", text).translate(_SEPARATORS)
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs")).strip()


def width(text: str) -> int:
    """How many columns a terminal needs for *text*, which is `visible`."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clip(text: str, columns: int) -> str:
    """*text*, or as much of it as fits in *columns* with an ellipsis."""
    if len(text) <= columns // 2 or width(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += _columns(character)
        if used >= columns:
            break
        kept.append(character)
    return "".join(kept) + "…"


def pad(text: str, columns: int) -> str:
    """*text* with spaces behind it up to *columns*."""
    return text + " " * (columns - width(text))


def duration(seconds: float) -> str:
    """`4s`, `1m12s`, `2h14m`, `3d4h`: the two largest units, and none that is zero behind the first."""
    total = max(0, int(seconds))
    for size, unit, smaller, smaller_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if total >= size:
            rest = total % size // smaller
            return f"{total // size}{unit}{rest}{smaller_unit}" if rest else f"{total // size}{unit}"
    return f"{total}s"


def milliseconds(value: float | None) -> str:
    """`2ms`, `1.2s`; a dash when it was not measured."""
    if value is None:
        return "–"
    return f"{value:.0f}ms" if value < 1000 else f"{value / 1000:.1f}s"


def took(value: float) -> str:
    """Of so many milliseconds: `0.4 ms`, `31 ms`, `2.5 s`."""
    if value < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def size(count: int) -> str:
    """`0`, `812 B`, `61 KB`, `1.2 MB`."""
    if count < 1024:
        return f"{count} B" if count else "0"
    value, unit = count / 1024, "KB"
    for larger in ("MB", "GB"):
        if value >= 1023.5:
            value, unit = value / 1024, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def number(count: int, one: str, many: str = "") -> str:
    """`1 user`, `1,204 users`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
